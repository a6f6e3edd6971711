"""Takes over what a provider says of captures of ours that its report of a payment shows."""

from collections.abc import Collection
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.payments.commands.report_captures import CaptureNews, report_captures
from orderwerk.payments.ports import Account, CaptureReport, PaymentReport

# Under which keys a capture was asked for, once per attempt; `c` is the capture.
ALL_KEYS = (
    "array(select x.id from core_effect x where x.kind = 'capture' "
    "and x.business_key in (select c.id || '/' || n from generate_series(1, c.attempts) n))"
)
_OPEN = f"""
select c.id, c.effect_id, c.is_release, p.reference, {ALL_KEYS} from payments_capture c join payments_payment p on p.id = c.payment_id
where p.shop_id = %s and p.provider = %s and p.reference = any(%s) and c.status = 'submitted'
"""


def take_over_captures(
    account: Account, report: PaymentReport, names: list[str], *, actor: Actor
) -> None:
    """Settle the open captures of a payment that the report shows, and its release once nothing is authorised any more."""
    news = []
    rows = sql.fetch(_OPEN, (account.shop_id, account.provider, names))
    for capture_id, key, is_release, reference, keys in rows:
        if is_release:
            if report.status != "authorized":
                news.append(CaptureNews(capture_id, "succeeded", key, reference))
        elif (found := found_capture(report, key, keys)) is not None:
            news.append(_news(capture_id, key, found))
    if news:
        report_captures(news, actor=actor)


def found_capture(report: PaymentReport, key: UUID, keys: Collection[UUID]) -> CaptureReport | None:
    """Return the provider's capture that is one of ours: of this attempt, or of an earlier one that took money after all."""
    for found in report.captures:
        if found.key == key:
            return found
    earlier = (c for c in report.captures if c.key in keys and c.status != "failed")
    return next(earlier, None)


def _news(capture_id: UUID, key: UUID, found: CaptureReport) -> CaptureNews:
    note = "The provider could not take it." if found.status == "failed" else ""
    return CaptureNews(capture_id, found.status, key, found.reference, found.amount, note)
