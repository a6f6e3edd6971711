"""Puts orders on hold whose payment was charged back while goods have still to leave; once per order."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.orders.commands.hold import HoldItem, hold_orders

OWNER = "charge back"
_CHARGED_BACK = """
select distinct on (o.id) o.id, p.reference
from core_event e join payments_payment p on p.id = e.aggregate_id join orders_order o on o.id = p.order_id
where e.id = any(%s) and p.charged_back_minor > 0 and o.status not in ('shipped', 'cancelled')
  and not exists (select 1 from orders_hold h where h.order_id = o.id and h.owner_name = %s)
order by o.id, p.id
"""


def hold_charged_back_orders(event_ids: Sequence[UUID]) -> int:
    """Hold the orders of these events that have not left yet; returns how many. Whoever releases one has decided."""
    rows = sql.fetch(_CHARGED_BACK, (list(event_ids), OWNER))
    items = [
        HoldItem(order_id=key, reason=f"Payment {reference} was charged back."[:500])
        for key, reference in rows
    ]
    return sum(outcome.ok for outcome in hold_orders(items, actor=Actor.job(OWNER)))
