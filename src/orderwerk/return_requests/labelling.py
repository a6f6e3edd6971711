"""Has carriers make the labels of return requests; how they are asked, and what a silence means, is the same for all labels (label_errands.py)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from typing_extensions import override

from orderwerk.core import clock, crypto, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput
from orderwerk.return_requests.commands.order_labels import LABEL_EFFECT
from orderwerk.return_requests.commands.report_labels import LabelNews, report_return_labels
from orderwerk.return_requests.ports import CarrierAccount, LabelOrder, ReturnCarriers
from orderwerk.shipments.label_errands import MOST_CALLS, SOME_GRAMS, Desk, Errand

__all__ = ["MOST_CALLS", "carrier_accounts", "make_labels"]
_MOST_GRAMS = 23_000


@dataclass(slots=True, kw_only=True)
class _Due(Errand):
    """A label of a return request that is to be made."""

    is_paperless: bool
    number: str
    order_number: str
    address: Mapping[str, Any]
    email: str
    grams: int


_DUE = """
select l.id, e.id, e.status, e.attempts, l.barcode, l.asked, a.id, a.is_active, l.is_paperless, r.number, o.number, o.delivery_address,
  coalesce(o.customer_email, ''), coalesce((select sum(k.quantity * coalesce(p.weight_grams, 0)) from return_requests_line k
    join orders_line x on x.id = k.order_line_id left join catalog_product p on p.id = x.product_id where k.request_id = r.id), 0)::bigint
from return_requests_label l join core_effect e on e.id = l.effect_id
join return_requests_request r on r.id = l.request_id join orders_order o on o.id = l.order_id
join return_requests_carrier a on a.id = l.carrier_account_id
where l.status = 'ordered' and e.status in ('intended', 'in_doubt') and (e.next_attempt_at is null or e.next_attempt_at <= %s)
  and (%s::uuid[] is null or l.id = any(%s::uuid[]))
order by e.next_attempt_at nulls first, l.id limit %s
"""
_NAMES = (
    "id", "effect_id", "effect_status", "calls", "barcode", "asked", "account_id", "account_in_use", "is_paperless", "number",
    "order_number", "address", "email", "grams",
)  # fmt: skip
# Read when nobody else can call any more: much may have happened since the due ones were read.
_NOW = """
select r.status, r.in_box_of_id is not null, l.barcode, l.asked
from return_requests_label l join return_requests_request r on r.id = l.request_id where l.id = %s
"""
_ACCOUNTS = """
select id, carrier, mode, customer_code, customer_number, company, reply_number, postal_code, city, secret
from return_requests_carrier where id = any(%s) and is_active
"""


def carrier_accounts(account_ids: Sequence[UUID]) -> dict[UUID, CarrierAccount]:
    """Return those of the accounts that are in use, with their keys in the clear; one statement.

    One whose key was stored under another secret key is left out: the other shops' labels are made all the same.
    """
    found = {}
    for row in sql.fetch(_ACCOUNTS, (list(account_ids),)):
        with suppress(BadInput):
            key = crypto.decrypt(row[9], settings.SECRET_KEY)
            found[row[0]] = CarrierAccount(*(*row[:9], key))
    return found


class _Desk(Desk[_Due, CarrierAccount]):
    """The labels of return requests."""

    kind = LABEL_EFFECT
    table = "return_requests_label"
    actor = Actor.job("return labels")

    def __init__(self, carriers: ReturnCarriers) -> None:
        self.carriers = carriers

    @override
    def hindrance(self, errand: _Due) -> str:
        [(status, is_in_other_box, errand.barcode, errand.asked)] = sql.fetch(_NOW, (errand.id,))
        if status != "approved":
            return "The return request was finished before its label was there."
        return "The goods travel in another request's box by now." if is_in_other_box else ""

    @override
    def reserve(self, account: CarrierAccount) -> str:
        return self.carriers[account.carrier].reserve(account)

    @override
    def label(self, account: CarrierAccount, errand: _Due) -> bytes:
        order = LabelOrder(
            errand.barcode, errand.number, errand.order_number, errand.address, errand.email,
            min(errand.grams or SOME_GRAMS, _MOST_GRAMS), errand.is_paperless,
        )  # fmt: skip
        return self.carriers[account.carrier].label(account, order).content

    @override
    def tell(self, errand: _Due, content: bytes | None, note: str, *, keeps_barcode: bool) -> None:
        # Refused where somebody else was faster: then it is written already.
        news = LabelNews(errand.id, errand.effect_id, content, note, keeps_barcode)
        report_return_labels([news], actor=self.actor)


def make_labels(
    carriers: ReturnCarriers, only: Sequence[UUID] | None = None, *, most: int = 200
) -> int:
    """Make the labels that are due (of the named ones, or of all); returns how many were handled."""
    desk = _Desk(carriers)
    desk.start()
    wanted = None if only is None else list(only)
    rows = [_due(row) for row in sql.fetch(_DUE, (clock.now(), wanted, wanted, most))]
    desk.make_all(rows, carrier_accounts([row.account_id for row in rows]))
    return len(rows)


def _due(row: sql.Row) -> _Due:
    values = dict(zip(_NAMES, row, strict=True))
    return _Due(**{**values, "address": sql.from_json(values["address"])})
