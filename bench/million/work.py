"""What many orders cost those who work: commands on thousands of them, exports, and the proof of every invariant."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bench.ground import seconds
from bench.million.shapes import Shopper
from bench.million.story import SHOPS
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.outcome import Outcome
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.document import OrderDocument
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists

_ACTOR = Actor.system("bench")
_PLACED_AT_ONCE = 1000
# So many invariants of `orderwerk check` are told one by one, the dearest first.
_DEAREST = 12


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work: how many things, in how many seconds and statements (0: not counted)."""

    name: str
    items: int
    seconds: float
    statements: int = 0

    @property
    def milliseconds(self) -> float:
        """What one of them costs."""
        return self.seconds * 1000 / max(1, self.items)


def work(shopper: Shopper, items: int) -> list[Job]:
    """Place so many new orders, then invoice, hold, release, collect and send them, each in one command."""
    now = clock.now()
    documents = [convert(shopper.order(SHOPS[0], now), OrderDocument) for _ in range(items)]
    jobs = []
    took, outcomes = seconds(lambda: [o for n in range(0, items, _PLACED_AT_ONCE) for o in _require(place_orders(documents[n : n + _PLACED_AT_ONCE], actor=_ACTOR))])  # fmt: skip
    jobs.append(Job(f"place, {_PLACED_AT_ONCE} at once", items, took))
    made = [o.id for o in outcomes if o.id]
    sql.execute("delete from core_outbox")

    def command(name: str, run: Callable[[], Sequence[Outcome]], count: int) -> None:
        with sql.count_statements() as counted:
            took, _ = seconds(lambda: _require(run()))
        jobs.append(Job(name, count, took, counted.total))

    command("invoice", lambda: issue_invoices([IssueItem(order_id=k) for k in made], actor=_ACTOR), len(made))  # fmt: skip
    command("hold", lambda: hold_orders([HoldItem(order_id=k, reason="Bench") for k in made], actor=_ACTOR), len(made))  # fmt: skip
    command("release", lambda: release_orders([ReleaseOrderItem(order_id=k) for k in made], actor=_ACTOR), len(made))  # fmt: skip
    place, ready = _ready(made)
    batch = CreatePickListItem(location=place, shipment_ids=ready, kind="batch", max_orders=50)
    command("pick lists of 50", lambda: create_pick_lists([batch], actor=_ACTOR), len(ready))
    lists = [row[0] for row in sql.fetch("select distinct pick_list_id from picklists_line where shipment_id = any(%s)", (ready,))]  # fmt: skip
    command("complete pick lists", lambda: complete_pick_lists([CompleteItem(pick_list_id=k) for k in lists], actor=_ACTOR), len(ready))  # fmt: skip
    command("ship", lambda: ship_shipments([ShipItem(shipment_id=k) for k in ready], actor=_ACTOR), len(ready))  # fmt: skip
    return jobs


def _ready(orders: Sequence[UUID]) -> tuple[str, list[UUID]]:
    """Return the location that most of the orders are sent from, and their shipments there."""
    rows = sql.fetch(
        "select k.code, s.id from shipments_shipment s join stock_location k on k.id = s.location_id "
        "where s.order_id = any(%s) and s.status = 'open' order by s.id",
        (list(orders),),
    )
    codes = [code for code, _ in rows]
    most = max(set(codes), key=codes.count)
    return most, [key for code, key in rows if code == most]


def prove(environment: dict[str, str]) -> list[Job]:
    """Run `orderwerk check` and the exports as programs of their own; a finding ends the measurement."""
    program = (sys.executable, "-m", "orderwerk")
    took, done = seconds(lambda: subprocess.run([*program, "check", "--json"], env=environment, capture_output=True, text=True, check=False))  # fmt: skip
    if done.returncode:
        raise SystemExit(f"`orderwerk check` answered {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")  # fmt: skip
    jobs = [Job("orderwerk check", 1, took)]
    spent = sorted(json.loads(done.stdout)["seconds"].items(), key=lambda each: -each[1])
    jobs += [Job(f"of it {name}", 1, each) for name, each in spent[:_DEAREST]]
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("orders", "invoices"):
            file = Path(folder) / f"{kind}.csv"
            took, _ = seconds(lambda kind=kind, file=file: subprocess.run([*program, "export", kind, str(file)], env=environment, check=True, capture_output=True))  # type: ignore[misc]  # fmt: skip
            with file.open("rb") as lines:
                rows = sum(1 for _ in lines) - 1
            jobs.append(Job(f"export {kind}", rows, took))
            file.unlink()
    return jobs


def _require(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome.require() for outcome in outcomes]
