"""Serial numbers: recorded as pieces leave, out once at a time, named as they come back, and found again."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, transaction

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.pack_shipments import PackedLine, PackItem, pack_shipments
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.shipments.commands.record_serials import RecordSerialsItem, record_serials
from orderwerk.shipments.documents import slip_pages
from orderwerk.shipments.packing import PackageItem
from orderwerk.shipments.queries import shipment_detail
from orderwerk.shipments.serial_queries import (
    SerialFilters,
    serial_detail,
    serial_page,
    serials_of_shipments,
)
from orderwerk.shipments.serials import SerialPiece
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def by_serial(**fields: Any) -> build.World:
    """A world whose first product leaves by serial number."""
    world = build.world(**fields)
    track(world, "serial").require()
    return world


def track(world: build.World, how: Any) -> Outcome:
    item = ProductItem(sku=world.skus[0], name="Phone", gtin="9506000134352", tracking=how)
    return upsert_products([item], actor=build.TESTER)[0]


def pieces(world: build.World, *serials: str) -> list[SerialPiece]:
    return [SerialPiece(sku=world.skus[0], serial=serial) for serial in serials]


def record(world: build.World, shipment: UUID, *serials: str, remove: tuple[str, ...] = (), actor: Actor = build.TESTER) -> Outcome:  # fmt: skip
    item = RecordSerialsItem(
        shipment_id=shipment, add=pieces(world, *serials), remove=pieces(world, *remove)
    )
    return record_serials([item], actor=actor)[0]


def ship(shipment: UUID, **fields: Any) -> Outcome:
    return ship_shipments([ShipItem(shipment_id=shipment, **fields)], actor=build.TESTER)[0]


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def recorded(shipment: UUID) -> list[str]:
    return [row.serial for row in serials_of_shipments([shipment])[shipment]]


def waiting(world: build.World, quantity: int = 2, **fields: Any) -> UUID:
    [shipment] = build.shipments(world.place((world.skus[0], quantity), **fields))
    return shipment


def left(world: build.World, *serials: str) -> tuple[UUID, UUID]:
    """An order that left with these pieces, and its shipment."""
    order = world.place((world.skus[0], len(serials)))
    [shipment] = build.shipments(order)
    ship(shipment, serials=pieces(world, *serials)).require()
    return order, shipment


def test_a_shipment_leaves_once_every_piece_is_named() -> None:
    world = by_serial()
    shipment = waiting(world)

    missing = ship(shipment)
    assert code(missing) == "serials_missing"
    assert missing.error is not None
    assert "0 of 2" in missing.error.message
    assert record(world, shipment, "A1", "B2").require().data == {"recorded": 2}
    assert record(world, shipment, "B3", remove=("b2",)).require().data == {"recorded": 2}
    assert recorded(shipment) == ["A1", "B3"]
    ship(shipment).require()

    assert recorded(shipment) == ["A1", "B3"]
    assert sql.fetch("select quantity, serials from shipments_line where shipment_id = %s", (shipment,)) == [(2, 2)]  # fmt: skip
    told = sql.fetch("select payload from core_event where kind = 'shipment.serials_recorded' and aggregate_id = %s order by seq", (shipment,))  # fmt: skip
    assert [sql.from_json(row[0])["added"] for row in told] == [[f"{world.skus[0]} {each}" for each in added] for added in (["A1", "B2"], ["B3"])]  # fmt: skip
    sound()


def test_what_cannot_be_recorded_is_refused_and_changes_nothing() -> None:
    world = by_serial()
    order = world.place((world.skus[0], 2), (world.skus[1], 1))
    [shipment] = build.shipments(order)
    record(world, shipment, "A1").require()
    other = waiting(world)
    plain = SerialPiece(sku=world.skus[1], serial="X")

    assert code(record(world, shipment, "A2", "a1")) == "serial_twice"
    assert code(record(world, shipment, "A2", "A3")) == "too_many_serials"
    assert code(record(world, shipment, "A2", "A2")) == "serial_twice"
    assert code(record(world, other, "a1")) == "serial_out"
    assert code(record(world, shipment, world.skus[0].lower())) == "serial_is_article"
    assert code(record(world, shipment, "9506000134352")) == "serial_is_article"
    assert code(record(world, shipment, "(01)09506000134352(21)S1")) == "serial_is_article"
    assert code(record(world, shipment, remove=("Z",))) == "unknown_serial"
    assert code(record(world, shipment)) == "no_serials"
    [outcome] = record_serials([RecordSerialsItem(shipment_id=shipment, add=[plain])], actor=build.TESTER)  # fmt: skip
    assert code(outcome) == "serial_not_kept"
    assert code(record(world, order, "A2")) == "unknown_shipment"

    assert recorded(shipment) == ["A1"]
    ship(shipment, serials=pieces(world, "A1", "A2")).require()
    assert code(record(world, shipment, "A3")) == "shipment_shipped"
    sound()


def test_one_call_uses_up_what_it_records() -> None:
    world = by_serial()
    first, second = waiting(world), waiting(world)

    outcomes = record_serials(
        [
            RecordSerialsItem(shipment_id=first, add=pieces(world, "A1")),
            RecordSerialsItem(shipment_id=second, add=pieces(world, "A1", "B1")),
            RecordSerialsItem(shipment_id=first, remove=pieces(world, "A1")),
            RecordSerialsItem(shipment_id=second, add=pieces(world, "A1")),
        ],
        actor=build.TESTER,
    )

    assert [code(o) for o in outcomes] == [None, "serial_out", None, None]
    assert (recorded(first), recorded(second)) == ([], ["A1"])


def test_who_is_limited_is_not_told_where_a_piece_of_another_shop_is() -> None:
    mine, theirs = build.shared_worlds()
    track(mine, "serial").require()
    mine.count(mine.locations[0], {mine.skus[0]: 9})
    sku = mine.skus[0]
    [there] = build.shipments(theirs.place((sku, 1)))
    [here] = build.shipments(mine.place((sku, 1)))
    record(mine, there, "A1").require()

    refused = record(mine, here, "A1", actor=build.limited(mine.shop_id))

    assert refused.error is not None
    assert "another shipment" in refused.error.message


def test_all_that_leaves_may_be_named_with_the_going() -> None:
    world = by_serial()
    shipment = waiting(world)
    record(world, shipment, "WRONG", "A1").require()

    gone = left(world, "GONE")[1]
    out = ship(shipment, serials=pieces(world, "A1", "gone"))
    assert out.error is not None
    assert (out.error.code, out.error.pointer) == ("serial_out", "/serials/1/serial")
    assert recorded(gone) == ["GONE"]
    assert code(ship(shipment, serials=pieces(world, "A1"))) == "serials_missing"
    assert code(ship(shipment, serials=pieces(world, "A1", "A1"))) == "serial_twice"
    assert recorded(shipment) == ["A1", "WRONG"]
    ship(shipment, serials=pieces(world, "a1", "B1")).require()

    assert recorded(shipment) == ["A1", "B1"]
    sound()


def test_packing_takes_the_numbers_along() -> None:
    world = by_serial()
    shipment = waiting(world)
    item = PackItem(
        shipment_id=shipment, packages=[PackageItem(weight_grams=900)], serials=pieces(world, "A1", "A2"),
        contents=[PackedLine(sku=world.skus[0], quantity=2)],
    )  # fmt: skip

    pack_shipments([item], actor=build.TESTER)[0].require()

    assert recorded(shipment) == ["A1", "A2"]
    sound()


def test_a_part_leaves_with_its_own_pieces_alone() -> None:
    world = by_serial()
    shipment = waiting(world, 3)
    [line] = shipment_detail(build.TESTER, shipment).parts.lines
    part = [ShipLine(shipment_line_id=line.id, quantity=1)]
    record(world, shipment, "A1", "A2").require()

    assert code(ship(shipment, lines=part)) == "serials_stay"
    ship(shipment, lines=part, serials=pieces(world, "A2")).require()

    assert recorded(shipment) == ["A2"]
    assert code(record(world, waiting(world), "A1")) is None
    sound()


def test_cancelling_frees_the_pieces_before_and_after_they_left() -> None:
    world = by_serial()
    shipment = waiting(world)
    record(world, shipment, "A1", "A2").require()
    before = world.levels()
    cancel = [CancelShipmentItem(shipment_id=shipment)]
    ship(shipment).require()

    cancel_shipments(cancel, actor=build.TESTER)[0].require()

    assert world.levels() == before
    assert recorded(shipment) == []
    order = shipment_detail(build.TESTER, shipment).shipment.order_id
    [again] = build.shipments(order, "open")
    record(world, again, "A2", "A1").require()
    cancel_shipments([CancelShipmentItem(shipment_id=again)], actor=build.TESTER)[0].require()
    assert recorded(again) == []
    sound()


def test_a_shipment_that_shrinks_is_scanned_again() -> None:
    world = by_serial()
    order = world.place((world.skus[0], 3))
    [shipment] = build.shipments(order)
    record(world, shipment, "A1", "A2").require()
    [line] = shipment_detail(build.TESTER, shipment).parts.lines
    one = SplitLine(shipment_line_id=line.id, quantity=1)

    split_shipments([SplitShipmentItem(shipment_id=shipment, lines=[one])], actor=build.TESTER)[0].require()  # fmt: skip
    assert recorded(shipment) == ["A1", "A2"]
    [line] = [x for x in shipment_detail(build.TESTER, shipment).parts.lines if x.is_live]
    one = SplitLine(shipment_line_id=line.id, quantity=1)
    split_shipments([SplitShipmentItem(shipment_id=shipment, lines=[one])], actor=build.TESTER)[0].require()  # fmt: skip
    assert recorded(shipment) == []

    record(world, shipment, "A1").require()
    cancel_orders([CancelItem(order_id=order, reason="customer")], actor=build.TESTER)[0].require()
    assert recorded(shipment) == []
    sound()


def test_only_what_left_comes_back_and_each_piece_once() -> None:
    world = by_serial()
    order, shipment = left(world, "A1", "A2", "A3")
    left(world, "B1")

    def give(quantity: int, *serials: str) -> Outcome:
        return build.give_back(order, build.back(order, quantity, restock=True, serials=list(serials)))  # fmt: skip

    assert code(give(1)) == "serial_required"
    assert code(give(2, "A1")) == "serial_required"
    assert code(give(1, "B1")) == "serial_not_shipped"
    assert code(give(2, "A1", "a1")) == "serial_not_shipped"
    assert code(give(1, "A1", "A2")) == "too_many_serials"
    made = give(1, "a1").require()
    assert code(give(1, "A1")) == "serial_not_shipped"

    assert [x.is_returned for x in serials_of_shipments([shipment])[shipment]] == [True, False, False]  # fmt: skip
    [found] = serial_page(build.TESTER, SerialFilters(serial="A1", out=False)).items
    assert found.return_id == made.id
    assert code(cancel_shipments([CancelShipmentItem(shipment_id=shipment)], actor=build.TESTER)[0]) == "returned"  # fmt: skip
    again, _ = left(world, "A1")
    assert [x.order_id for x in serial_page(build.TESTER, SerialFilters(q="a", out=True)).items][:1] == [again]  # fmt: skip
    assert code(build.give_back(order, build.back(order, 1, serials=["A1"]))) == "serial_not_shipped"  # fmt: skip
    sound()


def test_two_lines_of_one_return_share_the_pieces_of_their_article() -> None:
    world = by_serial()
    order = world.place((world.skus[0], 1), (world.skus[0], 1))
    [shipment] = build.shipments(order)
    ship(shipment, serials=pieces(world, "A1", "A2")).require()
    both = [build.back(order, serials=["A2"]), build.back(order, index=1, serials=["A1"])]

    assert code(build.give_back(order, both[0], {**both[1], "serials": ["A2"]})) == "serial_not_shipped"  # fmt: skip
    assert code(build.give_back(order, both[0], {**both[1], "serials": []})) == "serial_required"
    build.give_back(order, *both).require()
    sound()


def test_a_shipment_whose_own_piece_is_back_is_not_undone_though_another_left_as_many() -> None:
    world = by_serial()
    order = world.place((world.skus[0], 2))
    [first] = build.shipments(order)
    [line] = shipment_detail(build.TESTER, first).parts.lines
    ship(first, lines=[ShipLine(shipment_line_id=line.id, quantity=1)], serials=pieces(world, "A1")).require()  # fmt: skip
    [second] = build.shipments(order, "open")
    ship(second, serials=pieces(world, "A2")).require()
    build.give_back(order, build.back(order, 1, serials=["A1"])).require()

    undone = [
        cancel_shipments([CancelShipmentItem(shipment_id=key)], actor=build.TESTER)[0]
        for key in (first, second)
    ]

    assert [code(o) for o in undone] == ["returned", None]
    sound()


def test_pieces_that_left_before_their_numbers_were_kept_come_back_without() -> None:
    world = build.world()
    order = world.place((world.skus[0], 3))
    [first] = build.shipments(order)
    [line] = shipment_detail(build.TESTER, first).parts.lines
    ship(first, lines=[ShipLine(shipment_line_id=line.id, quantity=2)]).require()
    # Pieces lie on the shelves: they need no number before they leave.
    track(world, "serial").require()
    [second] = build.shipments(order, "open")
    ship(second, serials=pieces(world, "A1")).require()

    build.give_back(order, build.back(order, 2)).require()
    assert code(build.give_back(order, build.back(order, 1))) == "serial_required"
    build.give_back(order, build.back(order, 1, serials=["A1"])).require()
    assert code(track(world, "lot")) == "tracking_in_stock"
    sound()


def test_numbers_that_were_recorded_count_although_the_product_has_none_any_more() -> None:
    world = by_serial()
    shipment = waiting(world)
    record(world, shipment, "A1").require()
    track(world, "none").require()

    assert code(ship(shipment)) == "serials_missing"
    record(world, shipment, remove=("A1",)).require()
    ship(shipment).require()
    sound()


def test_the_pieces_of_a_kit_leave_and_come_back_by_number() -> None:
    world = by_serial()
    kit = f"KIT{build.serial()}"
    parts = [ComponentItem(sku=world.skus[0], quantity=2), ComponentItem(sku=world.skus[1], quantity=1)]  # fmt: skip
    upsert_products([ProductItem(sku=kit, name="Pair", components=parts)], actor=build.TESTER)[0].require()  # fmt: skip
    order = world.place((kit, 1))
    [shipment] = build.shipments(order)

    assert code(ship(shipment, serials=pieces(world, "A1"))) == "serials_missing"
    ship(shipment, serials=pieces(world, "A1", "A2")).require()
    assert code(build.give_back(order, build.back(order, restock=True, serials=["A1"]))) == "serial_required"  # fmt: skip
    build.give_back(order, build.back(order, restock=True, serials=["A1", "A2"])).require()
    sound()


def test_who_got_a_piece_is_found_by_its_number() -> None:
    world = by_serial()
    order, shipment = left(world, "SN-77")
    [row] = serial_page(build.TESTER, SerialFilters(q="sn-7", sku=world.skus[0], order_id=order, shipment_id=shipment, location=world.locations[0])).items  # fmt: skip

    assert (row.serial, row.order_id, row.shipment_status, row.returned_at) == ("SN-77", order, "shipped", None)  # fmt: skip
    assert serial_detail(build.TESTER, row.id) == row
    assert serial_page(build.TESTER, SerialFilters(q="SN-8")).items == []
    with pytest.raises(NotFound):
        serial_detail(Actor("user", "other", shop_ids=frozenset({order})), row.id)
    [slip] = slip_pages([shipment], actor=build.TESTER)
    assert slip["lines"][0]["lots"].replace("\u200b", "") in {"Serienummer: SN-77", "Serial number: SN-77"}  # fmt: skip


INSERT = (
    "insert into shipments_serial (id, shop_id, order_id, location_id, shipment_id, product_id, serial, recorded_at, recorded_by) "
    "select gen_random_uuid(), shop_id, order_id, location_id, shipment_id, product_id, {serial}, now(), 'x' "
    "from shipments_line, generate_series(1, {n}) n where shipment_id = %s"
)


@pytest.mark.parametrize(
    "statement",
    [
        "update shipments_shipment set status = 'shipped', shipped_at = now() where id = %s",
        INSERT.format(serial="'N' || n", n=3),
        INSERT.format(serial="'Gone'", n=1),
        INSERT.format(serial="' N'", n=1),
        "update shipments_line set serials = 1 where shipment_id = %s",
    ],
)
def test_the_database_refuses_what_the_commands_refuse(statement: str) -> None:
    world = by_serial()
    left(world, "GONE")
    shipment = waiting(world)
    with pytest.raises((IntegrityError, OperationalError)), transaction.atomic():
        sql.execute(statement, (shipment,))


def test_what_left_and_what_came_back_stays_recorded() -> None:
    world = by_serial()
    order, shipment = left(world, "A1", "A2")
    build.give_back(order, build.back(order, 1, serials=["A1"])).require()
    for statement in (
        "delete from shipments_serial where shipment_id = %s and serial = 'A1'",
        "delete from shipments_serial where shipment_id = %s and serial = 'A2'",
        "update shipments_serial set serial = 'B' where shipment_id = %s",
        "update shipments_serial set returned_at = null, return_line_id = null where shipment_id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql.execute(statement, (shipment,))
