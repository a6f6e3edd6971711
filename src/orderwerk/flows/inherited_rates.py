"""Whether the 0 % of an article may be that of another one, which comes in its place."""

from collections.abc import Collection
from uuid import UUID

from orderwerk.core import sql
from orderwerk.invoices.tax_categories import bears_none, parties

# In a query with the replaced line as l and the article in its place as c: only the first is exempt itself. Its 0 % is then its own.
EXEMPT_ALONE = """(
  (l.vat_exemption <> '' or l.vat_exemption_code <> '') and c.id is distinct from l.product_id
  and coalesce(c.vat_exemption, '') || coalesce(c.vat_exemption_code, '') = '')"""
_PARTIES = """
select o.id, s.legal, coalesce(o.customer_vat_number, ''), coalesce(o.delivery_address ->> 'country', ''), o.collect_location_id is not null
from orders_order o join shops_shop s on s.id = o.shop_id where o.id = any(%s)
"""


def orders_without_vat(order_ids: Collection[UUID], *, sent: bool = False) -> set[UUID]:
    """Return those of the orders that bear no VAT whatever is in them, so that any article of theirs has 0 %; one statement.

    `sent`: as if what is collected were sent to the customer, as goods of a new order are.
    """
    return {
        key
        for key, legal, buyer_vat, country, collected in sql.fetch(_PARTIES, (list(order_ids),))
        if bears_none(
            parties(sql.from_json(legal), buyer_vat, country, collected=collected and not sent)
        )
    }
