"""Approves refunds; above the shop's limit, never by whoever caused them."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotAllowed, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.refunds.events import REFUND_APPROVED
from orderwerk.refunds.moving import (
    Change,
    RefundState,
    check_still_there,
    known,
    lock_refunds,
    move_refunds,
)
from orderwerk.refunds.rules import next_run


class ApproveRefundItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A refund that may go."""

    refund_id: UUID


def approve_refunds(items: Sequence[ApproveRefundItem], *, actor: Actor) -> list[Outcome]:
    """Approve refunds: they are sent at once, or with the next run of a shop that sends periodically.

    Refuses with NotFound, with WrongState what does not wait for approval or was charged back meanwhile, with NotAllowed the author's own approval where
    four eyes have to look.
    """
    return retrying(lambda: _approve(items, actor))


def _approve(items: Sequence[ApproveRefundItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    changes: dict[UUID, Change] = {}
    with unit_of_work(actor) as unit:
        states = lock_refunds(unit, [item.refund_id for item in items])
        for item in items:
            try:
                refund = _check(known(states, item.refund_id), actor, changes)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            now = clock.now()
            periodic = refund.mode == "periodic"
            due = next_run(now, refund.schedule, refund.timezone) if periodic else now
            changes[refund.id] = Change(refund, "approved", "", actor.id, actor.name, due)
            outcomes.append(Outcome.done(refund.id, status="approved"))
        move_refunds(unit, REFUND_APPROVED, list(changes.values()))
    return outcomes


def _check(refund: RefundState, actor: Actor, changes: dict[UUID, Change]) -> RefundState:
    if refund.status != "awaiting_approval" or refund.id in changes:
        raise WrongState(
            f"Refund {refund.number} does not wait for approval.", code="not_awaiting_approval"
        )
    check_still_there(refund)
    if refund.four_eyes and actor.id is not None and actor.id == refund.author_id:
        raise NotAllowed(
            f"Refund {refund.number} is above the shop's limit: somebody else has to approve it.",
            code="four_eyes",
        )
    return refund
