"""Takes what was authorised when goods leave: the value of what has left, to the cent; lets the rest go in the end."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.orders.counters import lock_orders
from orderwerk.payments.capture_rules import Promise, Want, wanted
from orderwerk.payments.captures import NewCapture, insert_captures
from orderwerk.payments.providers import PROVIDERS


class CaptureItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order of which goods have left, or of which nothing is open any more."""

    order_id: UUID


# What has left is worth its share of each line, and the delivery; once nothing is open, all that was not cancelled. What a
# person has credited before it came in has not to come in (what is cancelled is counted already).
_TARGETS = """
select o.id, o.units_ordered = o.units_shipped + o.units_cancelled, greatest(0, case
    when o.units_ordered = o.units_shipped + o.units_cancelled then o.grand_total_minor - o.cancelled_minor
    else least(o.grand_total_minor - o.cancelled_minor,
      l.value + case when o.units_shipped > 0 then o.shipping_net_minor + o.shipping_tax_minor else 0 end)
  end - v.waived)::bigint
from orders_order o
cross join lateral (
  select coalesce(sum(x.gross_minor * x.shipped / x.quantity), 0) as value from orders_line x where x.order_id = o.id) l
cross join lateral (
  select coalesce(sum(x.gross_minor - x.refundable_minor), 0) as waived from invoices_invoice x
  where x.order_id = o.id and x.kind = 'credit' and x.cause not in ('cancellation', 'unshipped')) v
where o.id = any(%s)
"""
_PROMISES = """
select p.id, p.shop_id, p.order_id, p.reference, p.currency, p.status, p.amount_minor, p.authorized_minor, p.captured_minor,
  p.capture_reserved_minor, c.open::bigint, p.capture_before, a.id is not null, p.provider, c.is_stopped, c.is_let_go
from payments_payment p
left join payments_account a on a.shop_id = p.shop_id and a.provider = p.provider and a.is_active and a.capture_on_shipment
cross join lateral (
  select coalesce(sum(x.amount_minor) filter (where x.status = 'submitted' and not x.is_release), 0) as open,
    coalesce(bool_or(x.status = 'failed' and not x.is_release), false) as is_stopped, coalesce(bool_or(x.is_release), false) as is_let_go
  from payments_capture x where x.payment_id = p.id) c
where p.order_id = any(%s) order by p.id
"""


def capture_payments(items: Sequence[CaptureItem], *, actor: Actor) -> list[Outcome]:
    """Decide what is to be taken, or let go, of the authorised payments of orders; the calls follow (send_captures.py).

    Only of payments at a provider to which the shop is connected. Running it again decides nothing twice. Refuses with
    NotFound an order that is not there for this actor.
    """
    return retrying(lambda: _capture(items, actor))


def _capture(items: Sequence[CaptureItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    decided: dict[UUID, list[NewCapture]] = {}
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        books = _books(list(states))
        for item in items:
            key = item.order_id
            if key not in states:
                refusal = NotFound(f"There is no order {key}.", code="unknown_order", pointer="/order_id")  # fmt: skip
                outcomes.append(Outcome.refused(refusal))
                continue
            if key not in decided:
                decided[key] = [_new(want) for want in books[key].wanted()]
            outcomes.append(Outcome.done(key, captures=[str(c.id) for c in decided[key]]))
        insert_captures(unit, [capture for found in decided.values() for capture in found])
    return outcomes


@dataclass(frozen=True, slots=True)
class _Book:
    """An order's payments, and what has left of it."""

    target: int
    is_finished: bool
    payments: list[Promise]

    def wanted(self) -> list[Want]:
        return wanted(self.target, self.payments, is_finished=self.is_finished, now=clock.now())


def _books(order_ids: list[UUID]) -> dict[UUID, _Book]:
    payments: dict[UUID, list[Promise]] = defaultdict(list)
    for row in sql.fetch(_PROMISES, (order_ids,)):
        known = PROVIDERS.get(row[13])
        is_ours, once = row[12] and known is not None, known is not None and known.captures_once
        payments[row[2]].append(Promise(*(*row[:12], is_ours, once, *row[14:16])))
    return {
        row[0]: _Book(row[2], row[1], payments[row[0]]) for row in sql.fetch(_TARGETS, (order_ids,))
    }


def _new(want: Want) -> NewCapture:
    payment = want.payment
    return NewCapture(
        ids.new_id(), payment.shop_id, payment.order_id, payment.id, payment.reference, payment.currency, want.amount,
        want.is_release,
    )  # fmt: skip


# Orders with something authorised of which goods have left or nothing is open: an event may have come before its time.
_DUE = """
select distinct p.order_id from payments_payment p join orders_order o on o.id = p.order_id
join payments_account a on a.shop_id = p.shop_id and a.provider = p.provider and a.is_active and a.capture_on_shipment
where p.status = 'authorized' and p.captured_minor < p.authorized_minor
  and (o.units_shipped > 0 or o.units_cancelled = o.units_ordered) and p.order_id > %s
order by p.order_id limit %s
"""
_BATCH = 1000


def capture_due(*, actor: Actor, batch: int = _BATCH) -> int:
    """Decide for all orders with something authorised, so many in one transaction; returns how many there were."""
    # By key: what stays authorised until the rest has left comes first in every run, and must keep nobody waiting.
    seen, last = 0, UUID(int=0)
    while keys := [row[0] for row in sql.fetch(_DUE, (last, batch))]:
        capture_payments([CaptureItem(order_id=key) for key in keys], actor=actor)
        seen, last = seen + len(keys), keys[-1]
    return seen
