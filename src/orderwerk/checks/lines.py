"""Order lines and orders: quantities, counters and totals."""

from orderwerk.checks.invariant import Invariant, Severity

_CALL = "Do not touch the row; look at the order's events, then call support with this finding."

INVARIANTS = (
    Invariant(
        "line-quantities",
        "Cancelled, shipped and allocated pieces of a line never exceed what was ordered, and none is negative.",
        """
        select shop_id, 'order line', id, 'at most ' || quantity,
          format('cancelled %s, shipped %s, allocated %s', cancelled, shipped, allocated)
        from orders_line
        where quantity <= 0 or cancelled < 0 or shipped < 0 or allocated < 0 or cancelled + shipped + allocated > quantity
        """,
        _CALL,
    ),
    Invariant(
        "line-picked",
        "Picked pieces of a line are part of its allocated ones.",
        "select shop_id, 'order line', id, '0..' || allocated, picked::text from orders_line where picked < 0 or picked > allocated",
        _CALL,
    ),
    Invariant(
        "line-cancel-requested",
        "What a line counts as asked back is what its open cancel requests ask for, and has neither left nor been cancelled.",
        """
        select l.shop_id, 'order line', l.id, format('%s, at most %s', coalesce(r.n, 0), l.quantity - l.shipped - l.cancelled),
          l.cancel_requested::text
        from orders_line l left join (
          select x.order_line_id, sum(x.quantity) as n from orders_cancel_request_line x
          join orders_cancel_request q on q.id = x.cancel_request_id where q.status = 'requested' group by x.order_line_id
        ) r on r.order_line_id = l.id
        where l.cancel_requested <> coalesce(r.n, 0) or l.cancel_requested + l.shipped + l.cancelled > l.quantity
        """,
        _CALL,
    ),
    Invariant(
        "substitution-open",
        "No open question to a customer is about more of a line than is open, nor are there two of one line.",
        """
        select x.shop_id, 'substitution', x.id, format('one, 1..%s', l.quantity - l.cancelled - l.shipped),
          format('%s, %s', count(*) over (partition by x.order_line_id), x.quantity)
        from orders_substitution x join orders_line l on l.id = x.order_line_id
        where x.status = 'proposed' and (x.quantity > l.quantity - l.cancelled - l.shipped or exists (
          select 1 from orders_substitution y where y.order_line_id = x.order_line_id and y.status = 'proposed' and y.id <> x.id))
        """,
        "Withdraw the question in the console; look at the order's events.",
    ),
    Invariant(
        "substitution-never-dearer",
        "An accepted substitute stands in its order as it was offered, for at most the price that the customer agreed to.",
        """
        select x.shop_id, 'substitution', x.id, format('%s of %s for at most %s', x.quantity, x.product_id, x.gross_minor),
          format('%s of %s for %s', n.quantity, n.product_id, n.gross_minor)
        from orders_substitution x left join orders_line n on n.id = x.new_line_id
        join orders_line l on l.id = x.order_line_id
        where x.status = 'accepted' and ((n.order_id, n.quantity, n.product_id) is distinct from (x.order_id, x.quantity, x.product_id)
          or n.gross_minor > x.gross_minor or l.cancelled < x.quantity)
        """,
        _CALL,
    ),
    Invariant(
        "stuck-substitutions",
        "A question that nobody answered in time ends within the hour.",
        """
        select shop_id, 'substitution', id, 'expired', 'open since ' || expires_at from orders_substitution
        where status = 'proposed' and expires_at < now() - interval '1 hour' limit 100
        """,
        "Look at the job workers (orderwerk doctor); the job substitutions.expire ends them.",
        Severity.STUCK,
    ),
    Invariant(
        "line-expired",
        "What of a line expired unpaid is a part of what was cancelled of it.",
        "select shop_id, 'order line', id, '0..' || cancelled, expired::text from orders_line where expired < 0 or expired > cancelled",
        _CALL,
    ),
    Invariant(
        "line-returned",
        "Returned pieces were shipped before, credited ones were ordered.",
        """
        select shop_id, 'order line', id, format('0..%s returned, 0..%s credited', shipped, quantity),
          format('%s returned, %s credited', returned, credited)
        from orders_line where returned < 0 or returned > shipped or credited < 0 or credited > quantity
        """,
        _CALL,
    ),
    Invariant(
        "line-allocated-sum",
        "What a line counts as allocated and picked is the sum of its open allocations.",
        """
        select l.shop_id, 'order line', l.id, format('allocated %s, picked %s', coalesce(a.n, 0), coalesce(a.picked, 0)),
          format('allocated %s, picked %s', l.allocated, l.picked)
        from orders_line l left join (
          select order_line_id, sum(quantity) as n, sum(picked) as picked from allocations_allocation
          where status in ('allocated', 'picking', 'picked') group by order_line_id) a on a.order_line_id = l.id
        where (l.allocated <> coalesce(a.n, 0) or l.picked <> coalesce(a.picked, 0))
          and not exists (select 1 from orders_component c where c.order_line_id = l.id)
        """,
        _CALL,
    ),
    Invariant(
        "line-shipped-sum",
        "What a line counts as shipped is the sum of its lines in shipments that have left.",
        """
        select l.shop_id, 'order line', l.id, coalesce(s.n, 0)::text, l.shipped::text
        from orders_line l left join (
          select sl.order_line_id, sum(sl.quantity) as n from shipments_line sl join shipments_shipment h on h.id = sl.shipment_id
          where sl.is_live and h.status in ('shipped', 'delivered') group by sl.order_line_id) s on s.order_line_id = l.id
        where l.shipped <> coalesce(s.n, 0) and not exists (select 1 from orders_component c where c.order_line_id = l.id)
        """,
        _CALL,
    ),
    Invariant(
        "kit-components",
        "Each component of a kit counts what its claims say, and its line counts the whole kits that all of them allow.",
        """
        with part as (
          select c.*, l.quantity - l.cancelled as kits,
            coalesce((select sum(a.quantity) from allocations_allocation a where a.order_line_id = c.order_line_id
              and a.product_id = c.product_id and a.status in ('allocated', 'picking', 'picked')), 0) as claimed,
            coalesce((select sum(a.picked) from allocations_allocation a where a.order_line_id = c.order_line_id
              and a.product_id = c.product_id and a.status in ('picking', 'picked')), 0) as taken,
            coalesce((select sum(k.quantity) from shipments_line k join shipments_shipment h on h.id = k.shipment_id
              where k.order_line_id = c.order_line_id and k.product_id = c.product_id and k.is_live
                and h.status in ('shipped', 'delivered')), 0) as gone
          from orders_component c join orders_line l on l.id = c.order_line_id
        )
        select shop_id, 'order component', id, format('%s', (kits * per_kit, claimed, taken, gone)),
          format('%s', (needed, allocated, picked, shipped))
        from part where (needed, allocated, picked, shipped) is distinct from (kits * per_kit, claimed, taken, gone)
        union all
        select l.shop_id, 'order line', l.id, format('%s', (k.allocated - k.shipped, k.picked - k.shipped, k.shipped)),
          format('%s', (l.allocated, l.picked, l.shipped))
        from orders_line l join (
          select order_line_id, min(shipped / per_kit) as shipped, min((allocated + shipped) / per_kit) as allocated,
            min((picked + shipped) / per_kit) as picked from orders_component group by 1) k on k.order_line_id = l.id
        where (l.allocated, l.picked, l.shipped) is distinct from (k.allocated - k.shipped, k.picked - k.shipped, k.shipped)
        """,
        _CALL,
    ),
    Invariant(
        "kit-claims",
        "A line of a kit claims its components and nothing else; any other line claims its own product.",
        """
        select a.shop_id, 'allocation', a.id, coalesce(l.product_id::text, 'none'), a.product_id::text
        from allocations_allocation a join orders_line l on l.id = a.order_line_id
        where a.status <> 'released' and case
          when exists (select 1 from orders_component c where c.order_line_id = l.id)
          then not exists (select 1 from orders_component c where c.order_line_id = l.id and c.product_id = a.product_id)
          else a.product_id is distinct from l.product_id end
        """,
        _CALL,
    ),
    Invariant(
        "order-units-sum",
        "What an order counts in pieces is the sum of its lines.",
        """
        select o.shop_id, 'order', o.id, format('%s', (l.ordered, l.cancelled, l.allocated, l.picked, l.shipped)),
          format('%s', (o.units_ordered, o.units_cancelled, o.units_allocated, o.units_picked, o.units_shipped))
        from orders_order o left join (
          select order_id, sum(quantity) as ordered, sum(cancelled) as cancelled, sum(allocated) as allocated,
            sum(picked) as picked, sum(shipped) as shipped from orders_line group by order_id) l on l.order_id = o.id
        where (o.units_ordered, o.units_cancelled, o.units_allocated, o.units_picked, o.units_shipped)
          is distinct from (l.ordered, l.cancelled, l.allocated, l.picked, l.shipped)
        """,
        _CALL,
    ),
    Invariant(
        "order-totals",
        "An order's totals are the sums of its lines and its shipping, to the cent.",
        """
        select o.shop_id, 'order', o.id,
          format('items %s, tax %s, total %s', l.items, l.tax + o.shipping_tax_minor, l.gross + o.shipping_net_minor + o.shipping_tax_minor),
          format('items %s, tax %s, total %s', o.items_minor, o.tax_minor, o.grand_total_minor)
        from orders_order o join (
          select order_id, sum(quantity * unit_price_minor - discount_minor) as items, sum(tax_minor) as tax,
            sum(gross_minor) as gross, sum(order_discount_minor) as discount from orders_line group by order_id) l on l.order_id = o.id
        where o.items_minor <> l.items or o.tax_minor <> l.tax + o.shipping_tax_minor or o.discount_minor <> l.discount
          or o.grand_total_minor <> l.gross + o.shipping_net_minor + o.shipping_tax_minor
        """,
        _CALL,
    ),
    Invariant(
        "line-amounts",
        "Net and tax of a line add up to what the customer pays for it.",
        """
        select l.shop_id, 'order line', l.id,
          (l.quantity * l.unit_price_minor - l.discount_minor - l.order_discount_minor)::text,
          format('net %s, tax %s, gross %s', l.net_minor, l.tax_minor, l.gross_minor)
        from orders_line l join orders_order o on o.id = l.order_id
        where l.gross_minor <> l.net_minor + l.tax_minor
          or l.quantity * l.unit_price_minor - l.discount_minor - l.order_discount_minor
             <> case when o.prices_include_tax then l.gross_minor else l.net_minor end
        """,
        _CALL,
    ),
    Invariant(
        "order-cancelled-value",
        "What an order counts as cancelled and what is kept for it all the same are what its cancelled pieces are worth.",
        """
        select o.shop_id, 'order', o.id, (l.value + case when l.all_gone then o.shipping_net_minor + o.shipping_tax_minor else 0 end)::text,
          format('%s, kept %s', o.cancelled_minor, o.retained_minor)
        from orders_order o join (
          select order_id, sum(gross_minor * cancelled / quantity) as value, bool_and(cancelled = quantity) as all_gone
          from orders_line group by order_id) l on l.order_id = o.id
        where o.cancelled_minor + o.retained_minor <> l.value + case when l.all_gone then o.shipping_net_minor + o.shipping_tax_minor else 0 end
        """,
        _CALL,
    ),
    Invariant(
        "order-retained-sum",
        "What an order keeps for cancelled pieces is the sum of its lines and its shipping; pieces on no credit are cancelled.",
        """
        select o.shop_id, 'order', o.id, (l.value + o.shipping_retained_minor)::text, o.retained_minor::text
        from orders_order o join (
          select order_id, sum(retained_minor) as value, bool_or(retained < 0 or retained > cancelled) as wrong
          from orders_line group by order_id) l on l.order_id = o.id
        where o.retained_minor <> l.value + o.shipping_retained_minor or l.wrong or o.shipping_retained_minor < 0
        """,
        _CALL,
    ),
    Invariant(
        "order-holds",
        "An order counts as many open holds as it has.",
        """
        select o.shop_id, 'order', o.id, coalesce(h.n, 0)::text, o.holds_open::text
        from orders_order o left join (
          select order_id, count(*) as n from orders_hold where released_at is null group by order_id) h on h.order_id = o.id
        where o.holds_open <> coalesce(h.n, 0)
        """,
        _CALL,
    ),
    Invariant(
        "order-payments-sum",
        "What an order counts as paid and authorised is the sum of its payments.",
        """
        select o.shop_id, 'order', o.id, format('paid %s, authorised %s', coalesce(p.captured, 0), coalesce(p.authorized, 0)),
          format('paid %s, authorised %s', o.captured_minor, o.authorized_minor)
        from orders_order o left join (
          select order_id, sum(captured_minor) as captured, sum(authorized_minor - captured_minor) as authorized
          from payments_payment group by order_id) p on p.order_id = o.id
        where o.captured_minor <> coalesce(p.captured, 0) or o.authorized_minor <> coalesce(p.authorized, 0)
        """,
        _CALL,
    ),
    Invariant(
        "payment-amounts",
        "Refunded is part of captured, captured of authorised, authorised of the amount; in the order's currency.",
        """
        select p.shop_id, 'payment', p.id, o.currency, format('%s %s/%s/%s/%s', p.currency, p.refunded_minor, p.captured_minor,
          p.authorized_minor, p.amount_minor)
        from payments_payment p join orders_order o on o.id = p.order_id
        where p.currency <> o.currency or p.refunded_minor < 0 or p.refunded_minor > p.captured_minor
          or p.captured_minor > p.authorized_minor or p.authorized_minor > p.amount_minor
        """,
        _CALL,
    ),
    Invariant(
        "order-external-id",
        "An external id stands once per shop.",
        """
        select shop_id, 'order', min(id::text)::uuid, '1', count(*)::text from orders_order
        group by shop_id, external_id having count(*) > 1
        """,
        _CALL,
    ),
    Invariant(
        "order-status",
        "An order's status is the consequence of its lines, payments and holds.",
        """
        select o.shop_id, 'order', o.id, f.status, o.status
        from orders_order o join (
          select x.id, case
            when l.cancelled = l.ordered then 'cancelled'
            when l.shipped + l.cancelled = l.ordered then 'shipped'
            when exists (select 1 from orders_hold h where h.order_id = x.id and h.released_at is null) then 'on_hold'
            when not x.on_account and coalesce(p.money, 0) < x.grand_total_minor - x.cancelled_minor then 'awaiting_payment'
            when l.shipped > 0 then 'partially_shipped'
            when l.allocated + l.shipped + l.cancelled < l.ordered then 'awaiting_stock'
            else 'awaiting_shipment' end as status
          from orders_order x
          join (select order_id, sum(quantity) as ordered, sum(cancelled) as cancelled, sum(shipped) as shipped,
                  sum(allocated) as allocated from orders_line group by order_id) l on l.order_id = x.id
          left join (select order_id, sum(authorized_minor) as money from payments_payment group by order_id) p on p.order_id = x.id
        ) f on f.id = o.id
        where f.status <> o.status
        """,
        _CALL,
    ),
    Invariant(
        "tab-counts",
        "The counts on the status tabs are the numbers of orders.",
        """
        select coalesce(o.shop_id, c.shop_id), 'tab', coalesce(o.shop_id, c.shop_id), format('%s %s', coalesce(o.status, c.status), coalesce(o.n, 0)),
          coalesce(c.n, 0)::text
        from (select shop_id, status, count(*) as n from orders_order group by 1, 2) o
        full join (select shop_id, status, sum(n) as n from orders_tab_count group by 1, 2) c on c.shop_id = o.shop_id and c.status = o.status
        where coalesce(o.n, 0) <> coalesce(c.n, 0)
        """,
        "Rebuild the counts: orderwerk check names the shop; the orders themselves are right.",
    ),
    Invariant(
        "stuck-unpaid",
        "An order that was not paid in time expires within the hour.",
        """
        select o.shop_id, 'order', o.id, 'expired', 'unpaid since ' || d.ends_at
        from orders_order o join shops_shop s on s.id = o.shop_id
        cross join lateral (select bool_or(status = 'pending') as waits from payments_payment p where p.order_id = o.id) e
        cross join lateral (
          select min(case when h is null then 0 else 1 end) as known, max(since + make_interval(hours => h)) as ends_at from (
            select p.created_at as since, coalesce(s.unpaid_hours ->> p.method, s.unpaid_hours ->> 'other')::int as h
            from payments_payment p where p.order_id = o.id and (p.status = 'pending' or not e.waits)
            union all select o.received_at, (s.unpaid_hours ->> 'other')::int where e.waits is null) x) d
        where o.status = 'awaiting_payment' and o.captured_minor = 0 and o.authorized_minor = 0 and d.known = 1
          and d.ends_at < now() - interval '1 hour' and o.units_picked = 0
        limit 100
        """,
        "Look at the job workers (orderwerk doctor); the job orders.expire_unpaid lets them go.",
        Severity.STUCK,
    ),
)
