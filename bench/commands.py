"""P3, P5 and P13: bulk intake against COPY, bulk commands on 10,000 items against one hand-written statement.

Statements are counted per command, for intake per batch of 1,000.

Both sides write the same rows into the product's own tables, with every constraint and trigger, in the same run:

    python -m bench.commands [--items 10000] [--rounds 3]
"""

import argparse
import io
import random
import statistics
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from bench.bounds import parsed
from bench.budgets import verdict
from bench.ground import fresh_database, keep_autovacuum_away, seconds, spread

_BATCH = 1000
_STATEMENTS: dict[str, set[int]] = defaultdict(set)
_PLACED = (
    "orders_order", "orders_line", "orders_search", "payments_payment", "allocations_allocation", "shipments_shipment",
    "shipments_package", "shipments_line", "core_event", "core_outbox",
)  # fmt: skip


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parsed(parser, minutes=30)
    with fresh_database():
        keep_autovacuum_away()
        figures: dict[str, list[tuple[float, float]]] = {"intake": []}
        for number in range(options.rounds):
            figures["intake"].append(_intake(number, options.items))
        for number in range(options.rounds):
            for name, pair in _round(number, options.items).items():
                figures.setdefault(name, []).append(pair)
    print(
        f"{options.items} items, {options.rounds} rounds: seconds of the product, of the floor; ratio = floor / product; statements"
    )
    for name, pairs in figures.items():
        ours, floors = [p[0] for p in pairs], [p[1] for p in pairs]
        ratios, counts = [b / a for a, b in pairs], _STATEMENTS[name]
        kept = verdict("P3" if name == "intake" else "P5", statistics.median(ratios))
        print(
            f"{name:12s} {spread(ours):24s} {spread(floors):24s} {spread(ratios):24s} {kept} "
            f"{' or '.join(str(n) for n in sorted(counts))}, {verdict('P13', len(counts))}"
        )


def _round(number: int, items: int) -> dict[str, tuple[float, float]]:
    from orderwerk.core import sql
    from tests import build

    dice = random.Random(number)
    world = build.world(products=500, stock=10**6, locations=1)
    figures: dict[str, tuple[float, float]] = {}
    place(documents(world, items, dice))
    first = _open_shipments(world)
    place(documents(world, items, dice))
    second = [key for key in _open_shipments(world) if key not in set(first)]
    sql.execute("analyze")
    figures["pick lists"] = _pick_lists(world, first, second, number)
    for key in [
        row[0] for row in sql.fetch("select id from picklists_pick_list where status = 'open'")
    ]:
        _complete(key)
    sql.execute("analyze")
    figures["ship"] = _ship(first, second)
    figures["allocate"] = _allocate(items, dice)
    return figures


def documents(world: Any, items: int, dice: random.Random) -> list[Any]:
    """Return paid orders of three lines each."""
    paid = [{"provider": "bench", "status": "paid", "amount": "99.00"}]
    made = []
    for _ in range(items):
        lines = [(sku, dice.randint(1, 3)) for sku in dice.sample(world.skus, 3)]
        made.append(
            world.document(*lines, payments=[{**paid[0], "reference": f"b{dice.getrandbits(60)}"}])
        )
    return made


def place(orders: list[Any]) -> list[Any]:
    """Place orders in batches and return their ids."""
    from orderwerk.flows.place_orders import place_orders
    from tests.build import TESTER

    return [
        outcome.require().id
        for start in range(0, len(orders), _BATCH)
        for outcome in place_orders(orders[start : start + _BATCH], actor=TESTER)
    ]


def _open_shipments(world: Any) -> list[Any]:
    from orderwerk.core import sql

    rows = sql.fetch(
        "select id from shipments_shipment where status = 'open' and location_id = %s order by id",
        (world.location_ids[world.locations[0]],),
    )
    return [row[0] for row in rows]


def _counted(name: str, work: Callable[[], Any], batches: int = 1) -> tuple[float, Any]:
    from orderwerk.core import sql

    with sql.count_statements() as count:
        taken, result = seconds(work)
    _STATEMENTS[name].add(round(count.total / batches))
    return taken, result


def _intake(number: int, items: int) -> tuple[float, float]:
    from tests import build

    world = build.world(products=500, stock=10**6, locations=1)
    wanted = documents(world, items, random.Random(number))
    empty()
    ours, _ = _counted("intake", lambda: place(wanted), -(-items // _BATCH))
    floor = copy_again()
    empty()
    return ours, floor


def empty() -> None:
    """Take out every order with what was written with it."""
    from django.db import transaction

    from orderwerk.core import sql

    with transaction.atomic():
        sql.execute("set local session_replication_role = replica")
        sql.execute(f"truncate {', '.join(_PLACED)}, orders_tab_count cascade")


def copy_again() -> float:
    """Take the rows that intake has just written out and in again by COPY, with constraints and triggers; the seconds of the latter."""
    from django.db import connection, transaction

    raw = connection.connection
    columns: dict[str, str] = {}
    stored: dict[str, bytes] = {}
    with raw.cursor() as cursor:
        for table in _PLACED:
            names = cursor.execute(
                "select string_agg(column_name, ', ' order by ordinal_position) from information_schema.columns "
                "where table_name = %s and is_generated = 'NEVER'",
                (table,),
            ).fetchone()[0]
            columns[table] = names
            buffer = io.BytesIO()
            with cursor.copy(f"copy {table} ({names}) to stdout (format binary)") as out:
                for part in out:
                    buffer.write(part)
            stored[table] = buffer.getvalue()
    empty()

    def copy_in() -> None:
        with transaction.atomic(), raw.cursor() as cursor:
            for table in _PLACED:
                with cursor.copy(
                    f"copy {table} ({columns[table]}) from stdin (format binary)"
                ) as into:
                    into.write(stored[table])

    took, _ = seconds(copy_in)
    return took


def _run(statement: str, *parameters: Any) -> Callable[[], None]:
    from django.db import connection, transaction

    def work() -> None:
        with transaction.atomic(), connection.connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    return work


def _pick_lists(
    world: Any, first: list[Any], second: list[Any], number: int
) -> tuple[float, float]:
    from bench.floors import PICK_LISTS
    from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
    from tests.build import TESTER

    place = world.locations[0]
    items = [
        CreatePickListItem(location=place, shipment_ids=first[i : i + 50], kind="batch")
        for i in range(0, len(first), 50)
    ]
    ours, outcomes = _counted("pick lists", lambda: create_pick_lists(items, actor=TESTER))
    assert all(outcome.ok for outcome in outcomes)
    floor, _ = seconds(_run(PICK_LISTS, second, f"f{number}", f"f{number}"))
    return ours, floor


def _complete(key: Any) -> None:
    from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
    from tests.build import TESTER

    complete_pick_lists([CompleteItem(pick_list_id=key)], actor=TESTER)[0].require()


def _ship(first: list[Any], second: list[Any]) -> tuple[float, float]:
    from bench.floors import SHIP
    from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
    from tests.build import TESTER

    ours, outcomes = _counted(
        "ship", lambda: ship_shipments([ShipItem(shipment_id=key) for key in first], actor=TESTER)
    )
    assert all(outcome.ok for outcome in outcomes)
    floor, _ = seconds(_run(SHIP, second))
    return ours, floor


def _allocate(items: int, dice: random.Random) -> tuple[float, float]:
    from bench.floors import ALLOCATE
    from orderwerk.core import sql
    from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
    from tests import build

    world = build.world(products=500, stock=0, locations=1)
    first, second = (place(documents(world, items, dice)) for _ in range(2))
    world.count(world.locations[0], dict.fromkeys(world.skus, 10**6))
    sql.execute("analyze")
    ours, outcomes = _counted(
        "allocate",
        lambda: allocate_orders([AllocateItem(order_id=key) for key in first], actor=build.TESTER),
    )
    assert all(outcome.data["status"] == "awaiting_shipment" for outcome in outcomes)
    floor, _ = seconds(_run(ALLOCATE, world.location_ids[world.locations[0]], second, "x", "x"))
    return ours, floor


if __name__ == "__main__":
    main()
