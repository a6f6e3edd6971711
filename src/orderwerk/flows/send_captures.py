"""Asks providers to capture and to release: intent, call, result. What nobody knows the end of is looked up, never repeated blindly."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from orderwerk.core import clock, effects, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import ProviderFailed, ensure
from orderwerk.core.uow import unit_of_work
from orderwerk.flows.look_at_payments import take_over
from orderwerk.flows.take_over_captures import ALL_KEYS, found_capture
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.payments.captures import CAPTURE_EFFECT
from orderwerk.payments.commands.report_captures import CaptureNews, report_captures
from orderwerk.payments.looks import watch
from orderwerk.payments.ports import (
    Account,
    CaptureOrder,
    Declined,
    NotThere,
    PaymentProvider,
    PaymentReport,
    Postponed,
    Providers,
    Unclear,
)

_ACTOR = Actor.job("captures")
# As for refunds: a caller that has not come back was killed; one that stood still does not call any more.
_STALE_SECONDS = 120
_CALL_WITHIN_SECONDS = 60.0
_FRESH = timedelta(minutes=5)
_DOUBT_SECONDS = 30
_LONGEST_PAUSE_SECONDS = 3600
_POLL_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Sending:
    """A capture or release on its way out."""

    capture_id: UUID
    order_number: str
    amount: int
    currency: str
    is_release: bool
    payment_reference: str
    account_id: UUID
    effect_id: UUID
    effect_status: str
    calls: int
    attempt: int
    intended_at: datetime
    # Of all attempts, this one too.
    keys: list[UUID]

    @property
    def order(self) -> CaptureOrder:
        """What the provider is asked for."""
        return CaptureOrder(
            self.effect_id, self.payment_reference, self.amount, self.currency, self.order_number
        )

    @property
    def may_be_there(self) -> bool:
        """Whether the provider may have done it already, so that it is looked up before it is asked for."""
        return self.attempt > 1 or self.may_have_been_called

    @property
    def may_have_been_called(self) -> bool:
        """Whether a call of this attempt may have happened, even if a restored backup has forgotten it."""
        return bool(self.calls) or self.intended_at < clock.now() - _FRESH


_DUE = f"""
select c.id, o.number, c.amount_minor, c.currency, c.is_release, p.reference, a.id, e.id, e.status, e.attempts, c.attempts, e.created_at,
  {ALL_KEYS}
from payments_capture c join core_effect e on e.id = c.effect_id join payments_payment p on p.id = c.payment_id
join orders_order o on o.id = c.order_id
join payments_account a on a.shop_id = p.shop_id and a.provider = p.provider and a.is_active
where c.status = 'submitted' and e.status in ('intended', 'in_doubt') and (e.next_attempt_at is null or e.next_attempt_at <= %s)
  and (%s::uuid[] is null or c.id = any(%s::uuid[]))
order by e.next_attempt_at nulls first, c.id limit %s
"""


def send_captures(
    providers: Providers, capture_ids: Sequence[UUID] | None = None, *, most: int = 200
) -> int:
    """Ask for captures (all that are due, or the named ones) and look up those in doubt; returns how many were handled.

    An account that cannot be reached is left alone for the rest of this run.
    """
    ensure(not connection.in_atomic_block, "captures are sent outside a transaction")
    effects.doubt_stale(CAPTURE_EFFECT, seconds=_STALE_SECONDS)
    wanted = None if capture_ids is None else list(capture_ids)
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
    """Ask for one; False when the account does not answer."""
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
        _tell(CaptureNews(row.capture_id, "failed", row.effect_id, note=refusal.message[:500]))
        _watch(row, seconds=0)
        return True
    except Postponed as refusal:
        _put_off(row, refusal)
        return not refusal.for_all
    except ProviderFailed as refusal:
        with unit_of_work(_ACTOR):
            effects.doubt(row.effect_id, note=refusal.message[:300], seconds=_pause(row.calls))
        return False
    take_over(account, report)
    if row.is_release:
        word = "pending" if report.status == "authorized" else "succeeded"
        _tell(CaptureNews(row.capture_id, word, row.effect_id, row.payment_reference))  # type: ignore[arg-type] # a word
    _watch(row, seconds=_POLL_SECONDS)
    return True


def _ask(row: Sending, account: Account, provider: PaymentProvider, started: float) -> PaymentReport:  # fmt: skip
    if row.may_be_there:
        report = _look_before(row, account, provider)
        if _is_done(row, report):
            return report
    if time.monotonic() - started > _CALL_WITHIN_SECONDS:
        raise Unclear("The program stood still too long; it is looked up first.", retryable=True)
    if row.is_release:
        provider.release(account, row.order)
    else:
        provider.capture(account, row.order)
    return _look_after(row, account, provider)


def _look_before(row: Sending, account: Account, provider: PaymentProvider) -> PaymentReport:
    """Read what became of earlier calls; not to be shown the payment says nothing of what a call has done to it."""
    try:
        return provider.look(account, row.payment_reference)
    except NotThere as error:
        if not row.may_have_been_called:
            raise
        raise Unclear(error.message, retryable=True) from error


def _look_after(row: Sending, account: Account, provider: PaymentProvider) -> PaymentReport:
    """Read what became of the call; whatever goes wrong here, the call itself has happened."""
    try:
        report = provider.look(account, row.payment_reference)
    except ProviderFailed as error:
        raise Unclear(error.message, retryable=True) from error
    if not row.is_release and not _is_done(row, report):
        raise Unclear("The provider does not show the capture yet.", retryable=True)
    return report


def _is_done(row: Sending, report: PaymentReport) -> bool:
    if row.is_release:
        return report.status != "authorized"
    return found_capture(report, row.effect_id, row.keys) is not None


def _tell(news: CaptureNews) -> None:
    report_captures([news], actor=_ACTOR)


def _put_off(row: Sending, refusal: Postponed) -> None:
    with unit_of_work(_ACTOR):
        # Intended: no call before this one can have happened.
        if row.effect_status == "intended":
            effects.try_later(row.effect_id, seconds=refusal.seconds, note=refusal.message[:300])
        else:
            effects.doubt(row.effect_id, note=refusal.message[:300], seconds=refusal.seconds)


def _pause(calls: int) -> int:
    return int(min(_LONGEST_PAUSE_SECONDS, _DOUBT_SECONDS * 2 ** min(calls, 10)))


def _watch(row: Sending, *, seconds: int) -> None:
    """Look again later what became of it, should no message come."""
    watch([(row.account_id, row.payment_reference)], seconds=seconds)
