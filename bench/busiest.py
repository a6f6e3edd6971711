"""The busiest hour of a real year, a hundred times over, through HTTP, while the job workers do what each order sets off.

    ORDERWERK_SHARED_DATA=… python -m bench.busiest [--times 100] [--clients 8] [--web 2] [--jobs 1]

Every invoice of that hour is sent so many times as an order of its own, lines and quantities as they were. Said is how long that takes,
and how long each client waited for its answer. In the end what was sent, what was answered and what is in the tables is compared
name by name, with its number of lines, one fault of each kind is planted, which the same comparison has to find, and `orderwerk check`
has to find nothing. Exit status 1 otherwise.
"""

import argparse
import csv
import gzip
import os
import random
import signal
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.bounds import parsed
from bench.budgets import verdict
from bench.buyers import Book, send
from bench.ground import fresh_database, memory_mb, seconds
from bench.intake import free_port, serve, wait
from bench.jobs import family
from bench.names import differences, unseen

_FILE = "online-retail/online_retail_2010-12-01_2011-12-09.csv.gz"
_LEFT = "select (select count(*) from core_outbox) + (select count(*) from procrastinate_jobs where status in ('todo', 'doing') and scheduled_at is null)"
_NAMES = "select o.external_id, count(*) from orders_order o join orders_line l on l.order_id = o.id group by 1"
_DRAIN_SECONDS = 900

Lines = list[tuple[str, int]]


def main() -> None:
    """Send the hour, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--web", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=1)
    options = parsed(parser, minutes=30)
    folder = os.environ.get("ORDERWERK_SHARED_DATA")
    if not folder:
        raise SystemExit("ORDERWERK_SHARED_DATA names no folder with the real year")
    hour, invoices = _busiest(Path(folder) / _FILE)
    lines = sum(len(invoice) for invoice in invoices)
    print(f"{hour}h: {len(invoices)} orders of {lines:,} lines; {options.times} times that: {len(invoices) * options.times:,} orders, {lines * options.times:,} lines")  # fmt: skip
    with fresh_database():
        _run(invoices, options)


def _busiest(path: Path) -> tuple[str, list[Lines]]:
    """Return the hour with the most invoices, and the lines of each."""
    hours: dict[str, dict[str, Lines]] = defaultdict(lambda: defaultdict(list))
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
        for row in csv.DictReader(file):
            quantity = int(row["Quantity"])
            if not row["InvoiceNo"].startswith("C") and quantity > 0:
                hours[row["InvoiceDate"][:13]][row["InvoiceNo"]].append((row["StockCode"], quantity))  # fmt: skip
    hour = max(hours, key=lambda name: len(hours[name]))
    return hour, list(hours[hour].values())


def _run(invoices: list[Lines], options: argparse.Namespace) -> None:
    from orderwerk.accounts.commands.create_token import NewToken, create_tokens
    from orderwerk.core import sql
    from tests import build

    codes = sorted({code for invoice in invoices for code, _ in invoice})
    world = build.world(products=len(codes), stock=10**8, locations=1)
    skus = dict(zip(codes, world.skus, strict=True))
    scopes = ("orders:read", "orders:write")
    made = create_tokens([NewToken(name="bench", scopes=scopes)], actor=build.TESTER)[0].require()
    token, port = str(made.data["token"]), free_port()
    orders = [[(skus[code], n) for code, n in invoice] for invoice in invoices for _ in range(options.times)]  # fmt: skip
    random.Random(1).shuffle(orders)
    book, named = Book(), {f"B{number}": order for number, order in enumerate(orders)}
    server = serve(port, options.web, options.jobs)
    try:
        wait(port)
        took, _ = seconds(lambda: send(port, token, list(named), lambda name: world.json(*named[name], external_id=name), options.clients, book))  # fmt: skip
        drained, _ = seconds(lambda: _wait_for_jobs(sql))
        memory = max(memory_mb(pid) for pid in family(server.pid))
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)
    sent = {name: len(order) for name, order in named.items()}
    print(f"taken in {took / 60:.1f} minutes, {3600 / took:.1f} times as fast as they came: {len(book.waits) / took:.0f} orders, {sum(sent.values()) / took:,.0f} lines a second")  # fmt: skip
    print(book.answered())
    print(f"jobs done {drained:.0f} s after the last order; largest process {memory:.0f} MB, {verdict('P10', memory)}")  # fmt: skip
    if wrong := _judge(book, sent):
        raise SystemExit(f"the hour went wrong: {wrong}")


def _judge(book: Book, sent: dict[str, int]) -> dict[str, Any]:
    """Compare what was sent, answered and kept, name by name; returns what is wrong."""
    from orderwerk.checks.run import run_checks
    from orderwerk.core import sql

    there = {name: str(lines) for name, lines in sql.fetch(_NAMES)}
    told = book.told(lambda order: str(len(order["lines"])))
    wrong: dict[str, Any] = differences(sent, told, there)
    wrong |= {"lines lost": lost} if (lost := [n for n, lines in told.items() if lines != str(sent[n])]) else {}  # fmt: skip
    wrong |= {"without an answer": book.broken} if book.broken else {}
    [(invoiced,)] = sql.fetch("select count(*) from invoices_invoice")
    print(f"{len(told):,} of {len(sent):,} acknowledged, {len(there):,} there, {invoiced:,} invoices; name by name: {wrong or 'the same'}")  # fmt: skip
    missed = unseen(list(sent), told, there)
    print(f"planted faults that were not found: {missed or 'none'}")
    report = run_checks()
    print(f"orderwerk check: {len(report.checked)} invariants, {len(report.findings)} findings {report.findings[:3] or ''}, {len(report.unchecked)} not checked")  # fmt: skip
    more = {"missed": missed, "findings": report.findings, "not checked": report.unchecked}
    return wrong | {kind: cases for kind, cases in more.items() if cases}


def _wait_for_jobs(sql: Any) -> None:
    until = time.monotonic() + _DRAIN_SECONDS
    while sql.fetch(_LEFT) != [(0,)]:
        if time.monotonic() > until:
            raise SystemExit(f"the jobs are not done {_DRAIN_SECONDS} s after the last order")
        time.sleep(0.5)


if __name__ == "__main__":
    main()
