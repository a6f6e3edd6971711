"""Returns and what was announced: pieces, fates, stock and credits."""

from orderwerk.checks.invariant import Invariant, Severity

_CALL = "Do not touch the row; look at the order's events, then call support with this finding."

_LOOK_AT_GIFTS = "Hold the refund back, or ask the provider whether it can be stopped; call support with this finding."
_LOOK_AT_KEPT = (
    "Look at the return or request and at what was booked with it; mend by hand what was not."
)

INVARIANTS = (
    Invariant(
        "return-findings",
        "What lay in a box beside its goods went into stock exactly as its receipt says, or not at all.",
        """
        select f.shop_id, 'finding', f.id, format('%s of %s', f.quantity, f.product_id), format('%s of %s', r.quantity, r.product_id)
        from returns_finding f left join stock_receipt r on r.id = f.receipt_id
        where f.receipt_id is not null and (r.quantity, r.product_id) is distinct from (f.quantity, f.product_id)
        """,
        _LOOK_AT_KEPT,
    ),
    Invariant(
        "return-kept",
        "What a customer was let to keep was claimed and given back, once.",
        """
        select r.shop_id, 'return request', r.id, 'one refunded claim', coalesce(c.n, 0)::text from return_requests_request r
        left join (select request_id, count(*) as n from returns_claim where status = 'refunded' group by request_id) c
          on c.request_id = r.id
        where r.is_kept and (coalesce(c.n, 0) <> 1 or r.status <> 'completed')
        """,
        _LOOK_AT_KEPT,
    ),
    Invariant(
        "return-gift",
        "What a gift gives back is store credit of whoever received it: no money, and nothing back to what the buyer paid with.",
        """
        select r.shop_id, 'refund', r.id, 'a store credit of its own', coalesce(nullif(r.via, ''), case when r.as_store_credit then m.kind else 'money' end)
        from return_requests_request q join returns_return b on b.request_id = q.id
        join invoices_invoice v on v.return_id = b.id join refunds_refund r on r.credit_id = v.id
        left join refunds_credit_movement m on m.refund_id = r.id
        where q.is_gift and (not r.as_store_credit or r.via not in ('', 'store_credit') or coalesce(m.kind, 'issued') <> 'issued')
        """,
        _LOOK_AT_GIFTS,
    ),
    Invariant(
        "return-label-effect",
        "A return label is ready exactly when its last call to the carrier succeeded, and under way while that has no end.",
        """
        select l.shop_id, 'return label', l.id, case e.status when 'succeeded' then 'made' when 'failed' then 'failed' else 'ordered' end, l.status
        from return_requests_label l left join core_effect e on e.id = l.effect_id
        where e.id is null or e.kind <> 'return_label' or e.business_key <> format('%s/%s', l.id, l.attempts)
          or (l.status = 'made') <> (e.status = 'succeeded') or (l.status = 'failed') <> (e.status = 'failed')
          or (l.status = 'made' and e.provider_reference is distinct from l.barcode)
        """,
        _CALL,
    ),
    Invariant(
        "carrier-keys-encrypted",
        "Keys of carriers are stored encrypted only.",
        """
        select shop_id, 'return carrier', id, 'encrypted', carrier from return_requests_carrier where secret not like 'enc1:%'
        union all select null, 'carrier account', id, 'encrypted', carrier from shipments_carrier_account where secret not like 'enc1:%'
        """,
        "Withdraw the key at the carrier, then enter a new one under Settings, Returns or Shipping.",
    ),
    Invariant(
        "request-box",
        "Open requests travel in the box of a request of the same shop that comes the same way and travels in no other's.",
        """
        select r.shop_id, 'return request', r.id, 'a box of its own shop', h.number
        from return_requests_request r left join return_requests_request h on h.id = r.in_box_of_id
        where r.in_box_of_id is not null and (h.id is null or h.id = r.id or h.shop_id <> r.shop_id
          or (r.status in ('requested', 'approved')
            and (h.in_box_of_id is not null or return_requests_goes(h.way, h.bring_to_id) <> return_requests_goes(r.way, r.bring_to_id))))
        """,
        _CALL,
    ),
    Invariant(
        "line-returned-sum",
        "What a line counts as returned is the sum of its pieces in returns.",
        """
        select l.shop_id, 'order line', l.id, coalesce(r.n, 0)::text, l.returned::text
        from orders_line l left join (
          select order_line_id, sum(quantity) as n from returns_line group by order_line_id) r on r.order_line_id = l.id
        where l.returned <> coalesce(r.n, 0)
        """,
        _CALL,
    ),
    Invariant(
        "return-restocked-once",
        "What of a return went into stock moved it once, by as many pieces, where the return says.",
        """
        select k.shop_id, 'return line', k.id, case when k.disposition = 'restock' then k.quantity * c.per_kit else 0 end::text, coalesce(m.n, 0)::text
        from returns_line k cross join lateral (
          select coalesce(sum(x.per_kit), 1) as per_kit from orders_component x where x.order_line_id = k.order_line_id) c
        left join (
          select source_id, sum(delta) as n, count(distinct location_id) as places, min(location_id::text)::uuid as location_id
          from stock_movement where kind = 'returned' group by source_id) m on m.source_id = k.id
        where (k.disposition = 'restock' and (coalesce(m.n, 0) <> k.quantity * c.per_kit or m.places <> 1 or m.location_id <> k.location_id))
          or (k.disposition is distinct from 'restock' and m.n is not null)
        """,
        _CALL,
    ),
    Invariant(
        "return-inspected",
        "A return is processed exactly when the fate of all its lines is decided.",
        """
        select r.shop_id, 'return', r.id, case when k.open then 'to_inspect' else 'processed' end, r.status
        from returns_return r left join (
          select parent_id, bool_or(disposition is null) as open from returns_line group by parent_id) k on k.parent_id = r.id
        where k.open is null or (r.status = 'processed') = k.open
        """,
        _CALL,
    ),
    Invariant(
        "return-completes-request",
        "A request is completed exactly when one return of the same order names it, the customer keeps the goods, or they came for repair.",
        """
        select q.shop_id, 'return request', q.id, case when r.n > 0 then 'completed' else 'not completed' end, q.status
        from return_requests_request q left join (
          select request_id, count(*) as n, bool_and(true) as any from returns_return where request_id is not null group by request_id) r
          on r.request_id = q.id
        left join (select request_id, count(*) as n from returns_claim where kind = 'repair' group by request_id) c on c.request_id = q.id
        where (q.status = 'completed') <> (coalesce(r.n, 0) + coalesce(c.n, 0) = 1 or q.is_kept) or coalesce(r.n, 0) + coalesce(c.n, 0) > 1
        """,
        _CALL,
    ),
    Invariant(
        "request-quantities",
        "Nobody announces no pieces, or more than were ordered.",
        """
        select k.shop_id, 'return request line', k.id, '1..' || l.quantity, k.quantity::text
        from return_requests_line k join orders_line l on l.id = k.order_line_id
        where k.quantity < 1 or k.quantity > l.quantity or l.order_id <> k.order_id
        """,
        _CALL,
    ),
    Invariant(
        "return-credited-pieces",
        "A credit invoice of a return credits pieces that came back in it, and no others; at most one per debit invoice.",
        """
        select v.shop_id, 'return', v.return_id, 'up to ' || coalesce(k.n, 0), sum(i.quantity)::text
        from invoices_invoice v join invoices_line i on i.invoice_id = v.id and i.order_line_id is not null
        left join (select parent_id, order_line_id, sum(quantity) as n from returns_line group by 1, 2) k
          on k.parent_id = v.return_id and k.order_line_id = i.order_line_id
        where v.return_id is not null
        group by v.shop_id, v.return_id, i.order_line_id, k.n having sum(i.quantity) > coalesce(k.n, 0)
        union all
        select shop_id, 'return', return_id, '1', count(*)::text from invoices_invoice
        where return_id is not null group by shop_id, return_id, debit_id having count(*) > 1
        """,
        _CALL,
    ),
    Invariant(
        "return-credited-worth",
        "A return is credited for at most what its pieces were sold for, to the cent that does not divide.",
        """
        select v.shop_id, 'return', v.return_id, format('up to %s of %s pieces sold for %s', i.quantity, d.quantity, d.base_minor), i.base_minor::text
        from invoices_invoice v join invoices_line i on i.invoice_id = v.id and i.order_line_id is not null
        join invoices_line d on d.id = i.debit_line_id
        where v.return_id is not null and (i.base_minor - 1)::numeric * d.quantity >= d.base_minor::numeric * i.quantity
        """,
        _CALL,
    ),
    Invariant(
        "exchange-netted",
        "What an exchange took of its return's credits is what they refunded for it and what its new order received, no more.",
        """
        select x.shop_id, 'exchange', x.id, format('at most %s: %s refunded, %s received', c.refundable, c.netted, coalesce(n.received, 0)),
          x.netted_minor::text
        from returns_exchange x cross join lateral (
          select coalesce(sum(v.refundable_minor), 0) as refundable, coalesce(sum(r.netted), 0) as netted from invoices_invoice v
          left join lateral (select sum(k.amount_minor) as netted from refunds_refund k
            where k.credit_id = v.id and k.via = 'exchange' and k.status = 'succeeded') r on true
          where v.return_id = x.parent_id and v.order_id = x.order_id and v.kind = 'credit') c
        left join lateral (
          select sum(p.captured_minor) as received from payments_payment p
          where p.order_id = x.new_order_id and p.provider = 'orderwerk' and p.method = 'exchange') n on true
        where x.netted_minor <> c.netted or x.netted_minor <> coalesce(n.received, 0) or x.netted_minor > c.refundable
        """,
        _CALL,
    ),
    Invariant(
        "exchange-payment",
        "A payment by exchange is one refund of an exchange of the same shop, under the same reference and of the same amount.",
        """
        select p.shop_id, 'payment', p.id, 'one refund', count(r.id)::text
        from payments_payment p left join returns_exchange x on x.new_order_id = p.order_id
        left join refunds_refund r on r.via = 'exchange' and r.provider_reference = p.reference and r.shop_id = p.shop_id
          and r.amount_minor = p.captured_minor and r.currency = p.currency and r.order_id = x.order_id
        where p.provider = 'orderwerk' and p.method = 'exchange' group by p.shop_id, p.id having count(r.id) <> 1
        """,
        _CALL,
    ),
    Invariant(
        "stuck-exchanges",
        "The new order of an exchange follows within the hour.",
        """
        select shop_id, 'exchange', id, 'placed or declined', status from returns_exchange
        where status = 'open' and created_at < now() - interval '1 hour'
        """,
        "Look at the jobs under Settings, System; the job exchanges.place may be run again.",
        severity=Severity.STUCK,
    ),
    Invariant(
        "line-claimed-sum",
        "What a line counts as claimed is the sum of its pieces in claims that were neither rejected nor repaired; with what came back, at most what was shipped.",
        """
        select l.shop_id, 'order line', l.id, format('%s of %s', coalesce(c.n, 0), l.shipped - l.returned), l.claimed::text
        from orders_line l left join (
          select k.order_line_id, sum(k.quantity) as n from returns_claim_line k join returns_claim c on c.id = k.claim_id
          where c.status not in ('rejected', 'repaired') group by k.order_line_id) c on c.order_line_id = l.id
        where l.claimed <> coalesce(c.n, 0) or l.claimed + l.returned > l.shipped
        """,
        _CALL,
    ),
    Invariant(
        "claim-outcome",
        "A refunded claim has credit invoices of its own, a replaced one a new order for nothing, others have neither.",
        """
        select c.shop_id, 'claim', c.id, c.status, format('%s credits, order %s', v.n, c.new_order_id)
        from returns_claim c cross join lateral (
          select count(*) as n from invoices_invoice v where v.order_id = c.order_id and v.trigger_key like 'claim:' || c.id || ':%') v
        left join orders_order o on o.id = c.new_order_id
        where (c.status <> 'refunded' and v.n > 0) or (c.status = 'replaced') <> (o.id is not null) or o.grand_total_minor <> 0
        """,
        _CALL,
    ),
)
