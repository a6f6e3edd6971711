"""Random histories of pieces with serial numbers: whatever happens in whatever order, a piece is with one customer at most."""

from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.record_serials import RecordSerialsItem, record_serials
from orderwerk.shipments.serials import SerialPiece
from tests import build
from tests.histories.test_lot_histories import sound

pytestmark = pytest.mark.django_db
NUMBERS = ("A", "b", "B", "C", "D", "E", "F")
# What may be refused when it is asked for at the wrong moment; anything else is a bug.
EXPECTED = {
    "no_serials", "serial_not_kept", "serial_not_shipped", "serial_out", "serial_required", "serial_twice", "serials_missing",
    "serials_stay", "too_many_serials", "unknown_serial", "nothing_stays", "nothing_to_cancel", "returned", "shipment_cancelled",
    "too_many_to_cancel", "too_many_to_return", "nothing_to_pick", "pick_line_done", "being_picked", "serial_is_article",
}  # fmt: skip


class Warehouse:
    """One location where people do as they please with phones."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.world = build.world(locations=1, products=1, stock=1000)
        self.sku = self.world.skus[0]
        self.orders: list[UUID] = []
        self.track("serial")

    def track(self, how: Any) -> None:
        item = ProductItem(sku=self.sku, name="Phone", tracking=how)
        upsert_products([item], actor=build.TESTER)[0].require()

    def begin_or_end(self) -> list[Outcome]:
        self.track(self.dice.choice(("serial", "serial", "none")))
        return []

    def order(self) -> list[Outcome]:
        self.orders.append(self.world.place((self.sku, self.dice.randint(1, 3))))
        return []

    def _pieces(self, most: int) -> list[SerialPiece]:
        chosen = self.dice.choices(NUMBERS, k=self.dice.randint(0, most))
        return [SerialPiece(sku=self.sku, serial=serial) for serial in chosen]

    def _waiting(self) -> list[sql.Row]:
        return sql.fetch("select h.id, k.id, k.quantity, h.order_id from shipments_shipment h join shipments_line k on k.shipment_id = h.id and k.is_live where h.order_id = any(%s) and h.status = 'open' order by k.id", (self.orders,))  # fmt: skip

    def record(self) -> list[Outcome]:
        lines = self._waiting()
        if not lines:
            return []
        items = [
            RecordSerialsItem(shipment_id=self.dice.choice(lines)[0], add=self._pieces(2), remove=self._pieces(1))
            for _ in range(2)
        ]  # fmt: skip
        return list(record_serials(items, actor=build.TESTER))

    def pick(self) -> list[Outcome]:
        item = CreatePickListItem(location=self.world.locations[0], limit=self.dice.randint(1, 2))
        made = create_pick_lists([item], actor=build.TESTER)
        lines = sql.fetch("select id from picklists_line where is_open and order_id = any(%s) order by id", (self.orders,))  # fmt: skip
        if not lines:
            return list(made)
        items = [
            PickItem(pick_line_id=self.dice.choice(lines)[0], picked=1, serials=[piece.serial for piece in self._pieces(2)])
            for _ in range(2)
        ]  # fmt: skip
        return [*made, *pick_lines(items, actor=build.TESTER)]

    def give_up(self) -> list[Outcome]:
        lists = sql.fetch("select distinct pick_list_id from picklists_line where is_open and order_id = any(%s) order by 1", (self.orders,))  # fmt: skip
        if not lists:
            return []
        item = CancelPickListItem(pick_list_id=self.dice.choice(lists)[0])
        return list(cancel_pick_lists([item], actor=build.TESTER))

    def ship(self) -> list[Outcome]:
        lines = self._waiting()
        if not lines:
            return []
        shipment, line, quantity, _ = self.dice.choice(lines)
        part = [ShipLine(shipment_line_id=line, quantity=self.dice.randint(1, quantity))]
        free = self.dice.sample(("A", "B", "C", "D", "E", "F"), k=quantity)
        named = [SerialPiece(sku=self.sku, serial=serial) for serial in free]
        item = ShipItem(
            shipment_id=shipment,
            lines=self.dice.choice((None, None, part)),
            serials=self.dice.choice((None, named, named, self._pieces(3))),
        )
        return list(ship_shipments([item], actor=build.TESTER))

    def split(self) -> list[Outcome]:
        lines = self._waiting()
        if not lines:
            return []
        shipment, line, _, _ = self.dice.choice(lines)
        part = SplitLine(shipment_line_id=line, quantity=1)
        return list(split_shipments([SplitShipmentItem(shipment_id=shipment, lines=[part])], actor=build.TESTER))  # fmt: skip

    def merge(self) -> list[Outcome]:
        lines = self._waiting()
        pairs = [(a[0], b[0]) for a in lines for b in lines if a[3] == b[3] and a[0] != b[0]]
        if not pairs:
            return []
        into, other = self.dice.choice(pairs)
        item = MergeShipmentsItem(shipment_ids=[into, other])
        return list(merge_shipments([item], actor=build.TESTER))

    def undo(self) -> list[Outcome]:
        shipments = sql.fetch("select id from shipments_shipment where order_id = any(%s) and status <> 'cancelled' order by id", (self.orders,))  # fmt: skip
        if not shipments:
            return []
        item = CancelShipmentItem(shipment_id=self.dice.choice(shipments)[0])
        return list(cancel_shipments([item], actor=build.TESTER))

    def cancel(self) -> list[Outcome]:
        if not self.orders:
            return []
        order = self.dice.choice(self.orders)
        line = CancelLine(order_line_id=build.order_lines(order)[0], quantity=1)
        return list(cancel_orders([CancelItem(order_id=order, reason="x", lines=[line])], actor=build.TESTER))  # fmt: skip

    def back(self) -> list[Outcome]:
        if not self.orders:
            return []
        order = self.dice.choice(self.orders)
        out = [row[0] for row in sql.fetch("select s.serial from shipments_serial s join shipments_shipment h on h.id = s.shipment_id where s.order_id = %s and s.returned_at is null and h.status = 'shipped'", (order,))]  # fmt: skip
        serials = self.dice.choice((out[:1], out[:2], [self.dice.choice(NUMBERS)], []))
        pieces = self.dice.choice((len(serials) or 1, 1, 2))
        return [build.give_back(order, build.back(order, pieces, serials=serials))]


def pieces_out() -> None:
    """Of an order, no more pieces are out by number than are out at all."""
    wrong = sql.fetch(
        "select o.id from (select order_id, sum(shipped - returned) as pieces from orders_line group by 1) l join orders_order o on o.id = l.order_id "
        "where (select count(*) from shipments_serial s join shipments_shipment h on h.id = s.shipment_id and h.status = 'shipped' "
        "where s.order_id = o.id and s.returned_at is null) > l.pieces"
    )
    assert wrong == []


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_a_piece_is_with_one_customer_at_most_whatever_happens(seed: int) -> None:
    house = Warehouse(Random(seed))
    deeds: list[Callable[[], list[Outcome]]] = [
        house.order, house.order, house.record, house.record, house.ship, house.ship, house.split, house.merge, house.undo,
        house.cancel, house.back, house.back, house.begin_or_end, house.pick, house.pick, house.give_up,
    ]  # fmt: skip
    for step in range(30):
        outcomes = house.dice.choice(deeds)()

        assert {o.error.code for o in outcomes if o.error} <= EXPECTED
        pieces_out()
        if step % 6 == 5:
            sound()
