"""Plants one fault of each kind, at the place where it would stand, for the judge to find."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg

from lab.kills.people import History
from lab.kills.seen import Checked, Reach, check, left
from lab.kills.verdict import Sides, judge, money_back

_GAPS = "invoice-gapless"


def planted(sides: Sides, reach: Reach, mollie: Any) -> list[str]:
    """Plant one fault of each kind, one after the other, and return those that the judge does not find."""
    every = (*on_paper(sides), *_at_the_provider(sides, mollie), *_in_the_tables(sides, reach))
    return [f"{what} ({kind})" for what, kind, wrong in every if not judge(wrong)[kind]]


def on_paper(sides: Sides) -> Iterator[tuple[str, str, Sides]]:
    """Each fault as what one of the sides says: what it is, the list that should name it, and what is judged then."""
    book, seen, arrived = sides.book, sides.seen, sides.arrived
    order, name = next(((key, n) for n, key in book.placed.items()), ("?", "?"))
    payment = next(iter(book.paid), "?")
    shipment = next(iter(book.notified), "?")
    message = seen.letters.get(shipment, "?")
    sent = Counter({**arrived, message: 1})

    def said(**changes: Any) -> Sides:
        return replace(sides, seen=replace(seen, **changes))

    def told(**changes: Any) -> Sides:
        return replace(sides, book=_with(book, **changes))

    yield "an order is gone", "acknowledged orders lost", replace(told(placed={**book.placed, name: order}), seen=replace(seen, ids={n: i for n, i in seen.ids.items() if n != name}))  # fmt: skip
    yield "an order twice", "orders twice", said(orders=Counter({**seen.orders, name: 2}))
    yield "an order more", "orders that nobody wanted", said(orders=seen.orders + Counter(["?"]))
    yield "a shipment is gone", "acknowledged shipments lost", replace(told(shipped={*book.shipped, order}), seen=replace(seen, shipped=seen.shipped - {order}))  # fmt: skip
    yield "a cancellation is gone", "acknowledged cancellations lost", replace(told(cancelled={*book.cancelled, order}), seen=replace(seen, cancelled=seen.cancelled - {order}))  # fmt: skip
    yield "a returned piece is gone", "acknowledged returns lost", told(returned={**book.returned, order: seen.returned.get(order, 0) + 1})  # fmt: skip
    yield "a piece came back twice", "returns that nobody sent", said(returned={**seen.returned, order: book.returned.get(order, 0) + 1})  # fmt: skip
    yield "a cent is not paid back", "owed and never paid back", told(owed={**book.owed, payment: sides.back[payment] + 1})  # fmt: skip
    yield "a message is not written", "e-mails asked for and not written", replace(told(notified={*book.notified, shipment}), seen=replace(seen, letters={s: m for s, m in seen.letters.items() if s != shipment}))  # fmt: skip
    yield "a message waits for ever", "e-mails asked for that never arrived", replace(told(notified={*book.notified, shipment}), arrived=sent - Counter([message]), seen=replace(seen, letters={**seen.letters, shipment: message}, emails={**seen.emails, message: "queued"}))  # fmt: skip
    yield "a message did not go", "e-mails said to be sent that never arrived", said(emails={**seen.emails, "<no>": "sent"})  # fmt: skip
    yield "a message twice", "e-mails twice", replace(sides, arrived=sent + Counter([message]))
    yield "a message more", "e-mails that nobody wrote", replace(sides, arrived=arrived + Counter(["<no>"]))  # fmt: skip
    yield "an odd answer", "odd answers", told(odd=[*book.odd, "orders answered 500"])
    yield "an invariant is broken", "findings of orderwerk check", replace(sides, checked=Checked(findings=("x",)))  # fmt: skip


def _with(book: History, **changes: Any) -> History:
    """A book of its own: nobody's pen goes on writing in what is planted in."""
    own = {name: value.copy() for name, value in vars(book).items() if name != "lock"}
    return History(**{**own, **changes})


def _at_the_provider(sides: Sides, mollie: Any) -> Iterator[tuple[str, str, Sides]]:
    """Money goes back by the provider's own dashboard: all of a payment, and all of it once more."""
    payment = next(iter(sides.book.paid))
    amount = sides.book.paid[payment]
    made = []
    for _ in range(2):
        made.append(mollie.refund_by_hand(payment, amount))
        wrong = replace(sides, back=money_back(mollie))
        yield "a refund more at the provider", "provider and installation differ", wrong
        yield "a refund more than was owed", "paid back above what was owed", wrong
    yield "a payment paid back twice", "paid back above what was paid", wrong
    for key in made:
        del mollie.refunds[key]


def _in_the_tables(sides: Sides, reach: Reach) -> Iterator[tuple[str, str, Sides]]:
    """Work that nobody does, a number that is left out, a table that cannot be read; put right again afterwards."""
    with psycopg.connect(reach.url) as connection:
        connection.execute("insert into core_outbox (created_at, event_ids) values (now(), array[gen_random_uuid()])")  # fmt: skip
        yield "work that nobody does", "still to be done", replace(sides, stuck=left(connection))
        connection.rollback()
    with psycopg.connect(reach.url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        series = connection.execute("select id from core_series where last_number > 0 limit 1").fetchone()  # fmt: skip
        key = (series[0] if series else None,)
        yield "a number is left out", "findings of orderwerk check", _checked(
            sides, reach,
            lambda: connection.execute("update core_series set last_number = last_number + 1 where id = %s", key),
            lambda: connection.execute("update core_series set last_number = last_number - 1 where id = %s", key),
        )  # fmt: skip
        yield "a table cannot be read", "not checked by orderwerk check", _checked(
            sides, reach,
            lambda: connection.execute("alter table core_series rename to core_series_away"),
            lambda: connection.execute("alter table core_series_away rename to core_series"),
        )  # fmt: skip


def _checked(sides: Sides, reach: Reach, spoil: Callable[[], Any], mend: Callable[[], Any]) -> Sides:  # fmt: skip
    spoil()
    try:
        return replace(sides, checked=check(reach.run, _GAPS))
    finally:
        mend()
