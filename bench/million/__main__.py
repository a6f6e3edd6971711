"""A shop with up to a million orders: lists, searches, order pages, commands, exports and checks, and how each grows.

    python -m bench.million [--orders 10000,100000,1000000] [--template 4000] [--shape consumer|retail] [--repeat 20]

One year is lived through by the product's own commands, with the articles, days and hours of a real one where
`ORDERWERK_SHARED_DATA` is set (else of the demo's sample), every status and document among it; for each size it is written
so many times. `orderwerk check` has to find nothing. `--shape retail` takes the real lines of an order too (some
26; consumers: 1.13). `--plot FILE` draws how the cost grows. Needs some 25 GB of disk for a million.
"""

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from bench.bounds import parsed
from bench.budgets import verdict
from bench.ground import fresh_database, seconds
from bench.page_times import MILLION


def main() -> None:
    """Fill, measure, print, for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--orders", default="10000,100000,1000000")
    parser.add_argument("--template", type=int, default=4000, help="orders of the year that is lived through")  # fmt: skip
    parser.add_argument("--shape", choices=("consumer", "retail"), default="consumer")
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--items", type=int, default=10_000, help="of a command, where there are that many")  # fmt: skip
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--plot", help="an SVG file")
    parser.add_argument("--json", help="a file for all figures")
    options = parsed(parser, minutes=120)
    sizes = [int(n) for n in options.orders.split(",")]
    found: dict[int, dict[str, Any]] = {}
    with fresh_database() as url:
        from bench.million.fill import copy_of, lived_through
        from bench.million.plot import plot

        shopper = lived_through(options)
        for size in sizes:
            with copy_of(url, f"orders_{size}") as copy:
                found[size] = _measure(copy, size, options, shopper)
                if options.json:
                    _write(options.json, found)
    if len(sizes) > 1:
        _print_growth(found)
    if options.plot:
        Path(options.plot).write_text(plot(found), encoding="utf-8")


def _measure(url: str, size: int, options: argparse.Namespace, shopper: Any) -> dict[str, Any]:
    from bench.million.fill import say_how_large, settle
    from bench.million.multiply import multiply
    from bench.million.work import prove, work
    from bench.page_times import addresses, deep, owner, print_pages, time_pages

    copies = max(1, size // options.template)
    took, _ = seconds(lambda: multiply(copies))
    settled, _ = seconds(settle)
    print(f"\n== {copies * options.template:,} orders: written in {took:.0f} s, analysed in {settled:.0f} s; {say_how_large()}", flush=True)  # fmt: skip
    environment = {**os.environ, "DATABASE_URL": url}
    jobs = prove(environment)
    _print_jobs(jobs, orders=size)
    client = owner()
    pages = time_pages(client, addresses(random.Random(11)) | deep(client), options.repeat)
    print_pages(pages, orders=size)
    few = work(shopper, 300)
    many = work(shopper, options.items)
    print("300 at once:")
    _print_jobs(few, orders=size)
    print(f"{options.items} at once:")
    _print_jobs(many, orders=size)
    return {
        "seconds": took + settled,
        "pages": {page.name: page.row() for page in pages},
        "jobs": {job.name: (job.items, job.seconds) for job in jobs},
        "few": {job.name: job.milliseconds for job in few},
        "many": {job.name: job.milliseconds for job in many},
    }


def _print_jobs(jobs: list[Any], *, orders: int) -> None:
    for job in jobs:
        statements = f"{job.statements:4d} statements" if job.statements else ""
        kept = (
            f"  {verdict('P9', job.seconds)}"
            if job.name == "orderwerk check" and orders >= MILLION
            else ""
        )
        print(f"{job.name:24s} {job.items:10,d} {job.seconds:8.2f} s {job.milliseconds:9.3f} ms each {statements}{kept}", flush=True)  # fmt: skip


def _print_growth(found: dict[int, dict[str, Any]]) -> None:
    """P8: the cost at the largest size over the cost at the smallest."""
    sizes = sorted(found)
    small, large = found[sizes[0]], found[sizes[-1]]
    print(f"\n== cost at {sizes[-1]:,} orders over cost at {sizes[0]:,} (database time of pages, p50; commands on 300 items and on many)")  # fmt: skip
    growth = {name: row[2] / small["pages"][name][2] for name, row in large["pages"].items() if name in small["pages"]}  # fmt: skip
    for kind in ("few", "many"):
        growth |= {f"{name} ({kind})": cost / small[kind][name] for name, cost in large[kind].items()}  # fmt: skip
    for name, times in growth.items():
        kept = verdict("P8", times) if sizes[-1] >= MILLION else ""
        print(f"{name:36s} {times:6.2f}  {kept}")


def _write(path: str, found: dict[int, dict[str, Any]]) -> None:
    Path(path).write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"\n{(time.monotonic() - started) / 60:.1f} minutes")
    sys.stdout.flush()
