"""The pages of refunds at providers, in a real browser: wide and on a phone, light and dark, nothing sticks out, axe is content."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from orderwerk.flows.capture_payments import CaptureItem, capture_payments
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.flows.send_captures import send_captures
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.payments.looks import ask_for_looks
from tests import build
from tests.doubles.shop import Connected, connect
from tests.doubles.stripe import StripeDouble
from tests.doubles.wire import serving

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.fixture
def shop(settings: Any) -> Iterator[Connected]:
    settings.ORDERWERK_PROVIDER_URLS = {}
    legal = {"name": "Test Winkel", "iban": "NL20INGB0001234567"}
    with serving(StripeDouble()) as double:
        yield connect("stripe", double, legal=legal)  # type: ignore[arg-type]


def _prepare(shop: Connected) -> str:
    order = shop.order(9)
    doubted, paid, refused = (
        shop.handed_over(order, amount) for amount in ("12.00", "8.50", "3.00")
    )
    shop.double.fail("500_after", on="create_refunds")
    shop.send(doubted)
    shop.double.next_status = "pending"
    shop.send(paid)
    shop.send(refused)
    shop.handed_over_by_hand(order, "4.75")
    [(reference, number)] = sql.fetch(
        "select p.reference, o.number from payments_payment p join orders_order o on o.id = p.order_id where o.id = %s",
        (order,),
    )
    shop.double.refund_by_hand(reference, 777)
    ask_for_looks([(shop.account_id, reference)])
    look_at_payments(PROVIDERS)
    return str(number)


def _shoot(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at the pages."""
    folder = os.environ.get("ORDERWERK_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_the_pages_fit_and_read_well_everywhere(open_page: Open, check_page: Check, shop: Connected) -> None:  # fmt: skip
    number = _prepare(shop)
    paths = {
        "settings": "/settings/payments/",
        "refunds": "/refunds/?status=submitted",
        "order": f"/orders/{number}/refunds/",
        "differences": "/refunds/differences/",
        "transfers": "/refunds/transfers/",
    }
    for size, scheme in (("wide", "light"), ("phone", "dark")):
        page = open_page("/refunds/", size=size, scheme=scheme)
        for name, path in paths.items():
            page.goto(
                page.url.split("/refunds/")[0].split("/settings/")[0].split("/orders/")[0] + path
            )
            check_page(page)
            _shoot(page, f"{name}-{size}")


def test_a_refund_gets_its_bank_account_and_a_file_is_made_of_it(open_page: Open, shop: Connected) -> None:  # fmt: skip
    order = shop.order(3)
    shop.handed_over_by_hand(order, "4.75")
    page = open_page("/refunds/?status=submitted", role="finance")
    [(number,)] = sql.fetch("select number from orders_order where id = %s", (order,))
    page.goto(page.url.split("/refunds/")[0] + f"/orders/{number}/refunds/")

    page.click("text=Bank account")
    page.fill("dialog #id_iban", "NL91ABNA0417164301")
    page.click("dialog button[type=submit]")
    expect(page.locator("dialog .field-error")).to_contain_text("is no IBAN")
    page.fill("dialog #id_iban", "NL91 ABNA 0417 1643 00")
    page.click("dialog button[type=submit]")
    expect(page.locator(".toast-line")).to_contain_text("The bank account is noted.")
    page.goto(page.url.split("/orders/")[0] + "/refunds/?status=submitted")
    page.check("#listing tbody input[type=checkbox]")
    page.click("text=File for the bank")
    # Until the answer is there the file is not, and the next page would not show it.
    page.wait_for_selector("dialog[open]")
    page.goto(page.url.split("/refunds/")[0] + "/refunds/transfers/")
    with page.expect_download() as waiting:
        page.click("text=Download")

    assert "NL91ABNA0417164300" in Path(waiting.value.path()).read_text()


def test_a_capture_that_was_refused_is_shown_and_tried_again(open_page: Open, check_page: Check, shop: Connected) -> None:  # fmt: skip
    reference = shop.double.pay(3000, status="requires_capture")
    order = shop.world.place((shop.world.skus[0], 3), payments=[shop.payment(reference, "30.00", "authorized")])  # fmt: skip
    ship_shipments([ShipItem(shipment_id=build.shipments(order)[0])], actor=build.TESTER)
    shop.double.intents[reference].status = "processing"
    capture_payments([CaptureItem(order_id=order)], actor=build.TESTER)
    send_captures(PROVIDERS)
    shop.double.intents[reference].status = "requires_capture"
    path = f"/orders/{build.order(order)['number']}/general/"
    for size, scheme in (("phone", "dark"), ("wide", "light")):
        page = open_page(path, role="finance", size=size, scheme=scheme)
        check_page(page)
        _shoot(page, f"captures-{size}")

    page.click("text=Try again")
    expect(page.locator(".toast-line")).to_contain_text("asked once more")
    send_captures(PROVIDERS)

    assert shop.double.taken(reference) == 3000
