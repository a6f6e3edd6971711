"""Changes what refunds give: money, or store credit."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotAllowed, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, retrying, unit_of_work
from orderwerk.refunds.events import REFUND_REDIRECTED
from orderwerk.refunds.moving import RefundState, known, lock_refunds

_STILL_HERE = frozenset({"awaiting_approval", "approved", "failed"})
_REDIRECT = """
update refunds_refund r set as_store_credit = t.as_store_credit, version = r.version + 1
from unnest(%s::uuid[], %s::boolean[]) as t(id, as_store_credit) where r.id = t.id returning r.id, r.version
"""


class RedirectRefundItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A refund that has not been sent, and what it is to give."""

    refund_id: UUID
    to: Literal["money", "store_credit"]


def redirect_refunds(items: Sequence[RedirectRefundItem], *, actor: Actor) -> list[Outcome]:
    """Let refunds give store credit rather than money, or money after all; the same wish twice changes nothing.

    Who has to approve it stays as it is. Refuses with NotFound, with WrongState what has been sent or rejected, and what
    was paid with a store credit: that goes back to it, and money of a gift; with NotAllowed the author of one that four eyes have approved.
    """
    return retrying(lambda: _redirect(items, actor))


def _redirect(items: Sequence[RedirectRefundItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    wanted: dict[UUID, bool] = {}
    with unit_of_work(actor) as unit:
        states = lock_refunds(unit, [item.refund_id for item in items])
        for item in items:
            try:
                refund = _check(known(states, item.refund_id), actor, item.to)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            wanted[refund.id] = item.to == "store_credit"
            outcomes.append(Outcome.done(refund.id, to=item.to))
        changed = {key: wish for key, wish in wanted.items() if states[key].as_store_credit != wish}
        for key, version in sql.fetch(_REDIRECT, (list(changed), list(changed.values()))):
            refund = states[key]
            subject = Subject("refund", key, version, refund.order_id, refund.shop_id)
            data = {"number": refund.number, "amount_minor": refund.amount, "as_store_credit": changed[key]}  # fmt: skip
            unit.record(REFUND_REDIRECTED, subject, Move(refund.status, refund.status), data)
    return outcomes


def _check(refund: RefundState, actor: Actor, to: str) -> RefundState:
    if refund.status not in _STILL_HERE:
        raise WrongState(
            f"Refund {refund.number} is {refund.status}: what it gives stays as it is.",
            code="cannot_be_redirected",
        )
    if refund.is_gift and to == "money":
        raise WrongState(
            f"Refund {refund.number} is of a gift: it becomes store credit for whoever received it.",
            code="gift_gives_store_credit",
        )
    if refund.spent_credit_id is not None and not refund.is_gift:
        raise WrongState(
            f"Refund {refund.number} goes back to the store credit that paid.",
            code="paid_by_store_credit",
        )
    # What somebody else has approved is not made into another thing by its author.
    is_author = actor.id is not None and actor.id == refund.author_id
    if refund.four_eyes and refund.status == "approved" and is_author:
        raise NotAllowed(
            f"Refund {refund.number} is above the shop's limit: somebody else has to redirect it.",
            code="four_eyes",
        )
    return refund
