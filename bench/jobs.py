"""P12 and P10: from an event to the start of its job and to the change that the job makes; the memory of a job worker.

python -m bench.jobs [--rounds 60]
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.bounds import parsed
from bench.budgets import verdict
from bench.ground import fresh_database, memory_mb


def main() -> None:
    """Run one worker beside us, free stock again and again, and see when the waiting order has its claim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    options = parsed(parser, minutes=10)
    with fresh_database():
        worker = subprocess.Popen(
            [sys.executable, "-m", "orderwerk", "worker", "--jobs", "1"],
            env=os.environ,
            stdout=subprocess.DEVNULL,
        )
        try:
            figures = _measure(options.rounds)
            memory = max(memory_mb(pid) for pid in family(worker.pid))
        finally:
            worker.send_signal(signal.SIGINT)
            worker.wait(timeout=30)
    starts, changes = zip(*figures, strict=True)
    print(f"from an event to the start of its job (relay, queue): {_shares(starts)}; p95: {verdict('P12', _cuts(starts)[94])}")  # fmt: skip
    print(f"to the event of the waiting order's claim, which the job writes: {_shares(changes)}")
    print(f"job worker {memory:.0f} MB, {verdict('P10', memory)}")


def _cuts(figures: Sequence[float]) -> list[float]:
    return statistics.quantiles(figures, n=100, method="inclusive")


def _shares(figures: Sequence[float]) -> str:
    cuts = _cuts(figures)
    return f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, most {max(figures):.1f} ms"


# A job's row goes when it is done, so its start is written down beside it, at the moment the worker takes it.
_WATCH = """
create table bench_started (event_id uuid, at timestamptz);
create function bench_watch() returns trigger language plpgsql as $$
begin
  insert into bench_started select e::uuid, clock_timestamp()
  from jsonb_array_elements_text(new.args -> 'event_ids') e;
  return null;
end $$;
create trigger bench_watch after update of status on procrastinate_jobs
  for each row when (new.status = 'doing' and new.task_name = 'backorders.release') execute function bench_watch();
"""
_SPENT = """
select extract(epoch from (select min(s.at) from bench_started s where s.event_id = f.id) - f.at) * 1000,
  extract(epoch from a.at - f.at) * 1000
from core_event a, core_event f
where a.kind = 'order.allocated' and a.order_id = %s and f.kind = 'stock.adjusted' and f.payload ->> 'sku' = %s
"""


def _measure(rounds: int) -> list[tuple[float, float]]:
    from django.db import connection

    from orderwerk.core import sql
    from orderwerk.flows.adjust_stock import AdjustItem, adjust_stock_levels
    from tests import build

    # Several statements at once, which cannot be prepared.
    with connection.cursor() as cursor:
        cursor.execute(_WATCH)
    world = build.world(products=rounds, stock=0, locations=1)
    orders = [world.place((sku, 1)) for sku in world.skus]
    _wait_for_worker()
    figures = []
    for sku, order in zip(world.skus, orders, strict=True):
        item = AdjustItem(sku=sku, location=world.locations[0], difference=1, reason="found")
        adjust_stock_levels([item], actor=build.TESTER)[0].require()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            rows = sql.fetch(_SPENT, (order, sku))
            if rows:
                figures.append((float(rows[0][0]), float(rows[0][1])))
                break
            time.sleep(0.01)
    return figures


def _wait_for_worker() -> None:
    from orderwerk.core import sql

    waiting = (
        "select exists (select from procrastinate_workers) and not exists (select from core_outbox) "
        "and not exists (select from procrastinate_jobs where status in ('todo', 'doing') and scheduled_at is null)"
    )
    deadline = time.monotonic() + 60
    while sql.fetch(waiting) != [(True,)] and time.monotonic() < deadline:
        time.sleep(0.1)


def family(pid: int) -> list[int]:
    """A process and all its descendants; without those that have gone while they were counted."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [pid, *(member for child in children for member in family(int(child)))]


if __name__ == "__main__":
    main()
