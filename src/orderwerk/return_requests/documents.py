"""Return slips: the sheet that a customer lays into the box, with the code that the dock scans; in the order's language. And pictures."""

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
from orderwerk.core.keyset import Conditions
from orderwerk.core.typesetting import Document, breakable, typeset
from orderwerk.orders.visibility import limit_to_orders
from orderwerk.return_requests.pictures import zipped
from orderwerk.return_requests.queries import (
    ReturnRequestLineRow,
    return_request_detail,
    return_request_lines,
)
from orderwerk.return_requests.reasons import named
from orderwerk.return_requests.slip_words import WORDS
from orderwerk.return_requests.way_words import BRING
from orderwerk.return_requests.ways import DropLocation, chosen_places, how_to_return
from orderwerk.shops.logos import NO_LOGO, logos_of_shops

_PARTIES = """
select r.shop_id, case when r.is_gift then jsonb_build_object('name', r.receiver_name) else o.delivery_address end, coalesce(nullif(s.sender_name, ''), s.legal ->> 'name', s.name), s.legal, s.timezone, coalesce(p.instructions, '{}')
from return_requests_request r join orders_order o on o.id = r.order_id join shops_shop s on s.id = r.shop_id
left join return_requests_policy p on p.shop_id = r.shop_id where r.id = %s
"""

# What was erased is a single byte.
_PICTURES = """
select position, media_type, content from return_requests_photo where request_id = %s and octet_length(content) > 1 order by position
"""


def request_pictures(request_id: UUID, *, actor: Actor) -> Document:
    """Return the pictures of a return request, `1.jpg` and so on; none of them: an empty ZIP. Refuses with NotFound."""
    found = return_request_detail(actor, request_id)
    return Document(f"{found.number}.zip", zipped(sql.read(_PICTURES, (found.id,))))


def return_slip(
    request_id: UUID, *, actor: Actor, language: str = "", alone: bool = False
) -> Document:
    """Return the slip of a return request that may be sent; `language` left out: the order's.

    `alone`: without what travels in its box from other requests, for whom knows of this one only.

    Refuses with NotFound, with WrongState a request that is not approved.
    """
    found = return_request_detail(actor, request_id)
    if found.status != "approved":
        raise WrongState(
            f"Return request {found.number} is {found.status}: nothing is to be sent.",
            code="return_request_not_approved",
        )
    chosen = (language or found.locale).replace("_", "-").split("-")[0].lower()
    language = chosen if chosen in WORDS else "en"
    words = WORDS[language]
    [(shop_id, sender, shop, legal, zone, how)] = sql.read(_PARTIES, (found.id,))
    place = chosen_places([found.id]).get(found.id)
    day = found.created_at.astimezone(ZoneInfo(zone)).date()
    data = {
        "language": language,
        "logo": logos_of_shops([shop_id]).get(shop_id, NO_LOGO),
        "words": words,
        "number": found.number,
        "barcode": code_128(found.number),
        "qr": _qr(found.number),
        "to_title": BRING[language] if place is not None else words["send_to"],
        "to": breakable("\n".join(_receiver(shop, sql.from_json(legal), place))),
        "from": breakable(sql.from_json(sender)["name"]),
        "facts": [
            [words["return"], found.number],
            [words["order"], breakable(found.order_number)],
            [words["announced"], format_date(day, "long", locale=language)],
        ],
        "lines": _lines(_in_box(actor, found.id, alone=alone), language),
        "how_title": "" if place is not None else words["how"],
        "how": breakable(how_to_return(found.way, place, sql.from_json(how), language)),
    }
    content = typeset("return_requests/return_slip.typ", data)
    return Document(f"{words['title'].lower().replace(' ', '-')}-{found.number}.pdf", content)


def _in_box(actor: Actor, request_id: UUID, *, alone: bool) -> list[ReturnRequestLineRow]:
    """Return the lines of a request, then those of the requests in its box that the actor may see."""
    where = Conditions()
    where.add("r.in_box_of_id = %s and r.status = 'approved'", request_id)
    limit_to_orders(where, actor, order="r.order_id", shop="r.shop_id")
    keys = [request_id]
    if not alone:
        found = sql.read(f"select r.id from return_requests_request r where {where.where()} order by r.id", where.params)  # fmt: skip
        keys += [row[0] for row in found]
    lines = return_request_lines(keys)
    return [line for key in keys for line in lines[key]]


def _qr(text: str) -> str:
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="svg", border=0, xmldecl=False)
    return picture.getvalue().decode()


def _receiver(shop: str, legal: dict[str, Any], place: DropLocation | None) -> list[str]:
    """Return to whom it goes: the place to which it is brought, nobody where that has closed, else the shop by its legal address."""
    if place is not None:
        return [place.name, *place.address.split(", ")] if place.is_open else []
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
