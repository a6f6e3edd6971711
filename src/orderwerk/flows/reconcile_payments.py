"""The daily reconciliation: what we think of a day against what the provider says; what differs is noted for a person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import ProviderFailed
from orderwerk.core.uow import unit_of_work
from orderwerk.flows.report_payments import news_of, report_payments
from orderwerk.flows.take_over_refunds import take_over_refunds
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.payments.ports import Account, PaymentProvider, PaymentReport, Providers
from orderwerk.refunds.commands.note_differences import Found, note_differences

_ACTOR = Actor.job("reconciliation")
# A day is reconciled in the early morning after it, by the shop's clock.
_FROM_HOUR = 5
# Clocks differ a little, and a refund exists at the provider a moment after we have handed it over.
_SLACK = timedelta(minutes=15)
_DUE = """
select a.id, s.timezone from payments_account a join shops_shop s on s.id = a.shop_id where a.is_active order by a.id
"""


def reconcile_due(providers: Providers) -> int:
    """Reconcile yesterday for every account whose morning has come; what fails is tried again by the next run."""
    done = 0
    rows = sql.fetch(_DUE)
    accounts = accounts_in_use([row[0] for row in rows])
    for key, timezone in rows:
        today = clock.business_date(clock.now(), timezone)
        day = today - timedelta(days=1)
        ready = clock.start_of_day(today, timezone) + timedelta(hours=_FROM_HOUR)
        if clock.now() < ready or _has_run(key, day):
            continue
        try:
            reconcile_day(providers[accounts[key].provider], accounts[key], day, timezone)
        except ProviderFailed:
            continue
        done += 1
    return done


def _has_run(account_id: UUID, day: date) -> bool:
    return bool(
        sql.fetch(
            "select 1 from refunds_reconciliation where account_id = %s and day = %s",
            (account_id, day),
        )
    )


def reconcile_day(provider: PaymentProvider, account: Account, day: date, timezone: str) -> int:
    """Compare a day of an account and note what differs; returns how many differences are new.

    Refuses with what the provider's calls refuse with; nothing is noted then.
    """
    start = clock.start_of_day(day, timezone)
    end = clock.start_of_day(day + timedelta(days=1), timezone)
    refunds = provider.refunds_since(account, start - _SLACK)
    payments = [p for p in provider.payments_since(account, start) if p.created_at < end]
    of_day = [r for r in refunds if start <= r.created_at < end]
    new = take_over_refunds(account, of_day, actor=_ACTOR)
    ours = _ours(account, start, end)
    there = {report.reference for report in refunds}
    missing = [_missing(account, row) for row in ours if row[2] not in there]
    differing = _payments(account, payments)
    noted = note_differences([*missing, *differing], actor=_ACTOR)
    new += sum(1 for outcome in noted if outcome.data["is_new"])
    moved = [report for report in of_day if report.status != "failed"]
    _keep(account, day, [row[3] for row in ours], [report.amount for report in moved], new)
    return new


_OURS = """
select r.id, r.payment_id, r.provider_reference, r.amount_minor, r.currency, r.submitted_at, r.status from refunds_refund r
where r.shop_id = %s and r.via = %s and r.provider_reference <> '' and r.status in ('submitted', 'succeeded')
  and r.submitted_at >= %s and r.submitted_at < %s order by r.id
"""


def _ours(account: Account, start: datetime, end: datetime) -> list[sql.Row]:
    return sql.fetch(_OURS, (account.shop_id, account.provider, start, end))


def _missing(account: Account, row: sql.Row) -> Found:
    key, payment_id, reference, amount, currency, moment, status = row
    return Found(
        shop_id=account.shop_id, account_id=account.id, kind="missing_refund", reference=reference, currency=currency,
        happened_at=moment, payment_id=payment_id, refund_id=key, ours_minor=amount, ours=status,
    )  # fmt: skip


_KNOWN = """
select p.reference, p.id, p.order_id, p.status, p.amount_minor, p.captured_minor, p.currency from payments_payment p
where p.shop_id = %s and p.provider = %s and p.reference = any(%s)
"""


def _payments(account: Account, reports: Sequence[PaymentReport]) -> list[Found]:
    named = {name: report for report in reports for name in (report.reference, *report.same)}
    known = {row[0]: row for row in sql.fetch(_KNOWN, (account.shop_id, account.provider, list(named)))}  # fmt: skip
    news = [news_of(account, row[2], name, named[name]) for name, row in known.items()]
    outcomes = report_payments(news, actor=_ACTOR)
    after = {row[0]: row for row in sql.fetch(_KNOWN, (account.shop_id, account.provider, list(named)))}  # fmt: skip
    found = [
        payment_difference(account, replace(named[n.reference], reference=n.reference), known[n.reference][1], "payment_differs")
        for n, o in zip(news, outcomes, strict=True) if o.error is not None and o.error.code == "payment_exists"
    ]  # fmt: skip
    for report in reports:
        row = next((after[n] for n in (report.reference, *report.same) if n in after), None)
        if row is None and report.status in {"paid", "authorized"}:
            found.append(payment_difference(account, report, None, "unknown_payment"))
        elif row is not None and row[4:7] != (report.amount, report.captured, report.currency):
            found.append(payment_difference(account, report, row[1], "payment_differs", row[5], row[3]))  # fmt: skip
    return found


def payment_difference(
    account: Account, report: PaymentReport, payment_id: UUID | None, kind: str, captured: int | None = None, status: str = ""
) -> Found:  # fmt: skip
    """Return the note of a payment on which a provider and we do not agree."""
    return Found(
        shop_id=account.shop_id, account_id=account.id, kind=kind, reference=report.reference, currency=report.currency,
        happened_at=report.created_at, payment_id=payment_id, ours_minor=captured, ours=status,
        theirs_minor=report.captured, theirs=report.status,
    )  # fmt: skip


_KEEP = """
insert into refunds_reconciliation (id, shop_id, account_id, day, ran_at, currency, ours_count, ours_minor, theirs_count, theirs_minor, found)
select %s, %s, %s, %s, %s, s.currency, %s, %s, %s, %s, %s from shops_shop s where s.id = %s
on conflict (account_id, day) do update set ran_at = excluded.ran_at, ours_count = excluded.ours_count, ours_minor = excluded.ours_minor,
  theirs_count = excluded.theirs_count, theirs_minor = excluded.theirs_minor, found = refunds_reconciliation.found + excluded.found
"""


def _keep(
    account: Account, day: date, ours: Sequence[int], theirs: Sequence[int], new: int
) -> None:
    with unit_of_work(_ACTOR):
        sql.execute(
            _KEEP,
            (
                ids.new_id(), account.shop_id, account.id, day, clock.now(), len(ours), sum(ours), len(theirs), sum(theirs),
                new, account.shop_id,
            ),
        )  # fmt: skip
