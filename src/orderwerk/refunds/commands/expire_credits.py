"""Lets store credits expire whose last day has gone by."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.refunds.events import STORE_CREDIT_EXPIRED
from orderwerk.refunds.store_credits import CreditState, Line, lock_credits, write_lines

_DUE = """
select c.id from refunds_store_credit c join shops_shop s on s.id = c.shop_id
where c.remaining_minor > 0 and c.expires_on is not null and c.expires_on < (%s at time zone s.timezone)::date order by c.id limit %s
"""
_MOST = 5000


class ExpireCreditItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A store credit whose last day may have gone by."""

    store_credit_id: UUID


def expire_store_credits(items: Sequence[ExpireCreditItem], *, actor: Actor) -> list[Outcome]:
    """Let what is left of store credits expire.

    Refuses with NotFound, and with WrongState what can still be spent or has nothing left.
    """
    return retrying(lambda: _expire(items, actor))


def expire_due(*, actor: Actor) -> int:
    """Let every store credit expire whose time has come; returns how many."""
    rows = sql.fetch(_DUE, (clock.now(), _MOST))
    outcomes = expire_store_credits([ExpireCreditItem(store_credit_id=r[0]) for r in rows], actor=actor)  # fmt: skip
    return sum(1 for outcome in outcomes if outcome.ok)


def _expire(items: Sequence[ExpireCreditItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    lines: list[Line] = []
    with unit_of_work(actor) as unit:
        locked = lock_credits(unit, keys=[item.store_credit_id for item in items])
        for item in items:
            try:
                credit = _check(locked.get(item.store_credit_id), actor)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            lines.append(Line(credit, STORE_CREDIT_EXPIRED, -credit.left, credit.order_id))
            outcomes.append(Outcome.done(credit.id, number=credit.number, status="expired"))
            credit.left = 0
        write_lines(unit, lines)
    return outcomes


def _check(credit: CreditState | None, actor: Actor) -> CreditState:
    if credit is None or not actor.may_see_shop(credit.shop_id):
        raise NotFound("There is no such store credit.", code="unknown_store_credit")
    if not credit.is_over or not credit.left:
        raise WrongState(f"Store credit {credit.number} does not expire today.", code="store_credit_not_over")  # fmt: skip
    return credit
