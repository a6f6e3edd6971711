"""Lots under real concurrency: nothing of a blocked lot is promised or leaves unseen, and no piece loses its lot."""

import threading
import time
from functools import partial
from typing import Any

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import unit_of_work
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.set_lots import LotItem, set_lots
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.orders.counters import lock_orders
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.transfer import TransferItem, transfer_stock_levels
from tests import build
from tests.races.test_shipments import _healthy, _outcomes
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def kept_by_lot() -> tuple[build.World, Any]:
    world = build.world(locations=1, products=1, stock=0)
    kept = ProductItem(sku=world.skus[0], name="Vaccine", tracking="lot")
    upsert_products([kept], actor=build.TESTER)[0].require()

    def receive(lot: str, quantity: int) -> Any:
        item = ReceiveItem(
            sku=world.skus[0], location=world.locations[0], quantity=quantity, lot=lot
        )
        return partial(receive_stock, [item], actor=build.TESTER)

    return world, receive


def test_a_recall_orders_receipts_and_shipments_at_once_leave_nothing_blocked_promised() -> None:
    world, receive = kept_by_lot()
    receive("A", 6)()
    receive("B", 4)()
    leaving = world.place((world.skus[0], 3))
    [shipment] = build.shipments(leaving)
    block = LotItem(sku=world.skus[0], lot="A", blocked=True, reason="recalled")

    results = together([
        partial(set_lots, [block], actor=build.TESTER),
        partial(ship_shipments, [ShipItem(shipment_id=shipment)], actor=build.TESTER),
        *[partial(place_orders, [world.document((world.skus[0], 2))], actor=build.TESTER) for _ in range(3)],
        *[receive("A", 2)] * 2,
    ])  # fmt: skip

    outcomes = _outcomes(results)
    assert outcomes[0].ok
    assert all(o.ok for o in outcomes[2:])
    [(on_hand, allocated, blocked)] = sql.fetch("select on_hand, allocated, blocked from stock_level")  # fmt: skip
    shipped_of_a = 10 - int(
        sql.fetch("select coalesce(sum(quantity), 0) from stock_bin_stock where lot = 'A'")[0][0]
    )
    assert blocked == 10 - shipped_of_a
    assert allocated <= on_hand - blocked
    _healthy()


def test_how_a_product_is_kept_does_not_change_under_goods_that_come_in() -> None:
    world, receive = kept_by_lot()
    back = ProductItem(sku=world.skus[0], name="Vaccine", tracking="none")

    results = together([partial(upsert_products, [back], actor=build.TESTER), *[receive("A", 1)] * 4])  # fmt: skip

    outcomes = _outcomes(results)
    [(tracking,)] = sql.fetch("select tracking from catalog_product where sku = %s", (world.skus[0],))  # fmt: skip
    came = [o.ok for o in outcomes[1:]]
    assert tracking == ("none" if outcomes[0].ok else "lot")
    assert all(came) if tracking == "lot" else not any(came)
    _healthy()


def _wait_for_a_waiter() -> None:
    for _ in range(1200):
        if sql.fetch("select 1 from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0"):  # fmt: skip
            return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_a_lot_that_reaches_another_location_and_is_claimed_there_is_blocked_there_too() -> None:
    world = build.world(locations=2, products=1, stock=0)
    sku, (here, there) = world.skus[0], world.locations
    upsert_products([ProductItem(sku=sku, name="Vaccine", tracking="lot")], actor=build.TESTER)[0].require()  # fmt: skip
    receive_stock([ReceiveItem(sku=sku, location=here, quantity=6, lot="A")], actor=build.TESTER)[0].require()  # fmt: skip
    first = world.place((sku, 2))
    looked, done = threading.Event(), threading.Event()

    def hold() -> None:
        """Keep the order that loses its claim until the pieces lie elsewhere, promised to others."""
        with unit_of_work(build.TESTER) as unit:
            lock_orders(unit, [first])
            looked.set()
            assert done.wait(60)

    def move() -> None:
        assert looked.wait(60)
        _wait_for_a_waiter()
        transfer_stock_levels([TransferItem(sku=sku, origin=here, to=there, quantity=4)], actor=build.TESTER)[0].require()  # fmt: skip
        world.place((sku, 4))
        done.set()

    def block() -> list[Outcome]:
        assert looked.wait(60)
        return set_lots([LotItem(sku=sku, lot="A", blocked=True, reason="recalled")], actor=build.TESTER)  # fmt: skip

    results = together([hold, move, block])

    outcomes = results[2]
    assert isinstance(outcomes, list), results
    assert outcomes[0].require().data["released"] == 6
    assert sql.fetch("select sum(on_hand), sum(allocated), sum(blocked) from stock_level") == [(6, 0, 6)]  # fmt: skip
    _healthy()
