"""What letters may say of return requests and returns, read for any number at once, in the customer's language."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from orderwerk.core import sql
from orderwerk.emails.texts import language_of
from orderwerk.flows.letter_data import money, quiet
from orderwerk.return_requests.carriers import CARRIERS
from orderwerk.return_requests.reasons import named
from orderwerk.return_requests.ways import chosen_places, how_to_return

_REQUESTS = """
select r.id, r.number, r.outcome = 'keep' and r.status = 'requested', r.decision_note, coalesce(nullif(r.receiver_language, ''), o.locale), coalesce(p.instructions, '{}'), r.fee_minor, o.currency, r.way,
  (select jsonb_agg(jsonb_build_object('quantity', k.quantity, 'name', l.name, 'sku', l.sku, 'reason', n.names) order by l.position)
   from return_requests_line k join orders_line l on l.id = k.order_line_id join return_requests_reason n on n.id = k.reason_id
   where k.request_id = r.id)
from return_requests_request r join orders_order o on o.id = r.order_id
left join return_requests_policy p on p.shop_id = r.shop_id where r.id = any(%s)
"""
_RETURNS = """
select r.id, r.number, coalesce((select nullif(q.receiver_language, '') from return_requests_request q where q.id = r.request_id), o.locale), o.currency,
  coalesce((select sum(v.gross_minor) from invoices_invoice v where v.return_id = r.id and v.order_id = r.order_id), 0)::bigint,
  (select jsonb_agg(jsonb_build_object('quantity', k.quantity, 'name', l.name, 'sku', l.sku, 'reason', n.names) order by k.position)
   from returns_line k join orders_line l on l.id = k.order_line_id join return_requests_reason n on n.id = k.reason_id
   where k.parent_id = r.id)
from returns_return r join orders_order o on o.id = r.order_id where r.id = any(%s)
"""
_LABELS = """
select l.id, l.request_id, l.carrier, l.barcode, l.is_paperless
from return_requests_label l join return_requests_request r on r.id = l.request_id
where l.id = any(%s) and l.status = 'made' and r.status = 'approved' and r.in_box_of_id is null
"""
_WITHDRAWALS = """
select w.id, w.number, w.name, w.email, w.language, w.received_at, w.lines, coalesce(q.number, ''), s.timezone
from return_requests_withdrawal w join shops_shop s on s.id = w.shop_id
left join return_requests_request q on q.id = w.request_id where w.id = any(%s)
"""


def returns_for_letters(object_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what a letter may name of each request, label, return or withdrawal among these objects; five statements."""
    keys = list(dict.fromkeys(object_ids))
    labels = sql.fetch(_LABELS, (keys,))
    requests = [*keys, *(row[1] for row in labels)]
    found: dict[UUID, dict[str, Any]] = {}
    places = chosen_places(requests)
    for key, number, asks_to_keep, note, locale, how, fee, currency, way, lines in sql.fetch(_REQUESTS, (requests,)):  # fmt: skip
        told = how_to_return(way, places.get(key), sql.from_json(how), language_of(locale))
        how_to, costs = ("", 0) if asks_to_keep else (told, fee)  # nothing is to be sent yet
        found[key] = {
            "return_request": {
                "number": number,
                "reason": quiet(note),
                "asks_to_keep": asks_to_keep,
                "instructions": quiet(how_to),
                "is_brought": key in places,
                "fee": money(costs, currency, locale) if costs else "",
                "lines": _lines(lines, locale),
            }
        }
    for key, request_id, carrier, barcode, is_paperless in labels:
        label = {"carrier": CARRIERS[carrier].title, "barcode": barcode, "is_paperless": is_paperless}  # fmt: skip
        found[key] = {**found[request_id], "return_label": label}
    for key, number, locale, currency, credited, lines in sql.fetch(_RETURNS, (keys,)):
        found[key] = {
            "returned": {
                "number": number,
                "credited": money(credited, currency, locale) if credited else "",
                "lines": _lines(lines, locale),
            }
        }
    for key, number, name, address, language, moment, lines, back, zone in sql.fetch(_WITHDRAWALS, (keys,)):  # fmt: skip
        found[key] = {
            "withdrawal": {
                "number": number,
                "name": quiet(name),
                "email": address,
                "language": language,
                "received_at": format_datetime(
                    moment, "d MMMM y, HH:mm:ss zzzz", tzinfo=ZoneInfo(zone), locale=language
                ),
                "return_number": back,
                "lines": [
                    {"quantity": x["quantity"], "name": quiet(x["name"]), "sku": quiet(x["sku"])}
                    for x in sql.from_json(lines)
                ],
            }
        }
    return found


_REPAIRS = """
select c.id, c.number, c.status = 'repaired', c.carrier, c.tracking_code,
  (select jsonb_agg(jsonb_build_object('quantity', k.quantity, 'name', l.name, 'sku', l.sku) order by l.position)
   from returns_claim_line k join orders_line l on l.id = k.order_line_id where k.claim_id = c.id)
from returns_claim c where c.id = any(%s) and c.kind = 'repair'
"""


def repairs_for_letters(object_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what a letter may name of each repair among these objects; one statement."""
    keys = list(dict.fromkeys(object_ids))
    return {
        key: {
            "repair": {
                "number": number,
                "is_repaired": is_repaired,
                "carrier": quiet(carrier),
                "tracking_code": quiet(code),
                "lines": [
                    {"quantity": x["quantity"], "name": quiet(x["name"]), "sku": quiet(x["sku"])}
                    for x in sql.from_json(lines)
                ],
            }
        }
        for key, number, is_repaired, carrier, code, lines in sql.fetch(_REPAIRS, (keys,))
    }


def _lines(stored: str | None, locale: str) -> list[Mapping[str, Any]]:
    return [
        {
            "quantity": line["quantity"],
            "name": quiet(line["name"]),
            "sku": quiet(line["sku"]),
            "reason": quiet(named(line["reason"], locale)),
        }
        for line in sql.from_json(stored) or []
    ]
