"""Every budget, P1 to P13, one after another, with the machine they were taken on.

    python -m bench [--quick]

Up to four hours, and 25 GB of disk for the million orders; with --quick a few minutes, on sizes that show that it runs, not how fast
it is: what it says of budgets says nothing then. Each ratio and time that has a budget is followed by `met` or `MISSED`.
What else is measured has programs of its own (`bench.busiest`, `bench.replay`, `bench.cancellations`,
`bench.partitions`, `bench.allocation`, `bench.batching`). P10 of half an hour's work is that of `lab.sustained`.
"""

import argparse
import os
import platform
import subprocess
import sys
import time

from bench.bounds import parsed

# Title, module, its options, and its options when it has to be quick.
RUNS = (
    ("P1, P10: orders through HTTP, 8 clients", "intake", "--rounds 3 --web 1,2,4", "--rounds 1 --seconds 2"),
    ("P2: 32 clients", "intake", "--rounds 3 --clients 32 --web 1,2,4", "--rounds 1 --seconds 2 --clients 32"),
    ("P3: API of 1,000 and importer", "bulk_intake", "--rounds 3", "--rounds 1 --orders 1000"),
    ("P4: flash sale", "flash", "", "--buyers 200 --pieces 30 --clients 8"),
    ("P3, P5, P13: bulk commands", "commands", "--rounds 3", "--rounds 1 --items 300"),
    ("P5, P13: backorders", "backorders", "--rounds 3", "--rounds 1 --orders 1000"),
    ("P5, P13: money", "money", "--rounds 3", "--rounds 1 --items 300 --returns 300 --refunds 300"),
    ("P10, P12: jobs", "jobs", "", "--rounds 10"),
    ("P11: paper", "papers", "", "--slips 20"),
    ("XI3: one series of numbers", "series", "", "--connections 1,8 --seconds 1"),
    ("P6 to P9: pages, commands and checks", "million", "--orders 10000,1000000", "--orders 1000,4000 --template 1000 --repeat 2 --items 300"),
)  # fmt: skip


def main() -> None:
    """Run them one after another; each has a database of its own, and a failure is told and does not stop the others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--quick", action="store_true")
    options = parsed(parser, minutes=240)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        flush=True,
    )
    failed = []
    for title, module, normal, quick in RUNS:
        started = time.monotonic()
        arguments = (quick if options.quick else normal).split()
        print(f"\n== {title}: python -m bench.{module} {' '.join(arguments)}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"bench.{module}", *arguments], check=False)
        print(f"({time.monotonic() - started:.0f} s)", flush=True)
        if done.returncode:
            failed.append(title)
    print(f"\nfailed: {failed or 'none'}")
    sys.exit(int(bool(failed)))


if __name__ == "__main__":
    main()
