"""What letters may speak of, read for any number of orders and shipments at once, in the customer's language and plain."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date

from orderwerk.allocations.pegging import Promise
from orderwerk.allocations.promises import promises
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.money import exponent, show_amount
from orderwerk.emails.texts import language_of
from orderwerk.orders.links import track_url
from orderwerk.orders.queries import order_lines, orders_by_id
from orderwerk.orders.rows import LineRow, OrderRow
from orderwerk.shipments.tracking_links import tracking_link
from orderwerk.shops.queries import ShopRow, shops_by_id

_READER = Actor.job("mail")
_ADDRESS_WORDS = re.compile(r"(?i)\b(?:https?|ftp)://|www\.")


def quiet(text: str | None) -> str:
    """Return text of a customer's without what a letter would turn into a link: no stranger writes through our mail."""
    return _ADDRESS_WORDS.sub("", text or "").replace("[", "(").replace("]", ")")


def money(minor: int, currency: str, locale: str) -> str:
    """Return an amount of minor units as people write it in a language."""
    amount = Decimal(minor).scaleb(-exponent(currency))
    return show_amount(amount, currency, _locale(locale)).replace("\u00a0", " ")


def long_day(day: date, locale: str) -> str:
    """Return a day as people write it in a language."""
    return format_date(day, "long", locale=_locale(locale))


def _locale(locale: str) -> Locale:
    try:
        return Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(language_of(locale))


def orders_for_letters(
    order_ids: Iterable[UUID], actor: Actor = _READER
) -> dict[UUID, tuple[OrderRow, ShopRow, dict[str, Any]]]:
    """Return per order that the actor may see its row, its shop, and what a letter may name; three statements, and seven more at most where something waits."""
    ids = list(dict.fromkeys(order_ids))
    rows = orders_by_id(actor, ids)
    lines = order_lines(ids)
    shops = {shop.id: shop for shop in shops_by_id(_READER, list({row.shop_id for row in rows}))}
    waiting = [key for key, lines_of in lines.items() if any(x.waiting > 0 for x in lines_of)]
    pegged = promises(waiting) if waiting else {}
    found = {}
    for row in rows:
        shop = shops[row.shop_id]
        found[row.id] = (row, shop, _order(row, lines[row.id], shop, pegged))
    return found


def _order(
    row: OrderRow, lines: Sequence[LineRow], shop: ShopRow, pegged: Mapping[UUID, Promise]
) -> dict[str, Any]:
    placed = clock.business_date(row.placed_at, shop.timezone)
    due = row.grand_total_minor - row.cancelled_minor
    return {
        "shop": {"name": shop.name, "email": shop.sender_email},
        "customer": {
            "name": quiet(row.customer_name),
            "email": row.customer_email or "",
            "company": quiet(row.customer_company),
        },
        "order": {
            "number": row.number,
            "external_id": quiet(row.external_id),
            "placed_on": format_date(placed, "long", locale=_locale(row.locale)),
            "total": money(due, row.currency, row.locale),
            "shipping": money(row.shipping_minor, row.currency, row.locale) if row.shipping_minor else "",
            "paid": money(row.captured_minor, row.currency, row.locale),
            "is_paid": row.on_account or row.captured_minor + row.authorized_minor >= due,
            "comment": quiet(row.comment),
            "address": _address(row.delivery_address),
            "collect_at": row.collect_name or "",
            "lines": [_line(line, line.quantity, row) for line in lines],
            "track_url": track_url(row.id, row.customer_email),
            "left": [_line(x, x.quantity - x.cancelled, row) for x in lines if x.quantity > x.cancelled],
            "waiting": [
                _line(x, x.waiting, row) | {"promised_on": _promised(pegged.get(x.id), row)}
                for x in lines
                if x.waiting > 0
            ],
        },
    }  # fmt: skip


def _promised(promise: Promise | None, row: OrderRow) -> str:
    day = promise.day if promise else None
    return format_date(day, "long", locale=_locale(row.locale)) if day else ""


def _line(line: LineRow, quantity: int, row: OrderRow) -> dict[str, Any]:
    total = line.gross_minor if row.prices_include_tax else line.net_minor
    return {
        "quantity": quantity,
        "name": quiet(line.name),
        "sku": quiet(line.sku),
        "total": money(total * quantity // line.quantity, row.currency, row.locale),
    }


def _address(stored: Mapping[str, Any]) -> str:
    street = " ".join(
        str(stored.get(k) or "") for k in ("street", "house_number", "house_number_suffix")
    )
    place = f"{stored.get('postal_code') or ''} {stored.get('city') or ''}"
    parts = (stored.get("name"), stored.get("company"), street, stored.get("line2"), place)
    return "\n".join(quiet(" ".join(str(part).split())) for part in parts if part)


_SHIPMENTS = """
select s.id, s.number, s.carrier, coalesce(nullif(s.tracking_code, ''), (
    select g.tracking_code from shipments_package g where g.shipment_id = s.id and g.tracking_code <> '' order by g.position limit 1), ''), s.tracking_url, s.status,
  (select jsonb_agg(jsonb_build_object('quantity', l.quantity, 'sku', p.sku,
     'name', case when l.product_id = ol.product_id then ol.name else p.name end) order by ol.position, p.sku)
   from shipments_line l join orders_line ol on ol.id = l.order_line_id join catalog_product p on p.id = l.product_id where l.shipment_id = s.id and l.is_live),
  k.name, k.address, case when o.collect_location_id is not null then
    (coalesce(s.announced_at, s.created_at) + make_interval(days => p.collect_days)) at time zone p.timezone end, o.locale,
  coalesce(v.tracking_link, ''), coalesce(v.name, ''), coalesce(s.delivery_address, o.delivery_address)
from shipments_shipment s left join shipments_carrier v on v.code = s.carrier join stock_location k on k.id = s.location_id join orders_order o on o.id = s.order_id
join shops_shop p on p.id = s.shop_id where s.id = any(%s)
"""


def shipments_for_letters(shipment_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return per shipment what a letter may name of it, and its status; one statement."""
    found = {}
    for key, number, carrier, code, url, status, lines, place, address, last, locale, template, carrier_name, sent_to in sql.fetch(_SHIPMENTS, (list(shipment_ids),)):  # fmt: skip
        there = sql.from_json(sent_to) or {}
        own = tracking_link(template, code, there.get("postal_code") or "", there.get("country") or "")  # fmt: skip
        found[key] = {
            "number": number,
            "carrier": carrier,
            "carrier_name": carrier_name,
            "tracking_code": code,
            "tracking_url": url or own,
            "status": status,
            "place": place,
            "place_address": _address(sql.from_json(address) or {}),
            "collect_by": format_date(last, "long", locale=_locale(locale)) if last else "",
            "lines": [
                {**line, "name": quiet(line["name"]), "sku": quiet(line["sku"])}
                for line in sql.from_json(lines) or []
            ],
        }
    return found
