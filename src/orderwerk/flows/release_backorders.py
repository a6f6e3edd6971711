"""Claims stock for waiting orders when some has become free, by priority and time of placing."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders

# So many orders in a transaction: nobody waits longer for the stock that it locks.
BATCH = 500

# The products that the events freed (a stock event names its product, an order's or shipment's event its lines, goods that go
# back to where they came from are those of their transfer, and of a location that was opened or got other shops, or of a
# shop that releases by itself from now on, it is all that lies there), as far as any of them is free at an active location
# of a shop, and who waits for them. {among} narrows it to some orders.
_WAITING = """
with told as materialized (
  select e.aggregate_type as type, e.aggregate_id as id, e.order_id, e.payload from core_event e where e.id = any(%s)
), freed as materialized (
  select t.id as product_id, null::uuid as order_id from told t where t.type = 'product'
  union
  select l.product_id, t.order_id from told t join orders_line l on l.order_id = t.order_id
  where t.type in ('order', 'shipment') and l.product_id is not null
  union
  select c.product_id, t.order_id from told t join orders_component c on c.order_id = t.order_id
  where t.type in ('order', 'shipment')
  union
  select x.product_id, null from told t join stock_inbound_line x on x.inbound_id = t.id
  where t.type = 'inbound' and (t.payload ->> 'back_to_origin')::boolean
  union
  select v.product_id, null from told t join stock_level v on v.location_id = t.id and v.on_hand > v.allocated
  where t.type = 'location' and (t.payload -> 'changes' ? 'is_active' or t.payload ? 'shops')
  union
  select v.product_id, null from told t join shops_shop_location x on x.shop_id = t.id
  join stock_level v on v.location_id = x.location_id and v.on_hand > v.allocated
  where t.type = 'shop' and t.payload -> 'changes' ? 'backorder_release'
), free as materialized (
  select distinct f.product_id, f.order_id, sl.shop_id from freed f
  join stock_level s on s.product_id = f.product_id and s.on_hand - s.allocated - s.blocked - s.safety_stock > 0
  join stock_location k on k.id = s.location_id and k.is_active
  join shops_shop_location sl on sl.location_id = s.location_id
  join shops_shop h on h.id = sl.shop_id and h.backorder_release = 'automatic'
), wanting as materialized (
  select l.order_id from free f join orders_line l on l.product_id = f.product_id and l.shop_id = f.shop_id
    and l.quantity > l.allocated + l.shipped + l.cancelled
  where f.order_id is distinct from l.order_id {among}
  union
  select l.order_id from free f join orders_component l on l.product_id = f.product_id and l.shop_id = f.shop_id
    and l.needed > l.allocated + l.shipped
  where f.order_id is distinct from l.order_id {among}
)
select o.id from wanting w join orders_order o on o.id = w.order_id
where o.status in ('awaiting_stock', 'partially_shipped') and o.holds_open = 0
order by o.priority desc, o.placed_at, o.id
"""
_LINE = _WAITING.format(among="")
_STILL = _WAITING.format(among="and l.order_id = any(%s)")


def release_backorders(event_ids: Sequence[UUID], *, batch: int = BATCH) -> int:
    """Allocate waiting orders for products that became free; returns how many orders got something.

    A shop that releases by hand is passed over: somebody allocates its orders. An order whose own claim was given back by
    hand does not get it back by itself. Looks at the whole line once and goes through it, `batch` orders in a transaction,
    as long as any of that stock is free at an active location: orders that a rule keeps back keep nobody behind them
    waiting. Statements do not depend on how many orders are in a batch.
    """
    events = list(event_ids)
    line = [row[0] for row in sql.fetch(_LINE, (events,))]
    released = 0
    for start in range(0, len(line), batch):
        part = line[start : start + batch]
        if start:
            # Those before may have taken it all.
            part = [row[0] for row in sql.fetch(_STILL, (events, part, part))]
        items = [AllocateItem(order_id=key) for key in part]
        outcomes = allocate_orders(items, actor=Actor.job("backorders")) if items else []
        released += sum(1 for outcome in outcomes if outcome.ok and outcome.data["allocated"])
    return released
