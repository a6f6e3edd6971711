"""Puts orders on hold while goods have still to leave whose payment, or the one that its money came from, was charged back, also where
only a refund that has gone back since left too little of it; once per order."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows.charged_back_money import REACHED
from orderwerk.orders.commands.hold import HoldItem, hold_orders

OWNER = "charge back"
_CHARGED_BACK = f"""
{REACHED}
select distinct on (o.id) o.id, p.reference, x.how, c.number
from reached x join payments_payment p on p.id = x.root_id join orders_order o on o.id = x.order_id
left join refunds_store_credit c on c.id = x.credit_id
where p.charged_back_minor > 0 and x.is_away and o.status not in ('shipped', 'cancelled')
  and not exists (select 1 from orders_hold h where h.order_id = o.id and h.owner_name = %s)
order by o.id, x.how, c.id, p.id
"""
_WHY = {
    "": "Payment {reference} was charged back.",
    "credit": "Store credit {credit} paid, and payment {reference} that it came from was charged back.",
    "exchange": "An exchange paid, and payment {reference} that it came from was charged back.",
    "claim": "It replaces goods whose payment {reference} was charged back.",
}


def hold_charged_back_orders(event_ids: Sequence[UUID]) -> int:
    """Hold the orders of these events that have not left yet; returns how many. Whoever releases one has decided."""
    rows = sql.fetch(_CHARGED_BACK, (list(event_ids), OWNER))
    items = [
        HoldItem(order_id=key, reason=_WHY[how].format(reference=reference, credit=credit)[:500])
        for key, reference, how, credit in rows
    ]
    return sum(outcome.ok for outcome in hold_orders(items, actor=Actor.job(OWNER)))
