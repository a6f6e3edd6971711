"""Whether the history should lie in monthly partitions: written, read, and its oldest month taken away, in one table and in 24.

    python -m bench.partitions [--orders 500000] [--rounds 3]

Both tables are copies of the product's own, indexes and checks included, without its triggers; eight events an order over 24
months, ids in the order of time as the product's are. A unique index of a partitioned table has to contain the column it is partitioned by: "one event per version of a thing" then holds
within a month only, whatever the figures say.
"""

import argparse
import random
import statistics
from typing import Any

from bench.bounds import parsed
from bench.ground import fresh_database, seconds, spread

_MONTHS = 24
_EVENTS = 8
_TABLES = ("one table", "24 partitions")
_NAMES = {"one table": "bench_whole", "24 partitions": "bench_parts"}
_FILL = """
insert into {table} (id, at, kind, aggregate_type, aggregate_id, seq, order_id, shop_id, from_status, to_status, actor_kind, actor_name, payload)
select lpad(to_hex(o.g * {events} + n), 32, '0')::uuid, o.at + n * interval '3 hours', 'order.placed', 'order', o.id, n, o.id, o.shop, '', 'x', 'system', 'bench',
  '{{"lines": 3, "units": 3, "from": "A"}}'
from (select g, lpad(to_hex(g), 32, '0')::uuid as id, md5((g % 3)::text)::uuid as shop, timestamptz '2024-01-03' + g * interval '{step} seconds' as at
      from generate_series({first}, {last}) g) o, generate_series(1, {events}) n
"""


def main() -> None:
    """Make both, measure both in turn, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--orders", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parsed(parser, minutes=30)
    with fresh_database():
        from orderwerk.core import sql

        _make(sql)
        figures = {name: _measure(sql, name, options) for name in _TABLES}
    print(f"{options.orders:,} orders, {options.orders * _EVENTS:,} events, {_MONTHS} months; seconds or milliseconds, ratio = one table / partitions")  # fmt: skip
    for what in figures[_TABLES[0]]:
        whole, parts = (figures[name][what] for name in _TABLES)
        ratio = statistics.median(whole) / statistics.median(parts)
        print(f"{what:52s} {spread(whole):24s} {spread(parts):24s} {ratio:.2f}")


def _make(sql: Any) -> None:
    sql.execute("create table bench_whole (like core_event including all)")
    sql.execute("create table bench_parts (like core_event including defaults including constraints including generated) partition by range (at)")  # fmt: skip
    for month in range(_MONTHS + 2):
        bounds = [f"'{2024 + m // 12}-{m % 12 + 1:02d}-01'" for m in (month, month + 1)]
        sql.execute(f"create table bench_parts_{month:02d} partition of bench_parts for values from ({bounds[0]}) to ({bounds[1]})")  # fmt: skip
    sql.execute("create unique index on bench_parts (id, at)")
    sql.execute("create unique index on bench_parts (aggregate_id, seq, at) where seq is not null")
    sql.execute("create index on bench_parts (order_id, id) where order_id is not null")
    sql.execute("create index on bench_parts (txid, id)")


def _measure(sql: Any, name: str, options: argparse.Namespace) -> dict[str, list[float]]:
    table, step = _NAMES[name], _MONTHS * 30 * 86_400 // options.orders
    fill = {"table": table, "step": step, "events": _EVENTS}
    took, _ = seconds(lambda: sql.execute(_FILL.format(first=1, last=options.orders, **fill)))
    found: dict[str, list[float]] = {"fill, s": [took]}
    sql.execute(f"vacuum analyze {table}")
    more = options.orders
    for _ in range(options.rounds):
        batches = []
        for _ in range(20):
            statement = _FILL.format(first=more + 1, last=more + 125, **fill)
            batches.append(seconds(lambda s=statement: sql.execute(s))[0] * 1000)
            more += 125
        found.setdefault("write 1,000 events, ms", []).append(statistics.median(batches))
        found.setdefault("an order's history, ms", []).append(_timeline(sql, table, options.orders))
    for month in range(options.rounds):
        found.setdefault("take the oldest month away, s", []).append(_drop(sql, name, month))
    return found


def _timeline(sql: Any, table: str, orders: int) -> float:
    dice = random.Random(1)
    statement = f"select * from {table} where order_id = lpad(to_hex(%s::int), 32, '0')::uuid order by id desc limit 50"
    return statistics.median(seconds(lambda: sql.fetch(statement, (dice.randint(1, orders),)))[0] * 1000 for _ in range(200))  # fmt: skip


def _drop(sql: Any, name: str, month: int) -> float:
    if name == "24 partitions":
        return seconds(lambda: sql.execute(f"drop table bench_parts_{month:02d}"))[0]
    until = f"2024-{month + 2:02d}-01"
    whole = seconds(lambda: sql.execute("delete from bench_whole where at < %s", (until,)))[0]
    return whole + seconds(lambda: sql.execute("vacuum bench_whole"))[0]


if __name__ == "__main__":
    main()
