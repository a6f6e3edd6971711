"""Refunds in any parts, over any payments, with failures and further tries, end at exactly nothing."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderwerk.core import sql
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import submit_due
from tests import build

pytestmark = pytest.mark.django_db


def _text(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _settle(key: UUID, *, fails: bool) -> None:
    submit_due(actor=build.TESTER)
    item = SettleRefundItem(refund_id=key, status="failed" if fails else "succeeded")
    settle_refunds([item], actor=build.TESTER)[0].require()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    paid=st.lists(st.integers(1, 2500), min_size=1, max_size=4),
    parts=st.lists(st.integers(1, 1500), max_size=4),
    failing=st.lists(st.booleans(), min_size=1, max_size=6),
)
def test_refunds_in_any_parts_over_any_payments_end_at_exactly_nothing(
    paid: list[int], parts: list[int], failing: list[bool]
) -> None:
    world, total = build.world(invoice_when="placed"), sum(paid)
    line = {"sku": world.skus[0], "name": "x", "quantity": 1, "unit_price": _text(total), "tax_rate": "21.00"}  # fmt: skip
    order = world.place(lines=[line], payments=[])
    for amount in paid:
        item = PaymentItem(order_id=order, provider="bank", reference=f"z{build.serial()}", status="paid", amount=_text(amount))  # fmt: skip
        record_payments([item], actor=build.TESTER)[0].require()
    build.invoice(order)
    debit, left, tries = build.invoices(order)[0]["id"], total, list(failing)

    for part in [*parts, total]:
        amount = min(part, left)
        if not amount:
            break
        left -= amount
        item = CreditItem(invoice_id=debit, reason="x", amount=_text(amount))
        credit = credit_invoices([item], actor=build.TESTER)[0].require().id
        assert credit is not None
        made = create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)[0].require().data["refunds"]  # fmt: skip
        for key in (UUID(str(found)) for found in made):
            approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)
            if tries and tries.pop():
                _settle(key, fails=True)
                retry_refunds([RetryRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
            _settle(key, fails=False)

    sql.execute("set constraints all immediate")
    sql.execute("set constraints all deferred")
    rows = sql.fetch("select refund_reserved_minor, refunded_minor, refundable_minor, credited_minor from orders_order where id = %s", (order,))  # fmt: skip
    assert rows == [(total,) * 4]
    rows = sql.fetch("select sum(captured_minor - refunded_minor), sum(refunded_reserved_minor - refunded_minor) from payments_payment where order_id = %s", (order,))  # fmt: skip
    assert rows == [(0, 0)]
    rows = sql.fetch("select sum(refundable_minor - refunded_minor), sum(refund_reserved_minor - refunded_minor) from invoices_invoice where order_id = %s and kind = 'credit'", (order,))  # fmt: skip
    assert rows == [(0, 0)]
    # In the ledger too.
    rows = sql.fetch("select sum(case when kind = 'captured' then amount_minor else -amount_minor end) from payments_entry where order_id = %s", (order,))  # fmt: skip
    assert rows == [(0,)]
