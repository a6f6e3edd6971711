"""Cancels whole orders, lines, or parts of their quantities; asks the warehouse first where the shop wishes it."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import fields
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.flows.cancel_money import Keeping, RefundChoice
from orderwerk.flows.cancelling import (
    Book,
    CancellingLine,
    carry_out,
    read_book,
    read_in_hand,
    value_going,
)
from orderwerk.orders.cancel_requests import NewCancelRequest, insert_cancel_requests
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.document import MAX_LINES


class CancelLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces of one line."""

    order_line_id: UUID
    quantity: fields.Quantity


class CancelItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to cancel of an order; `lines` left out means all that can still be cancelled.

    `refund`: of what was paid for it the whole goes back, a part (`refund_amount`, VAT included), or nothing.
    """

    order_id: UUID
    reason: fields.Reason
    lines: Annotated[list[CancelLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)] | None = (
        None
    )
    refund: RefundChoice = "whole"
    refund_amount: fields.Amount | None = None


def cancel_orders(items: Sequence[CancelItem], *, actor: Actor) -> list[Outcome]:
    """Cancel what has not been shipped; stock, pick lists and shipments are right in the same transaction.

    Where the shop asks the warehouse (`cancel_while_picking`), pieces that are being picked or picked become a cancel
    request (`requested` in the outcome) and the others go at once. Refuses with NotFound, with WrongState an order with
    nothing left to cancel, with LimitExceeded more pieces of a line than are open, with BadInput a line named twice.
    What was paid too much is credited and refunded afterwards, as the shop refunds; where less than the whole is to go back the
    credit is issued here, with WrongState where the warehouse has to be asked first, LimitExceeded for more than could go back.
    """
    return retrying(lambda: _cancel(items, actor))


def _cancel(items: Sequence[CancelItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        book = read_book(states)
        if book.asking:
            read_in_hand(book)
        keeping = Keeping(items, states)
        outcomes: list[Outcome] = []
        for item in items:
            try:
                outcomes.append(_choose(item, states, book, keeping))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
        after = dict(states) | carry_out(unit, states, book)
        made = insert_cancel_requests(unit, _requests(states, book))
        keeping.write(unit)
    return [_told(o, after, made) for o in outcomes]


def _told(outcome: Outcome, after: Mapping[UUID, OrderState], made: Mapping[UUID, UUID]) -> Outcome:
    if not outcome.ok or outcome.id is None:
        return outcome
    data = {**outcome.data, "status": after[outcome.id].status}
    if outcome.data["requested"]:
        data["cancel_request_id"] = made[outcome.id]
    return Outcome.done(outcome.id, **data)


def _requests(states: Mapping[UUID, OrderState], book: Book) -> list[NewCancelRequest]:
    found = []
    for order_id, state in states.items():
        lines = {line.id: line.asking for line in book.by_order[order_id] if line.asking}
        if lines:
            found.append(NewCancelRequest(order_id, state.shop_id, book.reasons[order_id], lines))
    return found


def _choose(
    item: CancelItem, states: Mapping[UUID, OrderState], book: Book, keeping: Keeping
) -> Outcome:
    if item.order_id not in states:
        raise NotFound(
            f"There is no order {item.order_id}.", code="unknown_order", pointer="/order_id"
        )
    keeping.check(item)
    wanted = _wanted(item, states[item.order_id], book)
    if item.refund != "whole":
        return _choose_keeping(item, wanted, book, keeping)
    asks = item.order_id in book.asking
    now = 0
    for line, quantity in wanted:
        at_once = min(quantity, line.free) if asks else quantity
        line.going += at_once
        line.asking += quantity - at_once
        now += at_once
    book.reasons.setdefault(item.order_id, item.reason)
    requested = sum(quantity for _, quantity in wanted) - now
    return Outcome.done(item.order_id, cancelled=now, requested=requested)


def _choose_keeping(
    item: CancelItem, wanted: list[tuple[CancellingLine, int]], book: Book, keeping: Keeping
) -> Outcome:
    if item.order_id in book.asking and any(quantity > line.free for line, quantity in wanted):
        raise WrongState(
            "The warehouse is asked first for what is being picked: choose what goes back once it has let go.",
            code="refund_choice_waits",
            pointer="/refund",
        )
    for line, quantity in wanted:
        line.going += quantity
    lines = book.by_order[item.order_id]
    try:
        told = keeping.choose(item, lines, value_going(lines, book.shipping[item.order_id]))
    except Refusal:
        for line, quantity in wanted:
            line.going -= quantity
        raise
    if told.kept_minor:
        book.kept[item.order_id] = told.kept_minor
    book.reasons.setdefault(item.order_id, item.reason)
    pieces = sum(quantity for _, quantity in wanted)
    return Outcome.done(item.order_id, cancelled=pieces, requested=0, kept=told.kept)


def _wanted(item: CancelItem, state: OrderState, book: Book) -> list[tuple[CancellingLine, int]]:
    if item.lines is None:
        rest = [(line, line.open) for line in book.by_order[item.order_id] if line.open > 0]
        if not rest:
            raise _nothing_open(state, book)
        return rest
    wanted: list[tuple[CancellingLine, int]] = []
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
        if asked.quantity > line.open:
            raise LimitExceeded(
                f"Only {line.open} of this line can be cancelled: {line.shipped} shipped, "
                f"{line.cancelled + line.going} cancelled, {line.requested + line.asking} waiting for the warehouse "
                f"of {line.quantity}.",
                code="too_many_to_cancel",
                pointer=f"{pointer}/quantity",
            )
        wanted.append((line, asked.quantity))
    return wanted


def _nothing_open(state: OrderState, book: Book) -> WrongState:
    if any(line.requested or line.asking for line in book.by_order[state.id]):
        return WrongState(
            f"The warehouse has been asked to let go of what is left of order {state.number}; it has not answered yet.",
            code="cancel_requested",
        )
    return WrongState(
        f"Order {state.number} is {state.status}: nothing is left to cancel.", code="nothing_open"
    )
