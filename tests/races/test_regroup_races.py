"""Shipments split, merged, moved and separated while they leave: every piece goes once, from where its claim stands."""

from functools import partial
from itertools import chain, repeat
from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.move_shipments import MoveShipmentItem, move_shipments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.combine import (
    CombineShipmentsItem,
    SeparateShipmentItem,
    combine_shipments,
    separate_shipments,
)
from tests import build
from tests.races.test_shipments import _healthy, _outcomes
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4

Deed = partial[list[Outcome]]


def at_once(times: int, *deeds: Deed) -> list[list[Outcome]]:
    """Run every deed so often, all at the same moment; the outcomes of each deed."""
    outcomes = _outcomes(together(list(chain.from_iterable(repeat(deeds, times)))))
    return [outcomes[n :: len(deeds)] for n in range(len(deeds))]


def wins(outcomes: list[Outcome]) -> int:
    return sum(outcome.ok for outcome in outcomes)


def refusals(*outcomes: list[Outcome]) -> set[str]:
    return {o.error.code for o in chain.from_iterable(outcomes) if o.error}


def line_of(shipment: UUID) -> UUID:
    """The first line of a shipment."""
    found: UUID = sql.fetch("select id from shipments_line where shipment_id = %s and is_live order by id", (shipment,))[0][0]  # fmt: skip
    return found


def split_off(shipment: UUID, pieces: int) -> Deed:
    lines = [SplitLine(shipment_line_id=line_of(shipment), quantity=pieces)]
    return partial(split_shipments, [SplitShipmentItem(shipment_id=shipment, lines=lines)], actor=build.TESTER)  # fmt: skip


def ship(shipment: UUID) -> Deed:
    return partial(ship_shipments, [ShipItem(shipment_id=shipment)], actor=build.TESTER)


def cancel(order: UUID) -> Deed:
    return partial(cancel_orders, [CancelItem(order_id=order, reason="x")], actor=build.TESTER)


def exact(world: build.World, stock: int, orders: list[UUID]) -> None:
    """What lies and what is claimed is, to the piece, what the orders say."""
    rows = [build.order(key) for key in orders]
    levels = world.levels().values()
    assert sum(on_hand for on_hand, _ in levels) == stock - sum(row["units_shipped"] for row in rows)  # fmt: skip
    assert sum(allocated for _, allocated in levels) == sum(row["units_allocated"] for row in rows)
    _healthy()


def test_a_shipment_that_is_split_while_it_leaves_sends_each_piece_once() -> None:
    world = build.world(stock=1000, locations=1, products=1)
    orders: list[UUID] = []
    for _ in range(ROUNDS):
        order = world.place((world.skus[0], 8))
        [first] = build.shipments(order)

        parts, left = at_once(16, split_off(first, 1), ship(first))

        assert wins(left) == 1
        assert refusals(parts, left) <= {"shipment_shipped", "nothing_stays"}
        row = build.order(order)
        assert (row["units_shipped"], row["units_allocated"]) == (8 - wins(parts), wins(parts))
        assert len(build.shipments(order, "open")) == wins(parts)
        orders.append(order)
    exact(world, 1000, orders)


def test_parts_that_are_merged_while_one_leaves_or_is_given_up_keep_their_pieces() -> None:
    world = build.world(stock=1000, locations=1, products=1)
    orders: list[UUID] = []
    for turn in range(ROUNDS * 2):
        order = world.place((world.skus[0], 5))
        [first] = build.shipments(order)
        part = split_off(first, 2)()[0].require().id
        assert part is not None
        merge = partial(merge_shipments, [MergeShipmentsItem(shipment_ids=[first, part])], actor=build.TESTER)  # fmt: skip
        give_up = partial(cancel_shipments, [CancelShipmentItem(shipment_id=part)], actor=build.TESTER)  # fmt: skip
        end = cancel(order) if turn % 2 else give_up

        merged, one, other, ended = at_once(4, merge, ship(first), ship(part), end)

        assert max(map(wins, (merged, one, other, ended))) <= 1
        assert refusals(merged, one, other, ended) <= {
            "shipment_shipped", "shipment_cancelled", "shipment_empty", "nothing_open", "order_cancelled", "order_shipped",
        }  # fmt: skip
        # The part goes into the first or leaves by itself, never both.
        assert wins(merged) + wins(other) <= 1
        row = build.order(order)
        assert row["units_shipped"] + row["units_cancelled"] + row["units_allocated"] <= 5
        orders.append(order)
    exact(world, 1000, orders)


def test_claims_that_move_while_they_are_picked_shipped_or_cancelled_stand_in_one_place() -> None:
    world = build.world(stock=500, products=2)
    orders: list[UUID] = []
    for turn in range(ROUNDS * 2):
        order = world.place((world.skus[0], 4), (world.skus[1], 2))
        [shipment] = build.shipments(order)
        [(claim, *_), _other] = build.allocations(order)
        to = world.locations[1]
        whole = partial(move_shipments, [MoveShipmentItem(shipment_id=shipment, location=to)], actor=build.TESTER)  # fmt: skip
        one = partial(move_allocations, [MoveAllocationItem(allocation_id=claim, location=to)], actor=build.TESTER)  # fmt: skip
        item = CreatePickListItem(location=world.locations[0], shipment_ids=[shipment])
        walk = partial(create_pick_lists, [item], actor=build.TESTER)
        end = cancel(order) if turn % 2 else ship(shipment)

        moved, claims, walked, ended = at_once(4, whole, one, walk, end)

        assert max(map(wins, (moved, claims, walked, ended))) <= 1
        # What stands on a pick list stays where it is picked.
        assert wins(moved) + wins(walked) <= 1 or not build.allocations(order, "picking")
        row = build.order(order)
        assert row["units_shipped"] + row["units_cancelled"] + row["units_allocated"] == 6
        assert sum(n for _, _, n, _ in build.allocations(order, "allocated", "picking")) == row["units_allocated"]  # fmt: skip
        orders.append(order)
    exact(world, 2000, orders)


def test_what_is_taken_out_of_a_parcel_as_it_leaves_goes_with_it_or_by_itself() -> None:
    world = build.world(stock=1000, locations=1, products=1)
    orders: list[UUID] = []
    for _ in range(ROUNDS):
        customer = {"name": "T", "email": f"apart{build.serial()}@example.com"}
        pair = [world.place((world.skus[0], 1), customer=customer) for _ in range(2)]
        leader, inside = (build.shipments(order)[0] for order in pair)
        combine_shipments([CombineShipmentsItem(shipment_ids=[leader, inside])], actor=build.TESTER)[0].require()  # fmt: skip
        apart = partial(separate_shipments, [SeparateShipmentItem(shipment_id=inside)], actor=build.TESTER)  # fmt: skip

        left, taken_out, alone = at_once(10, ship(leader), apart, ship(inside))

        assert wins(left) == 1
        assert (wins(taken_out), wins(alone)) in {(0, 0), (1, 0), (1, 1)}
        assert refusals(left, taken_out, alone) <= {"shipment_shipped", "not_combined", "carried"}
        shipped = [build.order(order)["units_shipped"] for order in pair]
        assert shipped == [1, 0 if wins(taken_out) and not wins(alone) else 1]
        orders += pair
    exact(world, 1000, orders)
