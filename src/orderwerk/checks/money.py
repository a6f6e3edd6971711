"""Invoices and credits: numbers, hashes, sums, and that nothing is given back twice."""

from orderwerk.checks.invariant import Invariant, Severity

_CALL = "Do not touch the documents; call support with this finding."

INVARIANTS = (
    Invariant(
        "invoice-gapless",
        "The numbers of a series run from 1 without a gap, and its counter stands at the last.",
        """
        select s.scope_id, 'series', s.id, '1..' || s.last_number, format('%s..%s in %s', v.first, v.last, v.n)
        from core_series s left join (
          select series_id, min(sequence) as first, max(sequence) as last, count(*) as n from invoices_invoice group by series_id
        ) v on v.series_id = s.id
        where s.last_number <> coalesce(v.n, 0) or s.last_number <> coalesce(v.last, 0) or coalesce(v.first, 1) <> 1
        """,
        _CALL,
    ),
    Invariant(
        "invoice-dates",
        "No invoice is dated before the one with the number before it.",
        """
        select shop_id, 'invoice', id, 'from ' || before, issue_date::text from (
          select shop_id, id, issue_date, lag(issue_date) over (partition by series_id order by sequence) as before
          from invoices_invoice) t where issue_date < before
        """,
        _CALL,
    ),
    Invariant(
        "invoice-chain",
        "Each document's hash is that of the one before it and the content with which it was issued; the series keeps the last.",
        """
        select shop_id, 'invoice', id, encode(sha256(prev_hash || convert_to(content, 'UTF8')), 'hex'), encode(hash, 'hex')
        from (
          select v.shop_id, v.id, v.prev_hash, v.hash, v.content, v.blanked_at, v.sequence, s.last_number, s.last_hash,
            lag(v.hash) over (partition by v.series_id order by v.sequence) as before
          from invoices_invoice v join core_series s on s.id = v.series_id) t
        where (blanked_at is null and hash <> sha256(prev_hash || convert_to(content, 'UTF8')))
          or prev_hash <> coalesce(before, decode(repeat('00', 32), 'hex')) or (sequence = last_number and hash <> last_hash)
        """,
        _CALL,
    ),
    Invariant(
        "invoice-content",
        "What a document says is what its row says: number, date, kind, currency, net, VAT and total.",
        # An amount has all the decimals of its currency, so that it is its minor units without the point.
        """
        select v.shop_id, 'invoice', v.id,
          format('%s %s %s %s, %s + %s = %s', v.kind, v.number, v.issue_date, v.currency, v.net_minor, v.tax_minor, v.gross_minor),
          format('%s %s %s %s, %s + %s = %s', c.kind, c.number, c.issue_date, c.currency, c.net, c.tax, c.gross)
        from invoices_invoice v cross join lateral json_to_record(v.content::json)
          as c(kind text, number text, issue_date text, currency text, net text, tax text, gross text)
        where (c.kind, c.number, c.issue_date, c.currency, replace(c.net, '.', '')::bigint, replace(c.tax, '.', '')::bigint, replace(c.gross, '.', '')::bigint)
          is distinct from (v.kind, v.number, v.issue_date::text, v.currency, v.net_minor, v.tax_minor, v.gross_minor)
        """,
        _CALL,
    ),
    Invariant(
        "invoice-blanked",
        "A document without name and address was kept for as long as the law wants, and nothing personal and no file of it is left.",
        """
        select v.shop_id, 'invoice', v.id, 'nobody, from ' || invoices_kept_until(v.issue_date, v.content, 5),
          format('%s, %s files, on %s', coalesce(v.content::json #>> '{buyer,name}', '-'), d.n, v.blanked_at)
        from invoices_invoice v
        cross join lateral (select count(*) as n from invoices_document d where d.invoice_id = v.id) d
        where v.blanked_at is not null and (d.n > 0 or v.reason <> '' or v.content <> invoices_blanked(v.content)
          -- East of here the year ends earlier.
          or v.blanked_at < invoices_kept_until(v.issue_date, v.content, 5) - interval '1 day')
        """,
        "Restore the document from a backup if it was blanked too early; else call support with this finding.",
    ),
    Invariant(
        "invoice-sums",
        "A document is the sum of its lines and the sum of its rates, net, VAT and gross.",
        """
        select v.shop_id, 'invoice', v.id, format('%s + %s = %s', v.net_minor, v.tax_minor, v.gross_minor),
          format('lines %s + %s = %s, rates %s + %s', l.net, l.tax, l.gross, t.net, t.tax)
        from invoices_invoice v
        left join (select invoice_id, sum(net_minor) as net, sum(tax_minor) as tax, sum(gross_minor) as gross
                   from invoices_line group by invoice_id) l on l.invoice_id = v.id
        left join (select invoice_id, sum(net_minor) as net, sum(tax_minor) as tax from invoices_tax group by invoice_id) t
          on t.invoice_id = v.id
        where (v.net_minor, v.tax_minor, v.gross_minor) is distinct from (l.net, l.tax, l.gross)
          or (v.net_minor, v.tax_minor) is distinct from (t.net, t.tax) or v.gross_minor <> v.net_minor + v.tax_minor
        """,
        _CALL,
    ),
    Invariant(
        "invoice-line-credits",
        "What a debit line counts as credited is the sum of its credit lines, and never more than the line.",
        """
        select d.shop_id, 'invoice line', d.id, format('%s pieces, %s', coalesce(c.n, 0), coalesce(c.base, 0)),
          format('%s of %s pieces, %s of %s', d.credited, d.quantity, d.credited_base_minor, d.base_minor)
        from invoices_line d left join (
          select debit_line_id, sum(quantity) as n, sum(base_minor) as base from invoices_line
          where debit_line_id is not null group by debit_line_id) c on c.debit_line_id = d.id
        where d.credited <> coalesce(c.n, 0) or d.credited_base_minor <> coalesce(c.base, 0)
          or d.credited > d.quantity or d.credited_base_minor > d.base_minor
        """,
        _CALL,
    ),
    Invariant(
        "invoice-rate-credits",
        "What is credited of each rate is the sum of the credits, and never more than the invoice had.",
        """
        select d.shop_id, 'invoice', d.invoice_id, format('%s: %s + %s', d.tax_rate, coalesce(c.net, 0), coalesce(c.tax, 0)),
          format('%s of %s + %s of %s', d.credited_net_minor, d.net_minor, d.credited_tax_minor, d.tax_minor)
        from invoices_tax d left join (
          select v.debit_id, t.tax_category, t.tax_rate, sum(t.net_minor) as net, sum(t.tax_minor) as tax
          from invoices_tax t join invoices_invoice v on v.id = t.invoice_id where v.kind = 'credit'
          group by v.debit_id, t.tax_category, t.tax_rate) c
          on c.debit_id = d.invoice_id and c.tax_category = d.tax_category and c.tax_rate = d.tax_rate
        where d.credited_net_minor <> coalesce(c.net, 0) or d.credited_tax_minor <> coalesce(c.tax, 0)
          or d.credited_net_minor > d.net_minor or d.credited_tax_minor > d.tax_minor
        """,
        _CALL,
    ),
    Invariant(
        "invoice-credits",
        "What a debit invoice counts as credited and refundable is the sum of its credits.",
        """
        select d.shop_id, 'invoice', d.id, format('%s, refundable %s', coalesce(c.gross, 0), coalesce(c.refundable, 0)),
          format('%s of %s, refundable %s', d.credited_minor, d.gross_minor, d.refundable_minor)
        from invoices_invoice d left join (
          select debit_id, sum(gross_minor) as gross, sum(refundable_minor) as refundable from invoices_invoice
          where kind = 'credit' group by debit_id) c on c.debit_id = d.id
        where d.kind = 'debit' and (d.credited_minor <> coalesce(c.gross, 0) or d.refundable_minor <> coalesce(c.refundable, 0)
          or d.credited_minor > d.gross_minor)
        """,
        _CALL,
    ),
    Invariant(
        "invoice-reference",
        "A credit invoice refers to exactly one debit invoice of the same shop, order and currency.",
        """
        select c.shop_id, 'invoice', c.id, 'a debit invoice of the same order', coalesce(d.number, 'none')
        from invoices_invoice c left join invoices_invoice d on d.id = c.debit_id
        where c.kind = 'credit' and (d.kind, d.shop_id, d.order_id, d.currency) is distinct from ('debit', c.shop_id, c.order_id, c.currency)
          or c.kind = 'debit' and c.debit_id is not null
        """,
        _CALL,
    ),
    Invariant(
        "invoice-trigger",
        "Each trigger makes one document.",
        """
        select shop_id, 'order', order_id, '1', count(*)::text from invoices_invoice
        group by shop_id, order_id, trigger_key having count(*) > 1
        """,
        _CALL,
    ),
    Invariant(
        "invoice-currency",
        "Invoices are in the currency and price mode of their order.",
        """
        select v.shop_id, 'invoice', v.id, o.currency, v.currency from invoices_invoice v join orders_order o on o.id = v.order_id
        where v.currency <> o.currency or v.prices_include_tax <> o.prices_include_tax
        """,
        _CALL,
    ),
    Invariant(
        "order-invoiced-sum",
        "What an order counts as invoiced, credited and refundable is the sum of its invoices.",
        """
        select o.shop_id, 'order', o.id,
          format('invoiced %s, credited %s, refundable %s', coalesce(v.invoiced, 0), coalesce(v.credited, 0), coalesce(v.refundable, 0)),
          format('invoiced %s, credited %s, refundable %s', o.invoiced_minor, o.credited_minor, o.refundable_minor)
        from orders_order o left join (
          select order_id, sum(gross_minor) filter (where kind = 'debit') as invoiced,
            sum(gross_minor) filter (where kind = 'credit') as credited,
            sum(refundable_minor) filter (where kind = 'credit') as refundable
          from invoices_invoice group by order_id) v on v.order_id = o.id
        where (o.invoiced_minor, o.credited_minor, o.refundable_minor)
          is distinct from (coalesce(v.invoiced, 0), coalesce(v.credited, 0), coalesce(v.refundable, 0))
        """,
        _CALL,
    ),
    Invariant(
        "order-never-over-credited",
        "Never more is credited than was invoiced, nor more refundable than came in.",
        """
        select shop_id, 'order', id, format('credited up to %s, refundable up to %s', invoiced_minor, captured_minor),
          format('credited %s, refundable %s', credited_minor, refundable_minor)
        from orders_order
        where credited_minor > invoiced_minor or refundable_minor > captured_minor or refundable_minor > credited_minor
          or invoiced_minor - credited_minor > grand_total_minor
        """,
        _CALL,
    ),
    Invariant(
        "line-credited-sum",
        "What an order line counts as credited is the sum of its credited pieces.",
        """
        select l.shop_id, 'order line', l.id, coalesce(c.n, 0)::text, l.credited::text
        from orders_line l left join (
          select i.order_line_id, sum(i.quantity) as n from invoices_line i join invoices_invoice v on v.id = i.invoice_id
          where v.kind = 'credit' and v.cause <> 'unshipped' and i.order_line_id is not null group by i.order_line_id) c
          on c.order_line_id = l.id
        where l.credited <> coalesce(c.n, 0)
        """,
        _CALL,
    ),
    Invariant(
        "invoice-documents",
        "A stored file of an invoice has the hash that it was stored with.",
        """
        select v.shop_id, 'invoice', v.id, encode(d.sha256, 'hex'), encode(sha256(d.content), 'hex')
        from invoices_document d join invoices_invoice v on v.id = d.invoice_id where d.sha256 <> sha256(d.content)
        """,
        _CALL,
    ),
    Invariant(
        "refund-reference",
        "A refund stands on a credit invoice and a payment of its own order, in its currency.",
        """
        select r.shop_id, 'refund', r.id, 'a credit invoice and a payment of the order', format('%s, %s', v.kind, p.reference)
        from refunds_refund r left join invoices_invoice v on v.id = r.credit_id left join payments_payment p on p.id = r.payment_id
        where (v.kind, v.order_id, v.currency, p.order_id, p.currency)
          is distinct from ('credit', r.order_id, r.currency, r.order_id, r.currency) or r.amount_minor <= 0
        """,
        _CALL,
    ),
    Invariant(
        "payment-refunds-sum",
        "What a payment counts as refunded and reserved is the sum of its refunds, and never more than it brought in.",
        """
        select p.shop_id, 'payment', p.id, format('reserved %s, refunded %s', coalesce(r.held, 0), coalesce(r.gone, 0)),
          format('reserved %s, refunded %s of %s', p.refunded_reserved_minor, p.refunded_minor, p.captured_minor)
        from payments_payment p left join (
          select payment_id, sum(amount_minor) filter (where status not in ('failed', 'rejected')) as held,
            sum(amount_minor) filter (where status = 'succeeded') as gone
          from refunds_refund f where not exists (select 1 from refunds_reversal x where x.refund_id = f.id) group by payment_id) r on r.payment_id = p.id
        where p.refunded_reserved_minor <> coalesce(r.held, 0) or p.refunded_minor <> coalesce(r.gone, 0)
          or p.refunded_reserved_minor > p.captured_minor
        """,
        _CALL,
    ),
    Invariant(
        "credit-refunds-sum",
        "What a credit invoice counts as refunded and reserved is the sum of its refunds, and never more than may go back.",
        """
        select v.shop_id, 'invoice', v.id, format('reserved %s, refunded %s', coalesce(r.held, 0), coalesce(r.gone, 0)),
          format('reserved %s, refunded %s of %s', v.refund_reserved_minor, v.refunded_minor, v.refundable_minor)
        from invoices_invoice v left join (
          select credit_id, sum(amount_minor) filter (where status not in ('failed', 'rejected')) as held,
            sum(amount_minor) filter (where status = 'succeeded') as gone
          from refunds_refund f where not exists (select 1 from refunds_reversal x where x.refund_id = f.id) group by credit_id) r on r.credit_id = v.id
        where v.refund_reserved_minor <> coalesce(r.held, 0) or v.refunded_minor <> coalesce(r.gone, 0)
          or v.refund_reserved_minor > v.refundable_minor
        """,
        _CALL,
    ),
    Invariant(
        "order-refunds-sum",
        "What an order counts as refunded and reserved is the sum of its refunds.",
        """
        select o.shop_id, 'order', o.id, format('reserved %s, refunded %s', coalesce(r.held, 0), coalesce(r.gone, 0)),
          format('reserved %s, refunded %s of %s', o.refund_reserved_minor, o.refunded_minor, o.refundable_minor)
        from orders_order o left join (
          select order_id, sum(amount_minor) filter (where status not in ('failed', 'rejected')) as held,
            sum(amount_minor) filter (where status = 'succeeded') as gone
          from refunds_refund f where not exists (select 1 from refunds_reversal x where x.refund_id = f.id) group by order_id) r on r.order_id = o.id
        where o.refund_reserved_minor <> coalesce(r.held, 0) or o.refunded_minor <> coalesce(r.gone, 0)
          or o.refund_reserved_minor > o.refundable_minor
        """,
        _CALL,
    ),
    Invariant(
        "refund-four-eyes",
        "Above the shop's limit nobody approves a refund that they caused.",
        """
        select shop_id, 'refund', id, 'somebody else than ' || author_name, approver_name from refunds_refund
        where four_eyes and approver_id = author_id
        """,
        "Look at the refund with its author and whoever is responsible for finance.",
    ),
    Invariant(
        "stuck-refunds",
        "An approved refund is handed over when its time has come.",
        """
        select r.shop_id, 'refund', r.id, 'submitted', 'approved since ' || r.approved_at
        from refunds_refund r join payments_payment p on p.id = r.payment_id
        where r.status = 'approved' and coalesce(r.due_at, r.approved_at) < now() - interval '30 minutes'
          -- What the payer's bank has taken back meanwhile waits for a person.
          and case when p.is_contested and p.provider = 'orderwerk' then 0 else p.captured_minor - p.charged_back_minor end >= r.amount_minor + (
            select coalesce(sum(h.amount_minor), 0) from refunds_refund h
            where h.payment_id = r.payment_id and h.id <> r.id and h.status in ('submitted', 'succeeded')
              and not exists (select 1 from refunds_reversal x where x.refund_id = h.id))
        limit 100
        """,
        "Look at the job workers (orderwerk doctor) and start one if none runs.",
        Severity.STUCK,
    ),
    Invariant(
        "stuck-invoices",
        "An order that is due its invoice gets it within minutes.",
        """
        select o.shop_id, 'order', o.id, 'an invoice', 'none since ' || o.received_at
        from orders_order o join shops_shop s on s.id = o.shop_id
        where o.invoiced_minor = 0 and o.grand_total_minor > o.cancelled_minor and o.received_at < now() - interval '30 minutes'
          and (s.invoice_when = 'placed' or (s.invoice_when = 'paid' and not o.on_account
            and o.captured_minor >= o.grand_total_minor - o.cancelled_minor and not exists (
              select 1 from payments_payment p where p.order_id = o.id and p.created_at > now() - interval '30 minutes'))
            or ((s.invoice_when = 'shipped' or o.on_account) and exists (
              select 1 from shipments_shipment h where h.order_id = o.id and h.status in ('shipped', 'delivered')
                and h.shipped_at < now() - interval '30 minutes')))
        limit 100
        """,
        "Look at the job workers (orderwerk doctor); the job invoices.catch_up issues what is missing.",
        Severity.STUCK,
    ),
)
