"""Books goods that came back: counters, request, stock and credit invoice in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.db import IntegrityError

from orderwerk.core import fields, ids
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound, Refusal, WrongState
from orderwerk.core.money import format_amount, parse_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import UnitOfWork, retrying, unit_of_work
from orderwerk.invoices.issuing import Issued
from orderwerk.invoices.returned import ReturnCredits, ReturnedGoods, ReturnedLine
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.document import MAX_LINES
from orderwerk.return_requests.moving import RequestState, check_move, read_requests
from orderwerk.return_requests.reasons import active_reasons, named, reason_id, reason_names
from orderwerk.returns.booking import BookedLine, Booking, book
from orderwerk.returns.exchanging import (
    Announced,
    Wanted,
    WantedArticle,
    Wishes,
    check_exchange,
)
from orderwerk.returns.facts import Line, line_of, lines_of, product_of
from orderwerk.returns.restock import LotsOf, Spots, TakenLots
from orderwerk.returns.serials import CameBack, SerialsOf

Fate = Literal["restock", "second_grade", "repair", "dispose"]


class ReturnLineItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Pieces of one order line that came back.

    `restock` true: into stock at `location` (left out: where it left from). `disposition`: what becomes of it; left out
    without `restock`: decided later. `lot` of what goes into stock, where the order left with several.
    `serials`: which pieces came back, where they left by serial number. `correction`: a signed difference on what the line is credited for.
    `wanted`: the article that the customer gets instead.
    """

    order_line_id: UUID
    quantity: fields.Quantity
    reason: fields.Code
    restock: bool | None = None
    location: fields.Code | None = None
    bin: fields.Code | None = None
    lot: fields.Lot | None = None
    serials: Annotated[list[fields.Serial], msgspec.Meta(max_length=MAX_LINES)] = []
    disposition: Fate | None = None
    correction: fields.Amount = "0"
    wanted: WantedArticle | None = None


class ReturnItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A box that came back; `credit` makes the credit invoice, `notify` tells the customer.

    `exchange`: whether the credit pays for a new order with the wanted articles; left out: where any is named, or, with
    none named, was announced with the wish to exchange. `as_store_credit`: what is credited becomes store credit rather than
    money; left out: where it was announced with that wish. `fee`: what returning costs the customer, taken off the credit, VAT
    included, and never more than that; left out: as it was announced.
    """

    order_id: UUID
    lines: Annotated[list[ReturnLineItem], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    return_request_id: UUID | None = None
    refund_shipping: bool = False
    credit: bool = True
    notify: bool = False
    comment: fields.Text = ""
    exchange: bool | None = None
    as_store_credit: bool | None = None
    fee: fields.Amount | None = None


def create_returns(items: Sequence[ReturnItem], *, actor: Actor) -> list[Outcome]:
    """Book goods that came back; what was announced need not be what came, and is completed by it.

    Credited are the pieces that came, never those announced. Refuses with NotFound; with LimitExceeded more pieces than
    were shipped and not returned, also of a lot, more serial numbers than pieces, or more money than is left of their invoices; with WrongState a finished request, or
    restocking an article that the catalogue does not know, or a gift for money, another article or with delivery costs; with BadInput an unknown reason, contradictions, pieces
    whose serial number is not said, shipping costs or an exchange without a credit. The new order of an exchange follows
    in a job of its own (flows/place_exchanges.py).
    """
    return retrying(lambda: _create(items, actor), also=(IntegrityError,))


def _create(items: Sequence[ReturnItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        desk = _Desk(unit, items)
        decided: list[Booking | Refusal] = []
        for item in items:
            try:
                decided.append(desk.decide(item))
            except Refusal as refusal:
                decided.append(refusal)
        bookings = [d for d in decided if isinstance(d, Booking)]
        book(unit, bookings, desk.spots)
        issued = desk.credits.write(unit)
    return [
        Outcome.refused(d) if isinstance(d, Refusal) else _done(d, issued.get(d.id, []))
        for d in decided
    ]


def _done(booking: Booking, issued: Sequence[Issued]) -> Outcome:
    made = [
        {"id": c.id, "number": c.number, "amount": format_amount(c.gross, booking.currency)}
        for c in issued
    ]
    exchange = any(line.wanted is not None for line in booking.lines)
    return Outcome.done(
        booking.id, number=booking.number, status=booking.status, credit_invoices=made, exchange=exchange
    )  # fmt: skip


@dataclass(slots=True)
class _Taken:
    """What one box takes: pieces per order line, and per lot of what goes into stock; and what was wanted for them."""

    wishes: dict[UUID, Announced]
    lines: Counter[UUID] = field(default_factory=Counter)
    lots: TakenLots = field(default_factory=Counter)


class _Desk:
    """What the dock knows under the locks of all orders of a call, and what it has used up of it so far."""

    def __init__(self, unit: UnitOfWork, items: Sequence[ReturnItem]) -> None:
        self.orders = lock_orders(unit, [item.order_id for item in items])
        self.requests = read_requests(
            [item.return_request_id for item in items if item.return_request_id is not None]
        )
        self.reasons = active_reasons()
        self.lines = lines_of(list(self.orders))
        asked = [line for item in items for line in item.lines]
        self.names = reason_names(line.reason for line in asked)
        origins = [line.origin for line in self.lines.values() if line.origin]
        self.lots = LotsOf([line.order_line_id for line in asked])
        self.serials = SerialsOf(list(self.orders))
        skus = sorted({line.wanted.sku for line in asked if line.wanted is not None})
        self.wishes = Wishes(skus, list(self.requests))
        self.spots = Spots(
            [*origins, *(line.location for line in asked if line.location)],
            [line.bin for line in asked if line.bin],
            unit.actor,
        )
        self.credits = ReturnCredits({item.order_id for item in items if item.credit and item.order_id in self.orders})  # fmt: skip

    def decide(self, item: ReturnItem) -> Booking:
        """Check one item and use up what it takes; a refused one uses up nothing."""
        order = self.orders.get(item.order_id)
        if order is None:
            raise NotFound("There is no such order.", code="unknown_order", pointer="/order_id")
        request = self._request(item)
        named = any(line.wanted is not None for line in item.lines)
        # Whoever names an article says all of it; else what was announced is given, unless they say no.
        by_request = (
            request is not None and item.credit and item.exchange is not False and not named
        )
        taken = _Taken(self.wishes.of_request(item.return_request_id) if by_request else {})
        booked = [self._line(item.order_id, line, taken, f"/lines/{n}") for n, line in enumerate(item.lines)]  # fmt: skip
        check_exchange(
            asked=item.exchange,
            credit=item.credit,
            named=named,
            found=any(line.wanted is not None for line in booked),
        )
        _check_gift(item, request, booked)
        came = CameBack()
        for n, (line, made) in enumerate(zip(item.lines, booked, strict=True)):
            made.serials.extend(self.serials.choose(line.order_line_id, line.quantity, line.serials, came, f"/lines/{n}"))  # fmt: skip
        booking = _booking(item, order, request, booked)
        asked = _fee(item, request, booking.currency)
        if item.credit:
            self.credits.add(_goods(booking, item, asked, self._reasons(booking)))
            booking.fee = self.credits.fee(booking.id)
        elif item.refund_shipping:
            raise BadInput(
                "Shipping costs are given back with a credit invoice only.",
                code="shipping_needs_credit",
                pointer="/refund_shipping",
            )
        self.serials.use(came)
        for key, quantity in taken.lines.items():
            self.lines[key].left -= quantity
        self.lots.use(taken.lots)
        if request is not None:
            del self.requests[request.id]
        return booking

    def _reasons(self, booking: Booking) -> str:
        # As the customer knows them, for the credit invoice is theirs.
        locale = self.credits.locale(booking.order.id)
        names = (named(self.names[line.reason], locale) or line.reason for line in booking.lines)
        return ", ".join(dict.fromkeys(names))[:500]

    def _request(self, item: ReturnItem) -> RequestState | None:
        if item.return_request_id is None:
            return None
        found = self.requests.get(item.return_request_id)
        if found is not None and found.order_id != item.order_id:
            found = None
        return check_move(found, "completed", "/return_request_id")

    def _line(
        self, order_id: UUID, item: ReturnLineItem, taken: _Taken, pointer: str
    ) -> BookedLine:
        line = line_of(self.lines, order_id, item.order_line_id, pointer)
        taken.lines[line.id] += item.quantity
        if taken.lines[line.id] > line.left:
            raise LimitExceeded(
                f"Only {line.left} of {line.name} have been shipped and not returned yet.",
                code="too_many_to_return",
                pointer=f"{pointer}/quantity",
            )
        fate = _fate(item, pointer)
        return BookedLine(
            id=ids.new_id(),
            line=line,
            quantity=item.quantity,
            reason=item.reason,
            reason_id=reason_id(self.reasons, item.reason, f"{pointer}/reason"),
            correction=_correction(item, line, pointer),
            disposition=fate,
            product_id=product_of(line.product_id, line.name, pointer) if fate == "restock" else line.product_id,
            spot=self.spots.spot(item.location or line.origin, item.bin, pointer) if fate == "restock" else None,
            lots=self._lots(item, fate, taken, pointer),
            wanted=self._wanted(item, line, taken, f"{pointer}/wanted"),
        )  # fmt: skip

    def _wanted(
        self, item: ReturnLineItem, line: Line, taken: _Taken, pointer: str
    ) -> Wanted | None:
        if item.wanted is not None:
            return self.wishes.named(item.wanted, line, item.quantity, pointer)
        announced = taken.wishes.get(line.id)
        return announced.take(item.quantity) if announced is not None else None

    def _lots(
        self, item: ReturnLineItem, fate: str | None, taken: _Taken, pointer: str
    ) -> dict[UUID, str]:
        if fate == "restock":
            return self.lots.choose(
                item.order_line_id, item.lot, item.quantity, taken.lots, pointer
            )
        if item.lot is not None:
            raise BadInput(
                "Only what goes into stock has a lot.",
                code="not_restocked",
                pointer=f"{pointer}/lot",
            )
        return {}


def _fate(item: ReturnLineItem, pointer: str) -> str | None:
    if item.restock is not None and item.disposition is not None and item.restock != (item.disposition == "restock"):  # fmt: skip
        raise BadInput(
            "restock and disposition contradict each other.",
            code="contradiction",
            pointer=f"{pointer}/disposition",
        )
    return item.disposition or ("restock" if item.restock else None)


def _correction(item: ReturnLineItem, line: Line, pointer: str) -> int:
    try:
        return parse_amount(item.correction, line.currency, allow_negative=True)
    except Refusal as refusal:
        refusal.pointer = f"{pointer}/correction"
        raise


def _booking(
    item: ReturnItem, order: OrderState, request: RequestState | None, lines: list[BookedLine]
) -> Booking:
    return Booking(
        id=ids.new_id(),
        order=order,
        currency=lines[0].line.currency,
        request=request,
        lines=lines,
        is_credited=item.credit,
        refund_shipping=item.refund_shipping,
        notify=item.notify,
        comment=item.comment,
        as_store_credit=_as_store_credit(item, request),
    )


def _check_gift(
    item: ReturnItem, request: RequestState | None, booked: Sequence[BookedLine]
) -> None:
    """Refuse what would give the buyer something (money, or another article sent to them), and the receiver what is the buyer's."""
    if request is None or not request.is_gift:
        return
    exchanged = any(line.wanted is not None for line in booked)
    if exchanged or (item.credit and item.as_store_credit is False):
        raise WrongState(
            f"Return request {request.number} is of a gift: what is credited becomes store credit of whoever received it.",
            code="gift_gives_store_credit",
            pointer="/exchange" if exchanged else "/as_store_credit",
        )
    if item.refund_shipping:
        raise WrongState(
            "What the delivery has cost is the buyer's: a gift comes back without it.",
            code="gift_without_shipping",
            pointer="/refund_shipping",
        )


def _as_store_credit(item: ReturnItem, request: RequestState | None) -> bool:
    if item.as_store_credit and not item.credit:
        raise BadInput(
            "What becomes store credit is credited.",
            code="store_credit_needs_credit",
            pointer="/as_store_credit",
        )
    if item.as_store_credit is None:
        return item.credit and request is not None and request.outcome == "store_credit"
    return item.as_store_credit


def _fee(item: ReturnItem, request: RequestState | None, currency: str) -> int:
    if item.fee is None:
        return request.fee if request is not None else 0
    try:
        fee = parse_amount(item.fee, currency)
    except Refusal as refusal:
        refusal.pointer = "/fee"
        raise
    if fee and not item.credit:
        raise BadInput(
            "A fee is taken off a credit invoice only.", code="fee_needs_credit", pointer="/fee"
        )
    return fee


def _goods(booking: Booking, item: ReturnItem, fee: int, reasons: str) -> ReturnedGoods:
    # One entry per order line: pieces with different fates are credited together.
    sums: dict[UUID, list[Any]] = {}
    for line in booking.lines:
        entry = sums.setdefault(line.line.id, [0, 0])
        entry[0] += line.quantity
        entry[1] += line.correction
    lines = [ReturnedLine(key, quantity, correction) for key, (quantity, correction) in sums.items()]  # fmt: skip
    return ReturnedGoods(
        booking.id, booking.order.id, reasons, lines, item.refund_shipping, fee=fee
    )
