"""Makes the refunds of credit invoices: what may be paid back and is not yet, spread over the order's payments."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, ids, numbering, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.orders.counters import lock_orders_of
from orderwerk.refunds.events import REFUND_CREATED
from orderwerk.refunds.moving import RefundState, count_refunds
from orderwerk.refunds.room import ROOM
from orderwerk.refunds.rules import is_above_limit, needs_approval


class CreateRefundItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A credit invoice that is to be paid back; with `payment_id` against that payment of the order alone.

    `as_store_credit`: as store credit rather than money; left out: as its return was booked.
    """

    invoice_id: UUID
    payment_id: UUID | None = None
    as_store_credit: bool | None = None


@dataclass(slots=True)
class _Credit:
    """A credit invoice with what is left to pay back, and its shop's way of doing so."""

    id: UUID
    order_id: UUID
    shop_id: UUID
    kind: str
    number: str
    currency: str
    left: int
    reserved: int
    author_id: UUID | None
    author_name: str
    mode: str
    four_eyes_above: str
    shop_currency: str
    as_store_credit: bool
    is_gift: bool


_CREDITS = """
select v.id, v.order_id, v.shop_id, v.kind, v.number, v.currency,
  -- What may pay for the new order of an exchange waits for it.
  case when exists (select 1 from returns_exchange x where x.parent_id = v.return_id and x.status = 'open') then 0
    else v.refundable_minor - v.refund_reserved_minor end, v.refund_reserved_minor, v.issued_by_id,
  v.issued_by_name, s.refund_mode, s.four_eyes_above, s.currency,
  coalesce((select r.as_store_credit from returns_return r where r.id = v.return_id), exists (
    select 1 from returns_claim c join return_requests_request q on q.id = c.request_id
    where c.order_id = v.order_id and q.outcome = 'store_credit' and v.trigger_key like 'claim:' || c.id || ':%%')),
  exists (select 1 from returns_return r join return_requests_request q on q.id = r.request_id where r.id = v.return_id and q.is_gift)
from invoices_invoice v join shops_shop s on s.id = v.shop_id where v.id = any(%s) and v.order_id = any(%s)
"""
_PAYMENTS = f"""
select p.order_id, p.id, p.provider, {ROOM} from payments_payment p where p.order_id = any(%s) and {ROOM} > 0 order by p.order_id, p.id
"""
_COLUMNS = (
    "id uuid, number text, shop_id uuid, order_id uuid, currency text, credit_id uuid, credit_kind text, payment_id uuid, "
    "provider text, amount_minor bigint, status text, mode text, four_eyes boolean, author_id uuid, author_name text, "
    "approver_id uuid, approver_name text, approved_at timestamptz, attempts int, provider_reference text, note text, "
    "created_at timestamptz, version int, as_store_credit boolean"
)


def create_refunds(items: Sequence[CreateRefundItem], *, actor: Actor) -> list[Outcome]:
    """Make refunds for what of credit invoices may go back and is neither sent nor on its way.

    Refuses with NotFound, with WrongState a debit invoice and money for a gift. Where nothing is left, nothing is made; so it may run any number
    of times. An automatic shop's refunds are approved at once, unless four eyes have to look.
    """
    return retrying(lambda: _create(items, actor))


def _create(items: Sequence[CreateRefundItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        wanted = [item.invoice_id for item in items]
        orders = lock_orders_of(unit, "invoices_invoice", wanted)
        found = {row[0]: _Credit(*row) for row in sql.fetch(_CREDITS, (wanted, list(orders)))}
        payments: dict[UUID, list[list[Any]]] = defaultdict(list)
        for order_id, *payment in sql.fetch(_PAYMENTS, (list(orders),)):
            payments[order_id].append(payment)
        made: dict[UUID, list[dict[str, Any]]] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                credit = _check(found.get(item.invoice_id), item)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            if credit.id not in made:
                only = item.payment_id
                if item.as_store_credit is not None:
                    credit.as_store_credit = item.as_store_credit
                offered = [p for p in payments[credit.order_id] if only in (None, p[0])]
                made[credit.id] = _rows(credit, offered)
            refunds = [row["id"] for row in made[credit.id]]
            outcomes.append(Outcome.done(credit.id, refunds=refunds))
        _write(unit, [row for rows in made.values() for row in rows])
    return outcomes


def _check(credit: _Credit | None, item: CreateRefundItem) -> _Credit:
    if credit is None:
        raise NotFound(
            f"There is no invoice {item.invoice_id}.", code="unknown_invoice", pointer="/invoice_id"
        )
    if credit.kind != "credit":
        raise WrongState(
            f"{credit.number} is no credit invoice: money goes back on credit invoices only.",
            code="no_credit_invoice",
            pointer="/invoice_id",
        )
    if credit.is_gift and item.as_store_credit is False:
        raise WrongState(
            f"{credit.number} is for a gift: it gives store credit to whoever received it.",
            code="gift_gives_store_credit",
            pointer="/as_store_credit",
        )
    return credit


def _rows(credit: _Credit, payments: list[list[Any]]) -> list[dict[str, Any]]:
    parts: list[tuple[UUID, str, int]] = []
    # The oldest payment first; what it cannot bear goes against the next.
    for payment in payments:
        payment_id, provider, left = payment
        amount = min(credit.left, left)
        if amount <= 0:
            continue
        credit.left -= amount
        payment[2] -= amount
        parts.append((payment_id, provider, amount))
    # The limit is the credit's, over however many payments it goes back, and with what of it went before.
    total = credit.reserved + sum(amount for _, _, amount in parts)
    four_eyes = is_above_limit(total, credit.currency, credit.four_eyes_above, credit.shop_currency)
    waits = needs_approval(credit.mode, four_eyes=four_eyes)
    now = clock.now()
    rows = []
    for payment_id, provider, amount in parts:
        rows.append(
            {
                "id": ids.new_id(), "shop_id": credit.shop_id, "order_id": credit.order_id, "currency": credit.currency,
                "credit_id": credit.id, "credit_kind": "credit", "payment_id": payment_id, "provider": provider,
                "amount_minor": amount, "status": "awaiting_approval" if waits else "approved", "mode": credit.mode,
                "four_eyes": four_eyes, "author_id": credit.author_id, "author_name": credit.author_name,
                "approver_id": None, "approver_name": None if waits else "automatic", "approved_at": None if waits else now,
                "attempts": 0, "provider_reference": "", "note": "", "created_at": now, "version": 1,
                "as_store_credit": credit.as_store_credit,
            }
        )  # fmt: skip
    return rows


def _write(unit: UnitOfWork, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    for row, number in zip(rows, numbering.next_numbers("refunds_number", len(rows)), strict=True):
        row["number"] = f"R{number}"
    states = [_state(row) for row in rows]
    count_refunds(states, [(state.amount, 0) for state in states])
    sql.insert_rows("refunds_refund", _COLUMNS, rows)
    for state in states:
        data = {"number": state.number, "amount_minor": state.amount, "provider": state.provider}
        subject = Subject("refund", state.id, 1, state.order_id, state.shop_id)
        unit.record(REFUND_CREATED, subject, Move(None, state.status), data)


def _state(row: dict[str, Any]) -> RefundState:
    return RefundState(
        row["id"], row["number"], row["order_id"], row["shop_id"], row["status"], row["amount_minor"], row["credit_id"],
        row["payment_id"], row["provider"], row["mode"], row["four_eyes"], row["author_id"], "UTC", "", 0, 0,
    )  # fmt: skip
