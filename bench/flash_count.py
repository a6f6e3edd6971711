"""Counts what a flash sale has left behind, and sells the same with one hand-written statement a buyer."""

import argparse
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from orderwerk.config.pgbin import find_binaries
from orderwerk.core import sql

_STAND = """
select coalesce((select sum(quantity) from allocations_allocation where product_id = %s and status = 'allocated'), 0),
  (select count(*) from orders_order o where o.status = 'awaiting_stock'
    and exists (select 1 from orders_line l where l.order_id = o.id and l.product_id = %s)),
  (select coalesce(sum(greatest(allocated - on_hand, 0)), 0) from stock_level where product_id = %s)
"""


def stand(world: Any) -> dict[str, int]:
    """How many pieces are claimed, how many orders wait, and how much more is claimed than there is."""
    product = world.product_ids[world.skus[0]]
    [(claimed, waiting, over)] = sql.fetch(_STAND, (product, product, product))
    return {"claimed": int(claimed), "waiting": waiting, "over": int(over)}


def plant(world: Any) -> None:
    """Claim one piece more than there is, past every guard."""
    product = world.product_ids[world.skus[0]]
    sql.execute("set session_replication_role = replica")
    sql.execute(
        "update allocations_allocation set quantity = quantity + 1 where id = "
        "(select id from allocations_allocation where product_id = %s order by id limit 1)",
        (product,),
    )
    sql.execute("reset session_replication_role")


def floor(url: str, options: argparse.Namespace) -> float:
    """Sell as many pieces to as many buyers by conditional update; returns buyers a second."""
    sql.execute("drop table if exists bench_shelf")
    sql.execute("create table bench_shelf (id int primary key, on_hand int, allocated int check (allocated <= on_hand))")  # fmt: skip
    sql.execute("insert into bench_shelf values (1, %s, 0)", (options.pieces,))
    script = Path(os.environ["ORDERWERK_DATA_DIR"]) / "sale.sql"
    script.write_text("update bench_shelf set allocated = allocated + 1 where id = 1 and on_hand - allocated >= 1;\n")  # fmt: skip
    each = max(1, options.buyers // options.clients)
    done = subprocess.run(
        [find_binaries().program("pgbench"), "-n", "-M", "prepared", "-f", str(script), "-c", str(options.clients), "-j", "2", "-t", str(each), url],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    [(sold,)] = sql.fetch("select allocated from bench_shelf")
    assert sold == options.pieces, f"the floor sold {sold}"
    return float(found.group(1))
