"""Claims stock for waiting orders when some has become free, by priority and time of placing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders

_BATCH = 500

# The products that the events freed: a stock event names its product, an order's or shipment's event its lines.
_WAITING = """
with freed as (
  select e.aggregate_id as product_id, null::uuid as order_id from core_event e
  where e.id = any(%s) and e.aggregate_type = 'product'
  union
  select l.product_id, e.order_id from core_event e join orders_line l on l.order_id = e.order_id
  where e.id = any(%s) and e.aggregate_type in ('order', 'shipment') and l.product_id is not null
  union
  select c.product_id, e.order_id from core_event e join orders_component c on c.order_id = e.order_id
  where e.id = any(%s) and e.aggregate_type in ('order', 'shipment')
)
select o.priority, o.placed_at, o.id from orders_order o
where o.status in ('awaiting_stock', 'partially_shipped') and o.holds_open = 0
  and (%s::int is null or o.priority < %s or o.priority = %s and (o.placed_at, o.id) > (%s::timestamptz, %s::uuid))
  and exists (
    select 1 from (
      select l.product_id from orders_line l
      where l.order_id = o.id and l.quantity > l.allocated + l.shipped + l.cancelled
      union all
      select c.product_id from orders_component c
      where c.order_id = o.id and c.needed > c.allocated + c.shipped) l
    join freed f on f.product_id = l.product_id
    join stock_level s on s.product_id = l.product_id and s.on_hand - s.allocated - s.blocked - s.safety_stock > 0
    join stock_location k on k.id = s.location_id and k.is_active
    join shops_shop_location sl on sl.location_id = s.location_id and sl.shop_id = o.shop_id
    where f.order_id is distinct from o.id)
order by o.priority desc, o.placed_at, o.id
limit %s
"""

Place = tuple[int, datetime, UUID]


def release_backorders(event_ids: Sequence[UUID], *, batch: int = _BATCH) -> int:
    """Allocate waiting orders for products that became free; returns how many orders got something.

    An order whose own claim was given back by hand does not get it back by itself. Goes through the whole line once,
    `batch` orders in a transaction, as long as any of that stock is free at an active location: orders that a rule keeps
    back keep nobody behind them waiting.
    """
    events = list(event_ids)
    released = 0
    last: Place | None = None
    while waiting := _next_in_line(events, last, batch):
        outcomes = allocate_orders(
            [AllocateItem(order_id=key) for _, _, key in waiting], actor=Actor.job("backorders")
        )
        released += sum(1 for outcome in outcomes if outcome.ok and outcome.data["allocated"])
        last = waiting[-1]
        if len(waiting) < batch:
            break
    return released


def _next_in_line(events: list[UUID], last: Place | None, most: int) -> list[Place]:
    priority, placed_at, key = last or (None, None, None)
    return [
        (row[0], row[1], row[2])
        for row in sql.fetch(
            _WAITING, (events, events, events, priority, priority, priority, placed_at, key, most)
        )
    ]
