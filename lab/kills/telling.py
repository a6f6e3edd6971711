"""Says what clients, provider, mail server, tables and `orderwerk check` found, and what of the planted faults was missed."""

import json
from typing import Any

import psycopg

from lab.kills.installation import Caller, Installation
from lab.kills.people import History
from lab.kills.verdict import judge, left, planted, read

_DOUBT = "stuck-emails"


def tell(place: Installation, sink: Any, mollie: Any, book: History, caller: Caller, took: float) -> int:  # fmt: skip
    """Print who counted what; returns 1 when anything is wrong, also when a planted fault was not found."""
    with psycopg.connect(place.database_url()) as connection:
        seen, stuck = read(connection), left(connection)
    found = judge(book, seen, sink, mollie)
    missed = planted(book, seen, sink, mollie)
    checked = json.loads(place.run("check", "--json").stdout)
    doubts = [f for f in checked["findings"] if f["invariant"] == _DOUBT]
    others = [f for f in checked["findings"] if f["invariant"] != _DOUBT]
    print(f"{len(book.placed)} orders acknowledged, {len(seen.orders)} there, {len(book.shipped)} sent, {sum(book.returned.values())} returned")  # fmt: skip
    print(f"{len(mollie.refunds)} refunds at the provider, {sum(sink.arrived.values())} e-mails arrived; quiet {took:.0f} s after everybody stopped")  # fmt: skip
    print(f"answers: {dict(sorted(caller.told.items()))}")
    for kind, cases in found.items():
        print(f"{kind:44s} {len(cases)} {cases[:3] or ''}")
    print(f"{'stuck':44s} {stuck}")
    print(f"planted faults that were not found: {missed or 'none'}")
    print(
        f"e-mails of which nobody knows whether they went out, for a person to decide: {len(doubts)}"
    )
    print(f"orderwerk check: {len(others)} other findings {others[:3] or ''}")
    return int(bool(any(found.values()) or missed or stuck or others))
