"""Writes returns that have been decided: rows, counters, completed requests, stock, events."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from orderwerk.core import clock, sql
from orderwerk.core.numbering import next_numbers
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.orders.counters import OrderState, change_returned
from orderwerk.orders.events import ORDER_RETURNED
from orderwerk.return_requests.moving import RequestState, complete_requests
from orderwerk.returns.events import RETURN_PROCESSED
from orderwerk.returns.exchanging import NewExchange, Wanted, write_exchanges
from orderwerk.returns.facts import Line
from orderwerk.returns.restock import Restock, Spot, Spots, put_back
from orderwerk.shipments.serials import take_back


@dataclass(frozen=True, slots=True)
class BookedLine:
    """One line of a return as it will be written; `spot` is where it goes into stock, `wanted` what is given for it."""

    id: UUID
    line: Line
    quantity: int
    reason: str
    reason_id: UUID
    correction: int
    disposition: str | None
    product_id: UUID | None
    spot: Spot | None
    lots: dict[UUID, str]
    wanted: Wanted | None = None
    serials: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class Booking:
    """One return as it will be written; the number comes with writing."""

    id: UUID
    order: OrderState
    currency: str
    request: RequestState | None
    lines: list[BookedLine]
    is_credited: bool
    refund_shipping: bool
    notify: bool
    comment: str
    as_store_credit: bool = False
    number: str = ""
    fee: int = 0

    @property
    def status(self) -> str:
        """To be inspected while the fate of any line is open."""
        return "processed" if all(line.disposition for line in self.lines) else "to_inspect"

    @property
    def units(self) -> int:
        """How many pieces came back."""
        return sum(line.quantity for line in self.lines)


_RETURNS = (
    "id uuid, shop_id uuid, order_id uuid, request_id uuid, number text, status text, is_credited boolean, "
    "refund_shipping boolean, notify boolean, comment text, created_at timestamptz, processed_at timestamptz, "
    "processed_by text, version int, as_store_credit boolean, fee_minor bigint"
)
_LINES = (
    "id uuid, shop_id uuid, order_id uuid, parent_id uuid, order_line_id uuid, product_id uuid, position int, quantity int, "
    "reason_id uuid, correction_minor bigint, disposition text, location_id uuid, decided_at timestamptz, decided_by text"
)


def book(unit: UnitOfWork, bookings: Sequence[Booking], spots: Spots) -> None:
    """Write returns whose orders are locked; the CHECK refuses more pieces than were shipped."""
    if not bookings:
        return
    numbers = next_numbers("returns_number", len(bookings))
    for booking, number in zip(bookings, numbers, strict=True):
        booking.number = f"RT{number}"
    sql.insert_rows("returns_return", _RETURNS, [_row(b, unit.actor.name) for b in bookings])
    sql.insert_rows(
        "returns_line",
        _LINES,
        [_line_row(b, n, line, unit.actor.name) for b in bookings for n, line in enumerate(b.lines, 1)],
    )  # fmt: skip
    take_back({key: line.id for b in bookings for line in b.lines for key in line.serials})
    for b in bookings:
        subject = Subject("return", b.id, 1, b.order.id, b.order.shop_id)
        data = {"number": b.number, "units": b.units, "notify": b.notify, "credit": b.is_credited}
        unit.record(RETURN_PROCESSED, subject, Move(None, b.status), data)
    complete_requests(unit, [b.request for b in bookings if b.request is not None])
    write_exchanges(unit, [x for x in map(_exchange, bookings) if x.wanted])
    _count(unit, bookings)
    put_back(
        unit,
        [
            Restock(line.id, line.line.id, line.product_id, line.line.sku, line.quantity, line.spot, b.order.id, b.order.shop_id, b.number, line.lots)
            for b in bookings
            for line in b.lines
            if line.spot is not None and line.product_id is not None
        ],
        spots,
    )  # fmt: skip


def _exchange(b: Booking) -> NewExchange:
    wanted = {line.id: line.wanted for line in b.lines if line.wanted is not None}
    return NewExchange(b.id, b.number, b.order, b.currency, wanted)


def _row(b: Booking, actor: str) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": b.id, "shop_id": b.order.shop_id, "order_id": b.order.id, "request_id": b.request.id if b.request else None,
        "number": b.number, "status": b.status, "is_credited": b.is_credited, "refund_shipping": b.refund_shipping,
        "notify": b.notify, "comment": b.comment, "created_at": now, "processed_by": actor, "version": 1,
        "processed_at": now if b.status == "processed" else None, "as_store_credit": b.as_store_credit,
        "fee_minor": b.fee,
    }  # fmt: skip


def _line_row(b: Booking, position: int, line: BookedLine, actor: str) -> dict[str, Any]:
    decided = line.disposition is not None
    return {
        "id": line.id, "shop_id": b.order.shop_id, "order_id": b.order.id, "parent_id": b.id, "order_line_id": line.line.id,
        "product_id": line.product_id, "position": position, "quantity": line.quantity, "reason_id": line.reason_id,
        "correction_minor": line.correction, "disposition": line.disposition,
        "location_id": line.spot.location_id if line.spot else None,
        "decided_at": clock.now() if decided else None, "decided_by": actor if decided else None,
    }  # fmt: skip


def _count(unit: UnitOfWork, bookings: Sequence[Booking]) -> None:
    pieces: dict[UUID, int] = defaultdict(int)
    per_order: dict[UUID, int] = defaultdict(int)
    for b in bookings:
        per_order[b.order.id] += b.units
        for line in b.lines:
            pieces[line.line.id] += line.quantity
    for order_id, state in change_returned(pieces).items():
        subject = Subject("order", order_id, state.version, order_id, state.shop_id)
        # What came back does not undo that it was shipped: the status stays.
        unit.record(ORDER_RETURNED, subject, Move(state.status, state.status), {"units": per_order[order_id]})  # fmt: skip
