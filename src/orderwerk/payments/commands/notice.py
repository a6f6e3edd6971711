"""Puts payments on the agenda because a provider said that something of them has changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.payments.events import PAYMENT_NOTICED
from orderwerk.payments.looks import ask_for_looks


@dataclass(frozen=True, slots=True)
class PaymentNotice:
    """A payment of an account that something is said about."""

    account_id: UUID
    shop_id: UUID
    reference: str


def notice_payments(items: Sequence[PaymentNotice], *, actor: Actor) -> list[Outcome]:
    """Have payments looked at; the same message twice before the look leads to one look."""
    return retrying(lambda: _notice(items, actor))


def _notice(items: Sequence[PaymentNotice], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        asked = ask_for_looks([(item.account_id, item.reference) for item in items])
        shops = {item.account_id: item.shop_id for item in items}
        for look in asked:
            if look.is_first:
                subject = Subject("payment_look", look.id, None, None, shops[look.account_id])
                unit.record(PAYMENT_NOTICED, subject, STILL, {"reference": look.reference})
    ids = {(look.account_id, look.reference): look.id for look in asked}
    return [Outcome.done(ids[item.account_id, item.reference]) for item in items]
