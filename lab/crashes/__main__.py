"""Dies at every point at which something becomes lasting, one after the other, goes on, and compares with the other side.

    python -m lab.crashes [--from 1] [--every 1] [--most 0]

A story of two orders, from payment to refund, is lived in a process that kills itself (as kill -9 does) at its first point:
before its first commit; then the same story anew at its second, and so on until a life passes all of its points. After each
death the clients ask again with their keys, an hour passes, and what was left lying is done. The points are found by living,
so none is left out: each side of every commit, of every call to the payment provider and the mail server, of every end of a job.
After each life the clients' book, the provider, the mail server and the tables are compared; at the end `orderwerk check`,
and one fault of each kind is planted, which the same judge has to find. Exit status 1 when anything was found.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from bench.bounds import parsed
from bench.ground import fresh_database
from lab.crashes.setting import Asking, Victim
from lab.kills.installation import orderwerk
from lab.kills.outside import mail_sink
from lab.kills.people import SCOPES, History, set_up
from lab.kills.seen import Checked, Reach, left, read
from lab.kills.telling import tell
from lab.kills.verdict import Sides, judge, money_back
from tests.doubles.mollie import MollieDouble
from tests.doubles.wire import serving

# What an hour changes for what was left lying: a call nobody came back from, a doubt to be looked up, a job to be tried again.
_AN_HOUR = """
update core_effect set called_at = called_at - interval '1 hour', next_attempt_at = next_attempt_at - interval '1 hour'
where status not in ('succeeded', 'failed');
update procrastinate_jobs set scheduled_at = null where status = 'todo';
"""
_ROUNDS = 6
_PAID = 2000


class Lab:
    """Lives lives and keeps the book of the other side."""

    def __init__(self, victim: Victim, token: str, sink: Any, mollie: Any, url: str) -> None:
        self._victim, self._token, self._sink, self._mollie = victim, token, sink, mollie
        self._connection = psycopg.connect(url, autocommit=True)
        self._folder = tempfile.TemporaryDirectory(prefix="orderwerk-crashes-")
        self.book = History()
        self.lives = 0

    def live(self, deadly: int) -> str | None:
        """Die at a point and go on; returns which point it was, or None when the life has fewer."""
        self.lives += 1
        name, folder = f"L{deadly}", Path(self._folder.name)
        payments = [self._mollie.pay(_PAID) for _ in range(2)]
        self.book.paid |= dict.fromkeys(payments, _PAID)
        self.book.owed |= {payments[0]: _PAID // 2, payments[1]: _PAID}
        self.book.wanted |= {f"{name}-sent", f"{name}-dropped"}
        told = {"name": name, "payments": payments, "token": self._token, "book": str(folder / f"{name}.book"), "place": str(folder / "place")}  # fmt: skip
        ended = self._victim.live(deadly=deadly, later=False, **told)
        place = (folder / "place").read_text(encoding="utf-8")
        rounds = 0
        while ended == -signal.SIGKILL or (rounds and left(self._connection) and rounds < _ROUNDS):
            self._connection.execute(_AN_HOUR)
            rounds += 1
            ended = self._victim.live(deadly=0, later=True, **told)
        if ended:
            raise SystemExit(f"{place}: the life after it ended with {ended}")
        self._read(Path(told["book"]))
        return place if rounds else None

    def _read(self, book: Path) -> None:
        said = {
            line["step"]: line["answer"] for line in map(json.loads, book.read_text().splitlines())
        }
        for step in ("sent", "dropped"):
            self.book.placed[f"{book.stem}-{step}"] = said[step]["id"]
        self.book.shipped.add(said["sent"]["id"])
        self.book.notified |= {result["id"] for result in said["ship"]["results"]}
        self.book.cancelled.add(said["dropped"]["id"])
        self.book.returned[said["sent"]["id"]] = 1

    def found(self) -> dict[str, list[str]]:
        """Compare both sides; returns what is wrong."""
        seen, stuck = read(self._connection), left(self._connection)
        sides = Sides(self.book, seen, +self._sink.arrived, money_back(self._mollie), Checked(), stuck)  # fmt: skip
        return {kind: some for kind, some in judge(sides).items() if some}


def main() -> None:
    """Live, die, go on, compare; for every point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--from", type=int, default=1, dest="first", metavar="POINT")
    parser.add_argument("--every", type=int, default=1, help="so many points further each time")
    parser.add_argument("--most", type=int, default=0, help="lives; 0: until every point was met")
    options = parsed(parser, minutes=240)
    with mail_sink(0, faults=0) as sink, serving(MollieDouble()) as double:
        os.environ |= {"EMAIL_URL": f"smtp://127.0.0.1:{sink.port}", "ORDERWERK_MOLLIE_URL": double.url}  # fmt: skip
        with fresh_database() as url:
            sys.exit(_all(url, sink, double, options))


def _all(url: str, sink: Any, mollie: Any, options: argparse.Namespace) -> int:
    from lab.crashes.setting import Victim

    made = subprocess.run([sys.executable, "-m", "orderwerk", "token", "create", "lab", *(word for scope in SCOPES for word in ("--scope", scope))], check=True, capture_output=True, text=True)  # fmt: skip
    token = made.stdout.strip().split()[-1]
    set_up(Asking(token), mollie)
    met: Counter[str] = Counter()
    wrong: dict[int, Any] = {}
    began = time.monotonic()
    with Victim() as victim:
        lab = Lab(victim, token, sink, mollie, url)
        for point in count(options.first, options.every):
            place = None if options.most and lab.lives >= options.most else lab.live(point)
            if place is None:
                break
            met[place] += 1
            if found := lab.found():
                wrong[point] = (place, found)
                print(f"{point}: {place}: {found}", flush=True)
                break
    for place, times in sorted(met.items()):
        print(f"{times:4d} {place}")
    print(f"{sum(met.values())} deaths at {len(met)} places in {time.monotonic() - began:.0f} s; wrong after {len(wrong)}")  # fmt: skip
    return int(bool(tell(Reach(url, orderwerk), sink, mollie, lab.book, 0) or wrong))


if __name__ == "__main__":
    main()
