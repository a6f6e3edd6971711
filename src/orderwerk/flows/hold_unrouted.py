"""Puts orders on hold that a routing rule sends nowhere and that want a person; once per order."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.orders.commands.hold import HoldItem, hold_orders

# Whoever releases such a hold has decided: from then on the order is split as its goods lie (see read_facts).
OWNER = "routing"
_WAITING = """
select distinct on (o.id) o.id, e.payload ->> 'rule', coalesce(e.payload ->> 'group', ''), e.payload ->> 'otherwise'
from core_event e join orders_order o on o.id = e.order_id
where e.id = any(%s) and o.status = 'awaiting_stock' and o.units_allocated = 0 and o.holds_open = 0
  and not exists (select 1 from orders_hold h where h.order_id = o.id and h.owner_name = %s)
order by o.id
"""
_REASONS = {
    "hold": "Routing rule {rule}: no location can send this order.",
    "ask": "Routing rule {rule} asks: release it to split the order as its goods lie, or wait for stock.",
    "collect": "The stock location where the customer collects this order is closed or cannot have it ready.",
}


def hold_unrouted_orders(event_ids: Sequence[UUID]) -> int:
    """Hold the orders of these events that still have nothing claimed; returns how many."""
    rows = sql.fetch(_WAITING, (list(event_ids), OWNER))
    items = [
        HoldItem(order_id=key, reason=_REASONS[otherwise].format(rule=_named(rule, group))[:500])
        for key, rule, group, otherwise in rows
    ]
    return sum(outcome.ok for outcome in hold_orders(items, actor=Actor.job(OWNER)))


def _named(rule: str, group: str) -> str:
    # What an earlier version noted names no group.
    return f"{rule} of group {group}" if group else rule
