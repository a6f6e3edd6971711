"""Lets orders go that nobody has paid for in time; what they hold is free for others."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.flows.cancelling import Book, carry_out, read_book, read_in_hand
from orderwerk.orders.counters import OrderState, lock_orders

EXPIRED = "expired"
_BATCH = 500


class ExpireItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order that may have waited for its money long enough."""

    order_id: UUID


# A payment that is still expected counts with its own method's hours from when it was begun; where none is, any that was
# tried, else the order itself. A method without hours (and no hours for the others) waits for ever. Where some money has
# come in, a person decides.
_DUE = """
select o.id
from orders_order o join shops_shop s on s.id = o.shop_id
cross join lateral (
  select bool_or(p.status = 'pending') as is_expected from payments_payment p where p.order_id = o.id) e
cross join lateral (
  select bool_or(t.hours is null) as is_endless, max(t.since + make_interval(hours => t.hours)) as ends_at
  from (
    select p.created_at as since, coalesce(s.unpaid_hours ->> p.method, s.unpaid_hours ->> 'other')::int as hours
    from payments_payment p where p.order_id = o.id and (p.status = 'pending' or not e.is_expected)
    union all
    select o.received_at, (s.unpaid_hours ->> 'other')::int where e.is_expected is null) t) d
where {condition} and o.status = 'awaiting_payment' and o.captured_minor = 0 and o.authorized_minor = 0
  and s.unpaid_hours <> '{{}}' and not d.is_endless and d.ends_at <= %s
order by o.id limit %s
"""
_ALL_DUE = _DUE.format(condition="true")
_STILL_DUE = _DUE.format(condition="o.id = any(%s)")


def orders_to_expire() -> list[UUID]:
    """Return orders whose time to be paid is over, five hundred at most."""
    return [row[0] for row in sql.fetch(_ALL_DUE, (clock.now(), _BATCH))]


def expire_orders(items: Sequence[ExpireItem], *, actor: Actor) -> list[Outcome]:
    """Cancel orders that were not paid within the hours of their shop for their payment method, reason `expired`.

    Their lines remember what expired, so that a late payment can bring it back. Refuses with NotFound, with WrongState an
    order that is paid, on hold, finished, or whose time is not over.
    """
    return retrying(lambda: _expire(items, actor))


def _expire(items: Sequence[ExpireItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        # Payments of locked orders stand still: what is due here is due.
        rows = sql.fetch(_STILL_DUE, (list(states), clock.now(), len(states)))
        due = {row[0]: states[row[0]] for row in rows}
        book = read_book(due)
        if book.asking:
            read_in_hand(book)
        _choose(book)
        after = carry_out(unit, due, book)
        _remember(book)
    outcomes = []
    for item in items:
        if item.order_id in after:
            status = after[item.order_id].status
            outcomes.append(Outcome.done(item.order_id, status=status))
        else:
            outcomes.append(Outcome.refused(_why_not(item, states)))
    return outcomes


def _choose(book: Book) -> None:
    for order_id, lines in book.by_order.items():
        book.reasons[order_id] = EXPIRED
        for line in lines:
            # What somebody has in his hands is not taken out of them by a clock.
            line.going = line.free if order_id in book.asking else line.open


def _remember(book: Book) -> None:
    gone = [line for line in book.lines.values() if line.going]
    sql.execute(
        "update orders_line l set expired = l.expired + t.n from unnest(%s::uuid[], %s::int[]) as t(id, n) where l.id = t.id",
        ([line.id for line in gone], [line.going for line in gone]),
    )


def _why_not(item: ExpireItem, states: dict[UUID, OrderState]) -> NotFound | WrongState:
    state = states.get(item.order_id)
    if state is None:
        return NotFound(
            f"There is no order {item.order_id}.", code="unknown_order", pointer="/order_id"
        )
    return WrongState(
        f"Order {state.number} is {state.status}, or its time to be paid is not over.",
        code="not_due",
    )
