"""Looks at payments at their providers again and takes over what became of them; a message only says that it is time to."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import ProviderFailed
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.payments.looks import DueLook, claim_looks, end_look
from orderwerk.payments.ports import Account, NotThere, PaymentReport, Providers
from orderwerk.refunds.commands.report import report_refunds
from orderwerk.refunds.sending import news_of, reports_by_refund

_ACTOR = Actor.job("payment provider")
# How long after it began something unsettled is looked at how often; a message makes it sooner.
_PACE = (
    (timedelta(hours=1), 300),
    (timedelta(days=1), 3600),
    (timedelta(days=30), 6 * 3600),
)
_SELDOM = 24 * 3600
_UNSETTLED = """
select exists (select 1 from refunds_refund r join payments_payment p on p.id = r.payment_id
  where p.shop_id = %s and p.provider = %s and p.reference = any(%s) and r.status = 'submitted' and r.via = p.provider)
"""


def look_at_payments(
    providers: Providers, look_ids: Sequence[UUID] | None = None, *, most: int = 100
) -> int:
    """Look at payments that are due (or at the named ones) and take over what their providers say; returns how many."""
    looks = claim_looks(most, look_ids)
    accounts = accounts_in_use({look.account_id for look in looks})
    silent: set[UUID] = set()
    for look in looks:
        if look.account_id in silent:
            end_look(look, next_in=60, note="The provider did not answer just before.")
        elif not _look(providers, accounts[look.account_id], look):
            silent.add(look.account_id)
    return len(looks)


def _look(providers: Providers, account: Account, look: DueLook) -> bool:
    try:
        report = providers[account.provider].look(account, look.reference)
    except NotThere as refusal:
        end_look(look, next_in=None, note=refusal.message)
        return True
    except ProviderFailed as refusal:
        end_look(look, next_in=getattr(refusal, "seconds", 60), note=refusal.message)
        return False
    take_over(account, report)
    end_look(look, next_in=_next(account, report, look))
    return True


def take_over(account: Account, report: PaymentReport) -> None:
    """Take over what a provider says of a payment."""
    ours = _ours(account, report)
    news = [
        news_of(found, refund_id)
        for refund_id, found in reports_by_refund(report.refunds).items()
        if refund_id in ours
    ]
    report_refunds(news, actor=_ACTOR)


def _names(report: PaymentReport) -> list[str]:
    return [report.reference, *report.same]


def _ours(account: Account, report: PaymentReport) -> set[UUID]:
    rows = sql.fetch(
        "select r.id from refunds_refund r join payments_payment p on p.id = r.payment_id "
        "where p.shop_id = %s and p.provider = %s and p.reference = any(%s) and r.via = p.provider",
        (account.shop_id, account.provider, _names(report)),
    )
    return {row[0] for row in rows}


def _next(account: Account, report: PaymentReport, look: DueLook) -> int | None:
    [(is_unsettled,)] = sql.fetch(_UNSETTLED, (account.shop_id, account.provider, _names(report)))
    if not is_unsettled:
        return None
    age = clock.now() - look.since
    return next((seconds for limit, seconds in _PACE if age < limit), _SELDOM)
