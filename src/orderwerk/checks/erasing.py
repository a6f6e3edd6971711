"""What was erased is gone: nothing that tells of a person is left where it must not be."""

from orderwerk.checks.invariant import Invariant

INVARIANTS = (
    Invariant(
        "erased-orders",
        "Of an order whose personal data was erased nothing of it is left but in the documents that the law wants kept.",
        """
        select o.shop_id, 'order', o.id, 'nothing personal', t.what
        from orders_order o cross join lateral (
          select 'order' as what where o.customer_name <> '' or o.customer_email is not null or o.delivery_address ->> 'name' <> ''
            or o.billing_address ->> 'name' <> ''
          union all select 'e-mail' from emails_email e
            where e.order_id = o.id and e.created_at < o.erased_at and (e.body_text <> '' or e.recipient not like 'erased-%')
          union all select 'effect' from emails_email e join core_effect f on f.id = e.effect_id
            where e.order_id = o.id and e.created_at < o.erased_at and f.business_key not like 'erased/%'
          union all select 'memo' from memos_memo m where m.order_id = o.id and m.created_at < o.erased_at and m.text <> 'erased'
          union all select 'withdrawal' from return_requests_withdrawal w where w.order_id = o.id and (w.name <> 'erased' or w.email <> 'erased@example.invalid')
            -- A letter may have come before, and be written down afterwards: then its erasing comes too.
            and coalesce((select e.at from core_event e where e.aggregate_id = w.id and e.seq = 1), w.received_at) < o.erased_at
          union all select 'receiver of a gift' from return_requests_request r
            where r.order_id = o.id and r.is_gift and (r.receiver_name <> 'erased' or r.receiver_email <> 'erased@example.invalid')
          union all select 'claim photo' from returns_claim_photo p where p.order_id = o.id and octet_length(p.content) > 1
          union all select 'return label' from return_requests_request r join return_requests_label l on l.request_id = r.id
            where r.order_id = o.id and octet_length(l.content) > 1
          union all select 'finding' from returns_return r join returns_finding f on f.parent_id = r.id
            where r.order_id = o.id and f.text not in ('', 'erased')
          union all select 'shipment' from shipments_shipment s where s.order_id = o.id and (s.delivery_address ->> 'name' <> '' or s.collected_by <> '' or s.collect_note <> '')
          union all select 'refund' from refunds_refund r
            where r.order_id = o.id and coalesce(r.finished_at, r.created_at) < o.erased_at
              and (r.account_iban <> '' or (r.note <> '' and r.via <> 'exchange'))
          union all select 'difference' from payments_payment p join refunds_difference d on d.payment_id = p.id
            where p.order_id = o.id and d.resolved_at < o.erased_at and d.note not in ('', 'erased') and d.note !~ '^R[0-9]+$'
          union all select 'answer' from core_idempotency_key k
            where k.order_id = o.id and k.response_body <> ''
          union all select 'event' from core_event v
            where v.order_id = o.id and v.at < o.erased_at and v.payload ?| array['changes', 'subject', 'email']
        ) t where o.erased_at is not null limit 100
        """,
        "Run orderwerk erase --order NUMBER --yes once more; if it is found again, call support with this finding.",
    ),
)
