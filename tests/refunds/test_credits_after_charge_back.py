"""A credit after a charge back promises no money that the bank has taken already, and what cannot go back keeps nobody waiting."""

import re
from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.jobs import issue_due_invoices
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.payments.events import PAYMENT_CHARGED_BACK
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.routes import ROUTES
from tests import build
from tests.invoices.test_documents import SELLER
from tests.invoices.test_one_stop import files

pytestmark = pytest.mark.django_db


def credited(order: UUID, amount: str) -> tuple[UUID, int]:
    """Credit an amount of the order's invoice; what of it may go back."""
    [debit, *_] = build.invoices(order)
    item = CreditItem(invoice_id=debit["id"], reason="Charged back", amount=amount)
    key = credit_invoices([item], actor=build.TESTER)[0].require().id
    assert key is not None
    return key, sql.fetch("select refundable_minor from invoices_invoice where id = %s", (key,))[0][0]  # fmt: skip


def sold() -> UUID:
    world = build.world(legal=SELLER)
    order = build.shipped(world, (world.skus[0], 3), locale="en")
    build.invoice(order)
    return order


def refunds(credit: UUID) -> list[int]:
    create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)[0].require()
    return [row[0] for row in sql.fetch("select amount_minor from refunds_refund where credit_id = %s", (credit,))]  # fmt: skip


def test_a_credit_says_that_so_much_is_paid_back_as_the_bank_has_left() -> None:
    order, part = sold(), sold()
    build.charge_back(order, 3000)
    build.charge_back(part, 1200)

    credit, refundable = credited(order, "30.00")
    # Goods worth 15 are kept, of 30 that came in 12 went back by the bank: 3 are left to give.
    _, less = credited(part, "15.00")

    assert (refundable, less) == (0, 300)
    text, *_ = files(credit)
    assert re.search("paid back to you", text) is None
    assert refunds(credit) == []


def test_what_the_bank_gives_back_goes_back_on_the_credit_after_all() -> None:
    order = sold()
    build.charge_back(order, 3000)
    credit, _ = credited(order, "30.00")
    told = "select id::text from core_event where order_id = %s and kind = 'payment.charged_back' order by id"  # fmt: skip
    issue_due_invoices([row[0] for row in sql.fetch(told, (order,))])
    assert refunds(credit) == []

    build.charge_back(order, 0)
    issue_due_invoices([row[0] for row in sql.fetch(told, (order,))][-1:])

    assert "invoices.issue" in ROUTES[PAYMENT_CHARGED_BACK.name]
    assert refunds(credit) == [3000]


def test_what_can_not_go_back_keeps_no_order_from_being_erased() -> None:
    order = sold()
    credit, refundable = credited(order, "30.00")
    [amount] = refunds(credit)
    [(refund,)] = sql.fetch("select id from refunds_refund where credit_id = %s", (credit,))
    erase = [EraseItem(order_id=order)]
    reject_refunds([RejectRefundItem(refund_id=refund, reason="Disputed")], actor=build.TESTER)[0].require()  # fmt: skip
    open_still = erase_orders(erase, actor=build.TESTER)[0]

    build.charge_back(order, 3000)

    assert (refundable, amount) == (3000, 3000)
    assert open_still.error is not None
    assert open_still.error.code == "still_open"
    erase_orders(erase, actor=build.TESTER)[0].require()
