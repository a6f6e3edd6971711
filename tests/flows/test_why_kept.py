"""Why a claim is where it is stays told when it is split, moved, or travels: the rule, where it was looked, what each place lacked."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.explain import and_then, in_words, stands_at
from orderwerk.allocations.rules import Rule
from orderwerk.core import sql
from orderwerk.flows.consolidate_orders import ConsolidateItem, consolidate_orders
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.move_shipments import MoveShipmentItem, move_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.receive_goods import receive_goods
from orderwerk.flows.release_pick_lists import ReleasePickListItem, release_pick_lists
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.receive import ReceiveItem
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> build.World:
    """Three places; the first lacks two of four pieces, so that a rule looked at it in vain."""
    built = build.world(locations=3, products=1, stock=0)
    for place, n in zip(built.locations, (2, 9, 9), strict=True):
        built.count(place, {built.skus[0]: n})
    rule = Rule(name="Fast", locations=built.locations)
    set_routing_rules([RoutingItem(shop=built.shop, rules=[rule])], actor=build.TESTER)[0].require()
    return built


def why(order: UUID, *statuses: str) -> list[dict[str, Any]]:
    """The explanations of an order's claims, oldest first."""
    keys = [key for key, *_ in build.allocations(order, *statuses)]
    rows = sql.fetch(
        "select explanation from allocations_allocation where id = any(%s) order by id", (keys,)
    )
    return [sql.from_json(row[0]) for row in rows]


def told(order: UUID) -> list[list[str]]:
    """The locations that an order's history names, per time that something of it was claimed."""
    rows = sql.fetch("select payload -> 'locations' from core_event where aggregate_id = %s and kind = 'order.allocated' order by id", (order,))  # fmt: skip
    return [sql.from_json(row[0]) for row in rows]


def lines_of(shipment: UUID) -> list[UUID]:
    """The lines of a shipment."""
    return [
        row[0]
        for row in sql.fetch(
            "select id from shipments_line where shipment_id = %s and is_live", (shipment,)
        )
    ]


def kept(world: build.World, found: dict[str, Any], *then: tuple[str, str]) -> None:
    """Hold that an explanation names the rule and what the first place lacked, and what happened since."""
    first, second, _ = world.locations
    assert (found["rule"], found["code"], found["location"]) == ("Fast", "whole_order", second)
    assert {place: n for place, n in found["lacks"].items() if n} == {first: 2}
    assert [(step["code"], step["location"]) for step in found.get("then", ())] == list(then)
    words = in_words(found)
    assert words.startswith("Rule Fast of group Default: ")
    assert f"{first} lacked 2 pieces." in words


def test_the_claims_of_a_shipment_that_is_split_shipped_in_part_and_moved_keep_their_reason(
    world: build.World,
) -> None:
    _, second, third = world.locations
    order = world.place((world.skus[0], 4))
    [shipment] = build.shipments(order)
    kept(world, *why(order))

    [line] = lines_of(shipment)
    split_shipments([SplitShipmentItem(shipment_id=shipment, lines=[SplitLine(shipment_line_id=line, quantity=3)])], actor=build.TESTER)[0].require()  # fmt: skip
    [stays, part] = why(order)
    kept(world, stays)
    kept(world, part, ("split", second))
    assert in_words(part).endswith(f"Taken into a shipment of its own, still at {second}.")

    [_, own] = build.shipments(order, "open")
    sent = ShipItem(shipment_id=own, lines=[ShipLine(shipment_line_id=lines_of(own)[0], quantity=1)])  # fmt: skip
    ship_shipments([sent], actor=build.TESTER)[0].require()
    kept(world, why(order, "allocated")[-1], ("split", second), ("rest", second))

    rest = build.shipments(order, "open")[-1]
    move_shipments([MoveShipmentItem(shipment_id=rest, location=third)], actor=build.TESTER)[0].require()  # fmt: skip
    moved = why(order, "allocated")[-1]
    assert moved["then"][-1] == {"code": "moved", "location": third}
    assert in_words(moved).endswith(f"Moved to {third} by hand.")
    assert told(order)[-1] == [third]


def test_a_claim_that_is_moved_and_one_whose_walk_ends_early_keep_their_reason(
    world: build.World,
) -> None:
    _, second, third = world.locations
    order = world.place((world.skus[0], 4))
    [(claim, *_)] = build.allocations(order)

    move_allocations([MoveAllocationItem(allocation_id=claim, location=third)], actor=build.TESTER)[0].require()  # fmt: skip
    kept(world, *why(order, "allocated"), ("moved", third))
    assert told(order)[-1] == [third]
    made = create_pick_lists([CreatePickListItem(location=third)], actor=build.TESTER)[0].require()
    [(line, _)] = build.pick_lines_of(made.id)
    pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0].require()
    release_pick_lists([ReleasePickListItem(pick_list_id=made.id)], actor=build.TESTER)[0].require()

    kept(world, *why(order, "allocated"), ("moved", third), ("rest", third))
    kept(world, *why(order, "picked"), ("moved", third))
    assert second in in_words(why(order, "allocated")[0])


def test_what_travels_to_another_place_keeps_why_it_lay_where_it_set_out(
    world: build.World,
) -> None:
    _, _, third = world.locations
    order = world.place((world.skus[0], 4))

    sent = consolidate_orders([ConsolidateItem(order_id=order, to=third)], actor=build.TESTER)[0].require()  # fmt: skip
    number = sql.fetch("select number from stock_inbound where order_id = %s", (order,))[0][0]
    came = ReceiveItem(sku=world.skus[0], location=third, quantity=4, inbound=number)
    receive_goods([came], actor=build.TESTER)[0].require()

    assert sent.id == order
    kept(world, *why(order, "allocated"), ("consolidated", third))
    assert told(order)[-1] == [third]
    # A peg of which nobody knows why it set out comes in all the same.
    assert stands_at(and_then({}, "consolidated", third)) == third


def test_a_step_is_told_once_and_of_very_many_the_last_twenty() -> None:
    found: dict[str, Any] = {"code": "whole_order", "location": "a", "lacks": {}}
    for _ in range(3):
        found = and_then(found, "rest", "a")
    assert found["then"] == [{"code": "rest", "location": "a"}]
    for n in range(30):
        found = and_then(found, "moved", str(n))

    assert [step["location"] for step in found["then"]] == [str(n) for n in range(10, 30)]
