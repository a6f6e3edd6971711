"""Takes over what a provider says of refunds: ours are settled, others are matched, and what fits nowhere is noted."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.payments.ports import Account, RefundReport
from orderwerk.refunds.commands.match import MatchItem, match_refunds
from orderwerk.refunds.commands.note_differences import Found, note_differences
from orderwerk.refunds.commands.report import RefundNews, report_refunds
from orderwerk.refunds.sending import news_of


@dataclass(frozen=True, slots=True)
class _Ours:
    """A refund of ours against one of the payments in question."""

    id: UUID
    payment_id: UUID
    payment_reference: str
    status: str
    via: str
    amount: int
    reference: str

    @property
    def is_free(self) -> bool:
        """Whether it may still turn out to be one that was made by hand."""
        return self.status == "approved" or (self.status == "submitted" and self.via == "manual")


@dataclass(slots=True)
class _Sorted:
    """The provider's refunds, sorted by what is to be done with each."""

    news: list[tuple[RefundNews, RefundReport]] = field(default_factory=list)
    matches: list[MatchItem] = field(default_factory=list)
    strangers: list[RefundReport] = field(default_factory=list)


_OURS = """
select r.id, p.id, p.reference, r.status, r.via, r.amount_minor, r.provider_reference
from payments_payment p join refunds_refund r on r.payment_id = p.id
where p.shop_id = %s and p.provider = %s and r.id in (
  select x.id from payments_payment q join refunds_refund x on x.payment_id = q.id
    where q.shop_id = %s and q.provider = %s and q.reference = any(%s)
  union all select unnest(%s::uuid[])) order by r.id
"""


def take_over_refunds(account: Account, reports: Sequence[RefundReport], *, actor: Actor) -> int:
    """Take over what a provider says of refunds; returns how many differences are new."""
    payments = _payments(account, reports)
    explained = _explained(account, [report.reference for report in reports])
    reports = [_by_known_name(r, payments) for r in reports if r.reference not in explained]
    names = sorted({report.payment_reference for report in reports})
    carried = [report.refund_id for report in reports if report.refund_id]
    whose = (account.shop_id, account.provider)
    ours = [_Ours(*row) for row in sql.fetch(_OURS, (*whose, *whose, names, carried))]  # fmt: skip
    found = _sort(reports, ours)
    outcomes = report_refunds([news for news, _ in found.news], actor=actor)
    wrong = [r for (_, r), o in zip(found.news, outcomes, strict=True) if not o.ok]
    matched = match_refunds(found.matches, actor=actor)
    late = [m.report for m, o in zip(found.matches, matched, strict=True) if not o.ok]
    noted = [
        *[_found(account, r, payments, "refund_differs") for r in wrong],
        *[_found(account, r, payments, "unknown_refund") for r in [*found.strangers, *late]],
    ]
    return sum(1 for o in note_differences(noted, actor=actor) if o.data["is_new"])


def _sort(reports: Sequence[RefundReport], ours: Sequence[_Ours]) -> _Sorted:
    by_id = {row.id: row for row in ours}
    by_reference = {row.reference: row for row in ours if row.reference}
    free = [row for row in ours if row.is_free]
    found = _Sorted()
    for report in reports:
        mine = by_reference.get(report.reference) or _carried(report, by_id)
        if mine is not None:
            found.news.append((news_of(report, mine.id), report))
        elif report.status != "failed":
            _assign(report, free, found)
    return found


def _carried(report: RefundReport, by_id: dict[UUID, _Ours]) -> _Ours | None:
    """Return the refund whose number a report carries, unless that one is known under another reference."""
    row = by_id.get(report.refund_id) if report.refund_id else None
    return row if row is not None and row.via not in {"", "manual"} and not row.reference else None


def _assign(report: RefundReport, free: list[_Ours], found: _Sorted) -> None:
    fitting = [
        row
        for row in free
        if row.payment_reference == report.payment_reference and row.amount == report.amount
    ]
    # Two that would fit: a person says which it is.
    if len(fitting) == 1 and report.refund_id is None:
        free.remove(fitting[0])
        found.matches.append(MatchItem(fitting[0].id, report))
    else:
        found.strangers.append(report)


def _explained(account: Account, references: Sequence[str]) -> set[str]:
    # A person has said that it is something else: it must not be taken for a refund of ours that still has to go.
    rows = sql.fetch(
        "select reference from refunds_difference where account_id = %s and kind = 'unknown_refund' and status = 'explained' "
        "and reference = any(%s)",
        (account.id, list(references)),
    )
    return {row[0] for row in rows}


def _payments(account: Account, reports: Sequence[RefundReport]) -> dict[str, UUID]:
    names = {n for r in reports for n in (r.payment_reference, r.other_payment_reference)}
    rows = sql.fetch(
        "select reference, id from payments_payment where shop_id = %s and provider = %s and reference = any(%s)",
        (account.shop_id, account.provider, sorted(names)),
    )
    return {row[0]: row[1] for row in rows}


def _by_known_name(report: RefundReport, payments: dict[str, UUID]) -> RefundReport:
    if report.payment_reference in payments or report.other_payment_reference not in payments:
        return report
    return replace(report, payment_reference=report.other_payment_reference)


def _found(account: Account, report: RefundReport, payments: dict[str, UUID], kind: str) -> Found:
    return Found(
        shop_id=account.shop_id,
        account_id=account.id,
        kind=kind,
        reference=report.reference,
        currency=report.currency,
        happened_at=report.created_at,
        payment_id=payments.get(report.payment_reference),
        refund_id=None,
        theirs_minor=report.amount,
        theirs=report.word,
    )
