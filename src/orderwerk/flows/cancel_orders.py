"""Cancels whole orders, lines, or parts of their quantities: backorder first, then claims, then what is picked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.flows.give_back import give_back
from orderwerk.flows.held import Held, held_by_orders, lock_stock_of
from orderwerk.flows.intake_reads import read_shops
from orderwerk.orders.counters import LineDelta, OrderState, change_counters, lock_orders
from orderwerk.orders.document import MAX_LINES
from orderwerk.orders.events import ORDER_CANCELLED
from orderwerk.orders.pricing import cancelled_value


class CancelLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces of one line."""

    order_line_id: UUID
    quantity: fields.Quantity


class CancelItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to cancel of an order; `lines` left out means all that can still be cancelled."""

    order_id: UUID
    reason: fields.Reason
    lines: Annotated[list[CancelLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)] | None = (
        None
    )


def cancel_orders(items: Sequence[CancelItem], *, actor: Actor) -> list[Outcome]:
    """Cancel what has not been shipped; stock, pick lists and shipments are right in the same transaction.

    Refuses with NotFound, with WrongState an order with nothing left to cancel, with LimitExceeded more pieces of a
    line than are open, with BadInput a line named twice. What was paid too much is refunded by finance, never here.
    """
    return retrying(lambda: _cancel(items, actor))


@dataclass(frozen=True, slots=True)
class _Part:
    """What a line needs of one product: the article itself, or one component of a kit."""

    product_id: UUID
    per_kit: int
    allocated: int
    shipped: int


@dataclass(slots=True)
class _Line:
    """An order line as it stands, and what of it goes; `shipped` counts kits of which any part has left."""

    id: UUID
    order_id: UUID
    quantity: int
    cancelled: int
    allocated: int
    shipped: int
    gross: int
    parts: list[_Part] = field(default_factory=list)
    going: int = 0

    @property
    def open(self) -> int:
        return self.quantity - self.cancelled - self.shipped


@dataclass(slots=True)
class _Book:
    """All lines of the locked orders, and what leaves with the order when the last piece goes."""

    lines: dict[UUID, _Line]
    by_order: dict[UUID, list[_Line]]
    shipping: dict[UUID, int]
    reasons: dict[UUID, str] = field(default_factory=dict)


def _cancel(items: Sequence[CancelItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        book = _read(states)
        outcomes: list[Outcome] = []
        for item in items:
            try:
                outcomes.append(_choose(item, states, book))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
        going = [
            order_id for order_id in states if any(line.going for line in book.by_order[order_id])
        ]
        after = _carry_out(unit, going, states, book)
    return [
        Outcome.done(o.id, cancelled=o.data["cancelled"], status=after[o.id].status)
        if o.ok and o.id is not None
        else o
        for o in outcomes
    ]


_LINES = """
select l.id, l.order_id, l.quantity, l.cancelled, l.allocated, l.shipped, l.gross_minor,
       l.product_id, c.product_id, c.per_kit, c.allocated, c.shipped, o.shipping_net_minor + o.shipping_tax_minor
from orders_line l join orders_order o on o.id = l.order_id
left join orders_component c on c.order_line_id = l.id
where l.order_id = any(%s) order by l.order_id, l.position
"""


def _read(states: Mapping[UUID, OrderState]) -> _Book:
    book = _Book({}, defaultdict(list), {})
    for row in sql.fetch(_LINES, (list(states),)):
        line = book.lines.get(row[0])
        if line is None:
            line = book.lines[row[0]] = _Line(*row[:7])
            book.by_order[line.order_id].append(line)
            book.shipping[line.order_id] = row[12]
        if row[8] is not None:
            part = _Part(*row[8:12])
            line.parts.append(part)
            # A kit of which one part has left can no longer be cancelled.
            line.shipped = max(line.shipped, -(-part.shipped // part.per_kit))
        elif row[7] is not None:
            line.parts.append(_Part(row[7], 1, line.allocated, line.shipped))
    return book


def _choose(item: CancelItem, states: Mapping[UUID, OrderState], book: _Book) -> Outcome:
    if item.order_id not in states:
        raise NotFound(
            f"There is no order {item.order_id}.", code="unknown_order", pointer="/order_id"
        )
    wanted = _wanted(item, states[item.order_id], book)
    for line, quantity in wanted:
        line.going += quantity
    book.reasons.setdefault(item.order_id, item.reason)
    return Outcome.done(item.order_id, cancelled=sum(quantity for _, quantity in wanted))


def _wanted(item: CancelItem, state: OrderState, book: _Book) -> list[tuple[_Line, int]]:
    if item.lines is None:
        rest = [
            (line, line.open - line.going)
            for line in book.by_order[item.order_id]
            if line.open > line.going
        ]
        if not rest:
            raise WrongState(
                f"Order {state.number} is {state.status}: nothing is left to cancel.",
                code="nothing_open",
            )
        return rest
    wanted: list[tuple[_Line, int]] = []
    for index, asked in enumerate(item.lines):
        line = book.lines.get(asked.order_line_id)
        pointer = f"/lines/{index}"
        if line is None or line.order_id != item.order_id:
            raise NotFound(
                "The order has no such line.",
                code="unknown_order_line",
                pointer=f"{pointer}/order_line_id",
            )
        if any(line is other for other, _ in wanted):
            raise BadInput(
                "The line is named twice.",
                code="duplicate_line",
                pointer=f"{pointer}/order_line_id",
            )
        if asked.quantity > line.open - line.going:
            raise LimitExceeded(
                f"Only {line.open - line.going} of this line can be cancelled: {line.shipped} shipped, "
                f"{line.cancelled + line.going} cancelled of {line.quantity}.",
                code="too_many_to_cancel",
                pointer=f"{pointer}/quantity",
            )
        wanted.append((line, asked.quantity))
    return wanted


def _carry_out(
    unit: UnitOfWork, going: Sequence[UUID], states: Mapping[UUID, OrderState], book: _Book
) -> dict[UUID, OrderState]:
    if not going:
        return {}
    held = held_by_orders(going)
    _lock_stock(unit, going, states, book, held)
    given = give_back(unit, held, _claims_to_take(held, book), reason="cancelled")
    deltas: dict[UUID, LineDelta] = given.deltas
    values: dict[UUID, int] = {}
    for order_id in going:
        for line in book.by_order[order_id]:
            if line.going:
                deltas[line.id].cancelled += line.going
        values[order_id] = _value(book.by_order[order_id], book.shipping[order_id])
    after = change_counters(deltas, cancelled_minor=values)
    for order_id, state in after.items():
        pieces = sum(line.going for line in book.by_order[order_id])
        subject = Subject("order", order_id, state.version, order_id, state.shop_id)
        data = {"units": pieces, "value_minor": values[order_id], "reason": book.reasons[order_id]}
        unit.record(ORDER_CANCELLED, subject, Move(states[order_id].status, state.status), data)
    # What is left may be payable now although it was not before.
    ready = [
        s
        for key, s in after.items()
        if s.payable and not states[key].payable and s.status != "cancelled"
    ]
    return after | {key: state for key, (state, _) in claim_open(unit, ready).items()}


def _lock_stock(
    unit: UnitOfWork,
    going: Sequence[UUID],
    states: Mapping[UUID, OrderState],
    book: _Book,
    held: Sequence[Held],
) -> None:
    # Once and in order: the claims that go, and what an order that becomes payable may claim afterwards.
    shops, _ = read_shops([], [states[key].shop_id for key in going])
    places = {policy.id: policy.locations for policy in shops.values()}
    keys: set[tuple[UUID, UUID]] = set()
    for order_id in going:
        if not states[order_id].payable:
            products = [part.product_id for line in book.by_order[order_id] for part in line.parts]
            keys |= {
                (product, place)
                for product in products
                for place in places[states[order_id].shop_id]
            }
    lock_stock_of(unit, held, keys)


def _claims_to_take(held: Sequence[Held], book: _Book) -> dict[UUID, int]:
    first = {"allocated": 0, "picking": 1, "picked": 2}
    take: dict[UUID, int] = {}
    # What stays claimed is never more than what the line still needs of a product.
    need = {
        (line.id, part.product_id): part.allocated
        + part.shipped
        - part.per_kit * (line.quantity - line.cancelled - line.going)
        for line in book.lines.values()
        for part in line.parts
    }
    for claim in sorted(held, key=lambda h: (first[h.status], h.id)):
        key = (claim.order_line_id, claim.product_id)
        pieces = min(need[key], claim.quantity)
        if pieces > 0:
            need[key] -= pieces
            take[claim.id] = pieces
    return take


def _value(lines: Sequence[_Line], shipping: int) -> int:
    value = sum(
        cancelled_value(x.gross, x.quantity, x.cancelled + x.going)
        - cancelled_value(x.gross, x.quantity, x.cancelled)
        for x in lines
    )
    everything = all(x.cancelled + x.going == x.quantity for x in lines)
    return value + (shipping if everything else 0)
