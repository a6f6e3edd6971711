"""Half an hour of people who order, send, return and are paid back, while jobs and mails run: does anything grow that should not?

    python -m lab.sustained [--minutes 30] [--people 6] [--seed 0]

An installation of its own (embedded PostgreSQL, two web and two job workers), the payment provider and the mail server as doubles
that fail now and then. Every minute: orders so far, what waits to be done, and the memory of each kind of process. In the end everything is
let finish, clients, provider, mail server and tables are compared as in `lab.kills`, and `orderwerk check` has to find nothing.
Exit status 1 when anything was found, or when a program takes a tenth more memory in the last third than in the second.
"""

import argparse
import statistics
import sys
import time
from collections import defaultdict
from typing import Any

import psycopg

from bench.bounds import parsed
from bench.budgets import verdict
from bench.ground import memory_mb
from bench.jobs import family
from lab.kills.installation import Caller, Installation, installation, kind_of
from lab.kills.outside import mail_sink
from lab.kills.people import SCOPES, History, at_work, set_up
from lab.kills.seen import Reach, drain, left
from lab.kills.telling import tell
from tests.doubles.mollie import MollieDouble
from tests.doubles.wire import serving

_SAMPLE_SECONDS = 5.0
_FAULTS = ("hang_after", "500_after", "cut_before", "429")
_MOST_GROWTH = 1.1

Memory = dict[str, list[float]]


class TimedCaller(Caller):
    """Keeps how long placing an order took, from the first try to the answer."""

    def __init__(self, place: Installation) -> None:
        super().__init__(place)
        self.waits: list[float] = []

    def insist(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """As a careful client does, with a watch."""
        began = time.perf_counter()
        answer = super().insist(method, path, body, key)
        if (method, path) == ("POST", "orders"):
            self.waits.append(time.perf_counter() - began)
        return answer


def main() -> None:
    """Let them work, look on, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    options = parsed(parser, minutes=90)
    with mail_sink(options.seed, faults=0.03) as sink, serving(MollieDouble()) as double:
        mollie: Any = double
        with installation(sink.port, mollie.url) as place:
            place.open_door(SCOPES)
            sys.exit(_run(place, sink, mollie, options))


def _run(place: Installation, sink: Any, mollie: Any, options: argparse.Namespace) -> int:
    caller, book = TimedCaller(place), History()
    set_up(caller, mollie)
    with at_work(options.people, caller, mollie, book):
        memory = _look_on(place, book, mollie, options.minutes * 60)
    mollie.calm()
    took = drain(place.database_url())
    waits = sorted(caller.waits)
    print(f"{len(waits) / (options.minutes * 60):.1f} orders a second; answered p50 {_at(waits, 50):.0f} ms, p95 {_at(waits, 95):.0f} ms, p99 {_at(waits, 99):.0f} ms, at most {waits[-1] * 1000:.0f} ms")  # fmt: skip
    grown = _growth(memory)
    print(f"answers: {dict(sorted(caller.told.items()))}")
    return int(bool(tell(Reach(place.database_url(), place.run), sink, mollie, book, took) or grown))  # fmt: skip


def _look_on(place: Installation, book: History, mollie: Any, lasting: float) -> Memory:
    """Take memory every few seconds until the time is over; says each minute how things stand."""
    memory: Memory = defaultdict(list)
    began, told = time.monotonic(), 0
    with psycopg.connect(place.database_url(), autocommit=True) as connection:
        while (passed := time.monotonic() - began) < lasting:
            for kind, taken in _memory(place).items():
                memory[kind].append(taken)
            if passed // 60 > told:
                told += 1
                mollie.fail(_FAULTS[told % len(_FAULTS)])
                now = ", ".join(f"{kind} {taken[-1]:.0f} MB" for kind, taken in sorted(memory.items()))  # fmt: skip
                print(f"{told:3d} min: {len(book.placed)} orders, {left(connection)} things to do; {now}", flush=True)  # fmt: skip
            time.sleep(_SAMPLE_SECONDS)
    return memory


def _memory(place: Installation) -> dict[str, float]:
    """Return the largest resident process of the program of each kind, in MB; PostgreSQL's share one memory and say nothing."""
    largest: dict[str, float] = defaultdict(float)
    for pid in family(place.pid):
        try:
            taken, kind = memory_mb(pid), kind_of(pid)
        except (OSError, ValueError):
            continue
        if kind in ("web", "worker"):
            largest[kind] = max(largest[kind], taken)
    return largest


def _growth(memory: Memory) -> list[str]:
    """Say how memory stood in the second and in the last third; returns what grew by more than a tenth."""
    grown = []
    for kind, taken in sorted(memory.items()):
        third = len(taken) // 3
        middle, last = (statistics.median(part) for part in (taken[third : 2 * third], taken[2 * third :]))  # fmt: skip
        print(f"{kind}: {middle:.0f} MB in the second third, {last:.0f} MB in the last, {max(taken):.0f} MB at most; {verdict('P10', last)}")  # fmt: skip
        if last > middle * _MOST_GROWTH:
            grown.append(kind)
    return grown


def _at(waits: list[float], percent: int) -> float:
    return waits[min(len(waits) - 1, len(waits) * percent // 100)] * 1000


if __name__ == "__main__":
    main()
