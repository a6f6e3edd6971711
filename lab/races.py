"""The races of the tests, many times over: the same moment from up to 32 connections, thousands of rounds.

    python -m lab.races [--times 40] [--only money]

Runs every test of tests/races so often, each on an emptied database, one after the other; `--only` takes pytest's `-k`. Each compares
what came of each of its rounds to the cent and the piece, and lets `orderwerk check` look after the last. Prints how many moments there were and
how many connections met in them. Exit status 1 when a round broke anything.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.bounds import parsed


def main() -> None:
    """Run and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--times", type=int, default=40, help="how often each race is run")
    parser.add_argument("--only", default="", help="which races, as for pytest -k")
    options = parsed(parser, minutes=240)
    with tempfile.TemporaryDirectory(prefix="orderwerk-races-") as folder:
        file = Path(folder) / "moments"
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "0", "-x", "-k", options.only, "tests/races"],
            env={**os.environ, "ORDERWERK_RACE_TIMES": str(options.times), "ORDERWERK_RACE_MOMENTS": str(file)},
            check=False,
        )  # fmt: skip
        counted = [line.split() for line in file.read_text().splitlines()] if file.is_file() else []
    moments = {int(width): int(count) for width, count in counted}
    for width, count in sorted(moments.items()):
        print(f"{count:7} moments with {width:3} connections at once")
    print(f"{sum(moments.values())} moments, {sum(w * n for w, n in moments.items())} transactions, {time.monotonic() - began:.0f} s")  # fmt: skip
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
