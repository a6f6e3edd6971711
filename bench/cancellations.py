"""The cancellations of a real year: every C invoice of a webshop replayed as returns and credits through the API.

    ORDERWERK_SHARED_DATA=… PYTHONPATH=src:. python -m bench.cancellations [--file FILE]

The file (default: online-retail/online_retail_2010-12-01_2011-12-09.csv.gz in that folder) says what came back, when and from
whom, but not of which sale. So first the sales that it can be of are placed, shipped and invoiced; then each line goes to the
running API (`returns/create` for goods, `invoices/credit` for delivery, discounts and manual corrections), the newest fitting
sale first. What fits no sale is parked with a reason. Prints what became of every line; exit status 1 when one is missing, when
more was credited than invoiced, or when `orderwerk check` finds anything. A few minutes.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.bounds import parsed
from bench.ground import fresh_database
from bench.replay_server import ask, server

_YEAR = "online-retail/online_retail_2010-12-01_2011-12-09.csv.gz"


def main() -> None:
    """Replay and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path)
    options = parsed(parser, minutes=45)
    file = options.file or Path(os.environ["ORDERWERK_SHARED_DATA"]) / _YEAR
    with fresh_database() as url, tempfile.TemporaryDirectory():
        sys.exit(_run(file, url))


def _run(file: Path, url: str) -> int:
    from bench.cancelled_sales import load, read
    from bench.cancelled_story import replay, tell
    from orderwerk.accounts.commands.create_token import NewToken, create_tokens
    from orderwerk.accounts.rules import SCOPES
    from orderwerk.checks.run import run_checks
    from orderwerk.core.actor import Actor

    began = time.perf_counter()
    year = read(file)
    orders = load(year)
    print(
        f"{orders:,} sales placed, shipped and invoiced in {time.perf_counter() - began:.0f} s",
        flush=True,
    )
    made = create_tokens([NewToken(name="replay", scopes=SCOPES)], actor=Actor.system("replay"))
    token = str(made[0].require().data["token"])

    def send(path: str, items: Sequence[Any], key: str) -> list[dict[str, Any]]:
        body = msgspec.json.encode({"items": items})
        found: list[dict[str, Any]] = ask(path, body, token, key)["results"]
        return found

    with server(url):
        asked = time.perf_counter()
        story = replay(year, send)
        print(f"replayed in {time.perf_counter() - asked:.0f} s", flush=True)
    fine = tell(year, story)
    report = run_checks()
    findings = [
        f"{f.severity} {f.invariant} {f.object} {f.object_id}: {f.actual}" for f in report.findings
    ]
    print(
        f"check: {len(report.checked)} invariants, {len(findings)} findings, {len(report.unchecked)} not checked"
    )
    print("\n".join(findings[:20]))
    print(f"the whole: {(time.perf_counter() - began) / 60:.1f} minutes")
    return 0 if fine and not findings and not report.unchecked else 1


if __name__ == "__main__":
    main()
