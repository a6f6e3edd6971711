"""Notes to which bank account refunds go that a person transfers."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.refunds.events import REFUND_ACCOUNT_SET
from orderwerk.refunds.moving import RefundState, known, lock_refunds
from orderwerk.refunds.sepa import checked_iban


class RefundAccountItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose account a refund is to be transferred to; the IBAN may be written in groups."""

    refund_id: UUID
    holder: fields.Name
    iban: Annotated[str, msgspec.Meta(min_length=5, max_length=50)]


def set_refund_accounts(items: Sequence[RefundAccountItem], *, actor: Actor) -> list[Outcome]:
    """Note bank accounts for refunds that a person transfers.

    Refuses with NotFound, with BadInput what is no IBAN, with WrongState what is over, goes through a provider, or stands in a
    file for the bank already.
    """
    return retrying(lambda: _set(items, actor))


def _set(items: Sequence[RefundAccountItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    written: dict[UUID, tuple[str, str]] = {}
    with unit_of_work(actor) as unit:
        states = lock_refunds(unit, [item.refund_id for item in items])
        for item in items:
            try:
                refund = _check(known(states, item.refund_id))
                iban = _iban(item)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            written[refund.id] = (item.holder, iban)
            subject = Subject("refund", refund.id, None, refund.order_id, refund.shop_id)
            # History outlives a customer's data: the account itself is not named there.
            unit.record(REFUND_ACCOUNT_SET, subject, STILL, {"number": refund.number})
            # Answers are kept for who asks again, and outlive it too.
            outcomes.append(Outcome.done(refund.id, iban=f"{iban[:4]}…{iban[-4:]}"))
        sql.execute(
            "update refunds_refund r set account_holder = t.holder, account_iban = t.iban "
            "from unnest(%s::uuid[], %s::text[], %s::text[]) as t(id, holder, iban) where r.id = t.id",
            (list(written), [w[0] for w in written.values()], [w[1] for w in written.values()]),
        )
    return outcomes


def _iban(item: RefundAccountItem) -> str:
    try:
        return checked_iban(item.iban)
    except Refusal as refusal:
        refusal.pointer = "/iban"
        raise


def _check(refund: RefundState) -> RefundState:
    if refund.stays_in_shop:
        raise WrongState(f"Refund {refund.number} gives store credit.", code="not_by_hand")
    if refund.status not in {"awaiting_approval", "approved", "submitted"} or refund.via not in {"", "manual"}:  # fmt: skip
        raise WrongState(
            f"Refund {refund.number} is {refund.status}, and nobody transfers it.",
            code="not_by_hand",
        )
    if refund.batch_id is not None:
        raise WrongState(
            f"Refund {refund.number} stands in a file for the bank already.", code="in_a_batch"
        )
    return refund
