"""Lots: received with their day, picked first expired first out, never promised once blocked, and found again afterwards."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, transaction

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import BadInput
from orderwerk.core.outcome import Outcome
from orderwerk.flows.adjust_stock import AdjustItem, adjust_stock_levels
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.set_lots import LotItem, block_expired_lots, set_lots
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.returns.commands.inspect import InspectItem, inspect_returns
from orderwerk.shipments.lot_queries import (
    LotShipmentFilters,
    lot_shipment_page,
    lots_of_shipments,
)
from orderwerk.stock.commands.close_inbounds import CloseInboundItem, close_inbounds
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.relocate import RelocateItem, relocate_stock
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.transfer import TransferItem, transfer_stock_levels
from orderwerk.stock.commands.upsert_inbounds import InboundLineItem
from orderwerk.stock.lot_queries import LotFilters, lot_page, places_of_lot
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def in_days(n: int) -> Any:
    return clock.now().date() + timedelta(days=n)


def kept_by_lot(**fields: Any) -> build.World:
    """A world whose first product is kept by lot: nothing of it lies anywhere yet."""
    world = build.world(products=1, stock=0, **fields)
    upsert_products([ProductItem(sku=world.skus[0], name="Vaccine", tracking="lot")], actor=build.TESTER)[0].require()  # fmt: skip
    set_bins([BinItem(location=world.locations[0], bin=code, position=n) for n, code in enumerate(("A-1", "A-2"), 1)], actor=build.TESTER)  # fmt: skip
    return world


def receive(world: build.World, lot: str | None, quantity: int, days: int | None = None, place: str = "A-1", **fields: Any) -> Outcome:  # fmt: skip
    item = ReceiveItem(
        sku=world.skus[0], location=fields.pop("location", world.locations[0]), quantity=quantity, bin=place, lot=lot,
        expires_on=None if days is None else in_days(days), **fields,
    )  # fmt: skip
    return receive_stock([item], actor=build.TESTER)[0]


def stocked(**fields: Any) -> build.World:
    """LATE lies nearer than SOON: five pieces each."""
    world = kept_by_lot(**fields)
    receive(world, "LATE", 5, 90, "A-1").require()
    receive(world, "SOON", 5, 30, "A-2").require()
    return world


def lying(world: build.World) -> dict[tuple[str, str], int]:
    rows = sql.fetch(
        "select b.code, s.lot, s.quantity from stock_bin_stock s join stock_bin b on b.id = s.bin_id "
        "where s.product_id = %s and s.location_id = %s and s.quantity > 0",
        (world.product_ids[world.skus[0]], world.location_ids[world.locations[0]]),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def level(world: build.World) -> tuple[int, int, int]:
    row = sql.fetch(
        "select on_hand, allocated, blocked from stock_level where product_id = %s and location_id = %s",
        (world.product_ids[world.skus[0]], world.location_ids[world.locations[0]]),
    )[0]
    return row[0], row[1], row[2]


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def pick_list(world: build.World, order_id: UUID) -> UUID:
    item = CreatePickListItem(
        location=world.locations[0], shipment_ids=build.shipments(order_id, "open")
    )
    made = create_pick_lists([item], actor=build.TESTER)[0].require().id
    assert made is not None
    return made


def lines_of(key: UUID) -> list[tuple[UUID, str, int]]:
    rows = sql.fetch("select id, lot, quantity from picklists_line where pick_list_id = %s order by position", (key,))  # fmt: skip
    return [(row[0], row[1], row[2]) for row in rows]


def picked(world: build.World, order_id: UUID) -> UUID:
    key = pick_list(world, order_id)
    complete_pick_lists([CompleteItem(pick_list_id=key)], actor=build.TESTER)[0].require()
    return key


def ship(order_id: UUID) -> Outcome:
    [shipment] = build.shipments(order_id, "open")
    return ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0]


def block(world: build.World, lot: str, **fields: Any) -> Outcome:
    fields = fields or {"blocked": True, "reason": "recalled"}
    return set_lots([LotItem(sku=world.skus[0], lot=lot, **fields)], actor=build.TESTER)[0]


def got(world: build.World, lot: str) -> list[tuple[UUID, int]]:
    filters = LotShipmentFilters(sku=world.skus[0], lot=lot)
    return [(row.order_id, row.quantity) for row in lot_shipment_page(build.TESTER, filters).items]


def test_pieces_come_in_with_their_lot_and_a_lot_keeps_its_day() -> None:
    world = kept_by_lot()

    refused = [receive(world, None, 1), receive(world, "X", 0 + 1, 30)]
    again = [receive(world, "X", 2), receive(world, "X", 2, 30), receive(world, "X", 2, 31)]

    assert [code(o) for o in refused] == ["lot_required", None]
    assert [code(o) for o in again] == [None, None, "other_expiry"]
    assert lying(world) == {("A-1", "X"): 5}
    other = build.world(products=1, stock=0)
    assert code(receive(other, "X", 1, place="DEFAULT")) == "lot_not_kept"
    sound()


def test_what_expires_first_is_picked_first_wherever_it_lies() -> None:
    world = stocked()
    order_id = world.place((world.skus[0], 7))

    key = pick_list(world, order_id)

    assert sorted((lot, n) for _, lot, n in lines_of(key)) == [("LATE", 2), ("SOON", 5)]
    sound()


def test_the_lots_that_left_are_on_the_shipment_and_found_again() -> None:
    world = stocked()
    first, second = world.place((world.skus[0], 3)), world.place((world.skus[0], 4))
    for order_id in (first, second):
        picked(world, order_id)
    [waiting] = build.shipments(second, "open")
    staged = [(row.lot, row.quantity) for row in lots_of_shipments([waiting])[waiting]]

    for order_id in (second, first):
        ship(order_id).require()

    assert staged == [("SOON", 2), ("LATE", 2)]
    [left] = build.shipments(first, "shipped")
    assert [(row.lot, row.quantity) for row in lots_of_shipments([left])[left]] == [("SOON", 3)]
    assert sorted(got(world, "SOON")) == sorted([(first, 3), (second, 2)])
    assert got(world, "LATE") == [(second, 2)]
    assert lying(world) == {("A-1", "LATE"): 3}
    sound()


def test_a_shop_that_ships_without_picking_ships_what_expires_first() -> None:
    world = stocked()
    order_id = world.place((world.skus[0], 6))

    ship(order_id).require()

    assert got(world, "SOON") == [(order_id, 5)]
    assert got(world, "LATE") == [(order_id, 1)]
    sound()


def test_a_picker_may_take_another_lot_and_the_books_say_which() -> None:
    world = stocked()
    order_id = world.place((world.skus[0], 2))
    key = pick_list(world, order_id)
    [(line, lot, _)] = lines_of(key)
    assert lot == "SOON"

    def take(**fields: Any) -> Outcome:
        return pick_lines([PickItem(pick_line_id=line, **fields)], actor=build.TESTER)[0]

    assert (
        code(take(picked=1, lot="LATE")) == "not_enough_stock"
    )  # it does not lie in the line's bin
    take(picked=1, lot="LATE", bin="A-1").require()
    take(picked=1).require()
    sound()
    assert lying(world) == {("A-1", "LATE"): 4, ("A-2", "SOON"): 4, ("STAGING", "LATE"): 1, ("STAGING", "SOON"): 1}  # fmt: skip

    # What goes back goes back as the lot that it is.
    [shipment] = build.shipments(order_id, "open")
    cancel_shipments([CancelShipmentItem(shipment_id=shipment)], actor=build.TESTER)[0].require()

    assert sum(n for (_, each), n in lying(world).items() if each == "LATE") == 5
    assert sum(n for (_, each), n in lying(world).items() if each == "SOON") == 5
    sound()


def test_a_claim_that_is_split_gives_back_the_lots_that_are_still_there() -> None:
    world = stocked()
    order_id = world.place((world.skus[0], 7))
    picked(world, order_id)
    [shipment] = build.shipments(order_id, "open")
    [(line,)] = sql.fetch("select id from shipments_line where shipment_id = %s", (shipment,))
    part = ShipItem(shipment_id=shipment, lines=[ShipLine(shipment_line_id=line, quantity=4)])
    ship_shipments([part], actor=build.TESTER)[0].require()
    [rest] = build.shipments(order_id, "open")

    cancel_shipments([CancelShipmentItem(shipment_id=rest)], actor=build.TESTER)[0].require()

    assert got(world, "SOON") == [(order_id, 4)]
    sound()
    assert sum(lying(world).values()) == 6


def test_what_is_blocked_is_promised_to_nobody_and_whoever_had_it_is_routed_again() -> None:
    world = stocked()
    listed = world.place((world.skus[0], 4))
    key = pick_list(world, listed)
    waiting = world.place((world.skus[0], 6))
    assert level(world) == (10, 10, 0)

    outcome = block(world, "SOON")

    assert outcome.require().data["released"] == 5
    assert level(world) == (10, 5, 5)
    assert build.order(waiting)["status"] == "awaiting_stock"
    assert [lot for _, lot, n in lines_of(key)] == ["SOON"]
    sound()
    assert code(block(world, "SOON", blocked=True)) == "block_reason"

    block(world, "SOON", blocked=False).require()
    allocate_orders([AllocateItem(order_id=waiting), AllocateItem(order_id=listed)], actor=build.TESTER)  # fmt: skip

    assert level(world) == (10, 10, 0)
    sound()


def test_a_lot_whose_day_is_over_is_blocked_by_itself_and_can_be_written_off() -> None:
    world = stocked()
    order_id = world.place((world.skus[0], 8))
    with clock.told(clock.now() + timedelta(days=31)):
        assert block_expired_lots(actor=build.TESTER) == 1
        assert block_expired_lots(actor=build.TESTER) == 0
        assert level(world) == (10, 5, 5)
        assert build.order(order_id)["units_allocated"] == 5
        sound()

        assert code(block(world, "SOON", blocked=False)) == "lot_expired"
        gone = AdjustItem(sku=world.skus[0], location=world.locations[0], bin="A-2", lot="SOON", difference=-5, reason="expired")  # fmt: skip
        adjust_stock_levels([gone], actor=build.TESTER)[0].require()

        assert level(world) == (5, 5, 0)
        sound()
        block(world, "SOON", expires_on=in_days(10)).require()
        assert receive(world, "OLD", 3, -1).require().data["available"] == 0
        assert level(world)[2] == 3
    sound()


def test_a_line_whose_lot_is_over_is_not_picked_even_before_it_is_blocked() -> None:
    world = stocked()
    key = pick_list(world, world.place((world.skus[0], 1)))
    [(line, _, _)] = lines_of(key)
    with clock.told(clock.now() + timedelta(days=31)):
        outcomes = [
            *pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER),
            *complete_pick_lists([CompleteItem(pick_list_id=key)], actor=build.TESTER),
        ]
    assert [code(o) for o in outcomes] == ["lot_blocked", "lot_blocked"]


def test_a_list_of_which_a_blocked_lot_was_picked_is_not_given_up() -> None:
    world = stocked()
    other = build.world(locations=1, products=1, stock=0)
    world.count(world.locations[0], {other.skus[0]: 5})
    key = pick_list(world, world.place((world.skus[0], 1), (other.skus[0], 1)))
    [line] = [each for each, lot, _ in lines_of(key) if lot]
    pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0].require()
    block(world, "SOON").require()

    refused = cancel_pick_lists([CancelPickListItem(pick_list_id=key)], actor=build.TESTER)

    assert code(refused[0]) == "lot_blocked"


def test_what_is_picked_of_a_blocked_lot_stays_here_until_it_is_taken_back() -> None:
    world = stocked()
    order_id = world.place((world.skus[0], 2))
    key = pick_list(world, order_id)
    [(line, _, _)] = lines_of(key)
    pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0].require()

    assert block(world, "SOON").require().data["picked"] == 1
    [shipment] = build.shipments(order_id, "open")
    refused = [ship(order_id), *cancel_pick_lists([CancelPickListItem(pick_list_id=key)], actor=build.TESTER)]  # fmt: skip
    back = cancel_shipments([CancelShipmentItem(shipment_id=shipment)], actor=build.TESTER)[0]

    assert [code(o) for o in refused] == ["lot_blocked", "pick_list_finished"]
    back.require()
    assert level(world)[2] == 5
    sound()


def test_what_left_with_a_lot_that_is_blocked_by_now_comes_back_as_a_return() -> None:
    world = stocked()
    order_id = world.place((world.skus[0], 2))
    ship(order_id).require()
    block(world, "SOON").require()
    [left] = build.shipments(order_id, "shipped")

    assert code(cancel_shipments([CancelShipmentItem(shipment_id=left)], actor=build.TESTER)[0]) == "lot_blocked_since"  # fmt: skip
    build.give_back(order_id, build.back(order_id, 1, restock=True)).require()

    assert lying(world)[("DEFAULT", "SOON")] == 1
    assert level(world) == (9, 0, 4)
    sound()


def test_a_return_of_several_lots_says_which_one_it_is() -> None:
    world = stocked()
    order_id = world.place((world.skus[0], 6))
    ship(order_id).require()

    def back(**fields: Any) -> Outcome:
        return build.give_back(order_id, build.back(order_id, 1, restock=True, **fields))

    assert [code(back()), code(back(lot="NONE")), code(back(lot="LATE"))] == ["lot_required", "lot_not_shipped", None]  # fmt: skip
    assert code(build.give_back(order_id, build.back(order_id, 1, disposition="dispose", lot="LATE"))) == "not_restocked"  # fmt: skip
    assert lying(world)[("DEFAULT", "LATE")] == 1
    sound()


def test_what_left_before_lots_were_kept_is_received_anew() -> None:
    world = build.world(products=1, stock=1)
    world.count(world.locations[1], {world.skus[0]: 0})
    order_id = build.shipped(world, (world.skus[0], 1))
    kept = ProductItem(sku=world.skus[0], name="Vaccine", tracking="lot")
    upsert_products([kept], actor=build.TESTER)[0].require()

    refused = [build.give_back(order_id, build.back(order_id, 1, restock=True, **lot)) for lot in ({}, {"lot": "A"})]  # fmt: skip
    build.give_back(order_id, build.back(order_id, 1, disposition="second_grade")).require()
    receive(world, "A", 1, 30, "DEFAULT").require()

    assert [code(o) for o in refused] == ["lot_never_known", "lot_never_known"]
    assert lying(world) == {("DEFAULT", "A"): 1}
    sound()


def test_counts_and_corrections_name_bin_and_lot() -> None:
    world = stocked()

    def count(**fields: Any) -> Outcome:
        return count_stock_levels([CountItem(sku=world.skus[0], location=world.locations[0], **fields)], actor=build.TESTER)[0]  # fmt: skip

    refused = [count(quantity=5), count(quantity=5, bin="A-1"), count(quantity=5, lot="SOON"), count(quantity=5, bin="A-1", lot="NEW")]  # fmt: skip
    count(quantity=4, bin="A-2", lot="SOON").require()

    assert [code(o) for o in refused] == ["lot_required", "lot_required", "bin_required", "unknown_lot"]  # fmt: skip
    assert lying(world) == {("A-1", "LATE"): 5, ("A-2", "SOON"): 4}
    sound()


def test_a_bin_of_two_lots_is_counted_when_both_are() -> None:
    world = stocked()
    receive(world, "SOON", 2, place="A-1").require()
    order_id = world.place((world.skus[0], 12))
    key = pick_list(world, order_id)
    line = next(line for line, lot, n in lines_of(key) if lot == "LATE")
    pick_lines([PickItem(pick_line_id=line, picked=4, short=1, reason="damaged")], actor=build.TESTER)[0].require()  # fmt: skip

    def waiting() -> int:
        return sql.fetch("select count(*) from stock_count_request where location_id = %s and closed_at is null", (world.location_ids[world.locations[0]],))[0][0]  # fmt: skip

    def count(lot: str, quantity: int) -> None:
        item = CountItem(sku=world.skus[0], location=world.locations[0], bin="A-1", lot=lot, quantity=quantity)  # fmt: skip
        count_stock_levels([item], actor=build.TESTER)[0].require()

    steps = [waiting()]
    count("LATE", 0)
    steps.append(waiting())
    count("SOON", 2)
    steps.append(waiting())

    assert steps == [1, 1, 0]
    sound()


def test_goods_move_from_bin_to_bin_with_their_lot() -> None:
    world = stocked()
    receive(world, "LATE", 1, place="A-2").require()

    def move(**fields: Any) -> Outcome:
        return relocate_stock([RelocateItem(sku=world.skus[0], location=world.locations[0], origin="A-2", to="A-1", quantity=1, **fields)], actor=build.TESTER)[0]  # fmt: skip

    assert [code(move()), code(move(lot="SOON")), code(move(lot="LATE")), code(move())] == ["lot_required", None, None, None]  # fmt: skip
    assert lying(world) == {("A-1", "LATE"): 6, ("A-1", "SOON"): 2, ("A-2", "SOON"): 3}
    sound()


def test_lots_keep_their_names_from_one_location_to_the_other() -> None:
    world = stocked()
    here, there = world.locations
    item = TransferItem(sku=world.skus[0], origin=here, to=there, quantity=6)
    transfer_stock_levels([item], actor=build.TESTER)[0].require()
    rows = lot_page(build.TESTER, LotFilters(sku=world.skus[0])).items
    places = {row.lot: {(p.location, p.quantity) for p in places_of_lot(build.TESTER, row)} for row in rows}  # fmt: skip

    assert places == {"SOON": {(there, 5)}, "LATE": {(here, 4), (there, 1)}}
    sound()


def test_a_transfer_brings_the_lots_that_it_sent_and_the_rest_goes_back() -> None:
    world = stocked()
    here, there = world.locations
    send = SendItem(origin=here, to=there, lines=[InboundLineItem(sku=world.skus[0], quantity=6)])
    sent = send_transfers([send], actor=build.TESTER)[0].require()

    def come(lot: str, n: int) -> Outcome:
        return receive(world, lot, n, place="DEFAULT", location=there, inbound=sent.data["number"])

    assert [code(come("LATE", 2)), code(come("SOON", 3)), code(come("OTHER", 1))] == ["lot_not_sent", None, "lot_not_sent"]  # fmt: skip
    assert sent.id is not None
    close = CloseInboundItem(inbound_id=sent.id, reason="fell off", back_to_origin=True)
    close_inbounds([close], actor=build.TESTER)[0].require()

    assert lying(world) == {("A-1", "LATE"): 4, ("DEFAULT", "LATE"): 1, ("DEFAULT", "SOON"): 2}
    sound()


def test_how_a_product_is_kept_changes_only_while_nothing_is_there() -> None:
    world = stocked()
    item = ProductItem(sku=world.skus[0], name="Vaccine", tracking="none")

    assert code(upsert_products([item], actor=build.TESTER)[0]) == "tracking_in_stock"
    with pytest.raises(IntegrityError, match="changes only while there are none"), transaction.atomic():  # fmt: skip
        sql.execute("update catalog_product set tracking = 'none' where sku = %s", (world.skus[0],))


def test_the_database_refuses_pieces_without_their_lot_and_blocked_counters_by_hand() -> None:
    world = stocked()
    key = (world.product_ids[world.skus[0]], world.location_ids[world.locations[0]])
    movement = (
        "insert into stock_movement (id, at, product_id, location_id, bin_id, lot, delta, kind, source_id, reason, actor_name) "
        "select gen_random_uuid(), now(), %s, %s, (select id from stock_bin where location_id = %s and code = 'A-1'), %s, 1, "
        "'adjusted', gen_random_uuid(), '', 'x'"
    )
    with pytest.raises(IntegrityError, match="never came in"), transaction.atomic():
        sql.execute(movement, (*key, key[1], "NEVER"))
    # As after a change of the product that somebody else made meanwhile: the transaction would run again.
    with pytest.raises(OperationalError, match="name their lot"), transaction.atomic():
        sql.execute(movement, (*key, key[1], ""))
    with pytest.raises(IntegrityError, match="only with its lot"), transaction.atomic():
        sql.execute("update stock_level set blocked = 1 where product_id = %s and location_id = %s", key)  # fmt: skip


def test_blocking_lots_runs_the_same_number_of_statements_for_one_and_for_seven() -> None:
    counts = []
    for n in (1, 7):
        world = kept_by_lot()
        for i in range(n):
            receive(world, f"L{i}", 5, 30 + i).require()
        world.place((world.skus[0], 3 * n))
        items = [LotItem(sku=world.skus[0], lot=f"L{i}", blocked=True, reason="recalled") for i in range(n)]  # fmt: skip
        with sql.count_statements() as counted:
            outcomes = set_lots(items, actor=build.TESTER)
        assert all(o.ok for o in outcomes)
        counts.append(counted.total)
        assert level(world) == (5 * n, 0, 5 * n)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("lot", [" ", " A", "A ", "A\u2028B", "\u00a0A"])
def test_a_lot_has_no_space_around_it_that_nobody_sees(lot: str) -> None:
    with pytest.raises(BadInput, match="without spaces"):
        convert({"sku": "a", "location": "b", "quantity": 1, "lot": lot}, ReceiveItem)


def test_a_lot_that_somebody_blocked_stays_so_when_its_day_is_corrected_whatever_the_reason_says() -> None:  # fmt: skip
    world = stocked()
    block(world, "SOON", blocked=True, reason="expired").require()

    assert block(world, "SOON", expires_on=in_days(20)).require().data["blocked"]
    assert not block(world, "SOON", blocked=False).require().data["blocked"]


def test_what_is_over_leaves_no_more_even_before_it_is_blocked() -> None:
    world = stocked()
    staged, first, second = (world.place((world.skus[0], n)) for n in (1, 4, 3))
    picked(world, staged)
    with clock.told(clock.now() + timedelta(days=31)):
        outcomes = [ship(order_id) for order_id in (staged, first, second)]

    assert [code(o) for o in outcomes] == ["lot_blocked", None, "lot_blocked"]
    assert lying(world) == {("STAGING", "SOON"): 1, ("A-2", "SOON"): 4, ("A-1", "LATE"): 1}


def test_no_more_pieces_of_a_lot_come_back_than_left_with_it() -> None:
    world = stocked()
    order_id = world.place((world.skus[0], 7))
    ship(order_id).require()

    def back(*lines: tuple[int, str | None]) -> str | None:
        named = [build.back(order_id, n, restock=True, lot=lot) for n, lot in lines]
        return code(build.give_back(order_id, *named))

    refused = [back((3, "LATE")), back((1, "LATE"), (2, "LATE")), back((2, "LATE"), (6, "SOON"))]
    taken = [back((1, "LATE"), (1, "LATE")), back((1, "LATE")), back((5, None)), back((1, None))]

    assert refused == ["more_than_left", "more_than_left", "too_many_to_return"]
    assert taken == [None, "more_than_left", None, "too_many_to_return"]
    assert lying(world) == {("DEFAULT", "LATE"): 2, ("DEFAULT", "SOON"): 5, ("A-1", "LATE"): 3}
    sound()


def test_pieces_that_are_decided_later_take_no_more_of_a_lot_either() -> None:
    world = stocked()
    order_id = world.place((world.skus[0], 6))
    ship(order_id).require()
    for _ in range(2):
        build.give_back(order_id, build.back(order_id, 1)).require()
    lines = [row[0] for row in sql.fetch("select id from returns_line where order_id = %s", (order_id,))]  # fmt: skip

    outcomes = inspect_returns([InspectItem(return_line_id=line, disposition="restock", lot="LATE") for line in lines], actor=build.TESTER)  # fmt: skip

    assert [code(o) for o in outcomes] == [None, "more_than_left"]
    assert lying(world)[("DEFAULT", "LATE")] == 1


def test_who_is_limited_keeps_a_lot_back_but_does_not_let_it_go() -> None:
    world = stocked()
    here = replace(build.TESTER, location_ids=frozenset(world.location_ids.values()))
    shop = replace(build.TESTER, shop_ids=frozenset({world.shop_id}))

    def told(actor: Actor, **fields: Any) -> str | None:
        return code(set_lots([LotItem(sku=world.skus[0], lot="SOON", **fields)], actor=actor)[0])

    assert told(here, blocked=True, reason="mould") is None
    for actor in (here, shop):
        assert told(actor, blocked=False) == "limited"
        assert told(actor, expires_on=in_days(500)) == "limited"
    assert told(build.TESTER, blocked=False) is None


def wants_days(world: build.World, days: int) -> None:
    item = ProductItem(sku=world.skus[0], name="Vaccine", min_shelf_days=days)
    upsert_products([item], actor=build.TESTER)[0].require()


def test_a_lot_with_too_few_days_left_is_neither_claimed_nor_picked() -> None:
    world = stocked()
    order = world.place((world.skus[0], 8))
    assert build.order(order)["status"] == "awaiting_shipment"

    wants_days(world, 30)
    soon = in_days(29)
    sql.execute("update stock_lot set expires_on = %s where code = 'SOON'", (soon,))
    assert block_expired_lots(actor=build.TESTER) == 1

    # What was claimed of it is given back at once, and nothing of it is claimed again.
    assert sum(claim[2] for claim in build.allocations(order, "allocated")) == 5
    assert build.order(order)["status"] == "awaiting_stock"
    [kept_back] = [row for row in lot_page(build.TESTER, LotFilters(sku=world.skus[0])).items if row.lot == "SOON"]  # fmt: skip
    assert (kept_back.is_blocked, kept_back.blocked_reason) == (True, "expired")
    refused = set_lots([LotItem(sku=world.skus[0], lot="SOON", blocked=False)], actor=build.TESTER)[0]  # fmt: skip
    assert refused.error is not None
    assert refused.error.code == "lot_expired"
    sound()


def test_a_lot_that_comes_in_with_too_few_days_left_is_kept_back_at_once() -> None:
    world = kept_by_lot()
    wants_days(world, 30)

    receive(world, "SHORT", 5, 29).require()
    receive(world, "LONG", 5, 30).require()

    order = world.place((world.skus[0], 8))
    assert sum(claim[2] for claim in build.allocations(order)) == 5
    assert block_expired_lots(actor=build.TESTER) == 0
    # With another wish of the product a person lets it go.
    wants_days(world, 0)
    set_lots([LotItem(sku=world.skus[0], lot="SHORT", blocked=False)], actor=build.TESTER)[0].require()  # fmt: skip
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()
    assert sum(claim[2] for claim in build.allocations(order)) == 8
    sound()
