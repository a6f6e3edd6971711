"""Combined parcels: one box with the lines of several orders, packed and sent whole, to one door or not at all."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.console.reads.packing import parcel_of
from orderwerk.core import decode, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.pack_shipments import PackedLine, PackItem, pack_shipments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.packing_queries import parcel_by_code
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.combine import (
    CombineShipmentsItem,
    SeparateShipmentItem,
    combine_shipments,
    separate_shipments,
)
from orderwerk.shipments.commands.record_serials import RecordSerialsItem, record_serials
from orderwerk.shipments.commands.report_labels import ShippingLabelNews, report_shipping_labels
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.commands.void_labels import VoidShippingLabelItem, void_shipping_labels
from orderwerk.shipments.packing import PackageItem
from orderwerk.shipments.queries import (
    ShipmentFilters,
    shipment_detail,
    shipment_page,
    shipments_in_parcel,
)
from orderwerk.shipments.serials import SerialPiece
from tests import build
from tests.flows.test_regroup import healthy

pytestmark = pytest.mark.django_db

ELSEWHERE = {"name": "Test Persoon", "street": "Elders", "house_number": "9", "postal_code": "9999 ZZ", "city": "Ver", "country": "NL"}  # fmt: skip


def together(world: build.World, *orders: list[tuple[str, int]]) -> tuple[list[UUID], list[UUID]]:
    """Orders of one customer, combined into the parcel of the first; the orders and their shipments."""
    customer = {"name": "Test Persoon", "email": f"box{build.serial()}@example.com"}
    placed = [world.place(*lines, customer=customer) for lines in orders]
    keys = [build.shipments(order)[0] for order in placed]
    combine_shipments([CombineShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0].require()
    return placed, keys


def change(order: UUID, **fields: Any) -> None:
    item = decode.convert({"order_id": str(order), **fields}, UpdateItem)
    update_orders([item], actor=build.TESTER)[0].require()


def ship(shipment: UUID, **fields: Any) -> Outcome:
    return ship_shipments([ShipItem(shipment_id=shipment, **fields)], actor=build.TESTER)[0]


def pack(shipment: UUID, contents: dict[str, int], **fields: Any) -> Outcome:
    lines = [PackedLine(sku=sku, quantity=n) for sku, n in contents.items()]
    item = PackItem(shipment_id=shipment, contents=lines, packages=[PackageItem()], **fields)
    return pack_shipments([item], actor=build.TESTER)[0]


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def statuses(keys: list[UUID]) -> list[str]:
    rows = dict(sql.fetch("select id, status from shipments_shipment where id = any(%s)", (keys,)))
    return [rows[key] for key in keys]


@pytest.mark.parametrize("moved", [0, 1])
@pytest.mark.parametrize("what", ["delivery_address", "customer"])
def test_a_parcel_whose_orders_go_to_two_doors_does_not_leave(moved: int, what: str) -> None:
    world = build.world(locations=1)
    orders, keys = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)])
    other = {"name": "Iemand anders", "email": "else@example.com"}
    change(orders[moved], **{what: ELSEWHERE if what == "delivery_address" else other})

    refused = ship(keys[0])
    announced = announce_shipments([AnnounceItem(shipment_id=keys[0])], actor=build.TESTER)[0]
    boxed = pack(keys[0], {world.skus[0]: 2, world.skus[1]: 1})

    assert [code(o) for o in (refused, announced, boxed)] == ["other_address"] * 3
    assert refused.error is not None
    assert refused.error.details == {"order": build.order(orders[1])["number"]}
    assert statuses(keys) == ["open", "open"]
    assert [build.order(order)["units_shipped"] for order in orders] == [0, 0]
    separate_shipments([SeparateShipmentItem(shipment_id=keys[1])], actor=build.TESTER)[0].require()
    assert [code(ship(key)) for key in keys] == [None, None]
    healthy()


def test_a_parcel_whose_orders_all_move_to_one_other_door_leaves() -> None:
    world = build.world(locations=1)
    orders, keys = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)])
    for order in orders:
        change(order, delivery_address=ELSEWHERE)

    ship(keys[0]).require()

    assert statuses(keys) == ["shipped", "shipped"]
    healthy()


def test_what_lay_in_a_cancelled_parcel_goes_where_it_wants() -> None:
    world = build.world(locations=1)
    orders, keys = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)])
    cancel_shipments([CancelShipmentItem(shipment_id=keys[0])], actor=build.TESTER)[0].require()
    change(orders[1], delivery_address=ELSEWHERE)

    ship(keys[1]).require()

    assert statuses(keys) == ["cancelled", "shipped"]
    healthy()


def test_what_lay_in_a_cancelled_parcel_leads_one_of_its_own() -> None:
    world = build.world(locations=1)
    orders, keys = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)], [(world.skus[1], 2)])
    cancel_orders([CancelItem(order_id=orders[0], reason="x")], actor=build.TESTER)[0].require()
    found = shipment_page(build.TESTER, ShipmentFilters(same_door=keys[1])).items
    assert [s.id for s in found] == [keys[2]]

    done = combine_shipments([CombineShipmentsItem(shipment_ids=keys[1:])], actor=build.TESTER)

    assert done[0].require().id == keys[1]
    lies = dict(sql.fetch("select id, combined_into_id from shipments_shipment where id = any(%s)", (keys[1:],)))  # fmt: skip
    assert lies == {keys[1]: None, keys[2]: keys[1]}
    healthy()
    ship(keys[1]).require()
    assert statuses(keys) == ["cancelled", "shipped", "shipped"]
    healthy()


def test_the_database_itself_lets_one_parcel_go_to_one_door() -> None:
    world = build.world(locations=1)
    _, keys = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)])
    leave = """
    update shipments_shipment s set status = 'shipped', shipped_at = now(), delivery_address = t.address
    from unnest(%s::uuid[], %s::jsonb[]) as t(id, address) where t.id = s.id
    """

    with pytest.raises(IntegrityError, match="one door"), atomic():
        sql.execute(leave, (keys, ['{"city": "A"}', '{"city": "B"}']))
    assert statuses(keys) == ["open", "open"]


def test_a_box_holds_the_articles_of_all_its_orders() -> None:
    world = build.world(locations=1)
    a, b, c = world.skus
    orders, keys = together(world, [(a, 2)], [(a, 1), (b, 3)], [(c, 1)])
    first = shipment_detail(build.TESTER, keys[0])
    parcel = parcel_of(first, shipments_in_parcel(build.TESTER, keys[0]))

    assert {each.sku: each.quantity for each in parcel.articles} == {a: 3, b: 3, c: 1}
    assert parcel.pieces == 7
    assert code(pack(keys[0], {a: 2})) == "contents_differ"
    assert code(pack(keys[0], {a: 3, b: 3})) == "contents_differ"
    assert code(pack(keys[0], {a: 3, b: 3, c: 2})) == "contents_differ"
    assert code(pack(keys[1], {a: 1, b: 3})) == "carried"
    assert statuses(keys) == ["open"] * 3

    pack(keys[0], {a: 3, b: 3, c: 1}).require()

    assert statuses(keys) == ["shipped"] * 3
    assert [build.order(order)["status"] for order in orders] == ["shipped"] * 3
    healthy()


def test_what_joined_or_left_the_parcel_meanwhile_is_found_in_the_box() -> None:
    world = build.world(locations=1)
    a, b, _ = world.skus
    _, keys = together(world, [(a, 2)], [(b, 1)])
    separate_shipments([SeparateShipmentItem(shipment_id=keys[1])], actor=build.TESTER)[0].require()

    assert code(pack(keys[0], {a: 2, b: 1})) == "contents_differ"
    assert code(pack(keys[0], {a: 2})) is None
    assert statuses(keys) == ["shipped", "open"]
    healthy()


def test_every_code_of_a_parcel_finds_it() -> None:
    world = build.world(locations=1)
    orders, keys = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)])
    item = CreatePickListItem(location=world.locations[0], kind="batch", method="totes")
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    walk = made.data["pick_lists"][0]["number"]
    leader, other = (shipment_detail(build.TESTER, key).shipment.number for key in keys)
    codes = [leader, other, *(build.order(order)["number"] for order in orders), walk, f"{walk}-1", f"{walk}-2"]  # fmt: skip

    assert [parcel_by_code(build.TESTER, each).number for each in codes] == [leader] * 7


def phones(world: build.World) -> str:
    items = [ProductItem(sku=world.skus[0], name="Phone", tracking="serial")]
    upsert_products(items, actor=build.TESTER)[0].require()
    return world.skus[0]


def kept(shipment: UUID) -> list[str]:
    rows = sql.fetch("select serial from shipments_serial where shipment_id = %s order by 1", (shipment,))  # fmt: skip
    return [row[0] for row in rows]


def test_scanned_pieces_go_with_the_order_that_they_are_recorded_for_or_that_needs_them() -> None:
    world = build.world(locations=1)
    sku = phones(world)
    _, keys = together(world, [(sku, 1)], [(sku, 2)])
    before = RecordSerialsItem(shipment_id=keys[1], add=[SerialPiece(sku=sku, serial="B1")])
    record_serials([before], actor=build.TESTER)[0].require()
    detail = shipment_detail(build.TESTER, keys[0])
    shown = parcel_of(detail, shipments_in_parcel(build.TESTER, keys[0])).articles

    named = [SerialPiece(sku=sku, serial=each) for each in ("b1", "A1", "B2")]
    pack(keys[0], {sku: 3}, serials=named).require()

    assert [(each.quantity, each.serials) for each in shown] == [(3, ("B1",))]
    assert [kept(key) for key in keys] == [["A1"], ["B1", "B2"]]
    healthy()


@pytest.mark.parametrize(
    ("serials", "refusal", "place"),
    [
        (["A", "B"], "serials_missing", ""),
        (["A", "B", "b"], "serial_twice", "/serials/2/serial"),
        (["A", "B", "C", "D"], "too_many_serials", "/serials/3/serial"),
    ],
)
def test_pieces_of_a_parcel_are_as_many_as_it_holds(
    serials: list[str], refusal: str, place: str
) -> None:
    world = build.world(locations=1)
    sku = phones(world)
    _, keys = together(world, [(sku, 1)], [(sku, 2)])
    named = [SerialPiece(sku=sku, serial=each) for each in serials]

    refused = ship(keys[0], serials=named)

    assert refused.error is not None
    assert (refused.error.code, refused.error.pointer) == (refusal, place)
    assert statuses(keys) == ["open", "open"]
    assert [kept(key) for key in keys] == [[], []]


def test_an_article_without_serial_numbers_has_none_in_a_parcel_either() -> None:
    world = build.world(locations=1)
    _, keys = together(world, [(world.skus[0], 1)], [(world.skus[1], 2)])

    refused = ship(keys[0], serials=[SerialPiece(sku=world.skus[1], serial="X")])

    assert code(refused) == "serial_not_kept"


def parcel_data(key: UUID) -> tuple[str, str, str, str]:
    """How a shipment goes, as its order, its letters and the API tell it."""
    found = shipment_detail(build.TESTER, key).shipment
    return found.carrier, found.service, found.tracking_code, found.tracking_url


def changed(key: UUID, **fields: Any) -> None:
    item = UpdateShipmentItem(shipment_id=key, **fields)
    update_shipments([item], actor=build.TESTER)[0].require()


def test_all_that_left_in_one_parcel_has_its_carrier_its_code_and_its_link() -> None:
    world = build.world(locations=1)
    _, keys = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)])
    first, second = keys
    changed(first, service="bike", tracking_code="3SFIRST")
    changed(second, service="walk", tracking_code="3SOLD")
    # While it waits it keeps its own: it may be separated again.
    assert parcel_data(second)[1:3] == ("walk", "3SOLD")

    ship(first).require()

    assert parcel_data(second) == parcel_data(first) == ("manual", "bike", "3SFIRST", "")
    [told] = sql.fetch("select payload -> 'changes' from core_event where kind = 'shipment.updated' and aggregate_id = %s order by seq desc limit 1", (second,))  # fmt: skip
    assert sql.from_json(told[0]) == {"service": ["walk", "bike"], "tracking_code": ["3SOLD", "3SFIRST"]}  # fmt: skip
    # What becomes known of it later is known of both, and what was wrong is gone from both.
    changed(first, tracking_url="https://example.com/x")
    assert parcel_data(second) == ("manual", "bike", "3SFIRST", "https://example.com/x")
    changed(first, tracking_code="")
    assert parcel_data(second)[2:] == parcel_data(first)[2:] == ("", "https://example.com/x")
    healthy()


def test_a_code_that_one_of_them_bears_stays_where_the_parcel_has_none() -> None:
    world = build.world(locations=1)
    _, [first, second] = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)])
    changed(second, service="walk", tracking_code="3SOWN")

    ship(first).require()

    assert parcel_data(second) == ("manual", "walk", "3SOWN", "")


def test_what_was_erased_is_not_told_again() -> None:
    world = build.world(locations=1)
    orders, [first, second] = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)])
    ship(first).require()
    build.invoice(orders[1])
    erase_orders([EraseItem(order_id=orders[1])], actor=build.TESTER)[0].require()

    changed(first, tracking_url="https://example.com/?name=Persoon")

    assert parcel_data(second)[3] == ""


def test_the_way_that_is_chosen_at_the_table_is_that_of_all_in_the_box() -> None:
    world = build.world(locations=1)
    _, [first, second] = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)])

    pack(first, {world.skus[0]: 2, world.skus[1]: 1}, service="bike").require()

    assert parcel_data(second) == parcel_data(first) == ("manual", "bike", "", "")


def test_the_code_of_a_label_is_that_of_all_in_the_box_until_it_is_given_up() -> None:
    world = build.world(locations=1)
    _, [first, second] = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)])
    [(label, effect)] = build.parcels_asked(world, first)
    ship(first).require()
    carrier = parcel_data(first)[0]
    assert parcel_data(second) == (carrier, "", "", "")

    made = ShippingLabelNews(label, effect, b"%PDF")
    report_shipping_labels([made], actor=build.TESTER)[0].require()

    code = parcel_data(first)[2]
    assert code
    assert parcel_data(second) == parcel_data(first) == (carrier, "", code, "")
    void_shipping_labels([VoidShippingLabelItem(shipping_label_id=label)], actor=build.TESTER)[0].require()  # fmt: skip
    assert parcel_data(second) == parcel_data(first) == (carrier, "", "", "")


def test_as_many_statements_for_many_shared_parcels_as_for_one() -> None:
    world = build.world(locations=1)

    def statements(parcels: int) -> int:
        leaders = []
        for _ in range(parcels):
            _, [first, _second] = together(world, [(world.skus[0], 1)], [(world.skus[1], 1)])
            changed(first, service="bike")
            leaders.append(first)
        lines = [PackedLine(sku=sku, quantity=1) for sku in world.skus[:2]]
        boxes = [
            PackItem(shipment_id=key, contents=lines, packages=[PackageItem()], service="walk")
            for key in leaders
        ]
        retold = [UpdateShipmentItem(shipment_id=key, tracking_code=f"3S{key}") for key in leaders]
        with sql.count_statements() as count:
            outcomes = pack_shipments(boxes, actor=build.TESTER)
            outcomes += update_shipments(retold, actor=build.TESTER)
        assert [code(outcome) for outcome in outcomes] == [None] * parcels * 2
        return count.total

    statements(1)
    assert statements(1) == statements(4)
