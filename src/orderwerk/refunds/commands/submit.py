"""Hands approved refunds over to be paid, when their time has come."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import clock, effects, sql
from orderwerk.core.actor import Actor
from orderwerk.core.effects import Intent
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.refunds.adopting import adopt_found
from orderwerk.refunds.events import REFUND_SUBMITTED
from orderwerk.refunds.moving import (
    REFUND_EFFECT,
    Change,
    RefundState,
    check_still_there,
    known,
    lock_refunds,
    move_refunds,
)
from orderwerk.refunds.room import FITS
from orderwerk.refunds.store_credits import give_credits

_DUE = f"""
select r.id from refunds_refund r join payments_payment p on p.id = r.payment_id where r.status = 'approved' and (r.due_at is null or r.due_at <= %s)
  and (%s::uuid[] is null or r.id = any(%s::uuid[]))
  -- What was charged back meanwhile waits for a person.
  and {FITS}
order by r.id limit %s
"""
_MOST = 5000


class SubmitRefundItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An approved refund whose time has come."""

    refund_id: UUID


def submit_refunds(items: Sequence[SubmitRefundItem], *, actor: Actor) -> list[Outcome]:
    """Hand refunds over: to the payment's provider where the shop has an account there, else to a person.

    What becomes store credit, or was paid with one, needs neither: it is done at once.
    What goes through a provider gets its effect here, with the one key under which it is ever asked for; the call follows
    (sending.py). What a person transfers is noted by settle_refunds. Where somebody has made the same refund at the provider
    already (an open difference of the same payment and amount), it is that one, and nothing is sent.
    Refuses with NotFound, and with WrongState what is not approved, or finds too little left of its payment after a
    charge back: the first of them that fits goes, the others wait.
    """
    return retrying(lambda: _submit(items, actor))


def submit_due(*, actor: Actor, refund_ids: Sequence[UUID] | None = None) -> int:
    """Hand over all approved refunds whose time has come (or those of the named ones); returns how many."""
    wanted = None if refund_ids is None else list(refund_ids)
    rows = sql.fetch(_DUE, (clock.now(), wanted, wanted, _MOST))
    outcomes = submit_refunds([SubmitRefundItem(refund_id=row[0]) for row in rows], actor=actor)
    return sum(1 for outcome in outcomes if outcome.ok)


def _submit(items: Sequence[SubmitRefundItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    changes: dict[UUID, Change] = {}
    taken: Counter[UUID] = Counter()
    with unit_of_work(actor) as unit:
        states = lock_refunds(unit, [item.refund_id for item in items])
        for item in items:
            try:
                refund = known(states, item.refund_id)
                if refund.status != "approved" or refund.id in changes:
                    raise WrongState(
                        f"Refund {refund.number} is {refund.status}, not approved.",
                        code="not_approved",
                    )
                check_still_there(refund, taken[refund.payment_id])
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            taken[refund.payment_id] += refund.amount
            changes[refund.id] = Change(refund, "submitted")
            outcomes.append(Outcome.done(refund.id, status="submitted"))
        adopted = adopt_found(unit, [c.refund for c in changes.values() if not c.refund.is_gift])
        rest = [change.refund for change in changes.values() if change.refund.id not in adopted]
        move_refunds(unit, REFUND_SUBMITTED, _hand_over([r for r in rest if not r.stays_in_shop]))
        give_credits(unit, [r for r in rest if r.stays_in_shop])
    return outcomes


def _hand_over(refunds: Sequence[RefundState]) -> list[Change]:
    # An attempt that the provider ended for good is over: another one is another effect, with a key of its own.
    intents = {
        r.id: Intent(REFUND_EFFECT, f"{r.id}/{r.attempts + 1}", r.shop_id)
        for r in refunds
        if r.account_id is not None
    }
    keys = effects.intend(list(intents.values()))
    found = {key: keys[intent.business_key] for key, intent in intents.items()}
    return [
        Change(r, "submitted", via=r.provider, effect_id=found[r.id])
        if r.id in found
        else Change(r, "submitted", via="manual")
        for r in refunds
    ]
