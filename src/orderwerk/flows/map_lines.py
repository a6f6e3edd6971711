"""Gives lines with an unknown sku their product when it comes into the catalogue, and claims stock for them."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.orders.commands.components import insert_components
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.events import ORDER_LINES_MAPPED

_BATCH = 500
_WAITING = """
select distinct l.order_id from core_event e
join catalog_product p on p.id = e.aggregate_id
join orders_line l on l.sku = p.sku and l.product_id is null
where e.id = any(%s) order by l.order_id limit %s
"""
_MAP = """
update orders_line l set product_id = p.id from catalog_product p
where l.order_id = any(%s) and l.product_id is null and p.sku = l.sku
returning l.order_id, l.sku, l.id
"""
_TOUCH = """
update orders_order o set version = o.version + 1 where o.id = any(%s)
returning o.id, o.shop_id, o.number, o.status, o.version, o.holds_open,
  o.on_account or o.captured_minor + o.authorized_minor >= o.grand_total_minor - o.cancelled_minor
"""


def map_lines(event_ids: Sequence[UUID]) -> int:
    """Map the lines that waited for the products of these events; returns how many orders changed."""
    changed = 0
    while waiting := [row[0] for row in sql.fetch(_WAITING, (list(event_ids), _BATCH))]:
        changed += retrying(lambda orders=waiting: _map(orders))  # type: ignore[misc]
    return changed


def _map(order_ids: Sequence[UUID]) -> int:
    with unit_of_work(Actor.job("catalogue")) as unit:
        lock_orders(unit, order_ids)
        skus: dict[UUID, set[str]] = defaultdict(set)
        lines: list[UUID] = []
        for order_id, sku, line_id in sql.fetch(_MAP, (list(order_ids),)):
            skus[order_id].add(sku)
            lines.append(line_id)
        insert_components(lines)
        states = [OrderState(*row) for row in sql.fetch(_TOUCH, (list(skus),))]
        for state in states:
            subject = Subject("order", state.id, state.version, state.id, state.shop_id)
            unit.record(ORDER_LINES_MAPPED, subject, STILL, {"skus": sorted(skus[state.id])})
        claim_open(unit, states)
    return len(states)
