"""Every budget that stands for the ground and the main job, one after another, with the machine they were taken on.

    python -m bench [--quick]

About a quarter of an hour; with --quick a few minutes, on sizes that show that it runs, not how fast it is.
"""

import argparse
import os
import platform
import subprocess
import sys
import time

# Title, module, its options, and its options when it has to be quick.
_RUNS = (
    (
        "P1, P10: orders through HTTP, 8 clients",
        "intake",
        "--rounds 3 --web 1,2,4",
        "--rounds 1 --seconds 2",
    ),
    ("P2: 32 clients", "intake", "--rounds 3 --clients 32", "--rounds 1 --seconds 2 --clients 32"),
    ("P3: API of 1,000 and importer", "bulk_intake", "--rounds 2", "--rounds 1 --orders 1000"),
    ("P3, P5, P13: bulk commands", "commands", "--rounds 2", "--rounds 1 --items 300"),
    ("P5: backorders", "backorders", "--rounds 2", "--rounds 1 --orders 1000"),
    ("P10, P12: jobs", "jobs", "", "--rounds 10"),
    ("P11: paper", "papers", "", ""),
    ("P6, P7, P13: pages", "pages", "--orders 100000", "--orders 2000"),
)


def main() -> None:
    """Run them one after another; each has a database of its own, and a failure stops the run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        flush=True,
    )
    for title, module, normal, quick in _RUNS:
        started = time.monotonic()
        print(f"\n== {title}", flush=True)
        arguments = (quick if options.quick else normal).split()
        subprocess.run([sys.executable, "-m", f"bench.{module}", *arguments], check=True)
        print(f"({time.monotonic() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
