"""Puts orders on hold of which a routing rule sends nothing and that want a person; once per order and question."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.allocations.order_facts import EMPTY, LIMITED
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.orders.commands.hold import HoldItem, hold_orders

# Whoever releases such a hold has decided: from then on the order is split as its goods lie, or waits (see read_facts).
_WAITING = f"""
select distinct on (o.id) o.id, e.payload ->> 'rule', coalesce(e.payload ->> 'group', ''), e.payload ->> 'otherwise',
  coalesce(e.payload ->> 'code', 'limited')
from core_event e join orders_order o on o.id = e.order_id
where e.id = any(%s) and o.status = 'awaiting_stock' and o.units_allocated = 0 and o.holds_open = 0
  and not exists (select 1 from orders_hold h where h.order_id = o.id
    and (h.owner_name = '{LIMITED}' or h.owner_name = '{EMPTY}' and coalesce(e.payload ->> 'code', 'limited') <> 'limited'))
order by o.id, e.id desc
"""
_REASONS = {
    "hold": "Routing rule {rule}: {why}",
    "ask": "Routing rule {rule} asks: {why} {ways}",
    "collect": "The stock location where the customer collects this order is closed or cannot have it ready.",
}
_WHY = {
    "limited": "no location can send this order as the rule wants it.",
    "nothing": "no location that may send this order has any of it.",
    "nowhere": "no location may send this order.",
}
_WAYS = {"limited": "Release it to split the order as its goods lie, or wait for stock."}


def hold_unrouted_orders(event_ids: Sequence[UUID]) -> int:
    """Hold the orders of these events that still have nothing claimed; returns how many."""
    items: dict[str, list[HoldItem]] = {LIMITED: [], EMPTY: []}
    for key, rule, group, otherwise, code in sql.fetch(_WAITING, (list(event_ids),)):
        reason = _reason(_named(rule, group), otherwise, code)[:500]
        owner = LIMITED if code == "limited" else EMPTY
        items[owner].append(HoldItem(order_id=key, reason=reason))
    outcomes = [
        o for name, held in items.items() if held for o in hold_orders(held, actor=Actor.job(name))
    ]
    return sum(outcome.ok for outcome in outcomes)


def _reason(rule: str, otherwise: str, code: str) -> str:
    ways = _WAYS.get(code, "Release it to let it wait for stock.")
    return _REASONS[otherwise].format(rule=rule, why=_WHY[code], ways=ways)


def _named(rule: str, group: str) -> str:
    # What an earlier version noted names no group.
    return f"{rule} of group {group}" if group else rule
