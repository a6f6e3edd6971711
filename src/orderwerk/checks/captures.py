"""Captures of authorised payments: never more than was promised, each with its one call, and nothing waits unseen."""

from orderwerk.checks.invariant import Invariant, Severity

_LOOK = "Look the payment up at the provider by its reference; change nothing here before."

INVARIANTS = (
    Invariant(
        "captures-sum",
        "What a payment counts as asked for is the sum of its captures that have not failed, and at most its amount.",
        """
        select p.shop_id, 'payment', p.id, format('%s of at most %s', coalesce(c.total, 0), p.amount_minor), p.capture_reserved_minor::text
        from payments_payment p left join (
          select payment_id, sum(amount_minor) as total from payments_capture where status <> 'failed' and not is_release
          group by payment_id) c on c.payment_id = p.id
        where p.capture_reserved_minor <> coalesce(c.total, 0) or p.capture_reserved_minor > p.amount_minor
        """,
        _LOOK,
    ),
    Invariant(
        "captures-came-in",
        "What was captured for goods that left has come in with its payment.",
        """
        select p.shop_id, 'payment', p.id, 'at least ' || c.total, p.captured_minor::text
        from payments_payment p join (
          select payment_id, sum(amount_minor) as total from payments_capture where status = 'succeeded' and not is_release
          group by payment_id) c on c.payment_id = p.id
        where c.total > p.captured_minor
        """,
        _LOOK,
    ),
    Invariant(
        "captures-within-order",
        "All captures of an order together take at most what it costs.",
        """
        select o.shop_id, 'order', o.id, 'at most ' || o.grand_total_minor, c.total::text
        from orders_order o join (
          select order_id, sum(amount_minor) as total from payments_capture where status <> 'failed' and not is_release
          group by order_id) c on c.order_id = o.id
        where c.total > o.grand_total_minor
        """,
        _LOOK,
    ),
    Invariant(
        "capture-effect",
        "A capture and its call tell the same.",
        """
        select c.shop_id, 'capture', c.id, coalesce(e.kind || ' ' || e.status, 'no call'), c.status
        from payments_capture c left join core_effect e on e.id = c.effect_id
        where e.id is null or e.kind <> 'capture' or e.business_key <> c.id || '/' || c.attempts
          or (c.status = 'succeeded' and e.status <> 'succeeded') or (c.status = 'submitted' and e.status = 'failed')
          or (c.status = 'failed' and e.status not in ('succeeded', 'failed'))
        """,
        _LOOK,
    ),
    Invariant(
        "stuck-captures",
        "What goods have left for is captured within minutes; what failed is looked at.",
        """
        select c.shop_id, 'capture', c.id, 'captured', format('%s, %s: %s', c.status, e.status, concat_ws(' ', nullif(c.note, ''), nullif(nullif(e.note, ''), c.note)))
        from payments_capture c join core_effect e on e.id = c.effect_id join payments_payment p on p.id = c.payment_id
        where (c.status = 'submitted' and e.status in ('intended', 'in_doubt') and coalesce(e.next_attempt_at, e.created_at) < now() - interval '10 minutes')
          or (c.status = 'submitted' and e.status = 'called' and e.called_at < now() - interval '10 minutes')
          or (c.status = 'failed' and p.status = 'authorized' and c.finished_at < now() - interval '10 minutes') limit 100
        """,
        "Open the order: its payment says what the provider answered. Mend the cause and press Try again, before the authorisation ends.",
        Severity.STUCK,
    ),
)
