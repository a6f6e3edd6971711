"""The daily reconciliation: what we think of a day against what the provider says; what differs is noted for a person."""

from collections.abc import Mapping, Sequence
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
from orderwerk.payments.ports import (
    Account,
    Declined,
    PaymentProvider,
    PaymentReport,
    Providers,
)
from orderwerk.refunds.commands.note_differences import Found, note_differences

_ACTOR = Actor.job("reconciliation")
# A day is reconciled in the early morning after it, by the shop's clock.
_FROM_HOUR = 5
# An account whose job or provider was away is caught up with, at most so many days back.
_MOST_DAYS = 31
# Clocks differ a little, and a refund exists at the provider a moment after we have handed it over.
_SLACK = timedelta(minutes=15)
# Payments that are not in the provider's list of a day are asked for one by one, at most so many a day.
_MOST_LOOKS = 200
_DUE = """
select a.id, s.timezone, (select max(x.day) from refunds_reconciliation x where x.account_id = a.id)
from payments_account a join shops_shop s on s.id = a.shop_id where a.is_active order by a.id
"""


def reconcile_due(providers: Providers) -> int:
    """Reconcile the days of every account that are over and were not yet, one after the other; returns how many.

    A day that fails is tried again by the next run, and those after it wait for it.
    """
    done = 0
    rows = sql.fetch(_DUE)
    accounts = accounts_in_use([row[0] for row in rows])
    for key, timezone, last in rows:
        account = accounts[key]
        for day in _days(last, timezone):
            try:
                reconcile_day(providers[account.provider], account, day, timezone)
            except ProviderFailed:
                break
            done += 1
    return done


def _days(last: date | None, timezone: str) -> list[date]:
    """Return the days after the last one that was reconciled, yesterday only where none was, until the last that is ready."""
    today = clock.business_date(clock.now(), timezone)
    ready = clock.start_of_day(today, timezone) + timedelta(hours=_FROM_HOUR)
    count = 1 if last is None else min((today - last).days - 1, _MOST_DAYS)
    days = [today - timedelta(days=n) for n in range(count, 0, -1)]
    # Yesterday's morning has not come.
    return days[:-1] if days and clock.now() < ready else days


def reconcile_day(provider: PaymentProvider, account: Account, day: date, timezone: str) -> int:
    """Compare a day of an account and note what differs; returns how many differences are new.

    Refuses with what the provider's calls refuse with; nothing is noted then.
    """
    start = clock.start_of_day(day, timezone)
    end = clock.start_of_day(day + timedelta(days=1), timezone)
    refunds = provider.refunds_since(account, start - _SLACK)
    listed = provider.payments_since(account, start)
    looked, unknown, not_asked = _unlisted(provider, account, listed, (start, end))
    payments = [*(p for p in listed if p.created_at < end), *looked]
    of_day = [r for r in refunds if start <= r.created_at < end]
    new = take_over_refunds(account, of_day, actor=_ACTOR)
    ours = _ours(account, start, end)
    there = {report.reference for report in refunds}
    missing = [_missing(account, row) for row in ours if row[2] not in there]
    differing = _payments(account, payments)
    noted = note_differences([*missing, *unknown, *differing], actor=_ACTOR)
    # One that is found in two ways is one.
    new += len({outcome.id for outcome in noted if outcome.data["is_new"]})
    moved = [report for report in of_day if report.status != "failed"]
    _keep(
        account,
        day,
        {
            "ours": [(row[3], row[4]) for row in ours],
            "theirs": [(r.amount, r.currency) for r in moved],
            "ours_paid": _paid(account, payments, (start, end)),
            "theirs_paid": [(p.captured, p.currency) for p in payments if p.captured],
        },
        {"not_asked": not_asked, "found": new},
    )
    return new


_OURS = """
select r.id, r.payment_id, r.provider_reference, r.amount_minor, r.currency, r.submitted_at, r.status
from refunds_refund r left join refunds_difference d on d.account_id = %s and d.kind = 'unknown_refund' and d.status = 'matched'
  and d.reference = r.provider_reference
where r.shop_id = %s and r.via = %s and r.provider_reference <> '' and r.status in ('submitted', 'succeeded')
  -- One that was made at the provider by hand and matched later is of the day on which it was made.
  and coalesce(d.happened_at, r.submitted_at) >= %s and coalesce(d.happened_at, r.submitted_at) < %s order by r.id
"""


def _ours(account: Account, start: datetime, end: datetime) -> list[sql.Row]:
    return sql.fetch(_OURS, (account.id, account.shop_id, account.provider, start, end))


def _missing(account: Account, row: sql.Row) -> Found:
    key, payment_id, reference, amount, currency, moment, status = row
    return Found(
        shop_id=account.shop_id, account_id=account.id, kind="missing_refund", reference=reference, currency=currency,
        happened_at=moment, payment_id=payment_id, refund_id=key, ours_minor=amount, ours=status,
    )  # fmt: skip


# By when the money came in, where somebody said so, else by when we heard of it.
_HELD = """
select p.id, p.reference, p.at_provider, p.captured_minor, p.currency, coalesce(p.received_at, p.created_at), p.status
from payments_payment p where p.shop_id = %s and p.provider = %s and p.captured_minor > 0
  and coalesce(p.received_at, p.created_at) >= %s and coalesce(p.received_at, p.created_at) < %s order by p.id
"""


def _unlisted(
    provider: PaymentProvider,
    account: Account,
    listed: Sequence[PaymentReport],
    day: tuple[datetime, datetime],
) -> tuple[list[PaymentReport], list[Found], int]:
    """Ask for the payments of ours of a day that are not in the provider's list of it.

    Returns what the provider says of those that it knows, because they were begun before, the others as differences, and how many
    were too many to ask for.
    """
    names = {
        name for report in listed for name in (report.reference, report.main, *report.same) if name
    }
    held = sql.fetch(_HELD, (account.shop_id, account.provider, *day))
    looked: list[PaymentReport] = []
    unknown: list[Found] = []
    wanted = [x for x in held if x[1] not in names and x[2] not in names]
    for row in wanted[:_MOST_LOOKS]:
        try:
            looked.append(provider.look(account, row[1]))
        except Declined:
            unknown.append(_unknown(account, row))
    return looked, unknown, max(0, len(wanted) - _MOST_LOOKS)


# What came in that day, as we see it after all reports are in, and what the provider speaks of for that day.
_PAID = """
select p.captured_minor, p.currency from payments_payment p
where p.shop_id = %s and p.provider = %s and p.captured_minor > 0
  and (p.reference = any(%s) or (coalesce(p.received_at, p.created_at) >= %s and coalesce(p.received_at, p.created_at) < %s))
"""


def _paid(
    account: Account, reports: Sequence[PaymentReport], day: tuple[datetime, datetime]
) -> list[tuple[int, str]]:
    named = [name for report in reports for name in (report.reference, *report.same)]
    rows = sql.fetch(_PAID, (account.shop_id, account.provider, named, *day))
    return [(row[0], row[1]) for row in rows]


def _unknown(account: Account, row: sql.Row) -> Found:
    key, reference, _name, captured, currency, moment, status = row
    return Found(
        shop_id=account.shop_id, account_id=account.id, kind="missing_payment", reference=reference, currency=currency,
        happened_at=moment, payment_id=key, ours_minor=captured, ours=status,
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


_COUNTED = ("ours", "theirs", "ours_paid", "theirs_paid")
_COLUMNS = [f"{side}_{what}" for side in _COUNTED for what in ("count", "minor", "foreign")]
_KEEP = f"""
insert into refunds_reconciliation (id, shop_id, account_id, day, currency, ran_at, not_asked, {", ".join(_COLUMNS)}, found)
values (%s, %s, %s, %s, %s, %s, %s, {", ".join(["%s"] * len(_COLUMNS))}, %s)
on conflict (account_id, day) do update set ran_at = excluded.ran_at, not_asked = excluded.not_asked,
  {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}, found = refunds_reconciliation.found + excluded.found
"""
_Amounts = Sequence[tuple[int, str]]


def _keep(account: Account, day: date, counted: Mapping[str, _Amounts], noted: Mapping[str, int]) -> None:  # fmt: skip
    """Keep the sums of a day: in the shop's currency; what is in others is counted apart, and never added to them."""
    with unit_of_work(_ACTOR):
        [(currency,)] = sql.fetch("select currency from shops_shop where id = %s", (account.shop_id,))  # fmt: skip
        sums = [value for side in _COUNTED for value in _sums(counted[side], currency)]
        head = (ids.new_id(), account.shop_id, account.id, day, currency, clock.now())
        sql.execute(_KEEP, (*head, noted["not_asked"], *sums, noted["found"]))


def _sums(amounts: _Amounts, currency: str) -> tuple[int, int, int]:
    own = [amount for amount, other in amounts if other == currency]
    return len(own), sum(own), len(amounts) - len(own)
