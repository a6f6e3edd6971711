"""Payments as the provider tells of them: forward only, whatever comes in which order."""

from typing import Any

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.core import clock, sql
from orderwerk.flows.hold_charged_back import hold_charged_back_orders
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.flows.report_payments import PaymentNews, report_payments
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.payments.looks import ask_for_looks, watch_open_payments
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from tests import build
from tests.doubles.shop import Connected, connect, hurry
from tests.providers.test_incoming import tell
from tests.providers.test_sending import healthy


def _payment(order: Any) -> tuple[Any, ...]:
    return sql.fetch(
        "select status, authorized_minor, captured_minor, charged_back_minor from payments_payment where order_id = %s",
        (order,),
    )[0]


def _waiting(shop: Connected, word: str) -> tuple[Any, str]:
    status = {"mollie": "open", "stripe": "processing"}[shop.provider]
    reference = shop.double.pay(3000, status=status)
    order = shop.world.place((shop.world.skus[0], 3), payments=[shop.payment(reference, "30.00", word)])  # fmt: skip
    return order, reference


def _differences() -> list[tuple[Any, ...]]:
    return sql.fetch("select kind, reference, currency from refunds_difference order by id")


def _becomes(shop: Connected, reference: str, status: str) -> None:
    """Let a payment become paid, authorised, failed."""
    words = {
        "mollie": {"paid": "paid", "authorized": "authorized", "failed": "failed", "expired": "expired"},
        "stripe": {"paid": "succeeded", "authorized": "requires_capture", "failed": "canceled"},
    }  # fmt: skip
    if shop.provider == "mollie":
        found = shop.double.payments[reference]
        found.captured = found.amount if status == "paid" else 0
    else:
        found = shop.double.intents[reference]
        found.received = found.amount if status == "paid" else 0
    found.status = words[shop.provider][status]


def test_a_payment_becomes_authorised_then_paid_and_the_order_gets_its_stock(shop: Connected) -> None:  # fmt: skip
    order, reference = _waiting(shop, "pending")
    assert build.order(order)["status"] == "awaiting_payment"

    _becomes(shop, reference, "authorized")
    tell(shop, reference)
    look_at_payments(PROVIDERS)
    assert _payment(order) == ("authorized", 3000, 0, 0)
    assert build.order(order)["status"] == "awaiting_shipment"
    assert build.order(order)["units_allocated"] == 3

    _becomes(shop, reference, "paid")
    for _ in range(3):
        tell(shop, reference)
        look_at_payments(PROVIDERS)
    assert _payment(order) == ("paid", 3000, 3000, 0)
    healthy()


def test_a_failed_payment_can_still_be_paid_and_a_paid_one_never_fails(shop: Connected) -> None:
    order, reference = _waiting(shop, "pending")
    for status in ("failed", "paid", "failed"):
        _becomes(shop, reference, status)
        tell(shop, reference)
        look_at_payments(PROVIDERS)

    assert _payment(order) == ("paid", 3000, 3000, 0)
    healthy()


def test_an_authorisation_that_expires_is_no_promise_any_more(mollie: Connected) -> None:
    order, reference = _waiting(mollie, "pending")
    for status in ("authorized", "expired"):
        _becomes(mollie, reference, status)
        tell(mollie, reference)
        look_at_payments(PROVIDERS)

    assert _payment(order) == ("expired", 0, 0, 0)
    assert build.order(order)["status"] == "awaiting_payment"
    healthy()


def test_what_was_charged_back_is_told_stops_the_order_and_is_never_refunded(shop: Connected) -> None:  # fmt: skip
    order = shop.order()
    [(reference,)] = sql.fetch("select reference from payments_payment")
    shop.double.charge_back(reference, 3000)
    for _ in range(2):
        tell(shop, reference)
        look_at_payments(PROVIDERS)

    assert _payment(order) == ("paid", 3000, 3000, 3000)
    events = sql.fetch("select id from core_event where kind = 'payment.charged_back'")
    assert [hold_charged_back_orders([row[0] for row in events]) for _ in range(2)] == [1, 0]
    assert build.order(order)["status"] == "on_hold"
    item_credit = build.invoices(order)[0]["id"]
    credit = credit_invoices([CreditItem(invoice_id=item_credit, reason="x", amount="5.00")], actor=build.TESTER)[0].require().id  # fmt: skip
    made = create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)[0].require()  # type: ignore[arg-type]
    assert made.data["refunds"] == []
    healthy()


def test_a_message_that_is_faster_than_its_order_is_not_lost(shop: Connected) -> None:
    reference = shop.double.pay(3000)
    tell(shop, reference)
    look_at_payments(PROVIDERS)

    order = shop.world.place((shop.world.skus[0], 3), payments=[shop.payment(reference, "30.00", "pending")])  # fmt: skip
    hurry()
    look_at_payments(PROVIDERS)

    assert _payment(order)[0] == "paid"


def test_an_open_payment_is_asked_for_when_no_message_comes(shop: Connected) -> None:
    order, reference = _waiting(shop, "pending")
    _becomes(shop, reference, "paid")

    assert watch_open_payments() == 1
    assert watch_open_payments() == 0
    look_at_payments(PROVIDERS)

    assert _payment(order)[0] == "paid"
    assert sql.fetch("select due_at from payments_look") == [(None,)]


def test_a_payment_that_is_not_shown_for_a_while_is_asked_for_again(mollie: Connected) -> None:
    order, reference = _waiting(mollie, "pending")
    hidden = mollie.double.payments.pop(reference)
    assert watch_open_payments() == 1
    look_at_payments(PROVIDERS)
    [(due,)] = sql.fetch("select due_at from payments_look")
    assert due > clock.now()

    mollie.double.payments[reference] = hidden
    _becomes(mollie, reference, "paid")
    hurry()
    look_at_payments(PROVIDERS)

    assert _payment(order)[0] == "paid"


def test_an_open_payment_whose_agenda_has_ended_is_put_on_it_again(mollie: Connected) -> None:
    _, reference = _waiting(mollie, "pending")
    ask_for_looks([(mollie.account_id, reference)])
    sql.execute("update payments_look set due_at = null, seen = asked")

    assert [watch_open_payments() for _ in range(2)] == [1, 0]


def test_another_amount_at_the_provider_is_not_taken_over(shop: Connected) -> None:
    status = {"mollie": "open", "stripe": "processing"}[shop.provider]
    reference = shop.double.pay(2999, status=status)
    order = shop.world.place((shop.world.skus[0], 3), payments=[shop.payment(reference, "30.00", "pending")])  # fmt: skip
    _becomes(shop, reference, "paid")

    tell(shop, reference)
    look_at_payments(PROVIDERS)

    assert _payment(order)[0] == "pending"


def test_another_currency_at_the_provider_pays_nothing_and_is_noted(shop: Connected) -> None:
    reference = shop.double.pay(3000, currency="USD")
    order = shop.world.place((shop.world.skus[0], 3), payments=[shop.payment(reference, "30.00", "pending")])  # fmt: skip

    tell(shop, reference)
    look_at_payments(PROVIDERS)

    assert _payment(order)[0] == "pending"
    assert _differences() == [("payment_differs", reference, "USD")]


def test_a_payment_with_two_names_pays_one_order(stripe: Connected) -> None:
    reference = stripe.double.pay(3000)
    charge = stripe.double.intents[reference].charge
    one, other = (
        stripe.world.place((stripe.world.skus[0], 3), payments=[stripe.payment(name, "30.00", "pending")])
        for name in (reference, charge)
    )  # fmt: skip

    for name in (charge, reference):
        ask_for_looks([(stripe.account_id, name)])
        hurry()
        look_at_payments(PROVIDERS)

    assert [_payment(key)[0] for key in (one, other)] == ["paid", "pending"]
    assert _differences() == [("payment_differs", charge, "EUR")]
    healthy()


def test_two_shops_at_one_account_are_not_both_paid_by_one_payment(mollie: Connected) -> None:
    second = connect("mollie", mollie.double)
    reference = mollie.double.pay(3000)
    orders = [
        s.world.place((s.world.skus[0], 3), payments=[s.payment(reference, "30.00", "pending")])
        for s in (mollie, second)
    ]
    for each in (mollie, second):
        tell(each, reference)
        look_at_payments(PROVIDERS)

    assert [_payment(order)[0] for order in orders] == ["paid", "pending"]
    assert sql.fetch("select account_id from refunds_difference") == [(second.account_id,)]
    with pytest.raises(IntegrityError), atomic():
        sql.execute("update payments_payment set at_provider = %s", (reference,))


def test_more_captured_than_was_authorised_is_noted(mollie: Connected) -> None:
    order, reference = _waiting(mollie, "pending")
    _becomes(mollie, reference, "paid")
    mollie.double.payments[reference].captured = 9999

    tell(mollie, reference)
    look_at_payments(PROVIDERS)

    assert _payment(order) == ("paid", 3000, 3000, 0)
    assert _differences() == [("payment_differs", reference, "EUR")]


@pytest.mark.django_db
def test_news_of_another_order_or_of_nothing_is_refused() -> None:
    world = build.world()
    one, other = world.place(), world.place()
    [(reference,)] = sql.fetch("select reference from payments_payment where order_id = %s", (one,))
    news = [
        PaymentNews(world.shop_id, key, "test", name, "failed", "EUR", 1000, 0)
        for key, name in ((other, reference), (one, "nothing"))
    ]

    outcomes = report_payments(news, actor=build.TESTER)

    assert [o.error.code for o in outcomes if o.error] == ["unknown_payment"] * 2
