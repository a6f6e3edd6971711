"""An order on hold: nothing of it is collected or moved, and what was begun can be put back."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.move_shipments import MoveShipmentItem, move_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.record_scans import ScanItem, record_scans
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.flows.release_pick_lists import ReleasePickListItem, release_pick_lists
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from tests import build
from tests.flows.test_short_picks import sound
from tests.flows.test_steering import code, listed

pytestmark = pytest.mark.django_db


def hold(order: UUID) -> None:
    hold_orders([HoldItem(order_id=order, reason="Look at it")], actor=build.TESTER)[0].require()


def pick(line: UUID, picked: int, **fields: Any) -> Outcome:
    item = PickItem(pick_line_id=line, picked=picked, **fields)
    return pick_lines([item], actor=build.TESTER)[0]


def complete(pick_list: UUID) -> Outcome:
    return complete_pick_lists([CompleteItem(pick_list_id=pick_list)], actor=build.TESTER)[0]


def test_nothing_is_taken_for_an_order_on_hold_until_it_is_released() -> None:
    world = build.world(locations=1)
    held, other = world.place((world.skus[0], 5)), world.place((world.skus[1], 2))
    pick_list = listed(world, held, other)
    lines = {quantity: line for line, quantity in build.pick_lines_of(pick_list)}
    pick(lines[5], 1).require()
    hold(held)
    scan = ScanItem(key=new_id(), pick_list_id=pick_list, pick_line_id=lines[5], picked=1)

    refused = [
        pick(lines[5], 1),
        pick(lines[5], 1, short=1, reason="missing"),
        record_scans([scan], actor=build.TESTER)[0],
        complete(pick_list),
    ]

    assert [code(outcome) for outcome in refused] == ["order_on_hold"] * 4
    assert build.order(held)["number"] in str(refused[0].error)
    assert [build.order(key)["units_picked"] for key in (held, other)] == [1, 0]
    pick(lines[2], 2).require()

    release_orders([ReleaseOrderItem(order_id=held)], actor=build.TESTER)[0].require()

    complete(pick_list).require()
    assert build.order(held)["units_picked"] == 5
    sound()


def test_what_is_missing_may_be_told_while_the_order_is_on_hold() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 3))
    pick_list = listed(world, order)
    hold(order)

    told = pick(build.pick_lines_of(pick_list)[0][0], 0, short=1, reason="damaged").require()

    assert told.data["left"] == 2
    assert world.levels()[(world.skus[0], world.locations[0])] == (99, 2)
    sound()


@pytest.mark.parametrize("end", ["release", "cancel"])
def test_a_list_of_an_order_on_hold_can_be_given_back(end: str) -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 3))
    pick_list = listed(world, order)
    pick(build.pick_lines_of(pick_list)[0][0], 1).require()
    hold(order)

    if end == "release":
        item = ReleasePickListItem(pick_list_id=pick_list)
        release_pick_lists([item], actor=build.TESTER)[0].require()
    else:
        cancel_pick_lists([CancelPickListItem(pick_list_id=pick_list)], actor=build.TESTER)[0].require()  # fmt: skip

    assert build.pick_lines_of(pick_list) == []
    assert build.order(order)["units_picked"] == (1 if end == "release" else 0)
    sound()


def test_claims_and_shipments_of_an_order_on_hold_stay_where_they_are() -> None:
    world = build.world()
    order = world.place((world.skus[0], 2))
    hold(order)
    before = world.levels()

    claim = MoveAllocationItem(allocation_id=build.allocations(order)[0][0], location=world.locations[1])  # fmt: skip
    parcel = MoveShipmentItem(shipment_id=build.shipments(order)[0], location=world.locations[1])
    refused = [
        move_allocations([claim], actor=build.TESTER)[0],
        move_shipments([parcel], actor=build.TESTER)[0],
    ]

    assert [code(outcome) for outcome in refused] == ["order_on_hold"] * 2
    assert world.levels() == before
