"""What a new order takes over from the one that it follows: shop, customer, addresses and language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.countries import countries
from orderwerk.core.decode import convert
from orderwerk.orders.document import OrderDocument

# What webshops write who know no more of an address.
_UNKNOWN = "ZZ"


@dataclass(frozen=True, slots=True)
class Origin:
    """An order that another one follows."""

    id: UUID
    shop: str
    number: str
    currency: str
    locale: str
    includes_tax: bool
    customer: dict[str, Any]
    billing_address: dict[str, Any]
    delivery_address: dict[str, Any]


_ORIGINS = """
select o.id, s.code, o.number, o.currency, o.locale, o.prices_include_tax,
  jsonb_build_object('external_id', o.customer_external_id, 'email', o.customer_email, 'name', o.customer_name,
    'phone', o.customer_phone, 'company', o.customer_company, 'vat_number', o.customer_vat_number),
  o.billing_address, o.delivery_address
from orders_order o join shops_shop s on s.id = o.shop_id where o.id = any(%s)
"""


def origins(order_ids: Sequence[UUID]) -> dict[UUID, Origin]:
    """Return orders by id; one statement."""
    rows = sql.fetch(_ORIGINS, (list(order_ids),))
    return {row[0]: Origin(*(*row[:6], *(sql.from_json(part) for part in row[6:]))) for row in rows}


def follow_up(
    origin: Origin,
    external_id: str,
    placed_at: datetime,
    lines: Sequence[dict[str, Any]],
    **values: Any,  # noqa: ANN401 - fields of the document
) -> OrderDocument:
    """Return an unpaid order for the customer of another; refuses with BadInput what no document may say.

    What was taken in before names had to be seen, or from a country that is none, goes on: nobody can mend a sent order.
    """
    return convert(
        {
            "shop": origin.shop,
            "external_id": external_id,
            "placed_at": placed_at.isoformat(),
            "currency": origin.currency,
            "locale": origin.locale,
            "prices_include_tax": origin.includes_tax,
            "customer": _named(origin.customer),
            "billing_address": _placed(origin.billing_address),
            "delivery_address": _placed(origin.delivery_address),
            "lines": [{**line, "name": line["name"].strip() or line["sku"]} for line in lines],
            **values,
        },
        OrderDocument,
    )


def _named(part: dict[str, Any]) -> dict[str, Any]:
    seen = part["name"].strip() or (part.get("company") or "").strip() or "-"
    return {**part, "name": seen}


def _placed(address: dict[str, Any]) -> dict[str, Any]:
    known = address["country"] in countries()
    return _named(address if known else {**address, "country": _UNKNOWN})
