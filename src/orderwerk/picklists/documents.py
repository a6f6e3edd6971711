"""Pick lists on paper: the walk through the bins, with a box to tick and a barcode on every line."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from babel.dates import format_date, format_datetime

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.barcodes import can_be_barcode, code_128
from orderwerk.core.errors import LimitExceeded, NotFound
from orderwerk.core.keyset import Conditions
from orderwerk.core.typesetting import Document, breakable, typeset
from orderwerk.orders.visibility import limit_to_locations
from orderwerk.picklists.queries import PickLineRow, pick_lines
from orderwerk.picklists.walks import Sorted, Stop, by_order, stops

MOST_LISTS = 200
_WORDS = {
    "en": {
        "title": "Pick list", "titles": "Pick lists", "location": "Location", "made": "Made", "orders": "Orders", "order": "Order",
        "pieces": "Lines / pieces", "picker": "Picker", "bin": "Bin", "article": "Article", "quantity": "Quantity", "page": "Page",
        "picked": "picked {n}", "short": "short {n}: {reason}", "lot": "lot {lot}", "until": "use by {day}",
        "tote": "Tote {n}", "cards": "Cards for the totes", "sort": "Sort by order", "singles": "one-piece orders", "totes": "sorted into totes",
        "sorted": "sorted afterwards", "missing": "no more there", "damaged": "damaged", "wrong article": "another article lay in the bin", "other": "something else",
    },
    "nl": {
        "title": "Picklijst", "titles": "Picklijsten", "location": "Locatie", "made": "Gemaakt", "orders": "Bestellingen",
        "order": "Bestelling", "pieces": "Regels / stuks", "picker": "Picker", "bin": "Vak", "article": "Artikel",
        "quantity": "Aantal", "page": "Pagina", "picked": "{n} gepickt", "short": "{n} tekort: {reason}", "lot": "partij {lot}", "until": "houdbaar tot en met {day}",
        "tote": "Krat {n}", "cards": "Kaartjes voor de kratten", "sort": "Sorteren per bestelling", "singles": "bestellingen van één stuk",
        "totes": "in kratten gesorteerd", "sorted": "achteraf gesorteerd", "missing": "ligt er niet meer", "damaged": "beschadigd",
        "wrong article": "er lag een ander artikel in het vak", "other": "iets anders",
    },
}  # fmt: skip
_REASONS = ("missing", "damaged", "wrong article", "other")
_METHOD_WORDS = {"singles": "singles", "totes": "totes", "sort": "sorted"}
_HEADERS = """
select w.id, w.number, w.kind, w.method, w.created_at at time zone coalesce((select s.timezone from shops_shop_location x
  join shops_shop s on s.id = x.shop_id where x.location_id = l.id order by s.code limit 1), 'UTC'), w.assigned_name, l.name
from picklists_pick_list w join stock_location l on l.id = w.location_id
where
"""


def pick_lists_pdf(
    pick_list_ids: Sequence[UUID], *, actor: Actor, language: str = "en"
) -> Document:
    """Return pick lists as one PDF in the language of who walks, in the order asked for.

    Refuses with NotFound a list that is not there for this actor, with LimitExceeded more than 200 at once.
    """
    words, lists = pick_list_pages(pick_list_ids, actor=actor, language=language)
    if not lists:
        raise NotFound("No pick list was named.", code="unknown_pick_list")
    name = lists[0]["number"] if len(lists) == 1 else words["titles"].lower()
    title = lists[0]["title"] if len(lists) == 1 else words["titles"]
    data = {"title": title, "language": words["language"], "words": words, "lists": lists}
    content = typeset("picklists/pick_list.typ", data)
    return Document(f"{words['title'].lower().replace(' ', '-')}-{name}.pdf", content)


def pick_list_pages(
    pick_list_ids: Sequence[UUID], *, actor: Actor, language: str = "en"
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return the words of a language and what stands on each pick list; refuses as `pick_lists_pdf` does."""
    if len(pick_list_ids) > MOST_LISTS:
        raise LimitExceeded(
            f"At most {MOST_LISTS} pick lists go into one file.", code="too_many_documents"
        )
    known = language.replace("_", "-").split("-")[0]
    language = known if known in _WORDS else "en"
    words = {**_WORDS[language], "language": language}
    where = Conditions()
    where.add("w.id = any(%s::uuid[])", list(pick_list_ids))
    limit_to_locations(where, actor, "w.location_id")
    headers = {row[0]: row for row in sql.read(_HEADERS + where.where(), where.params)}
    lines = pick_lines(actor, list(headers))
    lists = []
    for key in pick_list_ids:
        # A list of other shops' goods only is none of this actor's.
        if key not in headers or not lines[key]:
            raise NotFound(f"There is no pick list {key}.", code="unknown_pick_list")
        lists.append(_list(headers[key], lines[key], language))
    return words, lists


def _list(header: sql.Row, lines: Sequence[PickLineRow], language: str) -> dict[str, Any]:
    _, number, kind, method, created_at, assigned_name, location = header
    words = _WORDS[language]
    wanted = [line for line in lines if line.quantity > line.cancelled]
    walk = stops(method, wanted)
    pieces = sum(line.quantity - line.cancelled for line in wanted)
    facts = [
        (words["location"], location),
        (words["made"], format_datetime(created_at, "d MMM HH:mm", locale=language)),
        (words["orders"], str(len({line.order_id for line in wanted}))),
        (words["pieces"], f"{len(walk)} / {pieces}"),
        (words["picker"], assigned_name or "–"),
    ]
    orders = sorted({line.order_number for line in wanted})
    if len(orders) == 1:
        facts[2] = (words["order"], orders[0])
    elif method:
        facts[2] = (words["orders"], f"{len(orders)} – {words[_METHOD_WORDS[method]]}")
    return {
        "title": f"{words['title']} {number}",
        "number": number,
        "barcode": code_128(number),
        "batch": kind == "batch",
        "facts": [(name, breakable(value)) for name, value in facts],
        "lines": [_line(stop, language) for stop in walk],
        "sorting": [row for each in by_order(wanted) for row in _sorting(each)]
        if method == "sort"
        else [],
        "totes": _totes(number, wanted, words),
    }


def _totes(
    number: str, lines: Sequence[PickLineRow], words: dict[str, str]
) -> list[dict[str, str]]:
    """Return a card per tote, with the code that the scanner asks for at the shelf and the packing table finds it by."""
    orders = {line.tote: line.order_number for line in lines if line.tote}
    return [
        {
            "tote": words["tote"].format(n=tote),
            "order": breakable(order),
            "code": f"{number}-{tote}",
            "barcode": code_128(f"{number}-{tote}"),
        }
        for tote, order in sorted(orders.items())
    ]


def _reason(reason: str, words: dict[str, str]) -> str:
    """Return a reason in the reader's words, with what a person wrote behind its colon."""
    known, colon, note = reason.partition(":")
    return (words[known] if known in _REASONS else known) + colon + note


def _line(stop: Stop, language: str) -> dict[str, str]:
    line, words = stop.line, _WORDS[language]
    notes = [
        words["lot"].format(lot=line.lot) if line.lot else "",
        words["until"].format(day=format_date(line.expires_on, "medium", locale=language))
        if line.expires_on
        else "",
        words["picked"].format(n=stop.picked) if stop.picked else "",
        words["short"].format(n=stop.short, reason=_reason(stop.short_reason, words))
        if stop.short
        else "",
    ]
    code = line.gtin if line.gtin and can_be_barcode(line.gtin) else line.sku
    one = stop.orders == 1
    return {
        "state": "open" if stop.is_open else "done",
        "bin": breakable(line.bin),
        "sku": breakable(line.sku),
        "name": breakable(line.name),
        "note": breakable(", ".join(note for note in notes if note)),
        "order": breakable(line.order_number)
        if one
        else f"{stop.orders} {words['orders'].lower()}",
        "shipment": line.shipment_number if one else "",
        "tote": words["tote"].format(n=line.tote) if line.tote else "",
        "quantity": str(stop.left if stop.is_open else stop.picked),
        "barcode": code_128(code),
    }


def _sorting(each: Sorted) -> list[dict[str, str]]:
    return [
        {
            "order": breakable(each.order_number) if index == 0 else "",
            "sku": breakable(line.sku),
            "name": breakable(line.name),
            "quantity": str(line.quantity - line.cancelled),
        }
        for index, line in enumerate(each.lines)
    ]
