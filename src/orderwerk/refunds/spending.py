"""Orders that are paid with store credits: who names a code may spend what it has left, and nobody more.

spending = Spending(unit, codes)                      # locks the credits, after the orders; nothing where none is named
payments = spending.take(payments, due, pointers)     # of one order: all of its codes, or a refusal and none
...                                                   # the payments are written
spending.write(unit)                                  # one line each on its credit
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from orderwerk.core.errors import BadInput, Conflict, LimitExceeded, NotFound, Refusal, WrongState
from orderwerk.core.money import format_amount
from orderwerk.core.uow import UnitOfWork
from orderwerk.payments.commands.insert import NewPayment
from orderwerk.refunds.events import STORE_CREDIT_USED
from orderwerk.refunds.store_credits import (
    PROVIDER,
    CreditState,
    Line,
    lock_credits,
    plain_code,
    write_lines,
)


class Spending:
    """What the named store credits have left, and what of it is spent in this call."""

    def __init__(self, unit: UnitOfWork, codes: Iterable[str]) -> None:
        locked = lock_credits(unit, codes=sorted({plain_code(code) for code in codes}))
        self._by_code = {credit.code: credit for credit in locked.values()}
        self._lines: list[Line] = []

    def known(self, code: str, shop_id: UUID, order_id: UUID) -> str:
        """Return under which reference an order was paid with this code before; empty where it was not."""
        credit = self._by_code.get(plain_code(code))
        if credit is None or credit.shop_id != shop_id:
            return ""
        return credit.used_for.get(order_id, "")

    def take(
        self, payments: Sequence[NewPayment], due: int, pointers: Sequence[str]
    ) -> list[NewPayment]:
        """Spend what payments of one order name by code, all of it or nothing; others stay as they are.

        Their reference becomes the credit's number, so that a code stands in no history. `due`: what the order still
        costs, in minor units. Refuses with NotFound a code that the shop does not know, with WrongState one that has
        expired, is in another currency, or was given for money that was charged back, with LimitExceeded more than is left or than the order costs, with Conflict
        a code named twice, with BadInput what is not simply paid.
        """
        chosen: dict[UUID, tuple[CreditState, int]] = {}
        for index, (payment, pointer) in enumerate(zip(payments, pointers, strict=True)):
            if payment.provider != PROVIDER:
                continue
            try:
                credit = self._checked(payment, due)
                if credit.id in chosen:
                    raise Conflict(f"Store credit {credit.number} is named twice.", code="payment_exists", pointer="/reference")  # fmt: skip
            except Refusal as refusal:
                refusal.pointer = f"{pointer}{refusal.pointer}"
                raise
            chosen[credit.id] = (credit, index)
            due -= payment.amount
        spent = list(payments)
        for credit, index in chosen.values():
            spent[index] = self._spend(credit, payments[index])
        return spent

    def _checked(self, payment: NewPayment, due: int) -> CreditState:
        if payment.status != "paid" or payment.amount <= 0:
            raise BadInput("What a store credit pays is paid, and more than nothing.", code="store_credit_pays", pointer="/status")  # fmt: skip
        credit = self._by_code.get(plain_code(payment.reference))
        if credit is None or credit.shop_id != payment.shop_id:
            raise NotFound("The shop has no store credit with this code.", code="unknown_store_credit", pointer="/reference")  # fmt: skip
        if credit.currency != payment.currency:
            raise WrongState(f"Store credit {credit.number} is in {credit.currency}.", code="store_credit_currency", pointer="/reference")  # fmt: skip
        if credit.is_over:
            raise WrongState(f"Store credit {credit.number} expired on {credit.expires_on}.", code="store_credit_expired", pointer="/reference")  # fmt: skip
        if credit.is_contested:
            raise WrongState(f"The money behind store credit {credit.number} was charged back: it cannot be spent.", code="store_credit_contested", pointer="/reference")  # fmt: skip
        if payment.amount > credit.left:
            left = format_amount(credit.left, credit.currency)
            raise LimitExceeded(f"Store credit {credit.number} has {left} left.", code="store_credit_too_small", pointer="/amount")  # fmt: skip
        if payment.amount > due:
            raise LimitExceeded("A store credit pays no more than the order costs.", code="store_credit_more_than_due", pointer="/amount")  # fmt: skip
        return credit

    def _spend(self, credit: CreditState, payment: NewPayment) -> NewPayment:
        n = len(credit.used_for) + 1
        reference = credit.number if n == 1 else f"{credit.number}-{n}"
        credit.left -= payment.amount
        credit.used_for[payment.order_id] = reference
        self._lines.append(
            Line(credit, STORE_CREDIT_USED, -payment.amount, payment.order_id, payment.id)
        )
        return replace(payment, reference=reference)

    def write(self, unit: UnitOfWork) -> None:
        """Write what was spent; the payments stand in the same transaction."""
        write_lines(unit, self._lines)
