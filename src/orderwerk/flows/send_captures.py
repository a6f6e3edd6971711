"""Asks providers to capture and to release: what is asked for, and what is written of the answer (payments/errands.py says when)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core.actor import Actor
from orderwerk.core.errors import ProviderFailed
from orderwerk.flows.look_at_payments import take_over
from orderwerk.flows.take_over_captures import ALL_KEYS, found_capture
from orderwerk.payments.captures import CAPTURE_EFFECT
from orderwerk.payments.commands.report_captures import CaptureNews, report_captures
from orderwerk.payments.errands import Errand, Errands, run_errands, watch_errand
from orderwerk.payments.ports import (
    Account,
    CaptureOrder,
    PaymentProvider,
    PaymentReport,
    Providers,
    Unclear,
)

_ACTOR = Actor.job("captures")


@dataclass(frozen=True, slots=True)
class Sending(Errand):
    """A capture or release on its way out."""

    capture_id: UUID
    order_number: str
    amount: int
    currency: str
    is_release: bool
    # Of all attempts, this one too.
    keys: list[UUID]

    @property
    def order(self) -> CaptureOrder:
        """What the provider is asked for."""
        return CaptureOrder(
            self.effect_id, self.payment_reference, self.amount, self.currency, self.order_number
        )


_DUE = f"""
select p.reference, a.id, e.id, e.status, e.attempts, c.attempts, e.created_at, c.id, o.number, c.amount_minor, c.currency, c.is_release,
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
    """Ask for captures (all that are due, or the named ones) and look up those in doubt; returns how many were handled."""
    return run_errands(_ERRANDS, providers, capture_ids, most)


def _find(row: Sending, report: PaymentReport) -> PaymentReport | None:
    return report if _is_done(row, report) else None


def _ask(row: Sending, account: Account, provider: PaymentProvider) -> PaymentReport:
    if row.is_release:
        provider.release(account, row.order)
    else:
        provider.capture(account, row.order)
    return _look_after(row, account, provider)


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


def _take(row: Sending, account: Account, report: PaymentReport) -> None:
    take_over(account, report)
    if row.is_release:
        word = "pending" if report.status == "authorized" else "succeeded"
        _tell(CaptureNews(row.capture_id, word, row.effect_id, row.payment_reference))  # type: ignore[arg-type] # a word


def _decline(row: Sending, note: str) -> None:
    _tell(CaptureNews(row.capture_id, "failed", row.effect_id, note=note))
    watch_errand(row, seconds=0)


def _tell(news: CaptureNews) -> None:
    report_captures([news], actor=_ACTOR)


_ERRANDS = Errands(CAPTURE_EFFECT, _ACTOR, _DUE, Sending, _find, _ask, _take, _decline)
