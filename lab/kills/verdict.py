"""Compares what clients were told, what the mail server and the payment provider have seen, and what the installation says."""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import psycopg

from lab.kills.outside import MailSink
from lab.kills.people import History
from tests.doubles.mollie import MollieDouble

# What is open is stuck when none of it comes to its end for so long; a refund in doubt is looked up ever later.
_STUCK_SECONDS = 300
_LONGEST_SECONDS = 1800
_QUIET = """
select (select count(*) from core_outbox) + (select count(*) from procrastinate_jobs where status in ('todo', 'doing'))
  + (select count(*) from core_effect where status = 'intended' or (status = 'in_doubt' and kind <> 'email'))
"""


@dataclass(frozen=True)
class Seen:
    """What the installation's tables say."""

    orders: Counter[str]
    ids: dict[str, str]
    refunds: dict[str, int]
    emails: dict[str, str]
    shipped: set[str]


def read(connection: "psycopg.Connection[Any]") -> Seen:
    """Read what is compared."""
    orders = connection.execute(
        "select external_id, id::text, units_shipped from orders_order"
    ).fetchall()
    refunds = connection.execute(
        "select p.reference, sum(r.amount_minor) from refunds_refund r join payments_payment p on p.id = r.payment_id "
        "where r.status in ('submitted', 'pending', 'succeeded') group by 1"
    ).fetchall()
    emails = connection.execute(
        "select message_id, status from emails_email where message_id <> ''"
    ).fetchall()
    return Seen(
        Counter(row[0] for row in orders),
        {row[0]: row[1] for row in orders},
        {row[0]: int(row[1]) for row in refunds},
        dict(emails),
        {row[1] for row in orders if row[2]},
    )


def left(connection: "psycopg.Connection[Any]") -> int:
    """How much is still to be done: outbox rows, jobs, effects without an end.

    A message whose server hung up after taking it stays in doubt until a person decides: sending again could be twice.
    """
    row = connection.execute(_QUIET).fetchone()
    assert row is not None
    return int(row[0])


def drain(url: str) -> float:
    """Let everything that is open come to its end; returns how long that took."""
    began = moved = time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        least = left(connection)
        while least and (now := time.monotonic()) - moved < _STUCK_SECONDS and now - began < _LONGEST_SECONDS:  # fmt: skip
            time.sleep(0.5)
            if (open_things := left(connection)) < least:
                least, moved = open_things, now
    if least:
        print(f"STUCK: {least} things are not done after {time.monotonic() - began:.0f} s")
    return time.monotonic() - began


def judge(book: History, seen: Seen, sink: MailSink, mollie: MollieDouble) -> dict[str, list[str]]:
    """Return what is wrong, by kind; each list should be empty."""
    back: dict[str, int] = defaultdict(int)
    for refund in mollie.refunds.values():
        if mollie.has_moved(refund):
            back[refund.payment.id] += refund.amount
    return {
        "acknowledged orders lost": [n for n, key in book.placed.items() if seen.ids.get(n) != key],
        "orders twice": [n for n, count in seen.orders.items() if count > 1],
        "orders that nobody wanted": [n for n in seen.orders if n not in book.wanted],
        "acknowledged shipments lost": sorted(book.shipped - seen.shipped),
        "paid back above what was paid": [p for p, n in back.items() if n > book.paid.get(p, 0)],
        "provider and installation differ": [p for p in back.keys() | seen.refunds.keys() if back.get(p, 0) != seen.refunds.get(p, 0)],
        "e-mails twice": [key for key, count in list(sink.arrived.items()) if count > 1],
        "e-mails said to be sent that never arrived": [key for key, s in seen.emails.items() if s == "sent" and not sink.arrived[key]],
        "e-mails that nobody wrote": [key for key in list(sink.arrived) if key not in seen.emails],
        "odd answers": book.odd,
    }  # fmt: skip


def planted(book: History, seen: Seen, sink: MailSink, mollie: MollieDouble) -> list[str]:
    """Plant one fault of each kind and return those that the same judge does not find."""
    missed = []

    def expect(kind: str, book: History = book, seen: Seen = seen, sink: MailSink = sink) -> None:
        if not judge(book, seen, sink, mollie)[kind]:
            missed.append(kind)

    name = next(iter(book.placed))
    key = next(iter(sink.arrived))
    fewer = {n: i for n, i in seen.ids.items() if n != name}
    expect(
        "acknowledged orders lost",
        seen=Seen(seen.orders, fewer, seen.refunds, seen.emails, seen.shipped),
    )
    expect(
        "orders twice",
        seen=Seen(seen.orders + Counter([name]), seen.ids, seen.refunds, seen.emails, seen.shipped),
    )
    expect(
        "orders that nobody wanted",
        seen=Seen(seen.orders + Counter(["?"]), seen.ids, seen.refunds, seen.emails, seen.shipped),
    )
    expect(
        "acknowledged shipments lost",
        seen=Seen(seen.orders, seen.ids, seen.refunds, seen.emails, set()),
    )
    sink.arrived[key] += 1
    expect("e-mails twice")
    sink.arrived[key] -= 1
    expect(
        "e-mails said to be sent that never arrived",
        seen=Seen(
            seen.orders, seen.ids, seen.refunds, {**seen.emails, "<no>": "sent"}, seen.shipped
        ),
    )
    expect(
        "e-mails that nobody wrote",
        seen=Seen(seen.orders, seen.ids, seen.refunds, {}, seen.shipped),
    )
    payment = next(iter(book.paid))
    again = mollie.refund_by_hand(payment, book.paid[payment])
    expect("provider and installation differ")
    more = mollie.refund_by_hand(payment, book.paid[payment])
    expect("paid back above what was paid")
    for made in (again, more):
        del mollie.refunds[made]
    return missed
