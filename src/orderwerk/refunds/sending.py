"""Sends refunds to payment providers: intent, call, result. A call that nobody knows the end of is looked up, never repeated blindly."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from orderwerk.core import clock, effects, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import ProviderFailed, Refusal, ensure
from orderwerk.core.uow import unit_of_work
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.payments.looks import watch
from orderwerk.payments.ports import (
    Account,
    Declined,
    NotThere,
    PaymentProvider,
    PaymentReport,
    Postponed,
    Providers,
    RefundOrder,
    RefundReport,
    Unclear,
)
from orderwerk.refunds.commands.report import RefundNews, report_refunds
from orderwerk.refunds.moving import REFUND_EFFECT

_log = logging.getLogger(__name__)
_ACTOR = Actor.job("refunds")
# A caller that has not come back after so long was killed; until then nobody else touches the call.
STALE_SECONDS = 120
# A caller that was stopped and goes on later must not call any more: somebody else may have taken over.
_CALL_WITHIN_SECONDS = 60.0
# A call that comes later than this after its intent may be one that a restored backup has forgotten.
_FRESH = timedelta(minutes=5)
_DOUBT_SECONDS = 30
_LONGEST_PAUSE_SECONDS = 3600
_POLL_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Sending:
    """A refund on its way out."""

    refund_id: UUID
    number: str
    amount: int
    currency: str
    payment_reference: str
    account_id: UUID
    effect_id: UUID
    effect_status: str
    calls: int
    attempt: int
    intended_at: datetime

    @property
    def order(self) -> RefundOrder:
        """What the provider is asked for."""
        return RefundOrder(
            self.effect_id, self.refund_id, self.number, self.payment_reference, self.amount, self.currency
        )  # fmt: skip

    @property
    def may_be_there(self) -> bool:
        """Whether the provider may have it already, so that it is looked up before it is asked for."""
        return self.attempt > 1 or self.may_have_been_called

    @property
    def may_have_been_called(self) -> bool:
        """Whether a call of this attempt may have happened, even if a restored backup has forgotten it."""
        return bool(self.calls) or self.intended_at < clock.now() - _FRESH


_DUE = """
select r.id, r.number, r.amount_minor, r.currency, p.reference, a.id, e.id, e.status, e.attempts, r.attempts, e.created_at
from refunds_refund r join core_effect e on e.id = r.effect_id join payments_payment p on p.id = r.payment_id
join payments_account a on a.shop_id = r.shop_id and a.provider = r.via and a.is_active
where r.status = 'submitted' and e.status in ('intended', 'in_doubt') and (e.next_attempt_at is null or e.next_attempt_at <= %s)
  and (%s::uuid[] is null or r.id = any(%s::uuid[]))
order by e.next_attempt_at nulls first, r.id limit %s
"""


def send_due(
    providers: Providers, refund_ids: Sequence[UUID] | None = None, *, most: int = 200
) -> int:
    """Send refunds (all that are due, or the named ones) and look up those in doubt; returns how many were handled.

    Each: mark as being called (committed), call with no transaction open, store the result. An account that cannot be
    reached is left alone for the rest of this run.
    """
    ensure(not connection.in_atomic_block, "refunds are sent outside a transaction")
    effects.doubt_stale(REFUND_EFFECT, seconds=STALE_SECONDS)
    wanted = None if refund_ids is None else list(refund_ids)
    rows = [Sending(*row) for row in sql.fetch(_DUE, (clock.now(), wanted, wanted, most))]
    accounts = accounts_in_use({row.account_id for row in rows})
    silent: set[UUID] = set()
    for row in rows:
        if row.account_id in silent:
            continue
        account = accounts[row.account_id]
        if not _send(row, account, providers[account.provider]):
            silent.add(row.account_id)
    return len(rows)


def _send(row: Sending, account: Account, provider: PaymentProvider) -> bool:
    """Send one refund; False when the account does not answer."""
    started = time.monotonic()
    with unit_of_work(_ACTOR):
        mine = (
            effects.begin_call(row.effect_id)
            if row.effect_status == "intended"
            else effects.resume(row.effect_id)
        )
    if not mine:
        return True
    try:
        report = _ask(row, account, provider, started)
    except Declined as refusal:
        _take(row, RefundNews(row.refund_id, "failed", row.effect_id, note=refusal.message[:500]))
        return True
    except Postponed as refusal:
        _put_off(row, refusal)
        return not refusal.for_all
    except ProviderFailed as refusal:
        with unit_of_work(_ACTOR):
            effects.doubt(row.effect_id, note=refusal.message[:300], seconds=_pause(row.calls))
        return False
    _take(row, news_of(report, row.refund_id))
    _watch(row)
    return True


def _ask(row: Sending, account: Account, provider: PaymentProvider, started: float) -> RefundReport:
    if row.may_be_there:
        found = found_refund(_look_before(row, account, provider).refunds, row)
        if found is not None:
            return found
    if time.monotonic() - started > _CALL_WITHIN_SECONDS:
        raise Unclear("The program stood still too long; it is looked up first.", retryable=True)
    return provider.refund(account, row.order)


def _look_before(row: Sending, account: Account, provider: PaymentProvider) -> PaymentReport:
    """Read what became of earlier calls; not to be shown the payment says nothing of what a call has done to it."""
    try:
        return provider.look(account, row.payment_reference)
    except NotThere as error:
        if not row.may_have_been_called:
            raise
        raise Unclear(error.message, retryable=True) from error


def found_refund(refunds: Sequence[RefundReport], row: Sending) -> RefundReport | None:
    """Return the provider's refund that is this one: of this attempt, or one that moved money for the same refund."""
    ours = [report for report in refunds if report.refund_id == row.refund_id]
    for report in ours:
        if report.key == row.effect_id:
            return report
    return next((report for report in ours if report.status != "failed"), None)


def news_of(report: RefundReport, refund_id: UUID) -> RefundNews:
    """Return what a report says of one of our refunds."""
    return RefundNews(
        refund_id, report.status, report.key, report.reference, report.word, report.amount, report.note[:500]
    )  # fmt: skip


def _take(row: Sending, news: RefundNews) -> None:
    outcome = report_refunds([news], actor=_ACTOR)[0]
    if outcome.error is not None:
        _refused(row, outcome.error)


def _refused(row: Sending, error: Refusal) -> None:
    # What the provider holds does not fit what we asked for: a person looks at it, and nothing is sent meanwhile.
    _log.error("refund %s does not fit what the provider says: %s", row.number, error.message)
    with unit_of_work(_ACTOR):
        effects.doubt(row.effect_id, note=error.message[:300], seconds=_LONGEST_PAUSE_SECONDS)


def _put_off(row: Sending, refusal: Postponed) -> None:
    with unit_of_work(_ACTOR):
        # Intended: no call before this one can have happened.
        if row.effect_status == "intended":
            effects.try_later(row.effect_id, seconds=refusal.seconds, note=refusal.message[:300])
        else:
            effects.doubt(row.effect_id, note=refusal.message[:300], seconds=refusal.seconds)


def _pause(calls: int) -> int:
    return int(min(_LONGEST_PAUSE_SECONDS, _DOUBT_SECONDS * 2 ** min(calls, 10)))


def _watch(row: Sending) -> None:
    """Ask again later what became of it, should no message come."""
    watch([(row.account_id, row.payment_reference)], seconds=_POLL_SECONDS)
