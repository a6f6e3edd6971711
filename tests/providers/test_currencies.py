"""Currencies whose decimals a provider counts in another way than we do: what goes over the wire is the same money."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import ids, sql
from orderwerk.core.money import exponent
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.integrations.payment_providers.mollie import _asked as asked_of_mollie
from orderwerk.integrations.payment_providers.mollie import _minor
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.integrations.payment_providers.stripe import Stripe
from orderwerk.integrations.payment_providers.stripe import _asked as asked_of_stripe
from orderwerk.integrations.payment_providers.stripe_amounts import from_stripe, to_stripe
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.payments.ports import CaptureOrder, Declined, Unclear
from tests import build
from tests.doubles.shop import Connected, refund
from tests.providers.test_incoming import tell

pytestmark = pytest.mark.django_db
# Per currency what Stripe is asked for 5 of it (docs.stripe.com/currencies: zero-decimal, three-decimal and special cases).
FIVE = {"EUR": 500, "JPY": 5, "XAF": 5, "KWD": 5000, "ISK": 500, "UGX": 500, "RSD": 500, "HUF": 500, "MGA": 5}  # fmt: skip


def sold(shop: Connected, currency: str, theirs: int, **more: Any) -> tuple[UUID, str]:
    """An order of 5,000 in a currency, with its payment at the provider; theirs: what that counts."""
    reference = shop.double.pay(theirs, currency=currency, **more)
    line = {"sku": shop.world.skus[0], "name": "Sweater", "quantity": 1, "unit_price": "5000", "tax_rate": "24.00"}  # fmt: skip
    paid = shop.payment(reference, "5000", "authorized" if more else "paid")
    order = shop.world.place((shop.world.skus[0], 1), lines=[line], currency=currency, payments=[paid])  # fmt: skip
    build.invoice(order)
    return order, reference


@pytest.mark.parametrize(("currency", "theirs"), FIVE.items())
def test_stripe_is_told_the_same_money(currency: str, theirs: int) -> None:
    ours = 5 * 10 ** exponent(currency)

    assert to_stripe(ours, currency) == theirs
    assert from_stripe(theirs, currency.lower()) == ours


def test_what_one_side_cannot_say_is_never_said_too_high() -> None:
    # 12.99 krónur, of which only whole ones are known here.
    assert from_stripe(1299, "ISK") == 12
    # A hundredth of a unit of account, which Stripe counts in hundredths and we in ten thousandths.
    with pytest.raises(Declined, match="CLF"):
        to_stripe(12345, "CLF")


@pytest.mark.parametrize("currency", ["ISK", "UGX"])
def test_a_refund_gives_back_all_of_it(stripe: Connected, currency: str) -> None:
    order, _ = sold(stripe, currency, 500_000)

    key = stripe.handed_over(order, "5000")
    stripe.send(key)

    assert stripe.double.money_out() == 500_000
    assert (refund(key)["status"], refund(key)["effect"]) == ("succeeded", "succeeded")


def test_a_look_finds_the_payment_that_it_is(stripe: Connected) -> None:
    order, reference = sold(stripe, "ISK", 500_000, status="requires_capture")
    held = stripe.double.intents[reference]
    account = accounts_in_use({stripe.account_id})[stripe.account_id]

    Stripe().capture(account, CaptureOrder(ids.new_id(), reference, 5000, "ISK", "1"))
    tell(stripe, reference)
    look_at_payments(PROVIDERS)

    assert (held.received, stripe.double.taken(reference)) == (500_000, 500_000)
    assert sql.fetch("select status, captured_minor from payments_payment where order_id = %s", (order,)) == [("paid", 5000)]  # fmt: skip
    assert sql.fetch("select kind from refunds_difference") == []


def test_decimals_that_mollie_writes_and_we_do_not_know_break_no_look() -> None:
    assert _minor({"value": "500.00", "currency": "ISK"}) == 500
    assert _minor({"value": "-19.95", "currency": "EUR"}) == 1995
    assert _minor({"value": "12.99", "currency": "RSD"}) == 1299
    assert _minor({"value": "12.99", "currency": "ISK"}) == 12
    assert _minor({"value": "7", "currency": "JPY"}) == 7


@pytest.mark.parametrize("asked", [asked_of_mollie, asked_of_stripe])
def test_a_currency_that_nobody_here_knows_is_an_unclear_answer(
    asked: Callable[[Callable[[], int]], int],
) -> None:
    with pytest.raises(Unclear):
        asked(lambda: exponent("XXY"))
