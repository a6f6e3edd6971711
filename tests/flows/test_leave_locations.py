"""A closed location is left by what stands there: at once, when a list is given up, when a hold ends; announced or not."""

import pytest

from orderwerk.core import sql
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.leave_locations import leave_closed_locations
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.flows.release_pick_lists import ReleasePickListItem, release_pick_lists
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.flows.test_rules import _places as places
from tests.flows.test_rules import _world as stocked
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def close(world: build.World) -> None:
    closed = LocationItem(code=world.locations[0], name="a", is_active=False)
    set_up_locations([closed], actor=build.TESTER)[0].require()


@pytest.mark.parametrize("picked", [0, 1])
def test_what_a_list_that_is_given_up_lets_go_leaves_too(picked: int) -> None:
    world = stocked(ax=9, bx=9)
    order = world.place((world.skus[0], 3))
    item = CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(order))
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    if picked:
        line = build.pick_lines_of(made.id)[0][0]  # type: ignore[arg-type] # done, so it has an id
        pick_lines([PickItem(pick_line_id=line, picked=picked)], actor=build.TESTER)[0].require()
    close(world)
    assert leave_closed_locations() == 0

    give_up = CancelPickListItem(pick_list_id=made.id)  # type: ignore[arg-type]
    cancel_pick_lists([give_up], actor=build.TESTER)[0].require()

    assert (leave_closed_locations(), leave_closed_locations()) == (1, 0)
    assert places(world, order) == {"b": 3}
    assert world.levels()[world.skus[0], world.locations[0]] == (9, 0)
    sound()


def test_of_a_walk_that_ended_early_only_what_was_not_picked_leaves() -> None:
    world = stocked(ax=9, bx=9)
    order = world.place((world.skus[0], 3))
    item = CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(order))
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    line = build.pick_lines_of(made.id)[0][0]  # type: ignore[arg-type] # done, so it has an id
    pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0].require()
    close(world)
    rest = ReleasePickListItem(pick_list_id=made.id)  # type: ignore[arg-type]
    release_pick_lists([rest], actor=build.TESTER)[0].require()

    assert (leave_closed_locations(), leave_closed_locations()) == (1, 0)

    assert sorted(a[1:] for a in build.allocations(order, "allocated", "picked")) == [("allocated", 2, world.locations[1]), ("picked", 1, world.locations[0])]  # fmt: skip
    sound()


def test_an_order_on_hold_keeps_its_claim_and_leaves_when_the_hold_ends() -> None:
    world = stocked(ax=9, bx=3)
    held = world.place((world.skus[0], 3))
    hold_orders([HoldItem(order_id=held, reason="x")], actor=build.TESTER)[0].require()
    close(world)

    assert (leave_closed_locations(), places(world, held)) == (0, {"a": 3})
    release_orders([ReleaseOrderItem(order_id=held)], actor=build.TESTER)[0].require()

    assert (leave_closed_locations(), leave_closed_locations()) == (1, 0)
    assert places(world, held) == {"b": 3}
    assert build.order(held)["status"] == "awaiting_shipment"
    sound()


def test_an_order_that_is_not_paid_any_more_keeps_its_claim_until_it_is() -> None:
    world = stocked(ax=9, bx=9)
    order = world.place((world.skus[0], 3))
    close(world)
    [(paid,)] = sql.fetch("select captured_minor from orders_order where id = %s", (order,))
    sql.execute("update orders_order set captured_minor = 0 where id = %s", (order,))

    assert (leave_closed_locations(), places(world, order)) == (0, {"a": 3})
    sql.execute("update orders_order set captured_minor = %s where id = %s", (paid, order))

    assert (leave_closed_locations(), places(world, order)) == (1, {"b": 3})


def test_what_was_announced_leaves_as_well_and_waits_elsewhere_anew() -> None:
    world = stocked(ax=9, bx=9)
    order = world.place((world.skus[0], 3))
    [announced] = build.shipments(order)
    announce_shipments([AnnounceItem(shipment_id=announced)], actor=build.TESTER)[0].require()
    close(world)

    assert (leave_closed_locations(), leave_closed_locations()) == (1, 0)

    assert places(world, order) == {"b": 3}
    assert shipment_detail(build.TESTER, announced).shipment.status == "cancelled"
    [(status, place)] = sql.fetch(
        "select h.status, l.code from shipments_shipment h join stock_location l on l.id = h.location_id where h.order_id = %s and h.status <> 'cancelled'",
        (order,),
    )
    assert (status, place) == ("open", world.locations[1])
    sound()
