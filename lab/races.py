"""The races of the tests, many times over: the same moment from up to 32 connections, thousands of rounds.

    python -m lab.races [--times 40] [--minutes 60] [--only money]

Runs all tests of tests/races one after the other, each on an emptied database, then all of them again; `--only` takes pytest's `-k`.
Each compares what came of its round to the cent and the piece, and lets `orderwerk check` look. It ends after so many times, or
sooner, when the minutes are over. Prints how many rounds each race had, how many moments there were and how many connections met in them.

In the end faults are planted in a copy of the program, and the races have to find each. Exit status 1 when a round broke anything, or
a fault was not found.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.bounds import parsed
from lab.mutations.__main__ import FAILED, Bench
from lab.mutations.mutation import Code

_MONEY = "tests/races/test_money_races.py::"
PLANTS = (
    Code(
        22, "orders are read without being locked", "orders/counters.py",
        "from orders_order where id = any(%s) order by id for no key update\n", "from orders_order where id = any(%s) order by id\n",
        (
            f"{_MONEY}test_parts_of_one_credit_made_at_once_pass_the_limit_of_four_eyes_together",
            f"{_MONEY}test_refunds_of_one_credit_made_decided_and_settled_at_once_go_back_once",
        ),
    ),
    Code(
        30, "the hash before is read without locking its series", "core/numbering.py",
        "order by t.position for no key update of s\n)\nupdate core_series s\n"
        "set last_number = s.last_number + w.n, last_date = greatest(s.last_date, w.day)\nfrom wanted w where s.id = w.id\n"
        "returning s.scope_id, s.name, s.id, s.prefix, s.last_number - w.n + 1, s.last_date, s.last_hash\n",
        "order by t.position\n)\nupdate core_series s\n"
        "set last_number = s.last_number + w.n, last_date = greatest(s.last_date, w.day)\nfrom wanted w where s.id = w.id\n"
        "returning s.scope_id, s.name, s.id, s.prefix, s.last_number - w.n + 1, s.last_date, "
        "(select x.last_hash from core_series x where x.id = s.id)\n",
        ("tests/races/test_series.py",),
    ),
)  # fmt: skip


def main() -> None:
    """Run, count, and plant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--times", type=int, default=40, help="how often each race is run")
    parser.add_argument("--minutes", type=float, default=60, help="how long at most")
    parser.add_argument("--only", default="", help="which races, as for pytest -k")
    options = parsed(parser, minutes=240)
    ended = _run(options.times, options.minutes, options.only)
    missed = _plant()
    sys.exit(int(bool(ended or missed)))


def _run(times: int, minutes: float, only: str) -> int:
    with tempfile.TemporaryDirectory(prefix="orderwerk-races-") as folder:
        file = Path(folder) / "moments"
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "0", "-x", "-k", only, "tests/races"],
            env={
                **os.environ, "ORDERWERK_RACE_TIMES": str(max(2, times)), "ORDERWERK_RACE_SECONDS": str(60 * minutes),
                "ORDERWERK_RACE_MOMENTS": str(file),
            },
            check=False,
        )  # fmt: skip
        told = json.loads(file.read_text()) if file.is_file() else {"rounds": {}, "moments": {}}
    for race, count in sorted(told["rounds"].items()):
        print(f"{count:7} rounds of {race.removeprefix('tests/races/')}")
    moments = {int(width): count for width, count in told["moments"].items()}
    for width, count in sorted(moments.items()):
        print(f"{count:7} moments with {width:3} connections at once")
    print(
        f"{sum(told['rounds'].values())} rounds of {len(told['rounds'])} races, {sum(moments.values())} moments, "
        f"{sum(w * n for w, n in moments.items())} transactions, {time.monotonic() - began:.0f} s: "
        f"{'something broke' if done.returncode else 'nothing broke'}",
        flush=True,
    )
    return done.returncode


def _plant() -> int:
    """Break the program in a copy, once for each fault; returns how many were not found."""
    from orderwerk.config.postgres import throw_away

    missed = 0
    with tempfile.TemporaryDirectory(prefix="orderwerk-races-") as folder, throw_away() as cluster:
        bench = Bench(Path(folder), cluster.account.superuser_url())
        for plant in PLANTS:
            bench.apply(plant)
            found = bench.tests(*plant.tests) == FAILED
            bench.undo(plant)
            missed += not found
            print(f"planted: {plant.says}: {'found' if found else 'NOT FOUND'}", flush=True)
    return missed


if __name__ == "__main__":
    main()
