"""Notes what became of refunds that people pay by hand: the money has gone, or it could not."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from orderwerk.core import fields
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.refunds.events import REFUND_FAILED, REFUND_SUCCEEDED
from orderwerk.refunds.moving import Change, RefundState, known, lock_refunds, move_refunds


class SettleRefundItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A refund that was paid by hand, with the bank's reference; or that failed, and why."""

    refund_id: UUID
    status: Literal["succeeded", "failed"]
    reference: fields.Line = ""
    note: fields.LongLine = ""


def settle_refunds(items: Sequence[SettleRefundItem], *, actor: Actor) -> list[Outcome]:
    """Note the end of submitted refunds; a failed one gives its amount back, once.

    Refuses with NotFound, and with WrongState what has not been submitted, is settled already, or goes through a provider:
    there the provider says what became of it.
    """
    return retrying(lambda: _settle(items, actor))


def _settle(items: Sequence[SettleRefundItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    changes: dict[UUID, Change] = {}
    with unit_of_work(actor) as unit:
        states = lock_refunds(unit, [item.refund_id for item in items])
        for item in items:
            try:
                refund = _check(known(states, item.refund_id), changes)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            changes[refund.id] = Change(refund, item.status, item.note, reference=item.reference)
            outcomes.append(Outcome.done(refund.id, status=item.status))
        ended = list(changes.values())
        move_refunds(unit, REFUND_SUCCEEDED, [c for c in ended if c.to == "succeeded"])
        move_refunds(unit, REFUND_FAILED, [c for c in ended if c.to == "failed"])
    return outcomes


def _check(refund: RefundState, changes: dict[UUID, Change]) -> RefundState:
    if refund.status != "submitted" or refund.id in changes:
        raise WrongState(
            f"Refund {refund.number} is {refund.status}, not submitted.", code="not_submitted"
        )
    if refund.via != "manual":
        raise WrongState(
            f"Refund {refund.number} goes through {refund.via}, which says what became of it.",
            code="provider_decides",
        )
    return refund
