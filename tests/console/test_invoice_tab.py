"""The tab Invoices of an order that has none yet says when it comes, after the shop's policy."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from tests import build

pytestmark = pytest.mark.django_db
PLACED = "an order is invoiced when it is placed. It follows within moments."
PAID = "an order is invoiced when it has been paid."
SHIPPED = "this order is invoiced when it has been shipped."
CANCELLED = "The order was cancelled before it was invoiced, and nothing was paid."
SAID = (PLACED, PAID, SHIPPED, CANCELLED)
BILL = {"provider": "test", "method": "bill", "status": "pending", "amount": "10.00"}


@pytest.mark.parametrize(
    ("shop", "on_account", "cancelled", "says"),
    [
        ({"invoice_when": "placed"}, False, False, PLACED),
        ({"invoice_when": "paid"}, False, False, PAID),
        ({"invoice_when": "shipped"}, False, False, SHIPPED),
        ({}, False, False, PAID),
        ({"invoice_when": "placed"}, True, False, PLACED),
        ({"invoice_when": "paid"}, True, False, SHIPPED),
        ({"invoice_when": "shipped"}, True, False, SHIPPED),
        ({"invoice_when": "placed"}, False, True, CANCELLED),
        ({"invoice_when": "shipped"}, False, True, CANCELLED),
    ],
)
def test_the_tab_says_when_the_invoice_comes(
    enter: Callable[..., Client],
    shop: dict[str, Any],
    on_account: bool,
    cancelled: bool,
    says: str,
) -> None:
    world = build.world(on_account_methods=["bill"], **shop)
    bill = {**BILL, "reference": f"bill-{build.serial()}"}
    order = world.place(payments=[bill] if on_account else [])
    if cancelled:
        cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()

    address = reverse("order_invoices", args=[build.order(order)["number"]])
    page = enter("customer_service").get(address).content.decode().replace("&#x27;", "'")

    assert [words for words in SAID if words in page] == [says]
    assert "No invoice yet" in page


def test_the_tab_of_an_invoiced_order_shows_it_and_no_policy(enter: Callable[..., Client]) -> None:
    world = build.world()
    order = world.place()
    [number] = build.invoice(order)

    address = reverse("order_invoices", args=[build.order(order)["number"]])
    page = enter("customer_service").get(address).content.decode()

    assert number in page
    assert not [words for words in SAID if words in page]
