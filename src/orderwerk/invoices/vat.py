"""VAT to be declared: per month, shop, country, category and rate, what was invoiced less what was credited."""

from datetime import date

import msgspec

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_orders


class VatRow(msgspec.Struct, frozen=True):
    """The documents of one month at one rate. `country`: whose VAT it is; of what left without VAT (K, G), where it went.

    `one_stop`: it is declared through the one-stop shop. Credits count in the month of their own date, below zero.
    """

    period: str
    shop: str
    country: str
    one_stop: bool
    tax_category: str
    tax_rate: str
    currency: str
    documents: int
    net_minor: int
    tax_minor: int


# A document says whose VAT it bears, and a credit gives back what its debit bore: the debit is read for both. What is handed over a
# counter bears the VAT of the counter, which documents of the first version did not know of. What is exempt is declared where the seller is,
# whatever else its document holds: the one-stop shop is for VAT that is charged, or zero, where the customer is (Directive 2006/112/EC, 369a ff.).
_VAT = """
select to_char(d.issue_date, 'YYYY-MM'), d.code, case
    when d.one_stop <> '' and t.tax_category <> 'E' then d.one_stop
    when t.tax_category in ('K', 'G') or (d.is_collected and d.version <> '1') then d.delivered_in
    else d.seller end as country, d.one_stop <> '' and t.tax_category <> 'E', t.tax_category,
  regexp_replace(t.tax_rate::text, '0$', ''), d.currency, count(*)::int,
  sum(d.sign * t.net_minor)::bigint, sum(d.sign * t.tax_minor)::bigint
from (
  select v.id, v.issue_date, s.code, v.currency, case v.kind when 'debit' then 1 else -1 end as sign, o.collect_location_id is not null as is_collected,
    coalesce(c.one_stop, '') as one_stop, c.version as version,
    coalesce(c.delivery_address ->> 'country', '') as delivered_in, coalesce(c.seller ->> 'country', '') as seller
  from invoices_invoice v join orders_order o on o.id = v.order_id join shops_shop s on s.id = v.shop_id
    left join invoices_invoice b on b.id = v.debit_id
    cross join lateral json_to_record(coalesce(b.content, v.content)::json) as c(one_stop text, version text, delivery_address json, seller json)
  where %s
) d cross join lateral (
  -- Document by document: of the rates of all years only those of the period are looked at.
  select t.tax_category, t.tax_rate, t.net_minor, t.tax_minor from invoices_tax t where t.invoice_id = d.id offset 0) t
group by 1, 2, 3, 4, 5, 6, 7 order by 1 desc, 2, 3, 4, 5, max(t.tax_rate) desc, 7
"""


def vat_rows(
    actor: Actor, *, shop: str | None = None, after: date | None = None, before: date | None = None
) -> list[VatRow]:
    """Return the VAT of documents issued on or after a day and before another, the newest month first; one statement."""
    where = Conditions()
    limit_to_orders(where, actor, order="v.order_id", shop="v.shop_id")
    if shop is not None:
        where.add("s.code = %s", shop)
    if after is not None:
        where.add("v.issue_date >= %s", after)
    if before is not None:
        where.add("v.issue_date < %s", before)
    return [VatRow(*row) for row in sql.read(_VAT % where.where(), where.params)]
