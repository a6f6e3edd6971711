"""How much of an order's authorised payments is to be taken now, and what may be let go; pure, in minor units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

# Where only one capture is possible it waits for the last goods, but not beyond this long before the authorisation ends.
BEFORE_THE_END = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Promise:
    """One payment of an order, with what was asked of its provider so far.

    `open` is on its way to be taken. `is_ours`: the shop's account there is in use, and takes when goods leave. `is_stopped`:
    a capture failed, and a person decides. `is_let_go`: a release was asked for.
    """

    id: UUID
    shop_id: UUID
    order_id: UUID
    reference: str
    currency: str
    status: str
    amount: int
    authorized: int
    captured: int
    reserved: int
    open: int
    capture_before: datetime | None
    is_ours: bool
    captures_once: bool
    is_stopped: bool
    is_let_go: bool

    @property
    def room(self) -> int:
        """What may still be asked for."""
        if self.status != "authorized" or (self.captures_once and self.reserved):
            return 0
        left = self.authorized - self.captured - self.open
        return max(0, min(left, self.amount - self.reserved))


@dataclass(frozen=True, slots=True)
class Want:
    """So much of a payment that is to be taken, or let go."""

    payment: Promise
    amount: int
    is_release: bool = False


def wanted(
    target: int, payments: Sequence[Promise], *, is_finished: bool, now: datetime
) -> list[Want]:
    """Return what is to be asked of the providers now.

    `target` is the value of what has left so far: all payments together bring in as much, and no more. What is authorised
    beyond it is let go once nothing of the order is open any more.
    """
    due = target - sum(p.captured + p.open for p in payments)
    found = []
    for payment in payments:
        part = max(0, min(payment.room, due))
        due -= part
        if part and _may_take(payment, is_finished=is_finished, now=now):
            found.append(Want(payment, part))
    if found or not is_finished or due > 0:
        return found
    return [Want(p, p.room, is_release=True) for p in payments if _may_let_go(p)]


def _may_take(payment: Promise, *, is_finished: bool, now: datetime) -> bool:
    if not payment.is_ours or payment.is_stopped or payment.is_let_go:
        return False
    if not payment.captures_once or is_finished:
        return True
    end = payment.capture_before
    return end is not None and end < now + BEFORE_THE_END


def _may_let_go(payment: Promise) -> bool:
    is_busy = payment.open or payment.is_stopped or payment.is_let_go
    return payment.is_ours and payment.room > 0 and not is_busy
