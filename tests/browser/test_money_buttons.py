"""What is pressed seldom, in a real browser: a refund once more, as money after all, VAT and UBL, claims refused or paid, returns called off."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from orderwerk.orders.links import track_token
from orderwerk.portal.words import WORDS
from orderwerk.refunds.commands.redirect import RedirectRefundItem, redirect_refunds
from orderwerk.refunds.commands.submit import submit_due
from tests import build
from tests.doubles.shop import Connected, connect
from tests.doubles.stripe import StripeDouble
from tests.doubles.wire import serving

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.fixture
def shop(settings: Any) -> Iterator[Connected]:
    settings.ORDERWERK_PROVIDER_URLS = {}
    legal = {
        "name": "Test Winkel B.V.", "street": "Teststraat 1", "postal_code": "1234 AB", "city": "Testdorp", "country": "NL",
        "vat_number": "NL123456782B90", "company_number": "12345678", "iban": "NL02ABNA0123456789",
    }  # fmt: skip
    with serving(StripeDouble()) as double:
        yield connect("stripe", double, legal=legal)  # type: ignore[arg-type]


def _base(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def _said(page: Page, text: str) -> None:
    expect(page.locator(".toast-line").first).to_contain_text(text)


def _statuses(order: object) -> list[str]:
    rows = sql.fetch("select status from refunds_refund where order_id = %s order by id", (order,))
    return [row[0] for row in rows]


def test_finance_tries_all_refunds_again_that_the_provider_refused(
    open_page: Open, check_page: Check, shop: Connected
) -> None:
    order = shop.order(9)
    keys = [shop.handed_over(order, amount) for amount in ("12.00", "3.00", "1.50")]
    for key in keys:
        shop.double.next_status = "failed"
        shop.send(key)
    assert _statuses(order) == ["failed"] * 3

    page = open_page("/refunds/?status=failed", role="finance")
    rows = page.locator("#listing tbody input[type=checkbox]")
    expect(rows).to_have_count(3)
    for row in (rows.nth(0), rows.nth(1)):
        row.check()
    check_page(page)
    expect(page.locator(".bulk-bar")).to_contain_text("2 chosen")
    page.locator(".bulk-bar").get_by_role("button", name="Try again").click()
    result = page.get_by_role("dialog")
    expect(result).to_contain_text("Try refunds again")
    result.get_by_label("Close").first.click()
    expect(rows).to_have_count(1)

    assert sorted(_statuses(order)) == ["approved", "approved", "failed"]
    submit_due(actor=build.TESTER)
    shop.double.next_status = "succeeded"
    shop.send()
    assert sorted(_statuses(order)) == ["failed", "succeeded", "succeeded"]


def test_finance_tries_a_refund_again_pays_money_after_all_and_reads_what_is_due(
    open_page: Open, check_page: Check, shop: Connected
) -> None:
    order = shop.order(9)
    refused = shop.handed_over(order, "12.00")
    shop.double.next_status = "failed"
    shop.send(refused)
    credit = build.refund(order, "5.00")
    redirect_refunds([RedirectRefundItem(refund_id=credit, to="store_credit")], actor=build.TESTER)
    assert _statuses(order) == ["failed", "awaiting_approval"]

    page = open_page(f"/orders/{build.order(order)['number']}/refunds/", role="finance")
    check_page(page)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    submit_due(actor=build.TESTER)
    shop.double.next_status = "succeeded"
    shop.send()
    assert _statuses(order)[0] == "succeeded"
    page.get_by_role("button", name="As money").click()
    expect(page.get_by_role("button", name="As store credit")).to_have_count(1)
    assert sql.fetch("select as_store_credit from refunds_refund where id = %s", (credit,)) == [(False,)]  # fmt: skip

    debit = build.invoices(order)[0]["number"]
    page.goto(f"{_base(page)}/invoices/{debit}/")
    link = page.get_by_role("link", name="UBL").get_attribute("href")
    paper = page.request.get(_base(page) + str(link))
    assert paper.status == 200
    assert b"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" in paper.body()

    page.goto(f"{_base(page)}/invoices/")
    page.get_by_role("link", name="VAT", exact=True).click()
    expect(page.get_by_role("heading", name="VAT", exact=True)).to_be_visible()
    # 90.00 with 21 % in it, less 17.00 that were credited.
    expect(page.get_by_text("€12.67").first).to_be_visible()
    check_page(page)
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    assert "12.67" in waiting.value.path().read_text(encoding="utf-8-sig").replace(",", ".")


def test_claims_are_paid_or_refused_and_a_return_does_not_come(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    order = build.shipped(world, (world.skus[0], 4))
    build.invoice(order)
    for _ in range(2):
        build.claim(order).require()
    asked = build.request(order).require().data["number"]
    [first, second] = sql.fetch("select id, number from returns_claim order by id")

    page = open_page(f"/orders/{build.order(order)['number']}/returns/", role="customer_service")
    page.get_by_role("link", name=re.compile(f"Refund.*{first[1]}")).click()
    page.get_by_role("dialog").get_by_role("button", name="Refund").click()
    _said(page, "Credited.")
    page.get_by_role("link", name=re.compile(f"Reject.*{second[1]}")).click()
    page.get_by_role("dialog").get_by_label("Reason").fill("Not damaged on the picture")
    check_page(page)
    page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    _said(page, "Rejected.")
    rows = sql.fetch("select status from returns_claim order by id")
    assert [row[0] for row in rows] == ["refunded", "rejected"]

    page.goto(f"{_base(page)}/return-requests/{asked}/")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="The goods will not come").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("Kept it after all")
    check_page(page)
    page.get_by_role("dialog").get_by_role("button", name="The goods will not come").click()
    expect(page.locator(".page-head .pill")).to_have_text("Cancelled")


@pytest.mark.parametrize("language", ["nl", "de", "fr"])
def test_a_shopper_announces_a_return_and_calls_it_off_in_another_language(
    open_page: Open, check_page: Check, language: str
) -> None:
    words = WORDS[language]
    world = build.world(locations=1, products=1, stock=20)
    order = build.shipped(world, (world.skus[0], 2))
    [(key, email)] = sql.fetch("select id, customer_email from orders_order where id = %s", (order,))  # fmt: skip

    page = open_page(f"/track/{track_token(key, email)}?lang={language}", role=None, size="phone")
    expect(page.locator("html")).to_have_attribute("lang", language)
    check_page(page)
    page.get_by_role("link", name=words["start_return"]).click()
    page.get_by_label(words["how_many"]).select_option("1")
    page.get_by_label(words["why"]).select_option(index=1)
    check_page(page)
    page.get_by_role("button", name=words["send"]).click()
    expect(page.get_by_text(words["rq_requested"])).to_be_visible()
    page.get_by_role("link", name=words["cancel_request"]).click()
    expect(page.get_by_text(words["cancel_sure"])).to_be_visible()
    check_page(page)
    page.get_by_role("button", name=words["cancel_request"]).click()
    expect(page.get_by_text(words["rq_cancelled"]).first).to_be_visible()
    assert sql.fetch("select status from return_requests_request") == [("cancelled",)]
