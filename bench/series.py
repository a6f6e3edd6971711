"""XI3: one invoice after another on one series of numbers from many connections at once, beside as many series as connections.

    python -m bench.series [--connections 1,8,32] [--seconds 10]

Each connection is a process of its own that issues the invoice of one paid order in one transaction, then of the next. The lock of a series is held
from the number until the commit; what it costs is the difference between the two columns. Prints invoices a second, the median and
the 95th percentile of one, and the longest that anybody waited; then looks for gaps, numbers twice and broken chains.
"""

import argparse
import multiprocessing
import random
import statistics
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from bench.bounds import parsed
from bench.commands import documents, place
from bench.ground import fresh_database

# More than any machine issues in a second.
_MOST_A_SECOND = 400


def main() -> None:
    """Measure each width on one series, then on many; end with the invariants."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--connections", default="1,8,32")
    parser.add_argument("--seconds", type=float, default=10)
    options = parsed(parser, minutes=15)
    widths = [int(n) for n in options.connections.split(",")]
    with fresh_database():
        print("connections  series  invoices  a second  median ms  p95 ms  longest ms")
        for width in widths:
            for series in sorted({1, width}):
                _report(width, series, _measure(width, series, options.seconds), options.seconds)
        _look()


def _measure(width: int, series: int, duration: float) -> list[float]:
    """Return how many seconds each invoice took."""
    from django.db import connections

    from tests import build

    # All that may be wanted: orders that wait are no work of whoever issues.
    wanted = int(_MOST_A_SECOND * duration) // series
    hands: list[list[UUID]] = [[] for _ in range(width)]
    for number in range(series):
        world = build.world(products=50, stock=10**6, locations=1)
        placed = place(documents(world, max(wanted, 2), random.Random(number)))
        for index, order in enumerate(placed):
            hands[(number + index * series) % width].append(order)
    # A connection is not shared with a child.
    connections.close_all()
    context = multiprocessing.get_context("fork")
    barrier, told = context.Barrier(width), context.Queue()
    workers = [context.Process(target=_issue, args=(hand, barrier, duration, told)) for hand in hands]  # fmt: skip
    for worker in workers:
        worker.start()
    figures = [figure for _ in workers for figure in told.get()]
    for worker in workers:
        worker.join()
    return figures


def _issue(orders: Sequence[UUID], barrier: Any, duration: float, told: Any) -> None:
    from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
    from tests.build import TESTER

    # The first one opens the connection and prepares the statements.
    issue_invoices([IssueItem(order_id=orders[0])], actor=TESTER)[0].require()
    figures = []
    barrier.wait()
    until = time.monotonic() + duration
    for order in orders[1:]:
        began = time.monotonic()
        if began > until:
            break
        assert (
            issue_invoices([IssueItem(order_id=order)], actor=TESTER)[0].require().data["invoices"]
        )
        figures.append(time.monotonic() - began)
    told.put(figures)


def _report(width: int, series: int, figures: list[float], duration: float) -> None:
    in_order = sorted(figures)
    p95 = in_order[int(len(in_order) * 0.95)]
    print(
        f"{width:11d} {series:7d} {len(figures):9d} {len(figures) / duration:9.0f} {1000 * statistics.median(figures):10.1f} "
        f"{1000 * p95:7.1f} {1000 * in_order[-1]:11.0f}",
        flush=True,
    )


def _look() -> None:
    from orderwerk.checks.run import ALL, run_checks

    report = run_checks([x for x in ALL if x.id.startswith("invoice-")])
    assert not report.findings, report.findings[:3]
    assert not report.unchecked, report.unchecked
    print(
        f"{len(report.checked)} invariants of invoices hold: no gap, no number twice, every chain whole"
    )


if __name__ == "__main__":
    main()
