"""Tries failed refunds again."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.errors import LimitExceeded, NotAllowed, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.refunds.events import REFUND_RETRIED
from orderwerk.refunds.moving import Change, RefundState, known, lock_refunds, move_refunds
from orderwerk.refunds.rules import is_above_limit


class RetryRefundItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A failed refund that is to be sent once more; `by_hand`: a person transfers the money this time."""

    refund_id: UUID
    by_hand: bool = False


def retry_refunds(items: Sequence[RetryRefundItem], *, actor: Actor) -> list[Outcome]:
    """Send failed refunds again; each takes its amount anew.

    Refuses with NotFound, with WrongState what has not failed and by hand what gives store credit, with LimitExceeded when the amount has gone back otherwise
    meanwhile, with NotAllowed the author's own retry where four eyes have to look.
    """
    return retrying(lambda: _retry(items, actor))


def _retry(items: Sequence[RetryRefundItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    changes: dict[UUID, Change] = {}
    taken: dict[UUID, int] = defaultdict(int)
    with unit_of_work(actor) as unit:
        states = lock_refunds(unit, [item.refund_id for item in items])
        for item in items:
            try:
                refund = known(states, item.refund_id)
                _check_by_hand(item, refund)
                _check(refund, actor, changes, taken)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            taken[refund.credit_id] += refund.amount
            taken[refund.payment_id] += refund.amount
            changes[refund.id] = Change(
                refund, "approved", "", actor.id, actor.name, clock.now(), by_hand=item.by_hand
            )
            outcomes.append(Outcome.done(refund.id, status="approved"))
        move_refunds(unit, REFUND_RETRIED, list(changes.values()))
    return outcomes


def _check_by_hand(item: RetryRefundItem, refund: RefundState) -> None:
    if item.by_hand and refund.stays_in_shop:
        raise WrongState(
            f"Refund {refund.number} gives store credit: there is nothing to transfer.",
            code="not_by_hand",
        )


def _check(
    refund: RefundState, actor: Actor, changes: dict[UUID, Change], taken: dict[UUID, int]
) -> None:
    if refund.status != "failed" or refund.id in changes:
        raise WrongState(f"Refund {refund.number} has not failed.", code="not_failed")
    is_author = actor.id is not None and actor.id == refund.author_id
    if is_author and (refund.four_eyes or _is_above(refund, taken[refund.credit_id])):
        raise NotAllowed(
            f"Refund {refund.number} is above the shop's limit: somebody else has to send it again.",
            code="four_eyes",
        )
    left = min(
        refund.credit_left - taken[refund.credit_id], refund.payment_left - taken[refund.payment_id]
    )
    if refund.amount > left:
        raise LimitExceeded(
            f"The money of refund {refund.number} has gone back otherwise.",
            code="too_much_to_refund",
        )


def _is_above(refund: RefundState, taken: int) -> bool:
    # With what went back of the same credit since it failed, a small part may be the one that passes the limit.
    total = refund.credit_reserved + taken + refund.amount
    return is_above_limit(total, refund.currency, refund.four_eyes_above, refund.shop_currency)
