"""Backorders released when goods come in: the job of the product against one hand-written statement for the same rows.

Many paid orders of three lines wait for 500 products; the goods are received through the product, and the job that follows is
timed: who waits, in which order, and claiming for them. It works in batches, so that nobody waits long for the stock that it
locks; the statements of each batch are counted, and must not depend on how many orders are in it. The floor knows beforehand
which orders get what, and writes the rows.

    python -m bench.backorders [--orders 10000] [--rounds 3]

Exit status 1 when batches differ in statements, an order does not get all of its goods, or the median ratio is below its budget.
"""

import argparse
import random
import statistics
import sys
from typing import Any

from bench.bounds import parsed
from bench.budgets import BUDGETS, verdict
from bench.commands import _run, documents, place
from bench.floors import ALLOCATE
from bench.ground import fresh_database, seconds, spread

_PRODUCTS = 500


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parsed(parser, minutes=30)
    figures: dict[str, list[tuple[float, float]]] = {}
    statements: dict[str, set[int]] = {}
    with fresh_database():
        _earlier_orders()
        for number in range(options.rounds):
            for name, batch in (("in batches", None), ("all at once", options.orders)):
                ours, floor, counted = _round(number, options.orders, batch)
                figures.setdefault(name, []).append((ours, floor))
                statements.setdefault(name, set()).update(counted)
    print(
        f"{options.orders} backorders, {options.rounds} rounds: seconds of the product, of the floor; ratio = floor / product; "
        "statements of a batch"
    )
    good = True
    for name, pairs in figures.items():
        ratios = [floor / ours for ours, floor in pairs]
        ratio, counts = statistics.median(ratios), len(statements[name])
        good = good and BUDGETS["P13"].keeps(counts) and BUDGETS["P5"].keeps(ratio)
        print(
            f"{name:12s} {spread([p[0] for p in pairs]):24s} {spread([p[1] for p in pairs]):24s} {spread(ratios):24s} {verdict('P5', ratio)} "
            f"{' or '.join(str(n) for n in sorted(statements[name]))}, {verdict('P13', counts)}"
        )
    sys.exit(0 if good else 1)


def _earlier_orders() -> None:
    # PostgreSQL plans its look-ups of foreign keys once per connection; in an installation that works no table is empty then.
    from orderwerk.core import sql
    from tests import build

    world = build.world(products=_PRODUCTS, stock=10**6, locations=1)
    place(documents(world, 2_000, random.Random(0)))
    sql.execute("analyze")


def _round(number: int, orders: int, batch: int | None) -> tuple[float, float, set[int]]:
    """Release orders, then write the same for as many others; returns both times and the statements of each batch."""
    from orderwerk.core import sql
    from orderwerk.flows import release_backorders as job
    from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
    from tests import build

    dice = random.Random(number)
    ours_, floors = (build.world(products=_PRODUCTS, stock=0, locations=1) for _ in range(2))
    waiting = place(documents(ours_, orders, dice))
    others = place(documents(floors, orders, dice))
    for world in (ours_, floors):
        items = [
            ReceiveItem(sku=sku, location=world.locations[0], quantity=10**6) for sku in world.skus
        ]
        for outcome in receive_stock(items, actor=build.TESTER):
            outcome.require()
    products = [ours_.product_ids[sku] for sku in ours_.skus]
    events = [
        row[0]
        for row in sql.fetch(
            "select id from core_event where kind = 'stock.received' and aggregate_id = any(%s)",
            (products,),
        )
    ]
    sql.execute("analyze")
    size = batch or job.BATCH
    with sql.count_statements() as count:
        took, released = seconds(lambda: job.release_backorders(events, batch=size))
    assert released == orders, (released, orders)
    _all_allocated(waiting)
    location = floors.location_ids[floors.locations[0]]
    floor, _ = seconds(_run(ALLOCATE, location, others, "x", "x"))
    _all_allocated(others)
    return took, floor, {round(count.total / -(-orders // size), 2)}


def _all_allocated(orders: list[Any]) -> None:
    from orderwerk.core import sql

    ((open_,),) = sql.fetch(
        "select count(*) from orders_order where id = any(%s) and status <> 'awaiting_shipment'",
        (orders,),
    )
    assert open_ == 0, f"{open_} orders still wait"


if __name__ == "__main__":
    main()
