"""A stateful, hostile payment provider behind the port, without a wire: it forgets answers, is late, and refuses."""

import itertools
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from orderwerk.core import clock
from orderwerk.payments.ports import (
    Account,
    CaptureOrder,
    CaptureReport,
    Declined,
    NotThere,
    PaymentReport,
    Postponed,
    RefundOrder,
    RefundReport,
    Unclear,
)

# "before": nothing has happened; "after": it has, and nobody hears of it.
FAULTS = ("lost before", "lost after", "postponed", "declined")


@dataclass
class Held:
    """A payment as the provider has it, amounts in minor units."""

    reference: str
    amount: int
    currency: str
    status: str
    captured: int = 0
    charged_back: int = 0
    captures_once: bool = False
    refunds: dict[str, RefundReport] = field(default_factory=dict)
    captures: dict[UUID, CaptureReport] = field(default_factory=dict)
    faults: deque[str] = field(default_factory=deque)
    # Under which keys the provider still knows what it was asked for: real ones forget them within a day.
    keys: set[UUID] = field(default_factory=set)
    next_refund: Any = "pending"
    next_capture: Any = "succeeded"
    is_letting_go: bool = False
    forgets: bool = False
    twice: int = 0

    @property
    def gone(self) -> int:
        """What has been paid back, or is on its way."""
        return sum(r.amount for r in self.refunds.values() if r.status != "failed")


class PortDouble:
    """All payments at one provider."""

    _numbers = itertools.count(1)

    def __init__(self, name: str) -> None:
        self.name = name
        self.held: dict[str, Held] = {}

    # What happens there without us.

    def pay(self, amount: int, currency: str, status: str) -> str:
        """A shopper pays, or begins to; returns the reference."""
        reference = f"{self.name}{next(self._numbers)}"
        captured = amount if status == "paid" else 0
        once = self.name == "stripe"
        self.held[reference] = Held(
            reference, amount, currency, status, captured, captures_once=once
        )
        return reference

    def stir(self, payment: Held, dice: Random) -> str:
        """Let something happen to a payment that nobody of us asked for; says what."""
        deeds = [
            self._fault,
            self._refund_ends,
            self._capture_ends,
            self._shopper,
            self._dashboard,
            self._mood,
            self._forget,
        ]
        return dice.choice(deeds)(payment, dice)

    def calm(self) -> None:
        """No more faults; what is under way comes to an end."""
        for payment in self.held.values():
            payment.faults.clear()
            payment.next_refund = payment.next_capture = "succeeded"
            self._let_go(payment)
            for key, found in payment.refunds.items():
                if found.status == "pending":
                    payment.refunds[key] = replace(found, status="succeeded", word="succeeded")
            for made in list(payment.captures.values()):
                if made.status == "pending":
                    self._end_capture(payment, made, "succeeded")

    def _fault(self, payment: Held, dice: Random) -> str:
        payment.faults.append(dice.choice(FAULTS))
        return payment.faults[-1]

    def unlucky(self, payment: Held, dice: Random) -> None:
        """Let the next call go wrong, most of all so that it happens and nobody hears of it, and its key be forgotten."""
        payment.faults.append(dice.choice(["lost after", "lost after", "lost before", "postponed"]))
        payment.forgets = dice.random() < 0.5

    def _forget(self, payment: Held, dice: Random) -> str:
        payment.keys.clear()
        return "keys forgotten"

    def _mood(self, payment: Held, dice: Random) -> str:
        payment.next_refund = dice.choice(["pending", "succeeded", "failed"])
        payment.next_capture = dice.choice(["pending", "succeeded", "failed"])
        return f"refunds {payment.next_refund}, captures {payment.next_capture}"

    def _refund_ends(self, payment: Held, dice: Random) -> str:
        moving = {"pending": ["succeeded", "succeeded", "failed"], "succeeded": ["failed"]}
        found = [r for r in payment.refunds.values() if r.status in moving]
        if not found:
            return "nothing"
        chosen = dice.choice(found)
        word = dice.choice(moving[chosen.status])
        payment.refunds[chosen.reference] = replace(chosen, status=word, word=word)
        return f"refund {word}"

    def _capture_ends(self, payment: Held, dice: Random) -> str:
        self._let_go(payment)
        found = [c for c in payment.captures.values() if c.status == "pending"]
        if found:
            self._end_capture(payment, dice.choice(found), dice.choice(["succeeded", "failed"]))
        return "captures end"

    def _end_capture(self, payment: Held, capture: CaptureReport, word: Any) -> None:
        key = next(k for k, c in payment.captures.items() if c.reference == capture.reference)
        payment.captures[key] = replace(capture, status=word, word=word)
        if word == "succeeded":
            self._take(payment, capture.amount)

    def _shopper(self, payment: Held, dice: Random) -> str:
        after = {
            "pending": ["paid", "paid", "authorized", "failed", "expired"],
            "failed": ["paid"],
            "expired": ["paid"],
            "authorized": [] if payment.captures else ["expired"],
            "paid": [],
        }[payment.status]
        if after:
            payment.status = dice.choice(after)
            payment.captured = payment.amount if payment.status == "paid" else payment.captured
        elif payment.captured > payment.charged_back and dice.random() < 0.5:
            most = payment.captured - payment.charged_back
            payment.charged_back += dice.choice([most, dice.randint(1, most)])
            return "charged back"
        return payment.status

    def _dashboard(self, payment: Held, dice: Random) -> str:
        left = payment.captured - payment.gone
        if left > 0:
            self._new_refund(payment, dice.choice([left, dice.randint(1, left)]), "succeeded")
        return "dashboard"

    def _new_refund(self, payment: Held, amount: int, status: Any, **ours: Any) -> RefundReport:
        key = f"re{self.name}{next(self._numbers)}"
        made = RefundReport(key, payment.reference, status, status, amount, payment.currency, clock.now(), **ours)  # fmt: skip
        payment.refunds[key] = made
        return made

    def _take(self, payment: Held, amount: int) -> None:
        payment.captured += amount
        if payment.captured == payment.amount or payment.captures_once:
            payment.status = "paid"

    def _let_go(self, payment: Held) -> None:
        if payment.is_letting_go and payment.status == "authorized":
            payment.status = "paid" if payment.captured else "failed"

    # The port.

    def refund(self, account: Account, order: RefundOrder) -> RefundReport:
        payment = self._called(order.payment_reference)
        known = next((r for r in payment.refunds.values() if r.key == order.key), None)
        if known is not None and order.key in payment.keys:
            return known
        if order.amount > payment.captured - payment.gone:
            raise Declined("The amount is higher than the maximum.", retryable=False)
        made = self._new_refund(
            payment, order.amount, payment.next_refund, refund_id=order.refund_id, key=order.key
        )
        self._answer(payment, order.key)
        return made

    def look(self, account: Account, payment_reference: str) -> PaymentReport:
        payment = self._called(payment_reference)
        self._answer(payment)
        status: Any = payment.status
        return PaymentReport(
            payment.reference, status, payment.amount, payment.captured, payment.charged_back, payment.currency, "ideal",
            clock.now(), list(payment.refunds.values()), captures=list(payment.captures.values()),
        )  # fmt: skip

    def capture(self, account: Account, order: CaptureOrder) -> str:
        payment = self._called(order.payment_reference)
        known = payment.captures.get(order.key)
        if known is not None and order.key in payment.keys:
            return known.reference
        open_ones = sum(c.amount for c in payment.captures.values() if c.status == "pending")
        room = payment.amount - payment.captured - open_ones
        if payment.status != "authorized" or payment.is_letting_go or order.amount > room:
            raise Declined("The capture amount is too high.", retryable=False)
        payment.twice += known is not None
        word = payment.next_capture
        made = CaptureReport(
            f"c{self.name}{next(self._numbers)}", word, word, order.amount, order.key
        )
        payment.captures[order.key] = made
        if word == "succeeded":
            self._take(payment, order.amount)
        self._answer(payment, order.key)
        return made.reference

    def release(self, account: Account, order: CaptureOrder) -> None:
        payment = self._called(order.payment_reference)
        if payment.status != "authorized":
            raise Declined("The payment is not authorized.", retryable=False)
        payment.is_letting_go = True
        if payment.next_capture == "succeeded":
            self._let_go(payment)
        self._answer(payment)

    def refunds_since(self, account: Account, start: datetime) -> list[RefundReport]:
        return [r for p in self.held.values() for r in p.refunds.values() if r.created_at >= start]

    def payments_since(self, account: Account, start: datetime) -> list[PaymentReport]:
        return []

    def who(self, account: Account) -> str:
        return self.name

    def references(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[str]:
        return []

    def _called(self, reference: str) -> Held:
        payment = self.held.get(reference)
        if payment is None:
            raise NotThere("No such payment.", retryable=False)
        fault = payment.faults[0] if payment.faults else ""
        if fault and fault != "lost after":
            payment.faults.popleft()
        if fault == "lost before":
            raise Unclear("No answer.", retryable=True)
        if fault == "postponed":
            raise Postponed("Too many at once.", for_all=False)
        if fault == "declined":
            raise Declined("No.", retryable=False)
        return payment

    def _answer(self, payment: Held, key: UUID | None = None) -> None:
        if key is not None and not payment.forgets:
            payment.keys.add(key)
        payment.forgets = False
        if payment.faults and payment.faults[0] == "lost after":
            payment.faults.popleft()
            raise Unclear("The answer was lost.", retryable=True)
