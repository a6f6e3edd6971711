"""Orders that customers collect: where their goods stand, and what becomes of those that nobody comes for."""

from orderwerk.checks.invariant import Invariant, Severity

INVARIANTS = (
    Invariant(
        "collected-where-agreed",
        "Goods of an order that is collected stand where the customer comes; they leave and arrive in one step, into somebody's hands.",
        """
        select a.shop_id, 'allocation', a.id, o.collect_location_id::text, a.location_id::text
        from orders_order o join allocations_allocation a on a.order_id = o.id
        where o.collect_location_id <> a.location_id
        union all
        select h.shop_id, 'shipment', h.id, 'delivered to somebody', h.status
        from orders_order o join shipments_shipment h on h.order_id = o.id
        where o.collect_location_id is not null and (h.status = 'shipped'
          or (h.status = 'delivered' and h.collected_by = '' and o.erased_at is null))
        """,
        "Do not touch the row; look at the order's events, then call support with this finding.",
    ),
    Invariant(
        "stuck-collecting",
        "What nobody came for in time is a task for a person within the hour.",
        """
        select h.shop_id, 'shipment', h.id, 'a task', 'none'
        from shipments_shipment h join orders_order o on o.id = h.order_id join shops_shop s on s.id = h.shop_id
        where h.status = 'announced' and o.collect_location_id is not null
          and h.announced_at < now() - make_interval(days => s.collect_days, hours => 1)
          and not exists (select 1 from shipments_exception x where x.shipment_id = h.id and x.kind = 'not_collected')
        """,
        "Look whether the job workers run (orderwerk doctor).",
        Severity.STUCK,
    ),
)
