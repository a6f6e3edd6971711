"""Serial numbers at the pick: kept with the pick line, refused with their piece, free again when it goes back."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from orderwerk.console.reads.packing import parcel_of
from orderwerk.core import sql
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.record_scans import ScanItem, record_scans
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.queries import lying_in_bins, picked_serials
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.flows.test_short_picks import sound
from tests.stock.test_serials import by_serial, code, record, recorded

pytestmark = pytest.mark.django_db


def walk(world: build.World, *lines: tuple[str, int]) -> tuple[UUID, UUID, list[UUID]]:
    """An order's shipment, its pick list and the list's lines."""
    order = world.place(*lines)
    [shipment] = build.shipments(order)
    item = CreatePickListItem(location=world.locations[0], shipment_ids=[shipment])
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    assert made.id is not None
    return shipment, made.id, [key for key, _ in build.pick_lines_of(made.id)]


def pick(line: UUID, *serials: str, **fields: Any) -> Outcome:
    item = PickItem(pick_line_id=line, serials=list(serials), **{"picked": len(serials), **fields})
    return pick_lines([item], actor=build.TESTER)[0]


def phones(quantity: int) -> tuple[build.World, UUID, UUID, UUID]:
    """A world of phones, a shipment of some of them, its pick list and the list's one line."""
    world = by_serial(locations=1)
    shipment, pick_list, [line] = walk(world, (world.skus[0], quantity))
    return world, shipment, pick_list, line


def test_what_lies_in_a_bin_is_told_of_the_lines_of_ones_own_shops_alone() -> None:
    _, _, pick_list, line = phones(3)

    assert list(lying_in_bins(build.TESTER, pick_list)) == [line]
    assert lying_in_bins(build.TESTER, pick_list)[line] >= 3
    assert lying_in_bins(build.limited(uuid4()), pick_list) == {}


def test_what_was_scanned_at_the_shelf_needs_no_number_any_more() -> None:
    world, shipment, pick_list, line = phones(3)

    pick(line, "A1").require()
    assert pick(line, "B2", "C3").require().data["pick_list_status"] == "picked"

    assert recorded(shipment) == ["A1", "B2", "C3"]
    assert picked_serials(build.TESTER, pick_list) == {world.skus[0]: ["A1", "B2", "C3"]}
    assert picked_serials(build.limited(uuid4()), pick_list) == {}
    assert parcel_of(shipment_detail(build.TESTER, shipment)).articles[0].serials == ("A1", "B2", "C3")  # fmt: skip
    told = sql.fetch("select count(*) from core_event where kind = 'shipment.serials_recorded' and aggregate_id = %s", (shipment,))  # fmt: skip
    assert told == [(2,)]
    ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].require()
    sound()


def test_a_refused_number_is_refused_with_its_piece() -> None:
    world, shipment, _, line = phones(3)
    other, _, [elsewhere] = walk(world, (world.skus[0], 1))
    _, _, [plain] = walk(world, (world.skus[1], 1))
    pick(elsewhere, "TAKEN").require()
    pick(line, "A1").require()

    refused = [
        pick(line, "taken"), pick(line, "a1"), pick(line, "B1", "b1"), pick(line, "9506000134352"), pick(line, "B1", "B2", picked=1),
        pick(plain, "B1"), pick(elsewhere, "B1"), pick(new_id(), "B1"),
    ]  # fmt: skip

    assert [code(o) for o in refused] == [
        "serial_out", "serial_twice", "serial_twice", "serial_is_article", "too_many_serials", "serial_not_kept", "pick_line_done",
        "unknown_pick_line",
    ]  # fmt: skip
    assert [o.error.pointer for o in refused[:6] if o.error] == [
        "/serials/0", "/serials/0", "/serials/1", "/serials/0", "/serials", "/serials/0",
    ]  # fmt: skip
    assert (recorded(shipment), recorded(other)) == (["A1"], ["TAKEN"])
    assert sql.fetch("select picked from picklists_line where id = %s", (line,)) == [(1,)]
    sound()


def test_one_call_does_not_take_a_piece_twice() -> None:
    world, shipment, _, line = phones(2)
    other, _, [elsewhere] = walk(world, (world.skus[0], 2))
    items = [
        PickItem(pick_line_id=line, picked=1, serials=["A1"]),
        PickItem(pick_line_id=elsewhere, picked=1, serials=["A1"]),
        PickItem(pick_line_id=line, picked=1, serials=["a1"]),
        PickItem(pick_line_id=elsewhere, picked=1),
    ]

    outcomes = pick_lines(items, actor=build.TESTER)

    assert [code(o) for o in outcomes] == [None, "serial_out", "serial_twice", None]
    assert (recorded(shipment), recorded(other)) == (["A1"], [])
    sound()


def test_a_number_that_was_recorded_by_hand_is_confirmed_once_and_no_other_takes_its_place() -> (
    None
):
    world, shipment, pick_list, line = phones(2)
    record(world, shipment, "A1", "A2").require()

    assert code(pick(line, "B1")) == "too_many_serials"
    pick(line, "a1").require()
    assert code(pick(line, "A1")) == "serial_twice"
    pick(line, "A2").require()

    assert recorded(shipment) == ["A1", "A2"]
    assert picked_serials(build.TESTER, pick_list) == {world.skus[0]: ["A1", "A2"]}
    sound()


def test_giving_the_list_up_frees_its_own_numbers_alone() -> None:
    world, shipment, pick_list, line = phones(3)
    record(world, shipment, "HAND").require()
    pick(line, "A1").require()
    other, _, [elsewhere] = walk(world, (world.skus[0], 1))
    pick(elsewhere, "B1").require()

    cancel_pick_lists([CancelPickListItem(pick_list_id=pick_list)], actor=build.TESTER)[0].require()

    assert (recorded(shipment), recorded(other)) == (["HAND"], ["B1"])
    _, _, [again] = walk(world, (world.skus[0], 1))
    pick(again, "A1").require()
    sound()


def test_what_is_short_or_cancelled_keeps_the_numbers_of_what_was_picked() -> None:
    _, shipment, _, line = phones(3)
    order = shipment_detail(build.TESTER, shipment).shipment.order_id
    pick(line, "A1").require()
    part = CancelLine(order_line_id=build.order_lines(order)[0], quantity=2)

    pick(line, "A2", short=1, reason="missing").require()
    assert recorded(shipment) == ["A1", "A2"]

    # Which of both went back into its bin is not known: what stays is scanned again.
    cancel_orders([CancelItem(order_id=order, reason="x", lines=[part])], actor=build.TESTER)[0].require()  # fmt: skip
    assert recorded(shipment) == []
    sound()


def test_numbers_of_pieces_that_went_back_or_to_another_parcel_are_scanned_again() -> None:
    world = by_serial(locations=1)
    sku = world.skus[0]

    def two_lines(serial: str) -> tuple[UUID, UUID, UUID]:
        shipment, _, [first, second] = walk(world, (sku, 1), (sku, 1))
        pick(first, serial).require()
        pick(second, picked=1).require()
        order = shipment_detail(build.TESTER, shipment).shipment.order_id
        return order, shipment, build.order_lines(order)[0]

    order, cancelled, line = two_lines("A1")
    part = CancelLine(order_line_id=line, quantity=1)
    cancel_orders([CancelItem(order_id=order, reason="x", lines=[part])], actor=build.TESTER)[0].require()  # fmt: skip
    _, parted, line = two_lines("A2")
    [gone] = [row.id for row in shipment_detail(build.TESTER, parted).parts.lines if row.order_line_id == line]  # fmt: skip
    item = SplitShipmentItem(shipment_id=parted, lines=[SplitLine(shipment_line_id=gone, quantity=1)])  # fmt: skip
    new = split_shipments([item], actor=build.TESTER)[0].require().id
    assert new is not None
    assert (recorded(cancelled), recorded(parted), recorded(new)) == ([], [], [])
    record(world, new, "A2").require()

    _, whole, line = two_lines("A3")
    [moved] = [row.id for row in shipment_detail(build.TESTER, whole).parts.lines if row.order_line_id != line]  # fmt: skip
    item = SplitShipmentItem(shipment_id=whole, lines=[SplitLine(shipment_line_id=moved, quantity=1)])  # fmt: skip
    new = split_shipments([item], actor=build.TESTER)[0].require().id
    assert new is not None
    assert recorded(whole) == ["A3"]
    merge_shipments([MergeShipmentsItem(shipment_ids=[new, whole])], actor=build.TESTER)[0].require()  # fmt: skip
    assert recorded(new) == []
    sound()


def test_a_scan_with_a_number_answers_the_same_however_often_it_comes() -> None:
    world, shipment, pick_list, line = phones(2)
    first = ScanItem(key=new_id(), pick_list_id=pick_list, pick_line_id=line, picked=1, step="serial", serials=["A1"])  # fmt: skip
    twice = ScanItem(key=new_id(), pick_list_id=pick_list, pick_line_id=line, picked=1, step="serial", serials=["a1"])  # fmt: skip
    wrong = ScanItem(key=new_id(), pick_list_id=pick_list, step="serial", code="??", expected=world.skus[0])  # fmt: skip

    one = record_scans([first, twice, wrong], actor=build.TESTER)
    again = record_scans([wrong, twice, first], actor=build.TESTER)

    assert [code(o) for o in one] == [None, "serial_twice", None]
    assert [code(o) for o in again] == [None, "serial_twice", None]
    assert again[2] == one[0]
    assert recorded(shipment) == ["A1"]
    kept = sql.fetch("select step, code, refusal from picklists_scan where pick_list_id = %s order by code", (pick_list,))  # fmt: skip
    assert kept == [("serial", "??", ""), ("serial", "A1", ""), ("serial", "a1", "serial_twice")]
    sound()


def test_the_database_holds_no_more_numbers_than_picked_pieces() -> None:
    _, shipment, _, line = phones(2)
    pick(line, "A1").require()
    another = "insert into shipments_serial (id, shop_id, order_id, location_id, shipment_id, product_id, serial, recorded_at, recorded_by, pick_line_id) select gen_random_uuid(), shop_id, order_id, location_id, shipment_id, product_id, 'X9', recorded_at, 'x', {line} from shipments_serial where shipment_id = %s"  # fmt: skip

    for of in ("pick_line_id", "gen_random_uuid()"):
        with pytest.raises(IntegrityError, match="more serial numbers than picked"), transaction.atomic():  # fmt: skip
            sql.execute(another.format(line=of), (shipment,))

    assert recorded(shipment) == ["A1"]
