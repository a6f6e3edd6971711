"""Ends store credits before their last day: what is left of them can not be spent any more."""

from collections.abc import Container, Sequence
from uuid import UUID

import msgspec

from orderwerk.core import fields
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.orders.counters import lock_orders_of
from orderwerk.refunds.events import STORE_CREDIT_STOPPED
from orderwerk.refunds.store_credits import CreditState, Line, lock_credits, write_lines


class StopCreditItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A store credit that ends now, and why."""

    store_credit_id: UUID
    reason: fields.Reason


def stop_store_credits(items: Sequence[StopCreditItem], *, actor: Actor) -> list[Outcome]:
    """End what is left of store credits, for good; what is refunded later of orders that they paid still goes back to them.

    Refuses with NotFound one that is not there for who asks, and with WrongState what has nothing left.
    """
    return retrying(lambda: _stop(items, actor))


def _stop(items: Sequence[StopCreditItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    lines: list[Line] = []
    with unit_of_work(actor) as unit:
        keys = [item.store_credit_id for item in items]
        # Whose order is out of reach, limited to locations or to shops, so is the credit that came of it.
        orders = lock_orders_of(unit, "refunds_store_credit", keys)
        locked = lock_credits(unit, keys=keys)
        for item in items:
            try:
                credit = _check(locked.get(item.store_credit_id), orders)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            lines.append(Line(credit, STORE_CREDIT_STOPPED, -credit.left, credit.order_id, note=item.reason))  # fmt: skip
            outcomes.append(Outcome.done(credit.id, number=credit.number, status="expired"))
            credit.left = 0
        write_lines(unit, lines)
    return outcomes


def _check(credit: CreditState | None, orders: Container[UUID]) -> CreditState:
    if credit is None or credit.order_id not in orders:
        raise NotFound("There is no such store credit.", code="unknown_store_credit", pointer="/store_credit_id")  # fmt: skip
    if not credit.left:
        raise WrongState(f"Store credit {credit.number} has nothing left.", code="store_credit_empty")  # fmt: skip
    return credit
