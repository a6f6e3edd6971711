"""Packing: what was scanned is compared with what the shipment holds; then it leaves, weighed."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.pack_shipments import PackedLine, PackItem, pack_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.packing_queries import packing_list, parcel_by_code
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from orderwerk.shipments.commands.note_scans import MOST_KEPT, WrongScanItem, note_wrong_scans
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.packing import PackageItem, PackedItem
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def packed(shipment: UUID, contents: dict[str, int], **fields: Any) -> Outcome:
    lines = [PackedLine(sku=sku, quantity=n) for sku, n in contents.items()]
    item = PackItem(shipment_id=shipment, contents=lines, packages=[PackageItem(weight_grams=1250), PackageItem()], **fields)  # fmt: skip
    return pack_shipments([item], actor=build.TESTER)[0]


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def test_what_was_checked_leaves_with_its_packages_and_wrong_scans_in_its_history() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 2), (world.skus[1], 1))
    [shipment] = build.shipments(order)

    packed(shipment, {world.skus[0]: 2, world.skus[1]: 1}, wrong_scans=["4711"]).require()

    detail = shipment_detail(build.TESTER, shipment)
    assert detail.shipment.status == "shipped"
    assert [p.weight_grams for p in detail.parts.packages] == [1250, None]
    assert build.order(order)["status"] == "shipped"
    [(payload,)] = sql.fetch("select payload from core_event where aggregate_id = %s and kind = 'shipment.packed'", (shipment,))  # fmt: skip
    assert sql.from_json(payload) == {"number": detail.shipment.number, "packages": 2, "weight_grams": 1250, "wrong_scans": ["4711"]}  # fmt: skip
    sound()


@pytest.mark.parametrize("contents", [{"a": 2}, {"a": 3, "b": 1}, {"a": 2, "b": 1, "x": 1}])
def test_another_content_is_refused_and_nothing_changes(contents: dict[str, int]) -> None:
    world = build.world(locations=1)
    names = {"a": world.skus[0], "b": world.skus[1], "x": world.skus[2]}
    order = world.place((world.skus[0], 2), (world.skus[1], 1))
    [shipment] = build.shipments(order)

    refused = packed(shipment, {names[key]: n for key, n in contents.items()})

    assert code(refused) == "contents_differ"
    detail = shipment_detail(build.TESTER, shipment)
    assert (detail.shipment.status, len(detail.parts.packages)) == ("open", 1)


def test_what_was_cancelled_meanwhile_is_found_in_the_box() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 2))
    [shipment] = build.shipments(order)
    line = CancelLine(order_line_id=build.order_lines(order)[0], quantity=1)
    cancel_orders([CancelItem(order_id=order, reason="x", lines=[line])], actor=build.TESTER)

    assert code(packed(shipment, {world.skus[0]: 2})) == "contents_differ"
    assert code(packed(shipment, {world.skus[0]: 1})) is None
    assert code(packed(shipment, {world.skus[0]: 1})) == "shipment_shipped"
    sound()


def test_what_may_not_be_shipped_keeps_its_packages() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 1))
    [shipment] = build.shipments(order)
    hold_orders([HoldItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()

    assert code(packed(shipment, {world.skus[0]: 1})) == "on_hold"
    assert code(packed(new_id(), {world.skus[0]: 1})) == "unknown_shipment"
    assert [p.weight_grams for p in shipment_detail(build.TESTER, shipment).parts.packages] == [None]  # fmt: skip


def test_a_code_finds_the_shipment_that_it_means() -> None:
    world = build.world(locations=1)
    orders = [world.place((world.skus[0], 1), placed_at=f"2026-11-2{n}T10:00:00Z") for n in (1, 2)]
    item = CreatePickListItem(location=world.locations[0], kind="batch", method="totes")
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    walk = made.data["pick_lists"][0]["number"]
    shipments = [shipment_detail(build.TESTER, build.shipments(key)[0]).shipment for key in orders]

    def found(text: str) -> str | None:
        return parcel_by_code(build.limited(world.shop_id), text).number

    assert [found(s.number) for s in shipments] == [s.number for s in shipments]
    assert [found(s.order_number) for s in shipments] == [s.number for s in shipments]
    assert [found(f"{walk}-{n}") for n in (1, 2, 3)] == [shipments[0].number, shipments[1].number, None]  # fmt: skip
    assert found(walk) is None
    assert parcel_by_code(build.limited(new_id()), shipments[0].number).number is None


def test_a_list_that_is_sorted_afterwards_names_the_oldest_parcel_that_wants_an_article() -> None:
    world = build.world(locations=1)
    [a, b, c] = world.skus
    upsert_products([ProductItem(sku=b, name="Shared", gtin="0012345678905")], actor=build.TESTER)[0].require()  # fmt: skip
    customer = {"name": "Test Persoon", "email": f"sort{build.serial()}@example.com"}
    orders = [world.place((a, 1), (b, 1)), world.place((b, 2)), world.place((c, 1), customer=customer), world.place((c, 1), customer=customer)]  # fmt: skip
    keys = [build.shipments(order)[0] for order in orders]
    item = CreatePickListItem(location=world.locations[0], kind="batch", method="sort")
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    walk = made.data["pick_lists"][0]["number"]
    combine_shipments([CombineShipmentsItem(shipment_ids=keys[2:])], actor=build.TESTER)[0].require()  # fmt: skip
    numbers = [shipment_detail(build.TESTER, key).shipment.number for key in keys]
    lines = build.pick_lines_of(made.data["pick_lists"][0]["id"])

    def wanted(code: str) -> tuple[str, bool] | None:
        found = packing_list(build.limited(world.shop_id), walk.lower())
        assert found is not None
        parcel = found.wants(code)
        return None if parcel is None else (parcel.number, parcel.picked)

    assert wanted(a) == (numbers[0], False)
    for key, quantity in lines:
        pick_lines([PickItem(pick_line_id=key, picked=quantity)], actor=build.TESTER)[0].require()
    assert [wanted(code) for code in (a, b, c.upper(), "12345678905")] == [(numbers[0], True), (numbers[0], True), (numbers[2], True), (numbers[0], True)]  # fmt: skip
    found = packing_list(build.TESTER, walk)
    assert found is not None
    assert (found.parcels, found.packed) == (3, 0)
    assert [each.quantity for each in found.waiting] == [2, 2, 2]
    packed(keys[0], {a: 1, b: 1}).require()
    packed(keys[2], {c: 2}).require()
    found = packing_list(build.TESTER, walk)
    assert found is not None
    assert (found.parcels, found.packed, found.wants(a), found.wants(c)) == (3, 2, None, None)
    assert wanted(b) == (numbers[1], True)
    assert packing_list(build.limited(new_id()), walk) is None
    assert packing_list(build.TESTER, "\0nothing") is None
    sound()


def test_a_list_that_was_given_up_is_not_packed() -> None:
    world = build.world(locations=1)
    world.place((world.skus[0], 1))
    item = CreatePickListItem(location=world.locations[0], kind="batch", method="sort")
    made = create_pick_lists([item], actor=build.TESTER)[0].require().data["pick_lists"][0]
    cancel_pick_lists([CancelPickListItem(pick_list_id=made["id"])], actor=build.TESTER)[0].require()  # fmt: skip

    assert packing_list(build.TESTER, made["number"]) is None


def test_what_was_known_of_a_package_and_is_not_said_at_the_table_stays() -> None:
    world = build.world(locations=1)
    [shipment] = build.shipments(world.place((world.skus[0], 3)))
    [line] = [x.id for x in shipment_detail(build.TESTER, shipment).parts.lines]
    wanted = [
        PackageItem(tracking_code=f"3SKEPT{n}", contents=[PackedItem(shipment_line_id=line, quantity=n)])
        for n in (1, 2)
    ]  # fmt: skip
    update_shipments([UpdateShipmentItem(shipment_id=shipment, packages=wanted)], actor=build.TESTER)[0].require()  # fmt: skip

    packed(shipment, {world.skus[0]: 3}).require()

    packages = shipment_detail(build.TESTER, shipment).parts.packages
    assert [(p.tracking_code, p.weight_grams, [x.quantity for x in p.contents]) for p in packages] == [("3SKEPT1", 1250, [1]), ("3SKEPT2", None, [2])]  # fmt: skip
    sound()


def test_another_number_of_packages_keeps_codes_by_their_place_and_nothing_of_what_lay_where() -> (
    None
):
    world = build.world(locations=1)
    [shipment] = build.shipments(world.place((world.skus[0], 1)))
    [line] = [x.id for x in shipment_detail(build.TESTER, shipment).parts.lines]
    wanted = [
        PackageItem(
            tracking_code="3SFIRST", contents=[PackedItem(shipment_line_id=line, quantity=1)]
        )
    ]
    update_shipments([UpdateShipmentItem(shipment_id=shipment, packages=wanted)], actor=build.TESTER)[0].require()  # fmt: skip

    packed(shipment, {world.skus[0]: 1}).require()

    packages = shipment_detail(build.TESTER, shipment).parts.packages
    assert [(p.tracking_code, len(p.contents)) for p in packages] == [("3SFIRST", 0), ("", 0)]
    sound()


def test_a_scanner_that_lies_on_a_code_fills_no_history() -> None:
    world = build.world(locations=1)
    [shipment], [other] = (build.shipments(world.place((world.skus[0], 1))) for _ in range(2))
    scan, elsewhere = (WrongScanItem(shipment_id=key, code="4711") for key in (shipment, other))
    note_wrong_scans([scan] * (MOST_KEPT - 1), actor=build.TESTER)

    said = note_wrong_scans([scan, elsewhere, scan], actor=build.TESTER)

    assert [outcome.require().data["kept"] for outcome in said] == [True, True, False]
    told = (
        "select count(*) from core_event where aggregate_id = %s and kind = 'shipment.scan_refused'"
    )
    assert [sql.fetch(told, (key,)) for key in (shipment, other)] == [[(MOST_KEPT,)], [(1,)]]


def test_a_wrong_scan_stands_in_the_history_whatever_becomes_of_the_box() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 1))
    [shipment] = build.shipments(order)
    wrong = [WrongScanItem(shipment_id=shipment, code="4711"), WrongScanItem(shipment_id=new_id(), code="x")]  # fmt: skip

    first = note_wrong_scans(wrong, actor=build.TESTER)
    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    piece = WrongScanItem(shipment_id=shipment, code="SN1", step="serial", expected=world.skus[0])
    note_wrong_scans([piece], actor=build.TESTER)[0].require()
    strange = note_wrong_scans([piece], actor=build.limited(new_id()))[0]

    number = shipment_detail(build.TESTER, shipment).shipment.number
    assert [code(outcome) for outcome in (*first, strange)] == [None, "unknown_shipment", "unknown_shipment"]  # fmt: skip
    told = sql.fetch("select payload from core_event where aggregate_id = %s and kind = 'shipment.scan_refused' order by id", (shipment,))  # fmt: skip
    assert [sql.from_json(row[0]) for row in told] == [
        {"number": number, "step": "article", "code": "4711", "expected": ""},
        {"number": number, "step": "serial", "code": "SN1", "expected": world.skus[0]},
    ]
