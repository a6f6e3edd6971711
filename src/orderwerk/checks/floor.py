"""Work between the dock and the shelves: goods moved from bin to bin, scans."""

from orderwerk.checks.invariant import Invariant

_CALL = (
    "Do not touch the row; look at the events of the product, then call support with this finding."
)
_COUNT = "Count both bins; then look at the movements of the product."

INVARIANTS = (
    Invariant(
        "bin-moves",
        "What was moved from bin to bin left one bin and lies in another of the same location, piece by piece.",
        """
        select null::uuid, 'stock movement', (array_agg(m.id order by m.id))[1], '0', sum(m.delta)::text
        from stock_movement m where m.kind = 'moved' group by m.source_id, m.product_id, m.location_id, m.lot
        having sum(m.delta) <> 0 or count(distinct m.bin_id) < 2
        """,
        _COUNT,
    ),
    Invariant(
        "stock-scans",
        "Every scan that received, put away or moved pieces did so once, with as many pieces as it says.",
        """
        select null::uuid, 'stock scan', s.id, s.quantity::text, coalesce(m.n, 0)::text
        from stock_scan s left join (
          select source_id, location_id, sum(delta) filter (where delta > 0) as n from stock_movement
          where kind in ('received', 'transferred_in', 'moved') group by 1, 2
        ) m on m.source_id = s.source_id and m.location_id = s.location_id
        where s.source_id is not null and s.quantity <> coalesce(m.n, 0)
        union all
        select null::uuid, 'stock scan', (array_agg(s.id order by s.id))[1], '1 scan', count(*)::text
        from stock_scan s where s.source_id is not null group by s.source_id having count(*) > 1
        """,
        _CALL,
    ),
    Invariant(
        "cycle-counts",
        "By turns only bins are counted where the article lies or lay, by a plan whose days can be counted.",
        """
        select null::uuid, 'count request', r.id, 'the article lies or lay there', 'never'
        from stock_count_request r where r.cause = 'cycle' and not exists (
          select 1 from stock_bin_stock b where b.product_id = r.product_id and b.location_id = r.location_id and b.bin_id = r.bin_id)
        union all
        select null::uuid, 'count plan', p.id, 'a class that is counted within bounds', format('%s, %s, %s', p.a_days, p.b_days, p.c_days)
        from stock_count_plan p where coalesce(p.a_days, 1) < 1 or coalesce(p.b_days, 1) < 1 or coalesce(p.c_days, 1) < 1
        """,
        _CALL,
    ),
    Invariant(
        "lots-named",
        "Whatever lies of a product that is kept by lot names its lot, and nothing else names one.",
        """
        select null::uuid, 'bin stock', b.id, case p.tracking when 'lot' then 'a lot' else 'no lot' end, coalesce(nullif(b.lot, ''), 'none')
        from stock_bin_stock b join catalog_product p on p.id = b.product_id
        left join stock_lot t on t.product_id = b.product_id and t.code = b.lot
        where b.quantity <> 0 and ((p.tracking = 'lot') <> (b.lot <> '') or (b.lot <> '' and t.id is null))
        """,
        _COUNT,
    ),
    Invariant(
        "lots-blocked",
        "What lies of blocked lots in pick bins is counted as blocked, and no pick list asks for it; a lot whose day is over is blocked within a day.",
        """
        select null::uuid, 'stock level', s.id, coalesce(n.blocked, 0)::text, s.blocked::text
        from stock_level s left join (
          select b.product_id, b.location_id, sum(b.quantity) as blocked from stock_bin_stock b
          join stock_lot t on t.product_id = b.product_id and t.code = b.lot and t.is_blocked
          join stock_bin k on k.id = b.bin_id and k.kind = 'pick' group by 1, 2) n
          on n.product_id = s.product_id and n.location_id = s.location_id
        where s.blocked <> coalesce(n.blocked, 0)
        union all
        select null::uuid, 'bin stock', b.id, '0 planned', b.planned::text from stock_bin_stock b
        join stock_lot t on t.product_id = b.product_id and t.code = b.lot and t.is_blocked where b.planned > 0
        union all
        select null::uuid, 'lot', t.id, 'blocked since ' || (t.expires_on - p.min_shelf_days + 1), 'not blocked'
        from stock_lot t join catalog_product p on p.id = t.product_id
        where not t.is_blocked and t.expires_on - p.min_shelf_days < (now() at time zone 'UTC')::date - 1
        """,
        _CALL,
    ),
    Invariant(
        "lots-staged",
        "Of products that are kept by lot, what lies in staging belongs to the orders it was picked for, lot by lot.",
        """
        select a.shop_id, 'order', a.order_id, sum(a.picked)::text, coalesce(max(n.staged), 0)::text
        from allocations_allocation a join catalog_product p on p.id = a.product_id and p.tracking = 'lot'
        left join lateral (
          select sum(m.delta) as staged from stock_movement m join stock_bin b on b.id = m.bin_id and b.kind = 'staging'
          where m.order_id = a.order_id and m.product_id = a.product_id and m.location_id = a.location_id and m.lot <> '') n on true
        where a.status in ('allocated', 'picking', 'picked')
        group by a.shop_id, a.order_id, a.product_id, a.location_id having sum(a.picked) <> coalesce(max(n.staged), 0)
        union all
        select null::uuid, 'order', m.order_id, '0 or more', sum(m.delta)::text from stock_movement m
        join stock_bin b on b.id = m.bin_id and b.kind = 'staging' where m.lot <> ''
        group by m.order_id, m.product_id, m.location_id, m.lot having sum(m.delta) < 0
        """,
        _COUNT,
    ),
    Invariant(
        "lots-returned",
        "No more pieces of a lot come back into stock from an order than left with it.",
        """
        select null::uuid, 'order', m.order_id, 'at most what left', format('%s more of lot %s', sum(m.delta), m.lot)
        from stock_movement m where m.lot <> '' and m.kind in ('shipped', 'unshipped', 'returned')
        group by m.order_id, m.product_id, m.lot having sum(m.delta) > 0
        """,
        _CALL,
    ),
    Invariant(
        "serials-out",
        "A piece with a serial number is with one customer at most until it comes back, and comes back to the order it left with.",
        """
        select (array_agg(s.shop_id order by s.id))[1], 'serial number', (array_agg(s.id order by s.id))[1], 'out once', format('%s times', count(*))
        from shipments_serial s where s.returned_at is null group by s.product_id, upper(s.serial) having count(*) > 1
        union all
        select s.shop_id, 'serial number', s.id, s.order_id::text, coalesce(k.order_id::text, 'no return')
        from shipments_serial s left join returns_line k on k.id = s.return_line_id
        where s.returned_at is not null and k.order_id is distinct from s.order_id
        """,
        _CALL,
    ),
    Invariant(
        "serials-of-pieces",
        "A shipment left with as many serial numbers as pieces, where it says so; one that waits has no more of them than pieces.",
        """
        select h.shop_id, 'shipment', h.id, case when h.status in ('shipped', 'delivered') then l.serials::text else 'at most ' || coalesce(l.pieces, 0) end, n.n::text
        from (
          select shipment_id, product_id, count(*) as n from shipments_serial group by 1, 2
          union all
          select k.shipment_id, k.product_id, 0 from shipments_line k where k.is_live and k.serials > 0 and not exists (
            select from shipments_serial s where s.shipment_id = k.shipment_id and s.product_id = k.product_id)) n
        join shipments_shipment h on h.id = n.shipment_id
        left join lateral (select sum(k.quantity) as pieces, sum(k.serials) as serials from shipments_line k
          where k.shipment_id = n.shipment_id and k.product_id = n.product_id and k.is_live) l on true
        where case when h.status in ('shipped', 'delivered') then n.n is distinct from l.serials else n.n > coalesce(l.pieces, 0) end
        """,
        _CALL,
    ),
    Invariant(
        "serials-picked",
        "A serial number that was scanned at the shelf is of a pick line of its order and article, which has no more of them than picked pieces.",
        """
        select s.shop_id, 'serial number', s.id, 'a pick line of its order and article', coalesce(l.order_id::text, 'none')
        from shipments_serial s left join picklists_line l on l.id = s.pick_line_id
        where s.pick_line_id is not null and (l.order_id, l.product_id) is distinct from (s.order_id, s.product_id)
        union all
        select l.shop_id, 'pick line', l.id, 'at most ' || l.picked, count(*)::text
        from shipments_serial s join picklists_line l on l.id = s.pick_line_id group by l.id having count(*) > l.picked
        """,
        _CALL,
    ),
    Invariant(
        "channel-stocks",
        "What is kept for a shop, or not offered to it, is never less than nothing, once per shop and level.",
        """
        select c.shop_id, 'channel stock', (array_agg(c.id order by c.id))[1], 'once, not below 0', format('%s times, %s and %s', count(*), min(c.reserved), min(c.safety_stock))
        from allocations_channel c group by c.shop_id, c.product_id, c.location_id
        having count(*) > 1 or min(c.reserved) < 0 or min(c.safety_stock) < 0
        """,
        _CALL,
    ),
    Invariant(
        "transfer-pegs",
        "What travels for an order came with a transfer sent for it, to one place at a time, and is in transit there.",
        """
        select p.shop_id, 'transfer peg', p.id, format('%s to %s', i.order_id, x.location_id), format('%s to %s', p.order_id, p.location_id)
        from allocations_transfer_peg p join stock_inbound_line x on x.id = p.inbound_line_id join stock_inbound i on i.id = x.inbound_id
        where (i.order_id, x.location_id, x.product_id) is distinct from (p.order_id, p.location_id, p.product_id)
        union all
        select null::uuid, 'inbound line', x.id, 'at most ' || greatest(0, x.expected - x.received - x.closed), p.n::text
        from stock_inbound_line x join (
          select inbound_line_id, sum(quantity - arrived - dropped) as n from allocations_transfer_peg group by 1) p on p.inbound_line_id = x.id
        where p.n > greatest(0, x.expected - x.received - x.closed)
        union all
        select p.shop_id, 'order', p.order_id, 'one location', count(distinct p.location_id)::text
        from allocations_transfer_peg p where p.quantity > p.arrived + p.dropped
        group by p.shop_id, p.order_id having count(distinct p.location_id) > 1
        """,
        _CALL,
    ),
    Invariant(
        "transfer-pegs-wanted",
        "What is claimed for a line, has left and travels for it is never more than it wants.",
        """
        select l.shop_id, 'order line', l.id, 'at most ' || coalesce(k.needed, l.quantity - l.cancelled), format('%s and %s travelling', a.n, p.n)
        from (
          select order_line_id, product_id, sum(quantity - arrived - dropped) as n from allocations_transfer_peg
          where quantity > arrived + dropped group by 1, 2) p
        join orders_line l on l.id = p.order_line_id
        left join orders_component k on k.order_line_id = p.order_line_id and k.product_id = p.product_id
        cross join lateral (
          select coalesce(sum(c.quantity), 0) as n from allocations_allocation c
          where c.order_line_id = p.order_line_id and c.product_id = p.product_id and c.status <> 'released') a
        where a.n + p.n > coalesce(k.needed, l.quantity - l.cancelled)
        """,
        _CALL,
    ),
)
