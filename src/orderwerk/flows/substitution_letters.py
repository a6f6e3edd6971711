"""What letters may say of substitutes, read for any number at once, in the customer's language."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from orderwerk.core import sql
from orderwerk.emails.texts import language_of
from orderwerk.flows.letter_data import money, quiet
from orderwerk.orders.links import substitute_url

_OPEN = """
select x.id, x.order_id, o.customer_email, o.locale, o.currency, s.timezone, x.quantity, l.name, l.sku, p.name, p.sku, x.gross_minor,
  x.expires_at
from orders_substitution x join orders_order o on o.id = x.order_id join shops_shop s on s.id = x.shop_id
join orders_line l on l.id = x.order_line_id join catalog_product p on p.id = x.product_id
where x.id = any(%s) and x.status = 'proposed'
"""


def substitutions_for_letters(object_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what a letter may name of each question among these objects that is still open; one statement."""
    found = {}
    for key, order_id, email, locale, currency, zone, *offer in sql.fetch(_OPEN, (list(object_ids),)):  # fmt: skip
        quantity, old_name, old_sku, name, sku, gross, until = offer
        found[key] = {
            "substitution": {
                "quantity": quantity,
                "instead_of": quiet(old_name),
                "instead_of_sku": quiet(old_sku),
                "name": quiet(name),
                "sku": quiet(sku),
                "total": money(gross, currency, locale),
                "until": format_datetime(
                    until, "d MMMM y, HH:mm", tzinfo=ZoneInfo(zone), locale=language_of(locale)
                ),
                "url": substitute_url(order_id, email, key),
            }
        }
    return found
