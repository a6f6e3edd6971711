"""What commands on invoices, refunds and captures do not do, one by one: each says why, and no money moves."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.errors import LimitExceeded
from orderwerk.core.outcome import Outcome
from orderwerk.flows.letter_data import money
from orderwerk.invoices.commands.credit import CreditItem, CreditLine, credit_invoices
from orderwerk.invoices.rules import share
from orderwerk.payments.ports import RefundReport
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.match import MatchItem, match_refunds
from orderwerk.refunds.commands.report import RefundNews, report_refunds
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import submit_due
from orderwerk.refunds.queries import refund_detail
from orderwerk.refunds.rules import next_step
from tests import build

pytestmark = pytest.mark.django_db


def code(outcomes: list[Outcome], index: int = 0) -> str:
    """The code with which one item was refused."""
    error = outcomes[index].error
    assert error is not None
    return error.code


def invoiced(**shop: Any) -> UUID:
    """A paid order of three pieces with its invoice."""
    world = build.world(**shop)
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    return order


def failed(author: Actor = build.TESTER, **shop: Any) -> UUID:
    """A refund of 6.00 that did not arrive."""
    order = invoiced(**shop)
    item = CreditItem(invoice_id=build.invoices(order)[0]["id"], reason="x", amount="6.00")
    credit = credit_invoices([item], actor=author)[0].require().id
    assert credit is not None
    made = create_refunds([CreateRefundItem(invoice_id=credit)], actor=author)[0].require()
    key = UUID(str(made.data["refunds"][0]))
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=Actor("user", "bob", id=uuid4()))[0].require()  # fmt: skip
    submit_due(actor=build.TESTER)
    settle_refunds([SettleRefundItem(refund_id=key, status="failed", note="x")], actor=build.TESTER)[0].require()  # fmt: skip
    return key


def test_crediting_a_line_twice_in_one_go() -> None:
    order = invoiced()
    twice = [CreditLine(order_line_id=build.order_lines(order)[0], quantity=1)] * 2
    item = CreditItem(invoice_id=build.invoices(order)[0]["id"], reason="x", lines=twice)
    assert code(credit_invoices([item], actor=build.TESTER)) == "duplicate_line"


def test_sharing_more_than_there_is() -> None:
    assert share(0, []) == []
    with pytest.raises(LimitExceeded, match="More than is left"):
        share(11, [4, 6])


def test_one_credit_named_twice_is_paid_back_once() -> None:
    order = invoiced()
    item = CreditItem(invoice_id=build.invoices(order)[0]["id"], reason="x", amount="6.00")
    credit = credit_invoices([item], actor=build.TESTER)[0].require().id
    assert credit is not None
    done = create_refunds([CreateRefundItem(invoice_id=credit)] * 2, actor=build.TESTER)
    assert done[0].data["refunds"] == done[1].data["refunds"]
    assert len(done[0].data["refunds"]) == 1


def test_sending_again_twice_or_by_its_author_alone() -> None:
    key = failed()
    done = retry_refunds([RetryRefundItem(refund_id=key)] * 2, actor=build.TESTER)
    assert done[0].ok
    assert code(done, 1) == "not_failed"

    author = Actor("user", "ann", id=uuid4())
    mine = failed(author, four_eyes_above="5.00")
    assert code(retry_refunds([RetryRefundItem(refund_id=mine)], actor=author)) == "four_eyes"


def test_matching_a_refund_that_has_another_amount() -> None:
    key = build.refund(invoiced(), "12.00")
    report = RefundReport("re_1", "pay_1", "succeeded", "refunded", 1100, "EUR", clock.now())
    item = MatchItem(refund_id=key, report=report)
    assert code(match_refunds([item], actor=build.TESTER)) == "does_not_match"


def test_news_of_a_refund_that_goes_through_no_provider() -> None:
    news = RefundNews(build.refund(invoiced(), "12.00"), "succeeded", reference="re_1")
    assert code(report_refunds([news], actor=build.TESTER)) == "unknown_refund"


def step(key: UUID) -> str:
    """What is said to happen next to a refund."""
    found = refund_detail(build.TESTER, key)
    return next_step(found)


def test_what_happens_next_is_said_at_the_end_too() -> None:
    assert step(failed()) == "retry"
    key = build.refund(invoiced(), "12.00")
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    submit_due(actor=build.TESTER)
    settle_refunds([SettleRefundItem(refund_id=key, status="succeeded")], actor=build.TESTER)[0].require()  # fmt: skip
    assert step(key) == "settled"


def test_an_amount_in_a_language_that_nobody_knows_is_written_in_a_known_one() -> None:
    assert "12" in money(1200, "EUR", "xx-yy")
