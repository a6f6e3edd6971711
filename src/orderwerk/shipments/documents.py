"""Packing slips: the sheet in the parcel, in the language of the order."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from babel.core import Locale
from babel.dates import format_date

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.barcodes import code_128
from orderwerk.core.errors import LimitExceeded, NotFound, WrongState
from orderwerk.core.keyset import Conditions
from orderwerk.core.typesetting import Document, breakable, typeset
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops
from orderwerk.shipments.lot_queries import ShippedLotRow, lots_of_shipments
from orderwerk.shipments.serial_queries import ShippedSerialRow, serials_of_shipments
from orderwerk.shipments.slips import KeptSlip, SlipLine, kept_slips
from orderwerk.shops.logos import logos_of_shops

MOST_SLIPS = 200
_WORDS = {
    "en": {
        "title": "Packing slip", "titles": "Packing slips", "deliver_to": "Deliver to", "order": "Order", "shipment": "Shipment",
        "ordered": "Ordered on", "delivery": "Delivery", "quantity": "Quantity", "sku": "Article number", "article": "Article",
        "comment": "Your comment", "page": "Page", "piece": "piece", "pieces": "pieces", "line": "line",
        "lines": "lines",
        "lot": "Lot:", "until": "use by", "serial": "Serial number:", "serials": "Serial numbers:",
        "more": "Other articles of this order come in a separate parcel.",
    },
    "nl": {
        "title": "Pakbon", "titles": "Pakbonnen", "deliver_to": "Bezorgen bij", "order": "Bestelling", "shipment": "Zending",
        "ordered": "Besteld op", "delivery": "Bezorging", "quantity": "Aantal", "sku": "Artikelnummer", "article": "Artikel",
        "comment": "Je opmerking", "page": "Pagina", "piece": "stuk", "pieces": "stuks", "line": "regel",
        "lines": "regels",
        "lot": "Partij:", "until": "houdbaar tot en met", "serial": "Serienummer:", "serials": "Serienummers:",
        "more": "Andere artikelen van deze bestelling komen in een apart pakket.",
    },
}  # fmt: skip
_HEADERS = """
select h.id, h.number, h.status, coalesce(h.delivery_address, o.delivery_address), o.number, o.placed_at, o.locale, o.comment,
  o.shipping_name, o.units_ordered - o.units_cancelled, s.name, s.sender_name, s.sender_email, s.legal, s.timezone, s.id
from shipments_shipment h join orders_order o on o.id = h.order_id join shops_shop s on s.id = h.shop_id
where
"""
_LINES = """
select k.shipment_id, p.sku, case when k.product_id = i.product_id then i.name else p.name end, sum(k.quantity)
from shipments_line k join orders_line i on i.id = k.order_line_id join catalog_product p on p.id = k.product_id
where k.shipment_id = any(%s::uuid[]) and k.is_live
group by k.shipment_id, i.id, i.position, i.name, i.product_id, k.product_id, p.sku, p.name
order by k.shipment_id, i.position, p.sku
"""
_INSIDE = "select combined_into_id, id from shipments_shipment where combined_into_id = any(%s) and status <> 'cancelled' order by id"
_NAMES = (
    "id", "number", "status", "address", "order", "placed_at", "locale", "comment", "delivery", "units", "shop",
    "sender_name", "sender_email", "legal", "timezone", "shop_id",
)  # fmt: skip


def packing_slips(shipment_ids: Sequence[UUID], *, actor: Actor) -> Document:
    """Return the packing slips of shipments as one PDF, in the order asked for; behind one whose parcel holds others, theirs.

    Refuses with NotFound a shipment that is not there for this actor, with WrongState a cancelled one, with
    LimitExceeded more than 200 asked for at once; what lies in their parcels comes on top.
    """
    if len(shipment_ids) > MOST_SLIPS:
        raise LimitExceeded(
            f"At most {MOST_SLIPS} packing slips go into one file.", code="too_many_documents"
        )
    slips = slip_pages(whole_parcels(shipment_ids), actor=actor)
    first = slips[0]
    name = first["number"] if len(shipment_ids) == 1 else first["words"]["titles"].lower()
    title = f"{first['title']} {name}" if len(shipment_ids) == 1 else first["words"]["titles"]
    data = {"title": title, "page": first["words"]["page"], "slips": slips, "logos": slip_logos(slips)}  # fmt: skip
    content = typeset("shipments/packing_slip.typ", data)
    return Document(f"{first['words']['title'].lower().replace(' ', '-')}-{name}.pdf", content)


def whole_parcels(shipment_ids: Sequence[UUID]) -> list[UUID]:
    """Return shipments, behind each what lies in its parcel with it, oldest first; none twice."""
    inside: dict[UUID, list[UUID]] = {}
    for leader, shipment in sql.read(_INSIDE, (list(shipment_ids),)):
        inside.setdefault(leader, []).append(shipment)
    return list(dict.fromkeys(key for one in shipment_ids for key in (one, *inside.get(one, ()))))


def slip_pages(shipment_ids: Sequence[UUID], *, actor: Actor) -> list[dict[str, Any]]:
    """Return what stands on each packing slip, of what has left as it was then; refuses what is not there or cancelled."""
    headers = _headers(shipment_ids, actor)
    lots, serials = lots_of_shipments(list(headers)), serials_of_shipments(list(headers))
    kept = kept_slips(list(headers))
    slips = kept | _slips_of_today({key: it for key, it in headers.items() if key not in kept})
    return [_slip(headers[key], slips[key], lots[key], serials[key]) for key in shipment_ids]


def _slips_of_today(headers: Mapping[UUID, dict[str, Any]]) -> dict[UUID, KeptSlip]:
    """Return what is to stand on the slips of what waits, and of what left before slips were kept."""
    lines: dict[UUID, list[SlipLine]] = {key: [] for key in headers}
    for key, sku, name, quantity in sql.read(_LINES, (list(headers),)) if headers else ():
        lines[key].append(SlipLine(sku, name, quantity, sku))
    return {
        key: KeptSlip(
            it["sender_name"] or it["legal"].get("name") or it["shop"],
            it["legal"].get("address", ""),
            it["sender_email"],
            it["units"] > sum(line.quantity for line in lines[key]),
            lines[key],
        )
        for key, it in headers.items()
    }


def slip_logos(slips: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the logos that slips name, each once however many slips show it; a slip whose shop has none names none then."""
    named = logos_of_shops(sorted({UUID(slip["logo"]) for slip in slips}))
    for slip in slips:
        slip["logo"] = slip["logo"] if UUID(slip["logo"]) in named else ""
    return {str(key): logo for key, logo in named.items()}


def _headers(shipment_ids: Sequence[UUID], actor: Actor) -> dict[UUID, dict[str, Any]]:
    where = Conditions()
    where.add("h.id = any(%s::uuid[])", list(shipment_ids))
    limit_to_shops(where, actor, "h.shop_id")
    limit_to_locations(where, actor, "h.location_id")
    rows = sql.read(_HEADERS + where.where(), where.params)
    found = {row[0]: dict(zip(_NAMES, row, strict=True)) for row in rows}
    missing = [key for key in shipment_ids if key not in found]
    if missing or not shipment_ids:
        named = missing[0] if missing else "without an id"
        raise NotFound(f"There is no shipment {named}.", code="unknown_shipment")
    for header in found.values():
        if header["status"] == "cancelled":
            raise WrongState(
                f"Shipment {header['number']} is cancelled: nothing is in it.", code="cancelled"
            )
        header["address"] = sql.from_json(header["address"])
        header["legal"] = sql.from_json(header["legal"])
    return found


def _language(locale: str) -> str:
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in _WORDS else "en"


def _lots(lots: Sequence[ShippedLotRow], language: str) -> dict[str, str]:
    """Return per sku the lots that lie in the parcel, with their days."""
    words, found = _WORDS[language], dict[str, list[str]]()
    for row in lots:
        day = f", {words['until']} {format_date(row.expires_on, 'medium', locale=language)}" if row.expires_on else ""  # fmt: skip
        found.setdefault(row.sku, []).append(f"{row.quantity} × {row.lot}{day}")
    return {sku: f"{words['lot']} {'; '.join(each)}" for sku, each in found.items()}


def _serials(serials: Sequence[ShippedSerialRow], language: str) -> dict[str, str]:
    """Return per sku which pieces lie in the parcel."""
    words, found = _WORDS[language], dict[str, list[str]]()
    for row in serials:
        found.setdefault(row.sku, []).append(row.serial)
    return {
        sku: f"{words['serial' if len(each) == 1 else 'serials']} {', '.join(each)}"
        for sku, each in found.items()
    }


def _slip(
    header: dict[str, Any],
    slip: KeptSlip,
    lots: Sequence[ShippedLotRow],
    serials: Sequence[ShippedSerialRow],
) -> dict[str, Any]:
    language = _language(header["locale"])
    words, lines = _WORDS[language], slip.lines
    pieces = sum(int(line.quantity) for line in lines)
    # An article that stands twice has its lots or serial numbers below the first one.
    kept = _lots(lots, language) | _serials(serials, language)
    day = clock.business_date(header["placed_at"], header["timezone"])
    facts = [
        (words["order"], header["order"]),
        (words["shipment"], header["number"]),
        (words["ordered"], format_date(day, "long", locale=language)),
        (words["delivery"], header["delivery"] or "–"),
    ]
    return {
        "language": language,
        "logo": str(header["shop_id"]),
        "words": words,
        "title": words["title"],
        "number": header["number"],
        "barcode": code_128(header["number"]),
        "sender": breakable(slip.sender_name),
        "sender_address": breakable(slip.sender_address),
        "sender_email": breakable(slip.sender_email),
        "address": breakable("\n".join(address_lines(header["address"], language))),
        "facts": [(name, breakable(value)) for name, value in facts],
        "lines": [
            {
                "quantity": str(line.quantity),
                "sku": breakable(line.sku),
                "name": breakable(line.name),
                "lots": breakable(kept.pop(line.today, "")),
            }
            for line in lines
        ],
        "sum": f"{_counted(pieces, 'piece', words)}, {_counted(len(lines), 'line', words)}",
        "more": words["more"] if slip.more else "",
        "comment": breakable(header["comment"]),
    }


def _counted(n: int, word: str, words: dict[str, str]) -> str:
    return f"{n} {words[word if n == 1 else f'{word}s']}"


def address_lines(address: dict[str, Any], language: str) -> list[str]:
    """Return an address as it stands on a parcel, line by line, the country in words."""
    house = f"{address.get('house_number') or ''}{_suffix(address.get('house_number_suffix'))}"
    country = address.get("country") or ""
    lines = (
        address.get("company"),
        address.get("name"),
        f"{address.get('street') or ''} {house}",
        address.get("line2"),
        f"{address.get('postal_code') or ''}  {address.get('city') or ''}",
        address.get("region"),
        Locale.parse(language).territories.get(country, country),
    )
    return [line.strip() for line in lines if line and line.strip()]


def _suffix(suffix: str | None) -> str:
    return "" if not suffix else suffix if suffix[0].isalpha() else f" {suffix}"
