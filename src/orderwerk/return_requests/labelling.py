"""Calls carriers for return labels: intent, barcode, call, result. What nobody knows the end of is asked again, the same way.

A barcode is reserved first and kept before it is used: asked for twice, the same barcode is the same parcel. So a silence
needs no look before the next call, and no two labels are ever made for one request.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from orderwerk.core import clock, crypto, effects, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, ensure
from orderwerk.core.uow import unit_of_work
from orderwerk.payments.errands import LONGEST_PAUSE_SECONDS, STALE_SECONDS
from orderwerk.return_requests.commands.order_labels import LABEL_EFFECT
from orderwerk.return_requests.commands.report_labels import LabelNews, report_return_labels
from orderwerk.return_requests.ports import (
    CarrierAccount,
    Declined,
    LabelOrder,
    Postponed,
    ReturnCarriers,
    ReturnLabelCarrier,
    Unclear,
)

_ACTOR = Actor.job("return labels")
# After so many calls without an answer a person looks; another attempt asks under the same barcode.
MOST_CALLS = 12
_DOUBT_SECONDS = 30
_CALL_WITHIN_SECONDS = 60.0
# What a parcel weighs of whose articles nobody knows the weight; the carrier wants a figure, and asks for no exact one.
_SOME_GRAMS = 1000
_MOST_GRAMS = 23_000


@dataclass(slots=True)
class _Due:
    """A label that is to be made, with its effect."""

    id: UUID
    effect_id: UUID
    effect_status: str
    calls: int
    barcode: str
    asked: int
    is_paperless: bool
    number: str
    order_number: str
    address: Mapping[str, Any]
    email: str
    grams: int
    account_id: UUID
    account_in_use: bool


_DUE = """
select l.id, e.id, e.status, e.attempts, l.barcode, l.asked, l.is_paperless, r.number, o.number, o.delivery_address,
  coalesce(o.customer_email, ''), coalesce((select sum(k.quantity * coalesce(p.weight_grams, 0)) from return_requests_line k
    join orders_line x on x.id = k.order_line_id left join catalog_product p on p.id = x.product_id where k.request_id = r.id), 0)::bigint,
  a.id, a.is_active
from return_requests_label l join core_effect e on e.id = l.effect_id
join return_requests_request r on r.id = l.request_id join orders_order o on o.id = l.order_id
join return_requests_carrier a on a.id = l.carrier_account_id
where l.status = 'ordered' and e.status in ('intended', 'in_doubt') and (e.next_attempt_at is null or e.next_attempt_at <= %s)
  and (%s::uuid[] is null or l.id = any(%s::uuid[]))
order by e.next_attempt_at nulls first, l.id limit %s
"""
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


def make_labels(
    carriers: ReturnCarriers, only: Sequence[UUID] | None = None, *, most: int = 200
) -> int:
    """Make the labels that are due (of the named ones, or of all); returns how many were handled.

    Each: mark as being called (committed), reserve a barcode and keep it, call with no transaction open, store the result.
    An account that does not answer is left alone for the rest of this run.
    """
    ensure(not connection.in_atomic_block, "carriers are called outside a transaction")
    effects.doubt_stale(LABEL_EFFECT, seconds=STALE_SECONDS)
    wanted = None if only is None else list(only)
    rows = [_due(row) for row in sql.fetch(_DUE, (clock.now(), wanted, wanted, most))]
    accounts = carrier_accounts([row.account_id for row in rows])
    silent: set[UUID] = set()
    for row in rows:
        account = accounts.get(row.account_id)
        if row.account_id not in silent and not _run(row, account, carriers):
            silent.add(row.account_id)
    return len(rows)


def _due(row: sql.Row) -> _Due:
    return _Due(*(*row[:9], sql.from_json(row[9]), *row[10:]))


def _run(row: _Due, account: CarrierAccount | None, carriers: ReturnCarriers) -> bool:
    """Make one label; False when the account does not answer."""
    started = time.monotonic()
    if not _is_mine(row):
        return True
    hindrance = _why_not(row)
    if hindrance or account is None:
        # What was asked for under its barcode may be there: another attempt goes on under the same one.
        _tell(row, note=hindrance or _without_account(row), keeps_barcode=row.asked > 0)
        return True
    return _call(row, account, carriers[account.carrier], started)


def _why_not(row: _Due) -> str:
    """Read how it stands now, and return why nothing is to be made any more."""
    [(status, is_in_other_box, row.barcode, row.asked)] = sql.fetch(_NOW, (row.id,))
    if status != "approved":
        return "The return request was finished before its label was there."
    return "The goods travel in another request's box by now." if is_in_other_box else ""


def _without_account(row: _Due) -> str:
    if not row.account_in_use:
        return "The carrier is not in use any more."
    return "The carrier's key cannot be read any more; enter it again in the settings."


def _call(row: _Due, account: CarrierAccount, carrier: ReturnLabelCarrier, started: float) -> bool:
    try:
        if not row.barcode:
            _keep_barcode(row, carrier.reserve(account))
        _ensure_fresh(started)
        _count_call(row, 1)
        made = carrier.label(account, _order_of(row))
    except Declined as refusal:
        # What was asked for once only, and refused, was certainly not made: its barcode is worth nothing.
        _tell(row, note=refusal.message, keeps_barcode=row.asked > 1)
        return True
    except Postponed as refusal:
        _put_off(row, refusal)
        return not refusal.for_all
    except Unclear as refusal:
        return _doubt(row, refusal)
    _tell(row, content=made.content)
    return True


def _ensure_fresh(started: float) -> None:
    """Refuse to call after the program stood still: somebody else may have taken over, and given the barcode up."""
    if time.monotonic() - started > _CALL_WITHIN_SECONDS:
        raise Unclear("The program stood still too long; it is asked again.", retryable=True)


def _is_mine(row: _Due) -> bool:
    with unit_of_work(_ACTOR):
        if row.effect_status == "intended":
            return effects.begin_call(row.effect_id)
        return effects.resume(row.effect_id)


def _keep_barcode(row: _Due, barcode: str) -> None:
    """Write the barcode down before it is used, so that whoever comes next asks under the same one."""
    with unit_of_work(_ACTOR):
        kept = sql.fetch(
            "update return_requests_label set barcode = %s where id = %s and effect_id = %s and barcode = '' returning id",
            (barcode, row.id, row.effect_id),
        )
    if not kept:
        raise Unclear("Somebody else has taken this label over.", retryable=True)
    row.barcode = barcode


def _count_call(row: _Due, step: int) -> None:
    with unit_of_work(_ACTOR):
        sql.execute("update return_requests_label set asked = asked + %s where id = %s", (step, row.id))  # fmt: skip
    row.asked += step


def _order_of(row: _Due) -> LabelOrder:
    grams = min(row.grams or _SOME_GRAMS, _MOST_GRAMS)
    return LabelOrder(
        row.barcode, row.number, row.order_number, row.address, row.email, grams, row.is_paperless
    )


def _put_off(row: _Due, refusal: Postponed) -> None:
    """Wait: the call certainly did nothing, so it was none."""
    if row.barcode and row.asked:
        _count_call(row, -1)
    with unit_of_work(_ACTOR):
        if row.asked:
            effects.doubt(row.effect_id, note=refusal.message[:300], seconds=refusal.seconds)
        else:
            effects.try_later(row.effect_id, seconds=refusal.seconds, note=refusal.message[:300])


def _doubt(row: _Due, refusal: Unclear) -> bool:
    # A call that was put off is no silence; where no barcode came, nothing counts but the tries.
    tries = row.calls + 1
    silent = min(tries, row.asked) if row.barcode else tries
    if silent >= MOST_CALLS:
        what = f"No answer in {silent} calls." if row.barcode else f"No barcode in {silent} tries."
        _tell(row, note=f"{what} {refusal.message}", keeps_barcode=True)
        return False
    with unit_of_work(_ACTOR):
        pause = min(LONGEST_PAUSE_SECONDS, _DOUBT_SECONDS * 2 ** min(row.calls, 10))
        effects.doubt(row.effect_id, note=refusal.message[:300], seconds=pause)
    return False


def _tell(
    row: _Due, *, content: bytes | None = None, note: str = "", keeps_barcode: bool = False
) -> None:
    # Refused where somebody else was faster: then it is written already.
    news = LabelNews(row.id, row.effect_id, content, note, keeps_barcode)
    report_return_labels([news], actor=_ACTOR)
