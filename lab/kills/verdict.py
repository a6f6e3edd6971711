"""Compares what clients were told, what the mail server and the payment provider have seen, and what the installation says."""

from collections import Counter
from dataclasses import dataclass

from lab.kills.people import History
from lab.kills.seen import Checked, Seen
from tests.doubles.mollie import MollieDouble


@dataclass(frozen=True)
class Sides:
    """All who counted: the clients' book, the tables, messages that arrived, money that went back, the program's own check."""

    book: History
    seen: Seen
    arrived: Counter[str]
    back: Counter[str]
    checked: Checked
    stuck: int


def money_back(mollie: MollieDouble) -> Counter[str]:
    """How much of each payment went back, as the provider has it."""
    back = Counter[str]()
    for refund in list(mollie.refunds.values()):
        if mollie.has_moved(refund):
            back[refund.payment.id] += refund.amount
    return back


def judge(sides: Sides) -> dict[str, list[str]]:
    """Return what is wrong, by kind; each list should be empty."""
    book, seen, back = sides.book, sides.seen, sides.back
    return {
        "acknowledged orders lost": [n for n, key in book.placed.items() if seen.ids.get(n) != key],
        "orders twice": [n for n, count in seen.orders.items() if count > 1],
        "orders that nobody wanted": [n for n in seen.orders if n not in book.wanted],
        "acknowledged shipments lost": sorted(book.shipped - seen.shipped),
        "acknowledged cancellations lost": sorted(book.cancelled - seen.cancelled),
        "acknowledged returns lost": [o for o, n in book.returned.items() if seen.returned.get(o, 0) < n],
        "returns that nobody sent": [o for o, n in seen.returned.items() if book.returned.get(o, 0) < n],
        "owed and never paid back": [p for p, n in book.owed.items() if back[p] < n],
        "paid back above what was owed": [p for p, n in back.items() if n > book.owed.get(p, 0)],
        "paid back above what was paid": [p for p, n in back.items() if n > book.paid.get(p, 0)],
        "provider and installation differ": [p for p in back.keys() | seen.refunds.keys() if back[p] != seen.refunds.get(p, 0)],
        **_letters(sides),
        "odd answers": book.odd,
        "still to be done": [f"{sides.stuck} things"] if sides.stuck else [],
        "findings of orderwerk check": list(sides.checked.findings),
        "not checked by orderwerk check": list(sides.checked.unchecked),
    }  # fmt: skip


def _letters(sides: Sides) -> dict[str, list[str]]:
    """What is wrong with messages. One in doubt may have arrived or not: a person decides."""
    book, seen, arrived = sides.book, sides.seen, sides.arrived
    written = {shipment: seen.letters[shipment] for shipment in book.notified if shipment in seen.letters}  # fmt: skip
    return {
        "e-mails asked for and not written": sorted(book.notified - written.keys()),
        "e-mails asked for that never arrived": [s for s, key in written.items() if not arrived[key] and seen.emails[key] != "unknown"],
        "e-mails said to be sent that never arrived": [key for key, s in seen.emails.items() if s == "sent" and not arrived[key]],
        "e-mails twice": [key for key, count in arrived.items() if count > 1],
        "e-mails that nobody wrote": [key for key, count in arrived.items() if count and key not in seen.emails],
    }  # fmt: skip
