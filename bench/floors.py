"""Hand-written SQL for the work of the bulk commands: one statement each, the same rows in the same tables."""

# A fresh event and outbox row per thing changed is part of the work, as it is in the commands.
_EVENTS = """
, written as (
  insert into core_event (id, at, kind, aggregate_type, aggregate_id, seq, order_id, shop_id, from_status, to_status,
    actor_kind, actor_name, payload)
  select gen_random_uuid(), now(), e.kind, e.type, e.id, e.version, e.order_id, e.shop_id, null, null, 'system', 'floor', '{}'
  from ({events}) e
  returning id
)
insert into core_outbox (created_at, event_ids) select now(), array_agg(id) from written
"""

SHIP = """
with s as (
  update shipments_shipment set status = 'shipped', shipped_at = now(), version = version + 1
  where id = any(%s) and status = 'open' returning id, order_id, shop_id, version
), l as (
  select l.allocation_id, l.order_line_id, l.product_id, l.location_id, l.quantity, l.shipment_id, s.order_id
  from shipments_line l join s on s.id = l.shipment_id where l.is_live
), a as (
  update allocations_allocation a set status = 'shipped' from l where a.id = l.allocation_id returning a.id
), ol as (
  update orders_line o set shipped = shipped + t.n, allocated = allocated - t.n, picked = picked - t.n
  from (select order_line_id, sum(quantity)::int as n from l group by 1) t where o.id = t.order_line_id returning o.order_id
), o as (
  update orders_order o set units_shipped = units_shipped + t.n, units_allocated = units_allocated - t.n,
    units_picked = units_picked - t.n, version = version + 1
  from (select order_id, sum(quantity) as n from l group by 1) t where o.id = t.order_id returning o.id, o.shop_id, o.version
), st as (
  update stock_level k set allocated = allocated - t.n
  from (select product_id, location_id, sum(quantity) as n from l group by 1, 2) t
  where k.product_id = t.product_id and k.location_id = t.location_id
), m as (
  insert into stock_movement (id, at, product_id, location_id, bin_id, lot, delta, kind, source_id, order_id, reason, actor_name)
  select gen_random_uuid(), now(), l.product_id, l.location_id, b.id, '', -sum(l.quantity), 'shipped', l.shipment_id, l.order_id, '', 'floor'
  from l join stock_bin b on b.location_id = l.location_id and b.kind = 'staging'
  group by l.product_id, l.location_id, b.id, l.shipment_id, l.order_id
)""" + _EVENTS.replace(
    "{events}",
    """
  select 'shipment.shipped' as kind, 'shipment' as type, id, version, order_id, shop_id from s
  union all select 'order.shipped', 'order', id, version, id, shop_id from o""",
)

PICK_LISTS = """
with w as (
  select a.id, a.shop_id, a.order_id, a.product_id, a.location_id, a.quantity, l.shipment_id, k.bin_id,
    (dense_rank() over (order by l.shipment_id) - 1) / 50 as list
  from shipments_line l join allocations_allocation a on a.id = l.allocation_id
  join stock_bin_stock k on k.product_id = a.product_id and k.location_id = a.location_id and k.quantity > 100000
  where l.shipment_id = any(%s) and l.is_live
), p as (
  insert into picklists_pick_list (id, number, location_id, kind, status, assigned_name, created_at, version)
  select md5(list::text || %s)::uuid, 'P' || nextval('picklists_number'), location_id, 'batch', 'open', '', now(), 1
  from (select distinct list, location_id from w) x returning id, version
), pl as (
  insert into picklists_line (id, shop_id, pick_list_id, order_id, location_id, shipment_id, allocation_id, product_id, bin_id,
    lot, position, part, quantity, picked, short, short_reason, cancelled, is_open)
  select gen_random_uuid(), shop_id, md5(list::text || %s)::uuid, order_id, location_id, shipment_id, id, product_id, bin_id, '',
    row_number() over (partition by list order by bin_id), 1, quantity, 0, 0, '', 0, true from w
), a as (
  update allocations_allocation a set status = 'picking' from w where a.id = w.id
), b as (
  update stock_bin_stock k set planned = planned + t.n
  from (select product_id, location_id, bin_id, sum(quantity)::int as n from w group by 1, 2, 3) t
  where k.product_id = t.product_id and k.location_id = t.location_id and k.bin_id = t.bin_id
)""" + _EVENTS.replace(
    "{events}",
    """
  select 'pick_list.created' as kind, 'pick_list' as type, id, version, null::uuid as order_id, null::uuid as shop_id from p
  union all select 'order.pick_listed', 'order', order_id, null, order_id, shop_id from (select distinct order_id, shop_id from w) x""",
)

# Everything comes from one location with room for all: what remains is writing the rows.
ALLOCATE = """
with w as (
  select l.id as line_id, l.order_id, l.shop_id, l.product_id, l.quantity, k.location_id, gen_random_uuid() as allocation_id
  from orders_line l join stock_level k on k.product_id = l.product_id and k.location_id = %s
  where l.order_id = any(%s)
), a as (
  insert into allocations_allocation (id, shop_id, order_id, order_line_id, product_id, location_id, quantity, picked, status,
    explanation, created_at)
  select allocation_id, shop_id, order_id, line_id, product_id, location_id, quantity, 0, 'allocated', '{}', now() from w
), s as (
  insert into shipments_shipment (id, shop_id, order_id, location_id, number, status, carrier, service, tracking_code,
    tracking_url, created_at, version)
  select md5(order_id::text || %s)::uuid, shop_id, order_id, location_id, 'S' || nextval('shipments_number'), 'open', 'manual', '', '',
    '', now(), 1 from (select distinct order_id, shop_id, location_id from w) x returning id, order_id, shop_id, version
), pk as (
  insert into shipments_package (id, shipment_id, position, tracking_code) select gen_random_uuid(), id, 1, '' from s
), sl as (
  insert into shipments_line (id, shop_id, order_id, location_id, shipment_id, allocation_id, order_line_id, product_id, quantity, is_live)
  select gen_random_uuid(), shop_id, order_id, location_id, md5(order_id::text || %s)::uuid, allocation_id, line_id, product_id,
    quantity, true from w
), ol as (
  update orders_line o set allocated = w.quantity from w where o.id = w.line_id
), o as (
  update orders_order o set units_allocated = t.n, version = version + 1
  from (select order_id, sum(quantity) as n from w group by 1) t where o.id = t.order_id returning o.id, o.shop_id, o.version
), st as (
  update stock_level k set allocated = allocated + t.n
  from (select product_id, location_id, sum(quantity) as n from w group by 1, 2) t
  where k.product_id = t.product_id and k.location_id = t.location_id
)""" + _EVENTS.replace(
    "{events}",
    """
  select 'shipment.opened' as kind, 'shipment' as type, id, version, order_id, shop_id from s
  union all select 'order.allocated', 'order', id, version, id, shop_id from o""",
)
