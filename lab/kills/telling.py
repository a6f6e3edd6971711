"""Says what clients, provider, mail server, tables and `orderwerk check` found, and what of the planted faults was missed."""

from typing import Any

import psycopg

from lab.kills.people import History
from lab.kills.plants import planted
from lab.kills.seen import Reach, check, left, read
from lab.kills.verdict import Sides, judge, money_back


def tell(reach: Reach, sink: Any, mollie: Any, book: History, took: float) -> int:
    """Print who counted what; returns 1 when anything is wrong, also when a planted fault was not found."""
    with psycopg.connect(reach.url) as connection:
        seen, stuck = read(connection), left(connection)
    sides = Sides(book, seen, +sink.arrived, money_back(mollie), check(reach.run), stuck)
    found = judge(sides)
    print(f"{len(book.placed)} orders acknowledged, {len(seen.orders)} there, {len(book.shipped)} sent, {len(book.cancelled)} cancelled, {sum(book.returned.values())} pieces returned")  # fmt: skip
    print(f"{len(mollie.refunds)} refunds at the provider of {sum(1 for n in book.owed.values() if n)} owed, {sum(sink.arrived.values())} e-mails arrived of {len(seen.emails)} written; quiet {took:.0f} s after everybody stopped")  # fmt: skip
    for kind, cases in found.items():
        print(f"{kind:44s} {len(cases)} {cases[:3] or ''}")
    print(f"e-mails of which nobody knows whether they went out, for a person to decide: {sides.checked.doubts}")  # fmt: skip
    missed = planted(sides, reach, mollie)
    print(f"planted faults that were not found: {missed or 'none'}", flush=True)
    return int(bool(any(found.values()) or missed))
