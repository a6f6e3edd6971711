"""Random histories of a product that is kept by lot: whatever happens in whatever order, every piece keeps its lot."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderwerk.checks import floor, goods
from orderwerk.core import clock, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.set_lots import LotItem, set_lots
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.relocate import RelocateItem, relocate_stock
from tests import build
from tests.stock.test_lots import kept_by_lot

pytestmark = pytest.mark.django_db
LOTS, BINS = ("L1", "L2", "L3"), ("A-1", "A-2")
# What may be refused when it is asked for at the wrong moment; anything else is a bug.
EXPECTED = {
    "lot_blocked", "lot_blocked_since", "lot_expired", "lot_required", "lot_not_shipped", "not_enough_stock", "unknown_lot",
    "nothing_to_pick", "pick_list_finished", "being_picked", "picked_is_more", "returned", "shipment_cancelled", "shipment_shipped",
    "too_many_to_return", "same_bin", "not_picked", "unknown_location",
}  # fmt: skip


class Warehouse:
    """One location where people do as they please."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.world = kept_by_lot()
        self.sku, self.place = self.world.skus[0], self.world.locations[0]
        self.orders: list[UUID] = []

    def _ids(self, statement: str) -> list[UUID]:
        return [row[0] for row in sql.fetch(statement, (self.orders,))]

    def receive(self) -> list[Outcome]:
        lot = self.dice.choice(LOTS)
        day = clock.now().date() + timedelta(days=30 * int(lot[1]))
        item = ReceiveItem(sku=self.sku, location=self.place, quantity=self.dice.randint(1, 5), bin=self.dice.choice(BINS), lot=lot, expires_on=day)  # fmt: skip
        return list(receive_stock([item], actor=build.TESTER))

    def order(self) -> list[Outcome]:
        self.orders.append(self.world.place((self.sku, self.dice.randint(1, 4))))
        return []

    def walk(self) -> list[Outcome]:
        item = CreatePickListItem(location=self.place, kind=self.dice.choice(("single", "batch")))
        return list(create_pick_lists([item], actor=build.TESTER))

    def pick(self) -> list[Outcome]:
        lines = sql.fetch("select id, quantity - picked - short - cancelled from picklists_line where order_id = any(%s) and is_open order by id", (self.orders,))  # fmt: skip
        if not lines:
            return []
        line, left = self.dice.choice(lines)
        picked = self.dice.randint(0, left)
        short = self.dice.choice((0, left - picked)) if picked else left
        reason = self.dice.choice(("damaged", "missing")) if short else ""
        other = self.dice.choice((None, None, *LOTS))
        item = PickItem(pick_line_id=line, picked=picked, short=short, reason=reason, lot=other)
        return list(pick_lines([item], actor=build.TESTER))

    def finish(self) -> list[Outcome]:
        lists = self._ids("select distinct pick_list_id from picklists_line where order_id = any(%s) and is_open order by 1")  # fmt: skip
        if not lists:
            return []
        key = self.dice.choice(lists)
        if self.dice.random() < 0.4:
            return list(cancel_pick_lists([CancelPickListItem(pick_list_id=key)], actor=build.TESTER))  # fmt: skip
        return list(complete_pick_lists([CompleteItem(pick_list_id=key)], actor=build.TESTER))

    def ship(self) -> list[Outcome]:
        lines = sql.fetch("select h.id, k.id, k.quantity from shipments_shipment h join shipments_line k on k.shipment_id = h.id and k.is_live where h.order_id = any(%s) and h.status = 'open' order by k.id", (self.orders,))  # fmt: skip
        if not lines:
            return []
        shipment, line, quantity = self.dice.choice(lines)
        part = [ShipLine(shipment_line_id=line, quantity=self.dice.randint(1, quantity))]
        item = ShipItem(shipment_id=shipment, lines=self.dice.choice((None, part)))
        return list(ship_shipments([item], actor=build.TESTER))

    def undo(self) -> list[Outcome]:
        shipments = self._ids("select id from shipments_shipment where order_id = any(%s) and status <> 'cancelled' order by id")  # fmt: skip
        if not shipments:
            return []
        item = CancelShipmentItem(shipment_id=self.dice.choice(shipments))
        return list(cancel_shipments([item], actor=build.TESTER))

    def block(self) -> list[Outcome]:
        blocked = self.dice.random() < 0.6
        item = LotItem(sku=self.sku, lot=self.dice.choice(LOTS), blocked=blocked, reason="recalled" if blocked else "")  # fmt: skip
        return list(set_lots([item], actor=build.TESTER))

    def count(self) -> list[Outcome]:
        item = CountItem(sku=self.sku, location=self.place, bin=self.dice.choice(BINS), lot=self.dice.choice(LOTS), quantity=self.dice.randint(0, 5))  # fmt: skip
        return list(count_stock_levels([item], actor=build.TESTER))

    def move(self) -> list[Outcome]:
        origin, to = self.dice.choice((BINS, BINS[::-1]))
        item = RelocateItem(sku=self.sku, location=self.place, origin=origin, to=to, quantity=1, lot=self.dice.choice((None, *LOTS)))  # fmt: skip
        return list(relocate_stock([item], actor=build.TESTER))

    def back(self) -> list[Outcome]:
        if not self.orders:
            return []
        order = self.dice.choice(self.orders)
        lot = self.dice.choice(LOTS)
        return [build.give_back(order, build.back(order, 1, restock=True, lot=lot, location=self.place))]  # fmt: skip


def sound() -> None:
    sql.execute("set constraints all immediate")
    sql.execute("set constraints all deferred")
    for invariant in (*goods.INVARIANTS, *floor.INVARIANTS):
        assert sql.fetch(invariant.sql) == [], invariant.id


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_every_piece_keeps_its_lot_whatever_happens(seed: int) -> None:
    house = Warehouse(Random(seed))
    deeds: list[Callable[[], list[Outcome]]] = [
        house.receive, house.receive, house.order, house.order, house.walk, house.pick, house.finish, house.ship, house.undo,
        house.block, house.count, house.move, house.back,
    ]  # fmt: skip
    for step in range(24):
        outcomes = house.dice.choice(deeds)()

        assert {o.error.code for o in outcomes if o.error} <= EXPECTED
        if step % 6 == 5:
            sound()
