"""Puts orders on hold while goods have still to leave whose payment, or the one behind their store credit, was charged back; once per order."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.orders.commands.hold import HoldItem, hold_orders

OWNER = "charge back"
_CHARGED_BACK = """
select distinct on (o.id) o.id, p.reference, x.credit
from core_event e join payments_payment p on p.id = e.aggregate_id
cross join lateral (
  select p.order_id, '' as credit
  union all
  select m.order_id, c.number from refunds_refund r join refunds_store_credit c on c.refund_id = r.id
  join refunds_credit_movement m on m.store_credit_id = c.id and m.kind = 'used' where r.payment_id = p.id) x
join orders_order o on o.id = x.order_id
where e.id = any(%s) and p.charged_back_minor > 0 and o.status not in ('shipped', 'cancelled')
  and not exists (select 1 from orders_hold h where h.order_id = o.id and h.owner_name = %s)
order by o.id, x.credit, p.id
"""


def hold_charged_back_orders(event_ids: Sequence[UUID]) -> int:
    """Hold the orders of these events that have not left yet; returns how many. Whoever releases one has decided."""
    rows = sql.fetch(_CHARGED_BACK, (list(event_ids), OWNER))
    items = [
        HoldItem(order_id=key, reason=_reason(reference, credit)[:500])
        for key, reference, credit in rows
    ]
    return sum(outcome.ok for outcome in hold_orders(items, actor=Actor.job(OWNER)))


def _reason(reference: str, credit: str) -> str:
    if credit:
        return f"Store credit {credit} paid, and payment {reference} that it came from was charged back."
    return f"Payment {reference} was charged back."
