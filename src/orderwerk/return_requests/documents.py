"""Return slips: the sheet that a customer lays into the box, with the code that the dock scans; in the order's language."""

import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import segno
from babel.dates import format_date

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.barcodes import code_128
from orderwerk.core.errors import WrongState
from orderwerk.core.typesetting import Document, breakable, typeset
from orderwerk.return_requests.queries import (
    ReturnRequestLineRow,
    return_request_detail,
    return_request_lines,
)
from orderwerk.return_requests.reasons import named

_WORDS = {
    "en": {
        "title": "Return slip", "page": "Page", "send_to": "Send it to", "from": "From", "order": "Order", "return": "Return", "announced": "Announced on",
        "quantity": "Quantity", "article": "Article", "reason": "Why", "how": "How to send it back",
        "lay_in": "Lay this sheet into the box, or show the code where you hand it in.", "cut": "Cut off and stick onto the box",
    },
    "nl": {
        "title": "Retourbon", "page": "Pagina", "send_to": "Sturen naar", "from": "Van", "order": "Bestelling", "return": "Retour", "announced": "Aangemeld op",
        "quantity": "Aantal", "article": "Artikel", "reason": "Waarom", "how": "Zo stuur je het terug",
        "lay_in": "Leg dit blad in de doos, of laat de code zien waar je het inlevert.", "cut": "Afknippen en op de doos plakken",
    },
    "de": {
        "title": "Rücksendeschein", "page": "Seite", "send_to": "Senden an", "from": "Von", "order": "Bestellung", "return": "Rücksendung", "announced": "Angemeldet am",
        "quantity": "Anzahl", "article": "Artikel", "reason": "Warum", "how": "So senden Sie es zurück",
        "lay_in": "Legen Sie dieses Blatt in das Paket, oder zeigen Sie den Code bei der Abgabe.", "cut": "Abschneiden und auf das Paket kleben",
    },
    "fr": {
        "title": "Bon de retour", "page": "Page", "send_to": "Envoyer à", "from": "De", "order": "Commande", "return": "Retour", "announced": "Annoncé le",
        "quantity": "Quantité", "article": "Article", "reason": "Pourquoi", "how": "Comment renvoyer",
        "lay_in": "Mettez cette feuille dans le colis, ou montrez le code au dépôt.", "cut": "À découper et à coller sur le colis",
    },
}  # fmt: skip
_PARTIES = """
select o.delivery_address, coalesce(nullif(s.sender_name, ''), s.legal ->> 'name', s.name), s.legal, s.timezone, coalesce(p.instructions, '{}')
from return_requests_request r join orders_order o on o.id = r.order_id join shops_shop s on s.id = r.shop_id
left join return_requests_policy p on p.shop_id = r.shop_id where r.id = %s
"""


def return_slip(request_id: UUID, *, actor: Actor, language: str = "") -> Document:
    """Return the slip of a return request that may be sent; `language` left out: the order's.

    Refuses with NotFound, with WrongState a request that is not approved.
    """
    found = return_request_detail(actor, request_id)
    if found.status != "approved":
        raise WrongState(
            f"Return request {found.number} is {found.status}: nothing is to be sent.",
            code="return_request_not_approved",
        )
    chosen = (language or found.locale).replace("_", "-").split("-")[0].lower()
    language = chosen if chosen in _WORDS else "en"
    words = _WORDS[language]
    [(sender, shop, legal, zone, how)] = sql.read(_PARTIES, (found.id,))
    day = found.created_at.astimezone(ZoneInfo(zone)).date()
    data = {
        "language": language,
        "words": words,
        "number": found.number,
        "barcode": code_128(found.number),
        "qr": _qr(found.number),
        "to": breakable("\n".join(_receiver(shop, sql.from_json(legal)))),
        "from": breakable(sql.from_json(sender)["name"]),
        "facts": [
            [words["return"], found.number],
            [words["order"], breakable(found.order_number)],
            [words["announced"], format_date(day, "long", locale=language)],
        ],
        "lines": _lines(return_request_lines([found.id])[found.id], language),
        "how": breakable(sql.from_json(how).get(language, "")),
    }
    content = typeset("return_requests/return_slip.typ", data)
    return Document(f"{words['title'].lower().replace(' ', '-')}-{found.number}.pdf", content)


def _qr(text: str) -> str:
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="svg", border=0, xmldecl=False)
    return picture.getvalue().decode()


def _receiver(shop: str, legal: dict[str, Any]) -> list[str]:
    town = " ".join(part for part in (legal.get("postal_code"), legal.get("city")) if part)
    address = legal.get("address") or legal.get("street") or ""
    return [part for part in (shop, address, town, legal.get("country")) if part]


def _lines(rows: Sequence[ReturnRequestLineRow], language: str) -> list[dict[str, str]]:
    return [
        {
            "quantity": str(row.quantity),
            "name": breakable(row.name),
            "sku": breakable(row.sku),
            "reason": breakable(named(row.reason_names, language)),
        }
        for row in rows
    ]
