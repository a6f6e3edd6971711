"""Sends refunds to payment providers: what is asked for, and what is written of the answer (payments/errands.py says when)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from orderwerk.core import clock, effects, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.uow import unit_of_work
from orderwerk.payments.errands import LONGEST_PAUSE_SECONDS, Errand, Errands, run_errands
from orderwerk.payments.ports import (
    Account,
    Declined,
    PaymentProvider,
    PaymentReport,
    Postponed,
    Providers,
    RefundOrder,
    RefundReport,
)
from orderwerk.refunds.commands.report import RefundNews, report_refunds
from orderwerk.refunds.moving import REFUND_EFFECT
from orderwerk.refunds.room import FITS

_log = logging.getLogger(__name__)
_ACTOR = Actor.job("refunds")
# What was asked for a moment ago, and nobody knows whether it was heard, the provider may not show yet.
_SHOWS_UP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Sending(Errand):
    """A refund on its way out."""

    refund_id: UUID
    number: str
    amount: int
    currency: str
    called_at: datetime

    @property
    def may_show_up(self) -> bool:
        """Whether it is in doubt and was called or looked up so lately that it cannot be given up yet.

        When it was first called is kept nowhere, and `called_at` is of the last look, so the ten minutes run from there: a look that
        comes sooner puts the next one off by all of them, and that one gives it up. A provider that is silent at a look makes it longer.
        """
        return self.effect_status == "in_doubt" and self.called_at > clock.now() - _SHOWS_UP

    @property
    def order(self) -> RefundOrder:
        """What the provider is asked for."""
        return RefundOrder(
            self.effect_id, self.refund_id, self.number, self.payment_reference, self.amount, self.currency
        )  # fmt: skip


_DUE = """
select p.reference, a.id, e.id, e.status, e.attempts, r.attempts, e.created_at, r.id, r.number, r.amount_minor, r.currency,
  coalesce(e.called_at, e.created_at)
from refunds_refund r join core_effect e on e.id = r.effect_id join payments_payment p on p.id = r.payment_id
join payments_account a on a.shop_id = r.shop_id and a.provider = r.via and a.is_active
where r.status = 'submitted' and e.status in ('intended', 'in_doubt') and (e.next_attempt_at is null or e.next_attempt_at <= %s)
  and (%s::uuid[] is null or r.id = any(%s::uuid[]))
order by e.next_attempt_at nulls first, r.id limit %s
"""
_IS_THERE = f"""
select {FITS} from refunds_refund r join payments_payment p on p.id = r.payment_id where r.id = %s
"""


def send_due(
    providers: Providers, refund_ids: Sequence[UUID] | None = None, *, most: int = 200
) -> int:
    """Send refunds (all that are due, or the named ones) and look up those in doubt; returns how many were handled."""
    return run_errands(_ERRANDS, providers, refund_ids, most)


def _find(row: Sending, report: PaymentReport) -> RefundReport | None:
    """Return the provider's refund that is this one: of this attempt, or one that moved money for the same refund."""
    ours = [found for found in report.refunds if found.refund_id == row.refund_id]
    for found in ours:
        if found.key == row.effect_id:
            return found
    return next((found for found in ours if found.status != "failed"), None)


def _ask(row: Sending, account: Account, provider: PaymentProvider) -> RefundReport:
    # It was handed over while its money was there; while the provider was away a bank may have taken that back.
    [(is_there,)] = sql.fetch(_IS_THERE, (row.refund_id,))
    if not is_there and row.may_show_up:
        # The provider has just answered: the account's other errands go on.
        raise Postponed(
            "Its payment was charged back meanwhile; it is looked up once more before it is given up.",
            seconds=int(_SHOWS_UP.total_seconds()),
            for_all=False,
        )
    if not is_there:
        raise Declined(
            "Its payment was charged back meanwhile, and too little is left for it.",
            retryable=False,
        )
    return provider.refund(account, row.order)


def _take(row: Sending, account: Account, report: RefundReport) -> None:  # noqa: ARG001 - the shape of errands
    _tell(row, news_of(report, row.refund_id))


def _decline(row: Sending, note: str) -> None:
    _tell(row, RefundNews(row.refund_id, "failed", row.effect_id, note=note))


def news_of(report: RefundReport, refund_id: UUID) -> RefundNews:
    """Return what a report says of one of our refunds."""
    return RefundNews(
        refund_id, report.status, report.key, report.reference, report.word, report.amount, report.note[:500]
    )  # fmt: skip


def _tell(row: Sending, news: RefundNews) -> None:
    outcome = report_refunds([news], actor=_ACTOR)[0]
    if outcome.error is not None:
        _refused(row, outcome.error)


def _refused(row: Sending, error: Refusal) -> None:
    # What the provider holds does not fit what we asked for: a person looks at it, and nothing is sent meanwhile.
    _log.error("refund %s does not fit what the provider says: %s", row.number, error.message)
    with unit_of_work(_ACTOR):
        effects.doubt(row.effect_id, note=error.message[:300], seconds=LONGEST_PAUSE_SECONDS)


_ERRANDS = Errands(REFUND_EFFECT, _ACTOR, _DUE, Sending, _find, _ask, _take, _decline)
