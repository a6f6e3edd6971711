"""Store credits: what was given is what refunds gave, what is left is what was not spent, and nothing was spent twice."""

from orderwerk.checks.invariant import Invariant, Severity

_CALL = "Do not touch the store credit; call support with this finding."

INVARIANTS = (
    Invariant(
        "store-credit-balance",
        "What is left of a store credit is the sum of its lines: never below nothing, never above what was given.",
        """
        select c.shop_id, 'store credit', c.id, format('%s of %s', coalesce(m.sum, 0), coalesce(m.given, 0)),
          format('%s of %s', c.remaining_minor, c.amount_minor)
        from refunds_store_credit c left join (
          select store_credit_id, sum(delta_minor) as sum, sum(delta_minor) filter (where kind = 'issued') as given
          from refunds_credit_movement group by store_credit_id) m on m.store_credit_id = c.id
        where c.remaining_minor <> coalesce(m.sum, 0) or c.amount_minor <> coalesce(m.given, 0)
          or c.remaining_minor < 0 or c.remaining_minor > c.amount_minor
        """,
        _CALL,
    ),
    Invariant(
        "store-credit-refund",
        "Every refund that became store credit, or went back to one, has one line of its amount, and nothing else has.",
        """
        select coalesce(r.shop_id, m.shop_id), 'refund', coalesce(r.id, m.refund_id), format('%s %s', r.amount_minor, r.currency),
          format('%s %s', m.delta_minor, m.currency)
        from (select * from refunds_refund where via = 'store_credit' and status = 'succeeded') r
        full join (select * from refunds_credit_movement where kind in ('issued', 'given_back')) m on m.refund_id = r.id
        where (r.amount_minor, r.currency, r.shop_id, r.order_id) is distinct from (m.delta_minor, m.currency, m.shop_id, m.order_id)
        """,
        _CALL,
    ),
    Invariant(
        "store-credit-payment",
        "What was spent of a store credit is one payment of its amount, and goes back to no other credit.",
        """
        select m.shop_id, 'payment', m.payment_id, format('%s %s', -m.delta_minor, m.currency),
          format('%s %s', coalesce(p.captured_minor, 0), coalesce(p.currency, 'none'))
        from refunds_credit_movement m left join payments_payment p on p.id = m.payment_id
        where m.kind = 'used' and (p.captured_minor, p.currency, p.shop_id, p.order_id, p.provider)
          is distinct from (-m.delta_minor, m.currency, m.shop_id, m.order_id, 'store_credit')
        union all
        select p.shop_id, 'payment', p.id, 'a line of a store credit', p.reference from payments_payment p
        where p.provider = 'store_credit' and p.reference ~ '^SC[0-9]+(-[0-9]+)?$'
          and not exists (select 1 from refunds_credit_movement m where m.payment_id = p.id and m.kind = 'used')
        union all
        select b.shop_id, 'payment', b.payment_id, coalesce(u.store_credit_id::text, 'none'), b.store_credit_id::text
        from refunds_credit_movement b
        left join refunds_credit_movement u on u.payment_id = b.payment_id and u.kind = 'used'
        where b.kind = 'given_back' and b.store_credit_id is distinct from u.store_credit_id
        union all
        select r.shop_id, 'refund', r.id, 'back to the store credit', r.via from refunds_refund r
        join refunds_credit_movement u on u.payment_id = r.payment_id and u.kind = 'used'
        where r.status in ('submitted', 'pending', 'succeeded') and r.via not in ('store_credit', 'exchange')
        """,
        _CALL,
    ),
    Invariant(
        "store-credit-contested",
        "A store credit is contested exactly while the payment whose refund gave it has less left than was handed on, or is contested.",
        """
        select c.shop_id, 'store credit', c.id, format('%s charged back, %s handed on of %s', p.charged_back_minor, p.refunded_minor, p.captured_minor),
          case when c.is_contested then 'contested' else 'not contested' end
        from refunds_store_credit c join refunds_refund r on r.id = c.refund_id join payments_payment p on p.id = r.payment_id
        where c.is_contested <> (p.is_contested or p.captured_minor - p.charged_back_minor < p.refunded_minor)
        """,
        _CALL,
    ),
    Invariant(
        "payment-contested",
        "A payment is contested exactly while the one that its money came from, by an exchange or a store credit, has less left than was handed on, or is contested.",
        """
        select p.shop_id, 'payment', p.id, case when x.away then 'contested' else 'not contested' end,
          case when p.is_contested then 'contested' else 'not contested' end
        from payments_payment p cross join lateral (
          select exists (select 1 from refunds_refund r join payments_payment s on s.id = r.payment_id
            where p.provider = 'orderwerk' and r.via = 'exchange' and r.provider_reference = p.reference and r.shop_id = p.shop_id
              and r.status = 'succeeded' and (s.is_contested or s.captured_minor - s.charged_back_minor < s.refunded_minor))
            or exists (select 1 from refunds_credit_movement m join refunds_store_credit c on c.id = m.store_credit_id
              where p.provider = 'store_credit' and m.payment_id = p.id and m.kind = 'used' and c.is_contested) as away) x
        where (p.is_contested or p.provider in ('orderwerk', 'store_credit')) and p.is_contested <> x.away
        """,
        _CALL,
    ),
    Invariant(
        "payment-provider-names",
        "No payment bears the name of what the product takes money as in other letters, as money from outside would be taken for it.",
        """
        select p.shop_id, 'payment', p.id, 'another name', p.provider from payments_payment p
        where p.provider not in ('store_credit', 'orderwerk')
          and translate(lower(p.provider), '._/-', '') in ('storecredit', 'orderwerk')
        """,
        "Ask where the payment came from; support renames its provider.",
    ),
    Invariant(
        "stuck-store-credits",
        "What is left of a store credit expires within a day of its last one.",
        """
        select c.shop_id, 'store credit', c.id, 'expired', format('%s left since %s', c.remaining_minor, c.expires_on)
        from refunds_store_credit c where c.remaining_minor > 0 and c.expires_on < (now() - interval '2 days')::date limit 100
        """,
        "Look at the job workers (orderwerk doctor) and start one if none runs.",
        Severity.STUCK,
    ),
)
