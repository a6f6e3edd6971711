"""What of the money goes back when pieces of a paid order are cancelled: all of it, a part, or nothing."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, cast
from uuid import UUID

from orderwerk.core.errors import BadInput, LimitExceeded, Refusal
from orderwerk.core.money import format_amount, parse_amount
from orderwerk.core.uow import UnitOfWork
from orderwerk.flows.cancelling import CancellingLine
from orderwerk.invoices.plan import Plan
from orderwerk.invoices.retaining import Retained
from orderwerk.orders.counters import Kept, count_kept

RefundChoice = Literal["whole", "part", "none"]


class Choosing(Protocol):
    """An item that says what of the money goes back."""

    @property
    def order_id(self) -> UUID:
        """The order."""

    @property
    def refund(self) -> RefundChoice:
        """How much goes back."""

    @property
    def refund_amount(self) -> str | None:
        """The part that does, VAT included."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is kept of one order, in minor units and as an amount."""

    kept_minor: int
    kept: str


class Keeping:
    """The orders of a call of which less than the whole goes back; nothing is read where there is none."""

    def __init__(self, items: Sequence[Choosing], states: Collection[UUID]) -> None:
        """Read the books of locked orders that choose."""
        self._times = Counter(item.order_id for item in items)
        chosen = {i.order_id for i in items if i.refund != "whole" and i.order_id in states}
        self._plan = Plan(chosen) if chosen else None
        self._kept: dict[UUID, Retained] = {}

    def check(self, item: Choosing) -> None:
        """Refuse (BadInput) a choice that makes no sense before anything is looked at."""
        if item.refund == "part" and item.refund_amount is None:
            raise BadInput(
                "Enter the part of the money that goes back.",
                code="refund_amount_missing",
                pointer="/refund_amount",
            )
        if item.refund != "part" and item.refund_amount is not None:
            raise BadInput(
                "Only a part that goes back has an amount.",
                code="refund_amount_alone",
                pointer="/refund_amount",
            )
        if self._plan and item.order_id in self._plan.books and self._times[item.order_id] > 1:
            raise BadInput(
                "Name an order once where less than the whole of its money goes back.",
                code="order_twice",
                pointer="/order_id",
            )

    def choose(self, item: Choosing, lines: Sequence[CancellingLine], value: int) -> Told:
        """Plan the documents for what is about to go of an order; refuses (LimitExceeded) more than could go back."""
        plan = cast("Plan", self._plan)
        currency = plan.books[item.order_id].order.currency
        gone = {line.id: line.going for line in lines if line.going}
        kept = plan.cancel_keeping(item.order_id, gone, value, _back(item, currency))
        self._kept[item.order_id] = kept
        return Told(kept.minor, format_amount(kept.minor, currency))

    def write(self, unit: UnitOfWork) -> None:
        """Count what is kept and issue the documents. Nothing that locks may follow in this unit of work."""
        if self._plan is None:
            return
        # What was refused, or has no choice to make, is left to the job that follows every cancellation.
        for key in set(self._plan.books) - set(self._kept):
            del self._plan.books[key]
        count_kept({key: _counted(kept) for key, kept in self._kept.items()})
        self._plan.write(unit)


def _counted(kept: Retained) -> Kept:
    lines = {key: (kept.pieces[key], value) for key, value in dict(kept.values).items()}
    return Kept(lines, kept.shipping)


def _back(item: Choosing, currency: str) -> Callable[[int], int]:
    if item.refund_amount is None:
        return lambda _most: 0
    try:
        amount = parse_amount(item.refund_amount, currency)
    except Refusal as refusal:
        refusal.pointer = "/refund_amount"
        raise

    def part(most: int) -> int:
        if amount > most:
            left = format_amount(most, currency)
            raise LimitExceeded(
                f"At most {left} can go back for this.",
                code="too_much_to_refund",
                pointer="/refund_amount",
            )
        return amount

    return part
