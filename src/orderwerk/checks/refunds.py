"""Refunds at payment providers: each call has its one effect, both tell the same, and nothing waits unseen."""

from orderwerk.checks.invariant import Invariant, Severity

_LOOK = "Look the refund up at the provider by its reference; change nothing here before."

INVARIANTS = (
    Invariant(
        "refund-effect",
        "A refund through a provider and its call tell the same: accepted there exactly when it has a reference.",
        """
        select r.shop_id, 'refund', r.id, format('%s as %s', e.status, coalesce(e.provider_reference, 'nothing')),
          format('%s as %s', r.status, r.provider_reference)
        from refunds_refund r left join core_effect e on e.id = r.effect_id
        where r.via not in ('', 'manual', 'exchange', 'store_credit') and (
          e.id is null or e.kind <> 'refund' or e.business_key not like r.id || '/%'
          or (r.status = 'succeeded' and (e.status <> 'succeeded' or r.provider_reference = ''))
          or (r.status = 'submitted' and (e.status = 'failed' or (e.status = 'succeeded') <> (r.provider_reference <> '')))
          or (r.status = 'failed' and e.status not in ('succeeded', 'failed'))
          or (e.status = 'succeeded' and e.provider_reference is distinct from r.provider_reference))
        """,
        _LOOK,
    ),
    Invariant(
        "refund-provider-reference",
        "A provider's refund is one refund of ours.",
        """
        select min(shop_id::text)::uuid, 'refund', min(id::text)::uuid, '1', count(*)::text from refunds_refund
        where via not in ('', 'manual') and provider_reference <> '' group by via, provider_reference having count(*) > 1
        """,
        _LOOK,
    ),
    Invariant(
        "refund-reversal",
        "A reversal belongs to a refund that had gone back, through a provider, and has its amount.",
        """
        select x.shop_id, 'reversal', x.id, format('succeeded, %s %s', x.amount_minor, x.currency),
          format('%s, %s %s', r.status, r.amount_minor, r.currency)
        from refunds_reversal x left join refunds_refund r on r.id = x.refund_id
        where (r.status, r.amount_minor, r.currency, r.shop_id, r.order_id)
          is distinct from ('succeeded', x.amount_minor, x.currency, x.shop_id, x.order_id)
        """,
        _LOOK,
    ),
    Invariant(
        "credentials-encrypted",
        "Credentials of payment providers are stored encrypted only.",
        """
        select shop_id, 'payment account', id, 'encrypted', provider from payments_account
        where secret not like 'enc1:%' or (signing_secret <> '' and signing_secret not like 'enc1:%')
        """,
        "Withdraw the key at the provider, then enter a new one under Settings, Payment providers.",
    ),
    Invariant(
        "ledger-balances",
        "What a payment counts as captured, charged back and refunded is the sum of its ledger.",
        """
        select p.shop_id, 'payment', p.id, format('%s/%s/%s', coalesce(e.captured, 0), coalesce(e.taken, 0), coalesce(e.refunded, 0)),
          format('%s/%s/%s', p.captured_minor, p.charged_back_minor, p.refunded_minor)
        from payments_payment p left join (
          select payment_id,
            sum(case when credit = 'customer' then amount_minor else -amount_minor end) filter (where kind = 'captured') as captured,
            sum(case when credit = 'provider' then amount_minor else -amount_minor end) filter (where kind = 'charge_back') as taken,
            sum(case when kind = 'refund' then amount_minor else -amount_minor end) filter (where kind in ('refund', 'reversal')) as refunded
          from payments_entry group by payment_id) e on e.payment_id = p.id
        where p.captured_minor <> coalesce(e.captured, 0) or p.charged_back_minor <> coalesce(e.taken, 0)
          or p.refunded_minor <> coalesce(e.refunded, 0)
        """,
        "Do not touch the ledger; call support with this finding.",
    ),
    Invariant(
        "ledger-refund-once",
        "Every refund that has gone back has exactly one line in the ledger, and nothing else has one.",
        """
        select coalesce(r.shop_id, e.shop_id), 'refund', coalesce(r.id, e.source_id), coalesce(r.amount_minor::text, 'none'),
          coalesce(e.amount_minor::text, 'none')
        from (select * from refunds_refund where status = 'succeeded') r
        full join (select * from payments_entry where kind = 'refund') e on e.source_id = r.id
        where (r.amount_minor, r.payment_id, r.currency) is distinct from (e.amount_minor, e.payment_id, e.currency)
        """,
        "Do not touch the ledger; call support with this finding.",
    ),
    Invariant(
        "difference-matched",
        "A difference that was matched is a refund of ours by its provider's reference.",
        """
        select d.shop_id, 'difference', d.id, 'a refund of ours', d.reference from refunds_difference d
        where d.status = 'matched' and d.kind = 'unknown_refund'
          and not exists (select 1 from core_effect e where e.kind = 'refund' and e.provider_reference = d.reference)
        """,
        _LOOK,
    ),
    Invariant(
        "transfer-batch",
        "A file for the bank has the refunds that point at it, with their sum, and is what was made; after the term of the law, and not before, without names and accounts.",
        """
        select b.shop_id, 'transfer batch', b.id, format('%s, %s', b.transfers, b.total_minor), format('%s, %s', coalesce(r.n, 0), coalesce(r.total, 0))
        from refunds_batch b join shops_shop s on s.id = b.shop_id left join (
          select batch_id, count(*) as n, sum(amount_minor) as total from refunds_transfer group by batch_id) r
          on r.batch_id = b.id
        where b.transfers <> coalesce(r.n, 0) or b.total_minor <> coalesce(r.total, 0)
          or case when b.blanked_at is null then b.sha256 <> sha256(b.content)
            -- East of here the year ends earlier; what the shop wants now, it may not have wanted then.
            else b.content <> refunds_blanked(b.content) or b.blanked_at < refunds_kept_until(b.created_at, s.timezone, '{"country": "DK"}', 5) - interval '1 day' end
        """,
        "Do not send the file; look at its refunds with whoever is responsible for finance.",
    ),
    Invariant(
        "stuck-refund-calls",
        "A refund that is to be sent to a provider, or in doubt there, is dealt with within minutes.",
        """
        select r.shop_id, 'refund', r.id, 'sent or looked up', e.status || ': ' || e.note
        from refunds_refund r join core_effect e on e.id = r.effect_id
        where r.status = 'submitted' and ((e.status in ('intended', 'in_doubt') and coalesce(e.next_attempt_at, e.created_at) < now() - interval '10 minutes')
          or (e.status = 'called' and e.called_at < now() - interval '10 minutes')) limit 100
        """,
        "See Settings, Payment providers: is the account in use, are the credentials taken? Then look at the job workers.",
        Severity.STUCK,
    ),
    Invariant(
        "authorisation-ends",
        "What a customer has authorised is captured before the authorisation ends.",
        """
        select p.shop_id, 'payment', p.id, 'captured before ' || p.capture_before, format('%s of %s', p.captured_minor, p.authorized_minor)
        from payments_payment p join orders_order o on o.id = p.order_id
        where p.status = 'authorized' and p.captured_minor < p.authorized_minor and p.capture_before < now() + interval '2 days'
          and o.status <> 'cancelled' limit 100
        """,
        "Ship the order: it is captured by itself then. Otherwise capture it in the provider's pages; later the customer has to pay again.",
        Severity.STUCK,
    ),
    Invariant(
        "stuck-looks",
        "A payment that is to be looked at again is looked at within minutes.",
        """
        select a.shop_id, 'payment', null::uuid, 'looked at', l.reference || ' due since ' || l.due_at
        from payments_look l join payments_account a on a.id = l.account_id
        where a.is_active and l.due_at < now() - interval '15 minutes' limit 100
        """,
        "Look at the job workers (orderwerk doctor) and start one if none runs.",
        Severity.STUCK,
    ),
)
