"""Splitting, merging, moving and combining are pure regroupings: no piece changes its state, none is lost."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import sql
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.move_shipments import MoveShipmentItem, move_shipments
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.combine import (
    CombineShipmentsItem,
    SeparateShipmentItem,
    combine_shipments,
    separate_shipments,
)
from tests import build

pytestmark = pytest.mark.django_db


def healthy() -> None:
    """No invariant is broken."""
    report = run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}])
    assert report.findings == []


def lines(shipment: UUID) -> dict[str, tuple[UUID, int]]:
    """Line and pieces per sku of a shipment."""
    rows = sql.fetch("select p.sku, l.id, l.quantity from shipments_line l join catalog_product p on p.id = l.product_id where l.shipment_id = %s and l.is_live", (shipment,))  # fmt: skip
    return {row[0]: (row[1], row[2]) for row in rows}


def units(order: UUID) -> Any:
    """Everything that a regrouping must leave alone."""
    counters = build.order(order)
    claims = sql.fetch("select order_line_id, product_id, location_id, status, sum(quantity), sum(picked) from allocations_allocation where order_id = %s group by 1, 2, 3, 4 order by 1, 2, 3, 4", (order,))  # fmt: skip
    return {k: v for k, v in counters.items() if k.startswith("units") or k == "status"}, claims


def split(shipment: UUID, **pieces: int) -> Any:
    """Split pieces of skus off."""
    there = lines(shipment)
    named = [SplitLine(shipment_line_id=there[sku.replace("_", "-")][0], quantity=n) for sku, n in pieces.items()]  # fmt: skip
    return split_shipments([SplitShipmentItem(shipment_id=shipment, lines=named)], actor=build.TESTER)[0]  # fmt: skip


def picked(world: build.World, *shipments: UUID) -> None:
    """Pick shipments whole."""
    for key in shipments:
        made = create_pick_lists([CreatePickListItem(location=world.locations[0], shipment_ids=[key])], actor=build.TESTER)[0].require()  # fmt: skip
        assert made.id
        complete_pick_lists([CompleteItem(pick_list_id=made.id)], actor=build.TESTER)[0].require()


@pytest.mark.parametrize("with_picks", [False, True])
def test_a_split_off_part_ships_by_itself(with_picks: bool) -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 5), (world.skus[1], 2))
    [first] = build.shipments(order)
    if with_picks:
        picked(world, first)
    before = units(order)

    made = split(first, **{world.skus[0].replace("-", "_"): 2}).require()

    assert units(order) == before
    assert lines(made.id)[world.skus[0]][1] == 2
    assert lines(first)[world.skus[0]][1] == 3
    healthy()
    ship_shipments([ShipItem(shipment_id=made.id)], actor=build.TESTER)[0].require()
    assert build.order(order)["status"] == "partially_shipped"
    ship_shipments([ShipItem(shipment_id=first)], actor=build.TESTER)[0].require()
    assert build.order(order)["status"] == "shipped"
    healthy()


def test_what_was_picked_goes_back_to_its_bin_from_either_part() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 5))
    [first] = build.shipments(order)
    picked(world, first)
    split(first, **{world.skus[0].replace("-", "_"): 2}).require()

    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()

    rows = sql.fetch("select b.kind, sum(k.quantity) from stock_bin_stock k join stock_bin b on b.id = k.bin_id where k.product_id = %s and k.quantity > 0 group by 1", (world.product_ids[world.skus[0]],))  # fmt: skip
    assert rows == [("pick", 100)]
    healthy()


def test_the_rest_of_a_picked_shipment_that_left_in_part_goes_back_to_its_bin() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 5))
    [first] = build.shipments(order)
    picked(world, first)
    part = [ShipLine(shipment_line_id=lines(first)[world.skus[0]][0], quantity=2)]
    ship_shipments([ShipItem(shipment_id=first, lines=part)], actor=build.TESTER)[0].require()

    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()

    rows = sql.fetch("select b.kind, sum(k.quantity) from stock_bin_stock k join stock_bin b on b.id = k.bin_id where k.product_id = %s and k.quantity > 0 group by 1", (world.product_ids[world.skus[0]],))  # fmt: skip
    assert rows == [("pick", 98)]
    healthy()


def test_a_split_is_refused_with_the_reason_and_nothing_changes() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 5), (world.skus[1], 2))
    [first] = build.shipments(order)
    name, other = (sku.replace("-", "_") for sku in world.skus[:2])
    before = units(order)

    codes = [
        split(first, **{name: 6}).error.code,
        split(first, **{name: 5, other: 2}).error.code,
        split_shipments([SplitShipmentItem(shipment_id=first, lines=[SplitLine(shipment_line_id=order, quantity=1)])], actor=build.TESTER)[0].error.code,  # type: ignore[union-attr]
    ]  # fmt: skip
    create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)
    codes.append(split(first, **{name: 1}).error.code)

    assert codes == ["too_many_to_split", "nothing_stays", "unknown_shipment_line", "being_picked"]
    assert build.shipments(order) == [first]
    assert units(order)[0] == before[0]


def test_parts_are_merged_again() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 5), (world.skus[1], 2))
    [first] = build.shipments(order)
    before = units(order)
    name = world.skus[0].replace("-", "_")
    one, two = (split(first, **{name: 1}).require().id for _ in range(2))

    done = merge_shipments([MergeShipmentsItem(shipment_ids=[first, one, two])], actor=build.TESTER)[0].require()  # fmt: skip

    assert done.id == first
    assert units(order) == before
    assert build.shipments(order, "open") == [first]
    rows = sql.fetch("select sum(quantity) from shipments_line where shipment_id = %s and is_live", (first,))  # fmt: skip
    assert rows == [(7,)]
    healthy()


def test_a_later_claim_does_not_slip_into_a_part_that_was_split_off() -> None:
    world = build.world(locations=1, stock=5)
    order = world.place((world.skus[0], 7))
    [first] = build.shipments(order)
    made = split(first, **{world.skus[0].replace("-", "_"): 2}).require()
    ship_shipments([ShipItem(shipment_id=first)], actor=build.TESTER)[0].require()
    world.count(world.locations[0], {world.skus[0]: 9})

    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()

    assert lines(made.id)[world.skus[0]][1] == 2
    assert len(build.shipments(order, "open")) == 2
    healthy()


def test_shipments_of_other_orders_are_not_merged_but_combined() -> None:
    world = build.world(locations=1)
    customer = {"name": "Test Persoon", "email": "one@example.com"}
    orders = [world.place((world.skus[0], 2), customer=customer) for _ in range(2)]
    keys = [build.shipments(order)[0] for order in orders]

    refused = merge_shipments([MergeShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0]
    combine_shipments([CombineShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0].require()
    alone = ship_shipments([ShipItem(shipment_id=keys[1])], actor=build.TESTER)[0]
    told = announce_shipments([AnnounceItem(shipment_id=keys[1])], actor=build.TESTER)[0]
    ship_shipments([ShipItem(shipment_id=keys[0], tracking_code="3SX")], actor=build.TESTER)[0].require()  # fmt: skip

    assert [o.error.code for o in (refused, alone, told) if o.error] == ["not_mergeable", "carried", "carried"]  # fmt: skip
    assert [build.order(order)["status"] for order in orders] == ["shipped", "shipped"]
    codes = sql.fetch("select tracking_code from shipments_shipment where id = any(%s)", (keys,))
    assert codes == [("3SX",), ("3SX",)]
    healthy()


def test_all_of_a_parcel_leaves_or_none_and_it_can_be_separated() -> None:
    world = build.world(locations=1)
    customer = {"name": "Test Persoon", "email": "two@example.com"}
    orders = [world.place((world.skus[0], 2), customer=customer) for _ in range(3)]
    keys = [build.shipments(order)[0] for order in orders]
    combine_shipments([CombineShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0].require()
    create_pick_lists([CreatePickListItem(location=world.locations[0], shipment_ids=[keys[2]])], actor=build.TESTER)  # fmt: skip

    blocked = ship_shipments([ShipItem(shipment_id=keys[0])], actor=build.TESTER)[0]
    separate_shipments([SeparateShipmentItem(shipment_id=keys[2])], actor=build.TESTER)[0].require()
    ship_shipments([ShipItem(shipment_id=keys[0])], actor=build.TESTER)[0].require()

    assert blocked.error is not None
    assert blocked.error.code == "being_picked"
    assert [build.order(order)["units_shipped"] for order in orders] == [2, 2, 0]
    cancel_shipments([CancelShipmentItem(shipment_id=keys[1])], actor=build.TESTER)[0].require()
    healthy()


@pytest.mark.parametrize("other", ["customer", "address", "location", "twice"])
def test_only_one_door_makes_one_parcel(other: str) -> None:
    world = build.world(locations=2, stock=3)
    customer = {"name": "Test Persoon", "email": f"d{build.serial()}@example.com"}
    address = {"name": "T", "street": "Elders", "house_number": "9", "postal_code": "9999 ZZ", "city": "Ver", "country": "NL"}  # fmt: skip
    first = build.shipments(world.place((world.skus[0], 2), customer=customer))[0]
    fields: dict[str, Any] = {"customer": customer}
    if other == "customer":
        fields["customer"] = {"name": "Iemand", "email": "else@example.com"}
    if other == "address":
        fields["delivery_address"] = address
    second = build.shipments(world.place((world.skus[0] if other == "location" else world.skus[1], 2), **fields))[0]  # fmt: skip
    keys = [first, first] if other == "twice" else [first, second]

    refused = combine_shipments([CombineShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0]

    codes = {"customer": "other_address", "address": "other_address", "location": "other_location", "twice": "duplicate_shipment"}  # fmt: skip
    assert refused.error is not None
    assert refused.error.code == codes[other]


def test_a_whole_shipment_moves_to_another_location_or_stays() -> None:
    world = build.world(locations=2, stock=0)
    world.count(world.locations[0], {world.skus[0]: 5, world.skus[1]: 5})
    world.count(world.locations[1], {world.skus[0]: 5, world.skus[1]: 1})
    order = world.place((world.skus[0], 2), (world.skus[1], 2))
    [first] = build.shipments(order)
    item = MoveShipmentItem(shipment_id=first, location=world.locations[1])

    refused = move_shipments([item], actor=build.TESTER)[0]
    world.count(world.locations[1], {world.skus[1]: 2})
    move_shipments([item], actor=build.TESTER)[0].require()

    assert refused.error is not None
    assert refused.error.code == "not_enough_stock"
    assert {a[3] for a in build.allocations(order, "allocated")} == {world.locations[1]}
    assert {key: level[1] for key, level in world.levels().items() if level[1]} == {
        (sku, world.locations[1]): 2 for sku in world.skus[:2]
    }
    assert build.order(order)["status"] == "awaiting_shipment"
    healthy()


def test_the_database_itself_keeps_parcels_at_one_location() -> None:
    world = build.world(locations=2, stock=3)
    one, two = (build.shipments(world.place((world.skus[0], 2)))[0] for _ in range(2))
    combine = "update shipments_shipment set combined_into_id = %s where id = %s"

    for wrong in (one, two):
        with pytest.raises(IntegrityError), atomic():
            sql.execute(combine, (wrong, one))
