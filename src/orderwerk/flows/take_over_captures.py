"""Takes over what a provider says of captures of ours that its report of a payment shows."""

from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.payments.commands.report_captures import CaptureNews, report_captures
from orderwerk.payments.ports import Account, PaymentReport

_OPEN = """
select c.id, c.effect_id, c.is_release, p.reference from payments_capture c join payments_payment p on p.id = c.payment_id
where p.shop_id = %s and p.provider = %s and p.reference = any(%s) and c.status = 'submitted'
"""


def take_over_captures(
    account: Account, report: PaymentReport, names: list[str], *, actor: Actor
) -> None:
    """Settle the open captures of a payment that the report shows, and its release once nothing is authorised any more."""
    shown = {found.key: found for found in report.captures}
    news = []
    rows = sql.fetch(_OPEN, (account.shop_id, account.provider, names))
    for capture_id, key, is_release, reference in rows:
        if is_release:
            if report.status != "authorized":
                news.append(CaptureNews(capture_id, "succeeded", key, reference))
        elif key in shown:
            news.append(_news(capture_id, shown[key].key or key, report))
    if news:
        report_captures(news, actor=actor)


def _news(capture_id: UUID, key: UUID, report: PaymentReport) -> CaptureNews:
    found = next(item for item in report.captures if item.key == key)
    note = "The provider could not take it." if found.status == "failed" else ""
    return CaptureNews(capture_id, found.status, key, found.reference, found.amount, note)
