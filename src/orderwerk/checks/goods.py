"""Allocations, pick lists, shipments and stock."""

from orderwerk.checks.invariant import Invariant

_CALL = "Do not touch the row; look at the order's events, then call support with this finding."
_COUNT = "Count the product at this location; then look at its movements."

INVARIANTS = (
    Invariant(
        "allocation-in-shipment",
        "Each allocation that is not released stands, with its whole quantity, in exactly one live shipment line.",
        """
        select a.shop_id, 'allocation', a.id, a.quantity::text, coalesce(l.n, 0) || ' in ' || coalesce(l.lines, 0) || ' lines'
        from allocations_allocation a left join (
          select allocation_id, sum(quantity) as n, count(*) as lines from shipments_line where is_live group by allocation_id
        ) l on l.allocation_id = a.id
        where (a.status <> 'released' and (coalesce(l.n, 0) <> a.quantity or l.lines <> 1)) or (a.status = 'released' and l.lines > 0)
        """,
        _CALL,
    ),
    Invariant(
        "allocation-shipped",
        "An allocation is shipped exactly when its shipment has left.",
        """
        select a.shop_id, 'allocation', a.id, h.status, a.status
        from allocations_allocation a join shipments_line l on l.allocation_id = a.id and l.is_live
        join shipments_shipment h on h.id = l.shipment_id
        where (a.status = 'shipped') <> (h.status in ('shipped', 'delivered')) or h.status = 'cancelled'
        """,
        _CALL,
    ),
    Invariant(
        "package-contents",
        "What a shipment line counts as packed is what lies of it in the packages, and never more than it holds.",
        """
        select l.shop_id, 'shipment line', l.id, format('%s, at most %s', coalesce(p.n, 0), l.quantity), l.packed::text
        from shipments_line l left join (
          select shipment_line_id, sum(quantity) as n from shipments_package_line group by shipment_line_id
        ) p on p.shipment_line_id = l.id
        where l.packed <> coalesce(p.n, 0) or l.packed > l.quantity
        """,
        _CALL,
    ),
    Invariant(
        "combined-shipments",
        "A shipment that lies in another's parcel leaves from the same place and not later; parcels do not lie in each other.",
        """
        select f.shop_id, 'shipment', f.id, format('%s at %s', b.status, b.location_id), format('%s at %s', f.status, f.location_id)
        from shipments_shipment f join shipments_shipment b on b.id = f.combined_into_id
        where (f.shop_id, f.location_id) is distinct from (b.shop_id, b.location_id)
          or (f.status in ('open', 'announced') and b.status in ('shipped', 'delivered'))
          or (b.combined_into_id is not null and b.status in ('open', 'announced') and f.status in ('open', 'announced'))
        """,
        _CALL,
    ),
    Invariant(
        "combined-door",
        "What left in one parcel went to one address.",
        """
        select f.shop_id, 'shipment', f.id, 'the address of ' || b.number, 'another one'
        from shipments_shipment f join shipments_shipment b on b.id = f.combined_into_id
        join orders_order o on o.id = f.order_id and o.erased_at is null join orders_order p on p.id = b.order_id and p.erased_at is null
        where f.status in ('shipped', 'delivered') and b.status in ('shipped', 'delivered')
          and jsonb_strip_nulls(f.delivery_address) is distinct from jsonb_strip_nulls(b.delivery_address)
        """,
        "Ask the customer which parcel reached the right door; the goods of the other order may have gone to the wrong one.",
    ),
    Invariant(
        "packages-arrived",
        "A shipment of which packages have arrived is delivered exactly when all of them have.",
        """
        select h.shop_id, 'shipment', h.id, format('%s of %s packages arrived', count(g.delivered_at), count(*)), h.status
        from shipments_shipment h join shipments_package g on g.shipment_id = h.id
        where h.status in ('shipped', 'delivered')
        group by h.id having count(g.delivered_at) > 0 and (h.status = 'delivered') <> (count(g.delivered_at) = count(*))
        """,
        _CALL,
    ),
    Invariant(
        "exception-raised",
        "Every report that something went wrong with a parcel was kept as work for a person, with its shipment's order and place.",
        """
        select h.shop_id, 'shipment', h.id, t.status, 'no delivery problem'
        from shipments_tracking_event t join shipments_shipment h on h.id = t.shipment_id
        where t.status in ('lost', 'damaged', 'refused', 'address_problem', 'returned_to_sender') and not exists (
          select 1 from shipments_exception e where e.shipment_id = t.shipment_id and e.kind = t.status)
        union all
        select e.shop_id, 'delivery problem', e.id, format('%s', (h.order_id, h.location_id)), format('%s', (e.order_id, e.location_id))
        from shipments_exception e join shipments_shipment h on h.id = e.shipment_id
        where (e.shop_id, e.order_id, e.location_id) is distinct from (h.shop_id, h.order_id, h.location_id)
        """,
        _CALL,
    ),
    Invariant(
        "allocation-picking",
        "An allocation is being picked exactly when it stands on one open pick list.",
        """
        select a.shop_id, 'allocation', a.id, a.status, coalesce(p.lists, 0) || ' open lists'
        from allocations_allocation a left join (
          select allocation_id, count(distinct pick_list_id) as lists from picklists_line where is_open group by allocation_id
        ) p on p.allocation_id = a.id
        where (a.status = 'picking') <> (coalesce(p.lists, 0) = 1)
        """,
        _CALL,
    ),
    Invariant(
        "allocation-picked",
        "Picked pieces of an allocation are part of it; a picked one is picked whole.",
        """
        select shop_id, 'allocation', id, '0..' || quantity, picked::text from allocations_allocation
        where picked < 0 or picked > quantity or (status = 'picked' and picked <> quantity)
        """,
        _CALL,
    ),
    Invariant(
        "shipped-as-picked",
        "What left was picked, unless its shop shipped without picking at that moment; what was let go is planned nowhere.",
        """
        select shop_id, 'allocation', id, quantity || ' picked', picked::text from allocations_allocation
        where status = 'shipped' and picked < quantity and not shipped_unpicked
        union all
        select a.shop_id, 'allocation', a.id, 'on no open pick list', 'line ' || l.id from allocations_allocation a
        join picklists_line l on l.allocation_id = a.id and l.is_open where a.status = 'released'
        """,
        _CALL,
    ),
    Invariant(
        "pick-line-quantities",
        "Picked, short and cancelled pieces of a pick line are part of it; a closed line has nothing left.",
        """
        select shop_id, 'pick line', id, quantity::text, format('picked %s, short %s, cancelled %s', picked, short, cancelled)
        from picklists_line
        where picked < 0 or short < 0 or cancelled < 0 or picked + short + cancelled > quantity
          or (not is_open and picked + short + cancelled <> quantity) or (is_open and picked + short + cancelled = quantity)
        """,
        _CALL,
    ),
    Invariant(
        "pick-list-finished",
        "A pick list is finished exactly when none of its lines is open.",
        """
        select null::uuid, 'pick list', p.id, p.status, count(l.id) filter (where l.is_open) || ' open lines'
        from picklists_pick_list p left join picklists_line l on l.pick_list_id = p.id
        group by p.id, p.status having (p.status in ('open', 'picking')) <> (count(l.id) filter (where l.is_open) > 0)
        """,
        _CALL,
    ),
    Invariant(
        "scans-of-line",
        "The scans of a pick line together never take more than it asked for.",
        """
        select l.shop_id, 'pick line', l.id, l.quantity::text, sum(s.picked + s.short)::text
        from picklists_scan s join picklists_line l on l.id = s.pick_line_id where s.refusal = ''
        group by l.shop_id, l.id, l.quantity having sum(s.picked + s.short) > l.quantity
        """,
        _CALL,
    ),
    Invariant(
        "pick-list-paused",
        "Only a pick list that is still to be done is paused.",
        "select null::uuid, 'pick list', id, 'not paused', status from picklists_pick_list where paused_at is not null and finished_at is not null",
        _CALL,
    ),
    Invariant(
        "pick-list-snoozed",
        "Only a pick list that is still to be done is set aside.",
        "select null::uuid, 'pick list', id, 'not set aside', status from picklists_pick_list where snoozed_until is not null and finished_at is not null",
        _CALL,
    ),
    Invariant(
        "pick-totes",
        "On a walk each tote holds one shipment, and each shipment of a walk with totes has one.",
        """
        select null::uuid, 'pick list', l.pick_list_id, 'one shipment a tote', format('tote %s of %s', l.tote, count(distinct l.shipment_id))
        from picklists_line l where l.tote > 0 group by l.pick_list_id, l.tote having count(distinct l.shipment_id) > 1
        union all
        select null::uuid, 'pick list', p.id, 'one tote a shipment', string_agg(distinct l.tote::text, ', ')
        from picklists_pick_list p join picklists_line l on l.pick_list_id = p.id
        group by p.id, p.method, l.shipment_id
        having count(distinct l.tote) > 1 or (p.method = 'totes') <> (min(l.tote) > 0)
        """,
        _CALL,
    ),
    Invariant(
        "wave-place",
        "A wave's pick lists are of its location.",
        """
        select null::uuid, 'pick list', p.id, v.location_id::text, p.location_id::text
        from picklists_pick_list p join picklists_wave v on v.id = p.wave_id where v.location_id <> p.location_id
        """,
        _CALL,
    ),
    Invariant(
        "same-place",
        "A shipment line shares shop, order and location with its shipment and its allocation.",
        """
        select l.shop_id, 'shipment line', l.id, format('%s', (l.shop_id, l.order_id, l.location_id)),
          format('%s %s', (h.shop_id, h.order_id, h.location_id), (a.shop_id, a.order_id, a.location_id))
        from shipments_line l join shipments_shipment h on h.id = l.shipment_id join allocations_allocation a on a.id = l.allocation_id
        where (l.shop_id, l.order_id, l.location_id) is distinct from (h.shop_id, h.order_id, h.location_id)
           or (l.shop_id, l.order_id, l.location_id, l.order_line_id, l.product_id)
              is distinct from (a.shop_id, a.order_id, a.location_id, a.order_line_id, a.product_id)
        """,
        _CALL,
    ),
    Invariant(
        "same-shop",
        "Everything of an order belongs to the order's shop.",
        """
        select c.shop_id, c.what, c.id, o.shop_id::text, c.shop_id::text
        from (
          select 'order line' as what, id, order_id, shop_id from orders_line
          union all select 'hold', id, order_id, shop_id from orders_hold
          union all select 'payment', id, order_id, shop_id from payments_payment
          union all select 'memo', id, order_id, shop_id from memos_memo
          union all select 'e-mail', id, order_id, shop_id from emails_email
          union all select 'allocation', id, order_id, shop_id from allocations_allocation
          union all select 'shipment', id, order_id, shop_id from shipments_shipment
          union all select 'pick line', id, order_id, shop_id from picklists_line
          union all select 'transfer peg', id, order_id, shop_id from allocations_transfer_peg
          union all select 'rejection', id, order_id, shop_id from allocations_rejection
          union all select 'cancel request', id, order_id, shop_id from orders_cancel_request
          union all select 'substitution', id, order_id, shop_id from orders_substitution
          union all select 'delivery problem', id, order_id, shop_id from shipments_exception
          union all select 'order component', id, order_id, shop_id from orders_component
          union all select 'event', id, order_id, shop_id from core_event where order_id is not null
        ) c left join orders_order o on o.id = c.order_id
        where o.shop_id is distinct from c.shop_id
        """,
        _CALL,
    ),
    Invariant(
        "stock-never-oversold",
        "What is allocated lies there and may leave: 0 <= allocated <= on hand - blocked.",
        """
        select null::uuid, 'stock level', id, '0..' || on_hand - blocked, allocated::text from stock_level
        where allocated < 0 or allocated > on_hand - blocked or safety_stock < 0
        """,
        _COUNT,
    ),
    Invariant(
        "stock-allocated-sum",
        "What a stock level counts as allocated is the sum of the open allocations on it.",
        """
        select null::uuid, 'stock level', s.id, coalesce(a.n, 0)::text, s.allocated::text
        from stock_level s left join (
          select product_id, location_id, sum(quantity) as n from allocations_allocation
          where status in ('allocated', 'picking', 'picked') group by 1, 2) a on a.product_id = s.product_id and a.location_id = s.location_id
        where s.allocated <> coalesce(a.n, 0)
        """,
        _COUNT,
    ),
    Invariant(
        "stock-ledger",
        "On hand is the sum of all movements.",
        """
        select null::uuid, 'stock level', s.id, coalesce(m.n, 0)::text, s.on_hand::text
        from stock_level s left join (select product_id, location_id, sum(delta) as n from stock_movement group by 1, 2) m
          on m.product_id = s.product_id and m.location_id = s.location_id
        where s.on_hand <> coalesce(m.n, 0)
        """,
        _COUNT,
    ),
    Invariant(
        "stock-bins",
        "What lies in the bins of a location adds up to on hand.",
        """
        select null::uuid, 'stock level', s.id, s.on_hand::text, coalesce(b.n, 0)::text
        from stock_level s left join (select product_id, location_id, sum(quantity) as n from stock_bin_stock group by 1, 2) b
          on b.product_id = s.product_id and b.location_id = s.location_id
        where s.on_hand <> coalesce(b.n, 0)
        """,
        _COUNT,
    ),
    Invariant(
        "bin-ledger",
        "What lies in a bin is the sum of its movements, and nothing lies below zero.",
        """
        select null::uuid, 'bin stock', b.id, coalesce(m.n, 0)::text, b.quantity::text
        from stock_bin_stock b left join (
          select product_id, location_id, bin_id, lot, sum(delta) as n from stock_movement group by 1, 2, 3, 4) m
          on m.product_id = b.product_id and m.location_id = b.location_id and m.bin_id = b.bin_id and m.lot = b.lot
        where b.quantity <> coalesce(m.n, 0) or b.quantity < 0
        """,
        _COUNT,
    ),
    Invariant(
        "bin-planned",
        "What pick lists plan to take from a bin lies there, and is the sum of their open lines.",
        """
        select null::uuid, 'bin stock', b.id, coalesce(p.n, 0) || ' of ' || b.quantity, b.planned::text
        from stock_bin_stock b left join (
          select product_id, location_id, bin_id, lot, sum(quantity - picked - short - cancelled) as n
          from picklists_line where is_open group by 1, 2, 3, 4) p
          on p.product_id = b.product_id and p.location_id = b.location_id and p.bin_id = b.bin_id and p.lot = b.lot
        where b.planned <> coalesce(p.n, 0) or b.planned > b.quantity or b.planned < 0
        """,
        _COUNT,
    ),
    Invariant(
        "staging",
        "What is picked and has not left lies in the staging bin.",
        """
        select null::uuid, 'stock level', s.id, coalesce(a.n, 0)::text, coalesce(b.n, 0)::text
        from stock_level s
        left join (select product_id, location_id, sum(picked) as n from allocations_allocation
          where status in ('picking', 'picked') group by 1, 2) a on a.product_id = s.product_id and a.location_id = s.location_id
        left join (select k.product_id, k.location_id, sum(k.quantity) as n from stock_bin_stock k join stock_bin x on x.id = k.bin_id
          where x.kind = 'staging' group by 1, 2) b on b.product_id = s.product_id and b.location_id = s.location_id
        where coalesce(a.n, 0) <> coalesce(b.n, 0)
        """,
        _COUNT,
    ),
    Invariant(
        "short-pick-counted",
        "Where pieces were not found while picking, a count was asked for.",
        """
        select null::uuid, 'stock movement', m.id, 'a request to count', 'none'
        from stock_movement m where m.kind = 'short' and not exists (
          select 1 from stock_count_request r where r.product_id = m.product_id and r.bin_id = m.bin_id
            and (r.closed_at is null or r.closed_at >= m.at))
        """,
        _COUNT,
    ),
    Invariant(
        "count-request-once",
        "A bin is asked to be counted once at a time, at its own location.",
        """
        select null::uuid, 'count request', (array_agg(r.id order by r.id))[1], '1 open', count(*)::text
        from stock_count_request r where r.closed_at is null group by r.product_id, r.bin_id having count(*) > 1
        union all
        select null::uuid, 'count request', r.id, b.location_id::text, r.location_id::text
        from stock_count_request r join stock_bin b on b.id = r.bin_id where b.location_id <> r.location_id
        """,
        _CALL,
    ),
    Invariant(
        "inbound-received",
        "What an expected line counts as received is the sum of its receipts, and each receipt moved its pieces once.",
        """
        select null::uuid, 'inbound line', l.id, coalesce(r.n, 0)::text, l.received::text
        from stock_inbound_line l left join (
          select inbound_line_id, sum(quantity) as n from stock_receipt group by 1) r on r.inbound_line_id = l.id
        where l.received <> coalesce(r.n, 0)
        union all
        select null::uuid, 'receipt', r.id, r.quantity::text, coalesce(m.n, 0)::text
        from stock_receipt r left join (select source_id, sum(delta) as n from stock_movement
          where kind in ('received', 'transferred_in') group by 1) m on m.source_id = r.id
        where r.quantity <> coalesce(m.n, 0)
        """,
        _COUNT,
    ),
    Invariant(
        "inbound-sent",
        "What a transfer expects has left its origin, and no more comes in than was sent.",
        """
        select null::uuid, 'inbound line', l.id, l.expected::text, (-coalesce(m.n, 0))::text
        from stock_inbound_line l join stock_inbound i on i.id = l.inbound_id and i.kind = 'transfer'
        left join (select source_id, sum(delta) as n from stock_movement where kind = 'transferred_out' group by 1) m
          on m.source_id = l.id
        where l.expected <> -coalesce(m.n, 0) or l.received + l.closed > l.expected
        """,
        _COUNT,
    ),
    Invariant(
        "inbound-finished",
        "An inbound is finished exactly when nothing of it is still to come.",
        """
        select null::uuid, 'inbound', i.id, i.status, coalesce(sum(greatest(0, l.expected - l.received - l.closed)), 0) || ' open'
        from stock_inbound i left join stock_inbound_line l on l.inbound_id = i.id
        group by i.id, i.status
        having (i.status = 'open') <> (coalesce(sum(greatest(0, l.expected - l.received - l.closed)), 0) > 0)
        """,
        _CALL,
    ),
)
