"""Four eyes: a credit, all that goes back of it, against the shop's limit; another currency than the shop's always."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import submit_due
from orderwerk.refunds.rules import is_above_limit
from tests import build

pytestmark = pytest.mark.django_db
ANN = Actor("user", "ann", id=uuid4())


def paid(n: int, amount: str, **fields: Any) -> dict[str, Any]:
    """A payment of an order."""
    return {"provider": "test", "reference": f"four-{build.serial()}-{n}", "status": "paid", "amount": amount, **fields}  # fmt: skip


def credit(order: UUID, amount: str, actor: Actor = build.TESTER) -> UUID:
    """The credit invoice of an amount of an order's first invoice."""
    item = CreditItem(invoice_id=build.invoices(order)[0]["id"], reason="x", amount=amount)
    key = credit_invoices([item], actor=actor)[0].require().id
    assert key is not None
    return key


def made(*keys: UUID, payment: UUID | None = None) -> list[Outcome]:
    """Make the refunds of credits."""
    items = [CreateRefundItem(invoice_id=key, payment_id=payment) for key in keys]
    return create_refunds(items, actor=build.TESTER)


def standing(credit_id: UUID) -> list[tuple[str, bool, int]]:
    """Status, four eyes and amount of the refunds of a credit, oldest first."""
    names = "status, four_eyes, amount_minor"
    rows = sql.fetch(f"select {names} from refunds_refund where credit_id = %s order by id", (credit_id,))  # fmt: skip
    return [(row[0], row[1], row[2]) for row in rows]


def in_three(world: build.World) -> UUID:
    """An invoiced order of 30.00 that was paid in three payments of 10.00."""
    order = world.place((world.skus[0], 3), payments=[paid(n, "10.00") for n in range(3)])
    build.invoice(order)
    return order


@pytest.mark.parametrize(
    ("total", "currency", "limit", "above"),
    [
        (1000, "EUR", "10.00", False), (1001, "EUR", "10.00", True), (10**9, "EUR", "", False), (1, "JPY", "", False),
        (1, "JPY", "10.00", True), (1, "KWD", "10.00", True), (1, "EUR", "0", True),
    ],
)  # fmt: skip
def test_what_is_above_a_limit(total: int, currency: str, limit: str, above: bool) -> None:
    assert is_above_limit(total, currency, limit, "EUR") is above


def test_credits_in_the_shops_currency_and_another_are_paid_back_in_one_call() -> None:
    world = build.world(refund_mode="automatic", four_eyes_above="5.50")
    line = {"sku": world.skus[0], "name": "x", "quantity": 3, "unit_price": "1000", "tax_rate": "10"}  # fmt: skip
    yen = world.place(currency="JPY", lines=[line], payments=[paid(0, "3000")])
    euros = world.place((world.skus[0], 3))
    for order in (yen, euros):
        build.invoice(order)
    few, many, small, large = credit(yen, "3"), credit(yen, "900"), credit(euros, "5.50"), credit(euros, "5.51")  # fmt: skip

    outcomes = made(few, small, many, large)

    assert [outcome.ok for outcome in outcomes] == [True] * 4
    found = [standing(key) for key in (few, many, small, large)]
    assert found == [
        [("awaiting_approval", True, 3)],
        [("awaiting_approval", True, 900)],
        [("approved", False, 550)],
        [("awaiting_approval", True, 551)],
    ]


def test_the_limit_is_held_against_the_whole_credit_however_many_payments_it_goes_back_over() -> (
    None
):
    world = build.world(refund_mode="automatic", four_eyes_above="15.00")
    order = in_three(world)
    key = credit(order, "30.00")

    made(key)[0].require()

    assert standing(key) == [("awaiting_approval", True, 1000)] * 3
    assert submit_due(actor=build.TESTER) == 0


def test_a_credit_paid_back_in_parts_meets_the_limit_with_what_went_before() -> None:
    world = build.world(refund_mode="automatic", four_eyes_above="15.00")
    order = in_three(world)
    payments = [row[0] for row in sql.fetch("select id from payments_payment where order_id = %s order by id", (order,))]  # fmt: skip
    key = credit(order, "30.00", ANN)

    first = made(key, payment=payments[0])[0].require().data["refunds"][0]
    submit_due(actor=build.TESTER)
    made(key, payment=payments[1])[0].require()
    assert standing(key) == [("submitted", False, 1000), ("awaiting_approval", True, 1000)]

    # One that failed holds nothing; tried again, it counts with what was made meanwhile, and its author is not enough.
    [other] = sql.fetch("select id from refunds_refund where credit_id = %s and four_eyes", (key,))
    reject_refunds([RejectRefundItem(refund_id=other[0], reason="x")], actor=build.TESTER)[0].require()  # fmt: skip
    item = SettleRefundItem(refund_id=first, status="failed", note="closed")
    settle_refunds([item], actor=build.TESTER)[0].require()
    made(key, payment=payments[1])[0].require()
    assert standing(key)[2] == ("approved", False, 1000)
    refused = retry_refunds([RetryRefundItem(refund_id=first)], actor=ANN)[0].error
    assert refused is not None
    assert refused.code == "four_eyes"
    retry_refunds([RetryRefundItem(refund_id=first)], actor=build.TESTER)[0].require()


def test_a_small_refund_is_tried_again_by_its_author() -> None:
    world = build.world(refund_mode="automatic", four_eyes_above="15.00")
    key = credit(in_three(world), "10.00", ANN)
    [refund] = made(key)[0].require().data["refunds"]
    submit_due(actor=build.TESTER)
    item = SettleRefundItem(refund_id=refund, status="failed", note="closed")
    settle_refunds([item], actor=build.TESTER)[0].require()

    assert retry_refunds([RetryRefundItem(refund_id=refund)], actor=ANN)[0].ok
