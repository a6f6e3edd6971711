"""Credits that pay for another order of the same customer instead of going back: the netting of an exchange.

netting = Netting(orders, returns)         # the caller holds the locks of the orders; nothing is written
parts = netting.take(return_id, amount)    # what of a return's credits pays for how much: at most what is left of them
...                                        # the new order, with one payment per part
netting.write(unit, number_by_return)      # the other half: each part is a refund of the old order, done at once

Each part is one refund against one payment of the old order and one payment of the new order under the same reference, so
every limit of refunds holds here as well: the credit invoice, the payment and the order give no more than they have.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from orderwerk.core import clock, ids, numbering, sql
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.refunds.events import REFUND_CREATED, REFUND_SUBMITTED, REFUND_SUCCEEDED
from orderwerk.refunds.moving import Change, RefundState, count_refunds, move_refunds
from orderwerk.refunds.room import ROOM

# The payment provider and method under which an exchange's new order has received what the credit gave.
PROVIDER, METHOD, VIA = "orderwerk", "exchange", "exchange"


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a credit invoice, against one payment; `reference` names the credit invoice, and is given once for ever."""

    return_id: UUID
    refund_id: UUID
    credit_id: UUID
    payment_id: UUID
    provider: str
    amount: int
    reference: str


@dataclass(slots=True)
class _Credit:
    id: UUID
    return_id: UUID
    order_id: UUID
    shop_id: UUID
    number: str
    currency: str
    gross: int
    left: int
    author_id: UUID | None
    author_name: str
    parts: int


_CREDITS = """
select v.id, v.return_id, v.order_id, v.shop_id, v.number, v.currency, v.gross_minor, v.refundable_minor - v.refund_reserved_minor,
  v.issued_by_id, v.issued_by_name, 0
from invoices_invoice v where v.kind = 'credit' and v.return_id = any(%s) and v.order_id = any(%s) order by v.id
"""
# Goods leave for it: so not what was paid with a contested store credit either.
_PAYMENTS = f"""
select p.order_id, p.id, p.provider, {ROOM} from payments_payment p
where p.order_id = any(%s) and not p.is_contested and {ROOM} > 0 order by p.order_id, p.id
"""
_COLUMNS = (
    "id uuid, number text, shop_id uuid, order_id uuid, currency text, credit_id uuid, credit_kind text, payment_id uuid, "
    "provider text, amount_minor bigint, status text, mode text, four_eyes boolean, author_id uuid, author_name text, "
    "approver_name text, approved_at timestamptz, attempts int, provider_reference text, note text, created_at timestamptz, "
    "version int"
)


class Netting:
    """What the credits of returns have left, and what of it was taken in this call; two statements."""

    def __init__(self, order_ids: Iterable[UUID], return_ids: Iterable[UUID]) -> None:
        orders = list(order_ids)
        self._credits: dict[UUID, list[_Credit]] = defaultdict(list)
        for row in sql.fetch(_CREDITS, (list(return_ids), orders)):
            self._credits[row[1]].append(_Credit(*row))
        self._payments: dict[UUID, list[list[Any]]] = defaultdict(list)
        for order_id, *payment in sql.fetch(_PAYMENTS, (orders,)):
            self._payments[order_id].append(payment)
        self._parts: list[tuple[_Credit, Part]] = []

    def credits(self, return_id: UUID) -> list[UUID]:
        """Return the credit invoices of a return."""
        return [credit.id for credit in self._credits[return_id]]

    def credited(self, return_id: UUID) -> int:
        """Return what a return's credit invoices came to, VAT included."""
        return sum(credit.gross for credit in self._credits[return_id])

    def taken(self, return_id: UUID) -> int:
        """Return what was taken of a return's credits."""
        return sum(part.amount for _, part in self._parts if part.return_id == return_id)

    def take(self, return_id: UUID, most: int) -> list[Part]:
        """Take at most so much of a return's credits, the oldest credit and payment first."""
        made: list[Part] = []
        for credit in self._credits[return_id]:
            for payment in self._payments[credit.order_id]:
                payment_id, provider, left = payment
                amount = min(most, credit.left, left)
                if amount <= 0:
                    continue
                most, credit.left, payment[2] = most - amount, credit.left - amount, left - amount
                credit.parts += 1
                reference = credit.number if credit.parts == 1 else f"{credit.number}-{credit.parts}"  # fmt: skip
                part = Part(
                    return_id, ids.new_id(), credit.id, payment_id, provider, amount, reference
                )
                made.append(part)
                self._parts.append((credit, part))
        return made

    def give_back(self, return_id: UUID) -> None:
        """Undo what was taken of a return: its new order was refused."""
        for credit, part in [kept for kept in self._parts if kept[1].return_id == return_id]:
            credit.left += part.amount
            for payment in self._payments[credit.order_id]:
                payment[2] += part.amount if payment[0] == part.payment_id else 0
        self._parts = [kept for kept in self._parts if kept[1].return_id != return_id]

    def write(self, unit: UnitOfWork, numbers: Mapping[UUID, str]) -> None:
        """Write what was taken as refunds that have succeeded; `numbers` are the new orders' by return."""
        if not self._parts:
            return
        given = numbering.next_numbers("refunds_number", len(self._parts))
        rows = [_row(c, p, f"R{n}") for (c, p), n in zip(self._parts, given, strict=True)]
        states = [_state(row) for row in rows]
        count_refunds(states, [(state.amount, 0) for state in states])
        sql.insert_rows("refunds_refund", _COLUMNS, rows)
        for state in states:
            data = {"number": state.number, "amount_minor": state.amount, "provider": state.provider}  # fmt: skip
            subject = Subject("refund", state.id, 1, state.order_id, state.shop_id)
            unit.record(REFUND_CREATED, subject, Move(None, state.status), data)
        notes = {part.refund_id: numbers[part.return_id] for _, part in self._parts}
        _finish(unit, states, notes)


def _finish(unit: UnitOfWork, states: Sequence[RefundState], notes: Mapping[UUID, str]) -> None:
    submitted = [Change(s, "submitted", via=VIA, reference=s.reference) for s in states]
    move_refunds(unit, REFUND_SUBMITTED, submitted)
    done = [replace(s, status="submitted", via=VIA) for s in states]
    move_refunds(unit, REFUND_SUCCEEDED, [Change(s, "succeeded", notes[s.id], reference=s.reference) for s in done])  # fmt: skip


def _row(credit: _Credit, part: Part, number: str) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": part.refund_id, "number": number, "shop_id": credit.shop_id, "order_id": credit.order_id,
        "currency": credit.currency, "credit_id": credit.id, "credit_kind": "credit", "payment_id": part.payment_id,
        "provider": part.provider, "amount_minor": part.amount, "status": "approved", "mode": "exchange", "four_eyes": False,
        "author_id": credit.author_id, "author_name": credit.author_name, "approver_name": "exchange", "approved_at": now,
        "attempts": 0, "provider_reference": part.reference, "note": "", "created_at": now, "version": 1,
    }  # fmt: skip


def _state(row: dict[str, Any]) -> RefundState:
    return RefundState(
        row["id"], row["number"], row["order_id"], row["shop_id"], row["status"], row["amount_minor"], row["credit_id"],
        row["payment_id"], row["provider"], row["mode"], row["four_eyes"], row["author_id"], "UTC", "", 0, 0,
        reference=row["provider_reference"],
    )  # fmt: skip
