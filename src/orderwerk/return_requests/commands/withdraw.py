"""Keeps consumers' statements of withdrawal, each with the moment at which it was made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.numbering import next_numbers
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Subject, retrying, unit_of_work
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.return_requests.events import WITHDRAWAL_RECEIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnLine:
    """So many pieces of an order line, with the words in which the customer knew them."""

    order_line_id: UUID
    sku: str
    name: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalRecord:
    """A statement as it was confirmed; no lines: from the whole contract."""

    order_id: UUID
    name: str
    email: str
    language: str
    lines: Sequence[WithdrawnLine] = ()
    in_time: bool
    received_at: datetime
    return_request_id: UUID | None = None
    return_request_number: str = ""


_ROWS = (
    "id uuid, shop_id uuid, order_id uuid, request_id uuid, number text, name text, email text, language text, "
    "lines jsonb, in_time boolean, received_at timestamptz"
)


def record_withdrawals(items: Sequence[WithdrawalRecord], *, actor: Actor) -> list[Outcome]:
    """Keep statements of withdrawal; the outcome tells `number` and `received_at`. Refuses with NotFound."""
    return retrying(lambda: _record(items, actor))


def _record(items: Sequence[WithdrawalRecord], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        orders = lock_orders(unit, [item.order_id for item in items])
        rows: list[dict[str, Any]] = []
        outcomes: list[Outcome] = []
        for item, number in zip(
            items, next_numbers("return_requests_withdrawal_number", len(items)), strict=True
        ):
            try:
                order = orders.get(item.order_id) or _unknown()
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            key, name = ids.new_id(), f"WD{number}"
            rows.append({
                "id": key, "shop_id": order.shop_id, "order_id": order.id, "request_id": item.return_request_id,
                "number": name, "name": item.name, "email": item.email, "language": item.language,
                "lines": list(item.lines), "in_time": item.in_time, "received_at": item.received_at,
            })  # fmt: skip
            data = {"number": name, "in_time": item.in_time, "received_at": item.received_at.isoformat(), "return_request": item.return_request_number}  # fmt: skip
            unit.record(WITHDRAWAL_RECEIVED, Subject("withdrawal", key, 1, order.id, order.shop_id), data=data)  # fmt: skip
            outcomes.append(Outcome.done(key, number=name, received_at=item.received_at))
        sql.insert_rows("return_requests_withdrawal", _ROWS, rows)
    return outcomes


def _unknown() -> OrderState:
    raise NotFound("There is no such order.", code="unknown_order", pointer="/order_id")
