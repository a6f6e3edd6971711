"""Looks at payments at their providers again and takes over what became of them; a message only says that it is time to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import ProviderFailed
from orderwerk.flows.reconcile_payments import payment_difference
from orderwerk.flows.report_payments import news_of, report_payments
from orderwerk.flows.take_over_captures import take_over_captures
from orderwerk.flows.take_over_refunds import take_over_refunds
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.payments.looks import OPEN_FOR, DueLook, claim_looks, end_look
from orderwerk.payments.ports import Account, NotThere, PaymentReport, Providers
from orderwerk.refunds.commands.note_differences import note_differences

_ACTOR = Actor.job("payment provider")
# How long after it began something unsettled is looked at how often; a message makes it sooner.
_PACE = (
    (timedelta(hours=1), 300),
    (timedelta(days=1), 3600),
    (timedelta(days=30), 6 * 3600),
)
_SELDOM = 24 * 3600
_STANDING = """
select p.order_id, p.reference, p.status in ('pending', 'authorized'), exists (
  select 1 from refunds_refund r where r.payment_id = p.id and r.status = 'submitted' and r.via = p.provider)
  or exists (select 1 from payments_capture c where c.payment_id = p.id and c.status = 'submitted'), p.id
from payments_payment p where p.shop_id = %s and p.provider = %s and p.reference = any(%s)
-- Under two names: the one that has the money first, which the other then can not have too.
order by p.at_provider = '', p.authorized_minor = 0, p.created_at, p.id
"""
# A message may be faster than the order that it is about.
_AHEAD = timedelta(minutes=30)


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
        # Not shown now is not gone for ever: what waits here for it is asked about again, ever more seldom. What nobody
        # knows, here or there, is forgotten: anybody can send messages about it.
        names = [look.reference]
        waits = _next(account, names, look) if _standing(account, names) else None
        end_look(look, next_in=waits, note=refusal.message)
        return True
    except ProviderFailed as refusal:
        end_look(look, next_in=getattr(refusal, "seconds", 60), note=refusal.message)
        return False
    take_over(account, report)
    end_look(look, next_in=_next(account, _names(report), look))
    return True


def take_over(account: Account, report: PaymentReport) -> None:
    """Take over what a provider says of a payment: first the payment, then the refunds against it; note what does not fit."""
    rows = _standing(account, _names(report))
    news = [news_of(account, row[0], row[1], report) for row in rows]
    outcomes = report_payments(news, actor=_ACTOR)
    if not news:
        # A payment of somebody else's, or of an order that is still to come.
        return
    # After the payment: what is on its way counts as not taken yet, and never the other way round.
    take_over_captures(account, report, _names(report), actor=_ACTOR)
    refunds = [replace(found, payment_reference=news[0].reference) for found in report.refunds]
    take_over_refunds(account, refunds, actor=_ACTOR)
    # More than was promised is never booked, and never kept quiet about either.
    is_over = report.captured > report.amount
    refused = {row[1]: row[4] for row, o in zip(rows, outcomes, strict=True) if is_over or not o.ok}
    _note_payment(account, report, refused)


def _note_payment(account: Account, report: PaymentReport, refused: dict[str, UUID]) -> None:
    found = [
        payment_difference(account, replace(report, reference=name), payment_id, "payment_differs")
        for name, payment_id in refused.items()
    ]
    if report.charged_back:
        taken = replace(report, captured=report.charged_back)
        found.append(payment_difference(account, taken, None, "charge_back"))
    note_differences(found, actor=_ACTOR)


def _names(report: PaymentReport) -> list[str]:
    return [report.reference, *report.same]


def _standing(account: Account, names: list[str]) -> list[sql.Row]:
    return sql.fetch(_STANDING, (account.shop_id, account.provider, names))


def _next(account: Account, names: list[str], look: DueLook) -> int | None:
    rows, age = _standing(account, names), clock.now() - look.since
    if not rows:
        return 60 if age < _AHEAD else None
    is_open = any(row[2] for row in rows) and age < OPEN_FOR
    if not is_open and not any(row[3] for row in rows):
        return None
    return next((seconds for limit, seconds in _PACE if age < limit), _SELDOM)
