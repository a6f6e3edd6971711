"""Random histories with money: invoiced, credited and refunded between all that happens to goods."""

from typing import Any, Literal
from uuid import UUID

from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from orderwerk.checks.invariant import Severity
from orderwerk.checks.money import INVARIANTS
from orderwerk.core import sql
from orderwerk.invoices.commands.credit import CreditItem, CreditLine, credit_invoices
from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from tests import build
from tests.histories.machine import MainJob

# What may be done with a refund in each status; everything else is refused.
DEEDS = {
    "approve": {"awaiting_approval"},
    "reject": {"awaiting_approval", "approved"},
    "submit": {"approved"},
    "succeed": {"submitted"},
    "fail": {"submitted"},
    "retry": {"failed"},
}


class MoneyJob(MainJob):
    """The main job, with invoices, credits and refunds at any moment."""

    @initialize(policy=st.sampled_from(["placed", "paid", "shipped"]))
    def choose_policy(self, policy: str) -> None:
        self.policy = policy

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data())
    def invoice(self, data: st.DataObject) -> None:
        key = self.some_order(data)
        shop = "update shops_shop s set invoice_when = %s from orders_order o where o.id = %s and s.id = o.shop_id"
        sql.execute(shop, (self.policy, key))
        issue_invoices([IssueItem(order_id=key)], actor=build.TESTER)[0].require()
        again = issue_invoices([IssueItem(order_id=key)], actor=build.TESTER)[0].require()
        assert again.data["invoices"] == []
        if self.status(key) == "cancelled":
            # Whatever came in goes back in full, as far as it paid for this order.
            order = self.model.orders[key]
            assert build.money(key)[2] == min(order.paid, order.total)
        self.money_is_sound()

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data(), by_lines=st.booleans())
    def credit(self, data: st.DataObject, by_lines: bool) -> None:
        found = [v for v in build.invoices(self.some_order(data)) if v["kind"] == "debit"]
        if not found:
            return
        debit = data.draw(st.sampled_from(found))
        rest = debit["gross_minor"] - debit["credited_minor"]
        item: dict[str, Any] = {"invoice_id": debit["id"], "reason": "x"}
        if by_lines:
            line, left = sql.fetch(
                "select order_line_id, quantity - credited from invoices_line where invoice_id = %s order by position",
                (debit["id"],),
            )[0]
            quantity = data.draw(st.integers(1, left + 1))
            item["lines"] = [CreditLine(order_line_id=line, quantity=quantity)]
            outcome = credit_invoices([CreditItem(**item)], actor=build.TESTER)[0]
            assert not outcome.ok or quantity <= left
        else:
            amount = data.draw(st.integers(1, rest + 100))
            item["amount"] = f"{amount / 100:.2f}"
            outcome = credit_invoices([CreditItem(**item)], actor=build.TESTER)[0]
            assert outcome.ok is (amount <= rest)
        self.money_is_sound()

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data())
    def pay_back(self, data: st.DataObject) -> None:
        found = [v for v in build.invoices(self.some_order(data)) if v["kind"] == "credit"]
        items = [CreateRefundItem(invoice_id=v["id"]) for v in found]
        for outcome in create_refunds(items, actor=build.TESTER):
            outcome.require()
        self.money_is_sound()

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data(), deed=st.sampled_from(sorted(DEEDS)))
    def decide(self, data: st.DataObject, deed: str) -> None:
        rows = sql.fetch(
            "select id, status from refunds_refund where order_id = %s order by id",
            (self.some_order(data),),
        )
        if not rows:
            return
        key, status = data.draw(st.sampled_from(rows))
        done = _do(deed, key)
        # A retry is refused too when the money went back otherwise meanwhile.
        assert done is (status in DEEDS[deed]) or (deed == "retry" and not done)
        self.money_is_sound()

    def money_is_sound(self) -> None:
        with connection.cursor() as cursor:
            for invariant in INVARIANTS:
                if invariant.severity is Severity.VIOLATION:
                    cursor.execute(invariant.sql)
                    assert cursor.fetchall() == [], invariant.id


def _do(deed: str, key: UUID) -> bool:
    actor = build.TESTER
    if deed == "approve":
        return approve_refunds([ApproveRefundItem(refund_id=key)], actor=actor)[0].ok
    if deed == "reject":
        return reject_refunds([RejectRefundItem(refund_id=key, reason="x")], actor=actor)[0].ok
    if deed == "submit":
        return submit_refunds([SubmitRefundItem(refund_id=key)], actor=actor)[0].ok
    if deed == "retry":
        return retry_refunds([RetryRefundItem(refund_id=key)], actor=actor)[0].ok
    end: Literal["succeeded", "failed"] = "succeeded" if deed == "succeed" else "failed"
    return settle_refunds([SettleRefundItem(refund_id=key, status=end)], actor=actor)[0].ok
