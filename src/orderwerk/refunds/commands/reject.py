"""Rejects refunds before they are sent; their amounts are free again."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import fields
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.refunds.events import REFUND_REJECTED
from orderwerk.refunds.moving import Change, known, lock_refunds, move_refunds


class RejectRefundItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A refund that must not go, and why."""

    refund_id: UUID
    reason: fields.Reason


def reject_refunds(items: Sequence[RejectRefundItem], *, actor: Actor) -> list[Outcome]:
    """Reject refunds that have not been sent; the credit invoice stays, and may be paid back by a new refund.

    Refuses with NotFound, and with WrongState what was sent, failed or rejected already.
    """
    return retrying(lambda: _reject(items, actor))


def _reject(items: Sequence[RejectRefundItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    changes: dict[UUID, Change] = {}
    with unit_of_work(actor) as unit:
        states = lock_refunds(unit, [item.refund_id for item in items])
        for item in items:
            try:
                refund = known(states, item.refund_id)
                if refund.status not in {"awaiting_approval", "approved"} or refund.id in changes:
                    raise WrongState(
                        f"Refund {refund.number} is {refund.status}: it cannot be rejected any more.",
                        code="cannot_be_rejected",
                    )
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            changes[refund.id] = Change(refund, "rejected", item.reason)
            outcomes.append(Outcome.done(refund.id, status="rejected"))
        move_refunds(unit, REFUND_REJECTED, list(changes.values()))
    return outcomes
