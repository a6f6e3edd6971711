"""Random histories of the whole life: placed, paid, picked, shipped, invoiced, returned, credited, refunded, in any order.

    python -m lab.histories [--histories 10000] [--processes 2] [--steps 50] [--at-once 1000] [--seed 0]
    python -m lab.histories --again SEED

After every step each history is compared with a plain model, to the piece and to the cent; in the end with a provider that
forgets, refuses and comes late, and with every query of `orderwerk check`. Prints progress, what was found with its seed, and
which of the allowed moves of every status the histories made. Each process has a throw-away PostgreSQL of its own. `--again` runs
one history by itself and makes it as short as it can be. Exit status 1 when anything was found.
"""

import argparse
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import Any

from bench.bounds import parsed
from bench.ground import fresh_database


def main() -> None:
    """Walk and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--at-once", type=int, default=1000)
    parser.add_argument(
        "--seed", type=int, default=0, help="of the first history; the others follow"
    )
    parser.add_argument("--again", type=int, metavar="SEED", help="run one history by itself")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parsed(parser, minutes=90)
    if options.part:
        _walk_part(options)
    elif options.again is not None:
        sys.exit(_again(options.again, options.steps))
    else:
        sys.exit(_walk_all(options))


def _walk_part(options: argparse.Namespace) -> None:
    """One process: cohort after cohort, one line of JSON for each."""
    first, last = (int(n) for n in options.part.split(":"))
    with fresh_database(durable=False):
        from tests.histories.life.cohort import walk
        from tests.histories.life.pairs import allowed, watched

        print(json.dumps({"allowed": sorted(allowed())}), flush=True)
        for start in range(first, last, options.at_once):
            seeds = range(start, min(last, start + options.at_once))
            with watched() as moves:
                found = walk(seeds, steps=options.steps)
            _empty()
            told = {
                "histories": len(seeds),
                "found": [[v.seed, v.what, [name for name, _ in v.log]] for v in found],
                "moves": [[*pair, n] for pair, n in moves.items()],
            }
            print(json.dumps(told), flush=True)


def _empty() -> None:
    from django.db import connection, transaction

    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(f"truncate {', '.join(tables)} cascade")


def _again(seed: int, steps: int) -> int:
    with fresh_database(durable=False):
        from tests.histories.life.cohort import walk
        from tests.histories.life.shrink import shrink, told

        found = walk([seed], steps=steps)
        print(told(shrink(found[0], seconds=300)) if found else f"seed {seed}: nothing was found")
    return 1 if found else 0


class _Account:
    """What all processes have told so far."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.began = time.monotonic()
        self.lock = threading.Lock()
        self.done = 0
        self.found: list[Any] = []
        self.moves: Counter[tuple[str, str, str]] = Counter()
        self.allowed: set[tuple[str, str, str]] = set()

    def take(self, line: str) -> None:
        """Take in one line of a process."""
        told = json.loads(line)
        with self.lock:
            self.allowed |= {(a, b, c) for a, b, c in told.get("allowed", [])}
            self.moves.update({(a, b, c): n for a, b, c, n in told.get("moves", [])})
            self.done += told.get("histories", 0)
            self.found += told.get("found", [])
            for seed, what, log in told.get("found", []):
                print(f"VIOLATION seed {seed}: {what}\n    {', '.join(log)}", flush=True)
            if told.get("histories"):
                self._progress()

    def _progress(self) -> None:
        seconds = time.monotonic() - self.began
        print(
            f"{self.done} of {self.wanted} histories, {seconds:.0f} s, {self.done / seconds:.1f} a second, "
            f"{len(self.found)} violations, {self.share()} of the moves visited", flush=True,
        )  # fmt: skip

    def share(self) -> str:
        """Say how many of the allowed moves were made."""
        made = len(self.allowed & set(self.moves))
        return f"{made} of {len(self.allowed)} ({made / max(1, len(self.allowed)):.0%})"


def _walk_all(options: argparse.Namespace) -> int:
    account = _Account(options.histories)
    share = -(-options.histories // options.processes)
    end = options.seed + options.histories
    starts = range(options.seed, end, share)
    flags = ["--steps", str(options.steps), "--at-once", str(options.at_once)]
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "lab.histories", *flags, "--part", f"{a}:{min(end, a + share)}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        for a in starts
    ]
    readers = [threading.Thread(target=_read, args=(child, account)) for child in children]
    try:
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    except BaseException:
        for child in children:
            child.terminate()
        raise
    broken = [child for child in children if child.wait()]
    _tell(account)
    return 1 if account.found or broken else 0


def _read(child: "subprocess.Popen[str]", account: _Account) -> None:
    for line in child.stdout or ():
        account.take(line)


def _tell(account: _Account) -> None:
    print(f"\n{account.done} histories, {len(account.found)} violations")
    print(f"moves visited: {account.share()}; of each table:")
    for table in sorted({table for table, _, _ in account.allowed}):
        pairs = sorted(pair for pair in account.allowed if pair[0] == table)
        missing = [f"{a or 'new'} > {b}" for _, a, b in pairs if not account.moves[(table, a, b)]]
        told = f"; not {', '.join(missing)}" if missing else ""
        print(f"  {table:26s} {len(pairs) - len(missing)} of {len(pairs)}{told}")


if __name__ == "__main__":
    main()
