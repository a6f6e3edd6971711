"""The main job on a real year: every invoice line of a webshop placed, allocated, picked and shipped.

    ORDERWERK_SHARED_DATA=… python -m bench.replay [--file FILE] [--api-since 2011-12-01] [--short 3]

FILE (default: online-retail/online_retail_2010-12-01_2011-12-09.csv.gz in that folder) goes through the importer; what
was placed since `--api-since` goes through the HTTP API of a running `orderwerk serve`. Its job worker runs all the
while. `--short` percent of the articles have too little stock at first. Prints time and rate of each phase, memory, and
whether every line is accounted for; exit status 1 when one is not, or when `orderwerk check` finds anything.
"""

import argparse
import csv
import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.bounds import parsed
from bench.budgets import verdict
from bench.ground import fresh_database, memory_mb, seconds
from bench.replay_server import family, post, server

_YEAR = "online-retail/online_retail_2010-12-01_2011-12-09.csv.gz"
_LOCATIONS = ("MAIN", "NORTH", "STORE")
_SHIPMENTS = 500


@dataclass
class Year:
    """What the file holds, read once before anything is placed."""

    path: Path
    lines: int = 0
    orders: int = 0
    carriage: int = 0
    wanted: Counter[str] = field(default_factory=Counter)
    names: dict[str, str] = field(default_factory=dict)


@dataclass
class Phase:
    """One step of the work and what it moved."""

    name: str
    seconds: float
    count: int
    noun: str


def main() -> None:
    """Replay and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--api-since", default="2011-12-01")
    parser.add_argument("--short", type=int, default=3, help="percent of articles with too little")
    options = parsed(parser, minutes=90)
    file = options.file or Path(os.environ["ORDERWERK_SHARED_DATA"]) / _YEAR
    with fresh_database() as url, tempfile.TemporaryDirectory() as folder:
        # The report of refused lines stands beside the file; the data's own folder may be read-only.
        path = Path(folder) / file.name
        path.symlink_to(file.resolve())
        sys.exit(_replay(path, url, options))


def _replay(path: Path, url: str, options: argparse.Namespace) -> int:
    began = time.perf_counter()
    phases: list[Phase] = []
    year = _timed(phases, "read the file", "lines", lambda: _read(path), lambda y: y.lines)
    token = _set_up(year, phases, options.short)
    with server(url) as process:
        since = datetime.fromisoformat(options.api_since).replace(tzinfo=UTC)
        taken = _take_in(year, since, token, phases)
        for turn in ("", " of the backorders"):
            _pick_and_ship(phases, turn)
            if not turn:
                _restock(phases)
        waited, _ = seconds(lambda: _wait_for_jobs(process))
        phases.append(Phase("wait for the last jobs", waited, 0, ""))
        memory = {name: memory_mb(pid) for name, pid in family(process.pid)}
    return _tell(year, taken, phases, memory, time.perf_counter() - began)


def _timed(
    phases: list[Phase],
    name: str,
    noun: str,
    work: Callable[[], Any],
    count: Callable[[Any], int] = lambda found: found,
) -> Any:
    took, found = seconds(work)
    phases.append(Phase(name, took, count(found), noun))
    print(
        f"  {name}: {took:.1f} s for {count(found):,} {noun}, {count(found) / took:,.0f} a second",
        flush=True,
    )
    return found


def _rows(path: Path) -> Any:
    opener = gzip.open if path.suffix == ".gz" else open
    return opener(path, "rt", encoding="utf-8", newline="")


def _read(path: Path) -> Year:
    from orderwerk.integrations.online_retail import read_online_retail

    year = Year(path)
    with _rows(path) as file:
        year.lines = sum(1 for _ in csv.reader(file)) - 1
    with _rows(path) as file:
        for part in read_online_retail(file, "uk"):
            if part.item is None:
                continue
            year.orders += 1
            year.carriage += len(part.lines) - len(part.item.lines)
            for line in part.item.lines:
                year.wanted[line.sku] += line.quantity
                year.names.setdefault(line.sku, line.name)
    return year


def _set_up(year: Year, phases: list[Phase], short: int) -> str:
    from orderwerk.accounts.commands.create_token import NewToken, create_tokens
    from orderwerk.accounts.rules import SCOPES
    from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
    from orderwerk.shops.commands.upsert import ShopItem, upsert_shops

    shop = ShopItem(
        code="uk", name="The year", currency="GBP", locale="en", timezone="Europe/London"
    )
    _done(upsert_shops([shop], actor=_actor()))
    places = [
        LocationItem(code=code, name=code, priority=priority, shops=["uk"])
        for priority, code in enumerate(_LOCATIONS, start=1)
    ]
    _done(set_up_locations(places, actor=_actor()))
    _timed(phases, "products", "products", lambda: _products(year))
    _timed(phases, "stock", "counts", lambda: _stock(year, short))
    made = _done(create_tokens([NewToken(name="replay", scopes=SCOPES)], actor=_actor()))
    return str(made[0].data["token"])


def _products(year: Year) -> int:
    from orderwerk.catalog.commands.upsert import ProductItem, upsert_products

    items = [ProductItem(sku=sku, name=name[:200]) for sku, name in year.names.items()]
    for batch in _batches(items, 1000):
        _done(upsert_products(batch, actor=_actor()))
    return len(items)


def _stock(year: Year, short: int) -> int:
    """Enough of most: two thirds in the first location, the rest in the others; too little of every so-many-th."""
    from orderwerk.flows.count_stock import CountItem, count_stock_levels

    items = []
    for index, sku in enumerate(sorted(year.wanted)):
        wanted = year.wanted[sku]
        whole = wanted * 4 // 5 if index % 100 < short else wanted + 10
        parts = (whole - 2 * (whole // 6), whole // 6, whole // 6)
        items += [
            CountItem(sku=sku, location=place, quantity=quantity)
            for place, quantity in zip(_LOCATIONS, parts, strict=True)
            if quantity
        ]
    for batch in _batches(items, 1000):
        _done(count_stock_levels(batch, actor=_actor()))
    return len(items)


def _take_in(year: Year, since: datetime, token: str, phases: list[Phase]) -> Counter[str]:
    """Return what became of the file's lines: accepted, refused by reason."""
    from orderwerk.cli.importing import Import, Report, carry, opened
    from orderwerk.flows.place_orders import place_orders
    from orderwerk.integrations.online_retail import read_online_retail
    from orderwerk.orders.document import OrderDocument

    job = Import[OrderDocument](
        lambda items: place_orders(items, actor=_actor()), lambda item: len(item.lines)
    )
    later: list[Any] = []
    report = Report(year.path)

    def work() -> Any:
        with opened(year.path) as source:
            parts = _before(since, read_online_retail(source.text, "uk"), later)
            return carry(job, parts, source, report)

    summary = _timed(phases, "import", "lines", work, lambda s: s.accepted + s.refused)
    phases.append(Phase("  of them orders", phases[-1].seconds, summary.created, "orders"))
    taken = Counter({f"refused: {code}": n for code, n in summary.reasons.items()})
    taken["accepted"] = summary.accepted
    if later:
        taken += _timed(
            phases,
            "API orders/create",
            "lines",
            lambda: post(later, token),
            lambda found: sum(found.values()),
        )
        phases.append(Phase("  of them orders", phases[-1].seconds, len(later), "orders"))
    return taken


def _before(since: datetime, parts: Iterator[Any], later: list[Any]) -> Iterator[Any]:
    for part in parts:
        if part.item is None or part.item.placed_at < since:
            yield part
            continue
        later.append(part)
        if part.rejected:
            yield type(part)(None, [], part.rejected, part.reference)


def _pick_and_ship(phases: list[Phase], turn: str) -> None:
    from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
    from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
    from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists

    def make(place: str, batch: list[Any]) -> Any:
        item = CreatePickListItem(location=place, shipment_ids=batch, kind="batch")
        return create_pick_lists([item], actor=_actor())[0].require().id

    ready = {place: _ready(place) for place in _LOCATIONS}
    count = sum(len(found) for found in ready.values())
    lists: list[Any] = []

    def pick_lists() -> int:
        for place, found in ready.items():
            lists.extend(make(place, batch) for batch in _batches(found, 50))
        return count

    def complete() -> int:
        for batch in _batches(lists, 10):
            _done(
                complete_pick_lists([CompleteItem(pick_list_id=k) for k in batch], actor=_actor())
            )
        return count

    def ship() -> int:
        for batch in _batches([key for found in ready.values() for key in found], _SHIPMENTS):
            _done(ship_shipments([ShipItem(shipment_id=key) for key in batch], actor=_actor()))
        return count

    _timed(phases, "pick lists" + turn, "shipments", pick_lists)
    _timed(phases, "picked" + turn, "shipments", complete)
    _timed(phases, "shipped" + turn, "shipments", ship)


def _ready(place: str) -> list[Any]:
    from orderwerk.core import sql

    rows = sql.fetch(
        "select s.id from shipments_shipment s join stock_location l on l.id = s.location_id "
        "join orders_order o on o.id = s.order_id where l.code = %s and s.status = 'open' order by o.placed_at, s.id",
        (place,),
    )
    return [row[0] for row in rows]


def _restock(phases: list[Phase]) -> None:
    """Bring in what is short; the job worker gives it to the orders that wait."""
    from orderwerk.core import sql
    from orderwerk.flows.adjust_stock import AdjustItem, adjust_stock_levels

    open_pieces = (
        "select p.sku, sum(l.quantity - l.allocated - l.shipped - l.cancelled)::int from orders_line l "
        "join catalog_product p on p.id = l.product_id "
        "where l.quantity > l.allocated + l.shipped + l.cancelled group by 1 order by 1"
    )
    missing = sql.fetch(open_pieces)

    def work() -> int:
        items = [
            AdjustItem(sku=sku, location="MAIN", difference=n, reason="delivery")
            for sku, n in missing
        ]
        for batch in _batches(items, 1000):
            _done(adjust_stock_levels(batch, actor=_actor()))
        until = time.monotonic() + 600
        while sql.fetch(open_pieces + " limit 1") and time.monotonic() < until:
            time.sleep(0.5)
        return sum(n for _, n in missing)

    _timed(phases, "delivery, and backorders released by the jobs", "pieces", work)


def _wait_for_jobs(process: "subprocess.Popen[bytes]") -> None:
    from orderwerk.core import sql

    waiting = (
        "select 1 from core_outbox union all "
        "select 1 from procrastinate_jobs where status in ('todo', 'doing') and "
        "(scheduled_at is null or scheduled_at < now()) limit 1"
    )
    until = time.monotonic() + 600
    while sql.fetch(waiting) and time.monotonic() < until and process.poll() is None:
        time.sleep(0.5)


def _tell(
    year: Year, taken: Counter[str], phases: list[Phase], memory: dict[str, float], took: float
) -> int:
    from bench.replay_account import account
    from orderwerk.checks.run import run_checks

    check_seconds, report = seconds(run_checks)
    print(f"\n{'phase':<48}{'seconds':>10}{'count':>12}  {'a second':>10}")
    for phase in phases:
        rate = f"{phase.count / phase.seconds:>10,.0f} {phase.noun}" if phase.count else ""
        print(f"{phase.name:<48}{phase.seconds:>10.1f}{phase.count:>12,}  {rate}")
    print(f"\nthe whole: {took / 60:.1f} minutes")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"memory: peak of this program {peak:.0f} MB; "
        + ", ".join(f"{name} {mb:.0f} MB" for name, mb in memory.items())
        + f"; {verdict('P10', max(memory.values()))}"
    )
    print()
    fine = account(year, taken)
    findings = [
        f"{f.severity} {f.invariant} {f.object} {f.object_id}: expected {f.expected}, found {f.actual}"
        for f in report.findings
    ]
    print(
        f"check: {len(report.checked)} invariants in {check_seconds:.1f} s, {len(findings)} findings, "
        f"{len(report.unchecked)} not checked"
    )
    print("\n".join(findings[:20]))
    return 0 if fine and not findings and not report.unchecked else 1


def _actor() -> Any:
    from orderwerk.core.actor import Actor

    return Actor.system("replay")


def _done(outcomes: list[Any]) -> list[Any]:
    return [outcome.require() for outcome in outcomes]


def _batches(items: list[Any], size: int) -> list[list[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


if __name__ == "__main__":
    main()
