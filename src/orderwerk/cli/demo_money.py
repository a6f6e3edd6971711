"""The demo's money: invoices as the days went by, some credits, and refunds in every status."""

from datetime import datetime
from uuid import UUID

from orderwerk.cli.demo_places import done
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds

_REASONS = ("Arrived damaged", "Promised price was lower", "Delivered too late")


def invoice_day(moment: datetime, actor: Actor) -> None:
    """Issue what orders are due at a moment of the past, and the credits and refunds of what was cancelled."""
    rows = sql.fetch(
        "select id from orders_order where invoiced_minor = 0 or cancelled_minor > 0 order by placed_at, id"
    )
    with clock.told(moment):
        done(issue_invoices([IssueItem(order_id=row[0]) for row in rows], actor=actor))
        owed = sql.fetch(
            "select id from invoices_invoice where kind = 'credit' and refundable_minor > refund_reserved_minor order by number"
        )
        done(create_refunds([CreateRefundItem(invoice_id=row[0]) for row in owed], actor=actor))


def give_back(actor: Actor) -> None:
    """Leave some goodwill credits of the last days, and refunds to approve, to pay, paid, failed and rejected."""
    rows = sql.fetch(
        "select v.id, (v.gross_minor / 500)::int from invoices_invoice v join orders_order o on o.id = v.order_id "
        "where v.kind = 'debit' and o.status = 'shipped' and v.gross_minor >= 2500 order by v.number desc limit 9"
    )
    items = [
        CreditItem(invoice_id=key, reason=_REASONS[index % 3], amount=f"{max(1, fifth)}.00")
        for index, (key, fifth) in enumerate(rows)
    ]
    made = done(credit_invoices(items, actor=actor))
    owed = [CreateRefundItem(invoice_id=o.require().id) for o in made if o.id]  # type: ignore[arg-type]
    done(create_refunds(owed, actor=actor))
    found = sql.fetch(
        "select id from refunds_refund where status = 'awaiting_approval' order by number"
    )
    _decide([row[0] for row in found], actor)


def _decide(refunds: list[UUID], actor: Actor) -> None:
    go = refunds[: len(refunds) // 2]
    done(approve_refunds([ApproveRefundItem(refund_id=key) for key in go], actor=actor))
    done(submit_refunds([SubmitRefundItem(refund_id=key) for key in go], actor=actor))
    ends = [
        SettleRefundItem(refund_id=key, status="succeeded", reference="DEMO") for key in go[::3]
    ]
    ends += [
        SettleRefundItem(refund_id=key, status="failed", note="Account is closed")
        for key in go[1:2]
    ]
    done(settle_refunds(ends, actor=actor))
    no = [RejectRefundItem(refund_id=key, reason="Already sent a voucher") for key in refunds[-1:]]
    done(reject_refunds(no, actor=actor))
