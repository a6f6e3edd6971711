"""Whole walks of those who work with money and returns, in a real browser: what went wrong with a refund, what differs, who connects what."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import clock, sql
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.emails.commands.report_bounces import BounceItem, report_bounces
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.flows.reconcile_payments import reconcile_day
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.orders.links import track_token
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.payments.looks import ask_for_looks
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
    with serving(StripeDouble()) as double:
        yield connect("stripe", double)


def _base(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def _said(page: Page, text: str) -> None:
    expect(page.locator(".toast-line").first).to_contain_text(text)


def _answer(page: Page, button: str, **fields: str) -> None:
    """Fill in the open dialog, once it can be typed into, and press its button."""
    dialog = page.get_by_role("dialog")
    for label, value in fields.items():
        field = dialog.get_by_label(label.replace("_", " "))
        expect(field).to_be_visible()
        field.fill(value)
    dialog.get_by_role("button", name=button).click()


def test_finance_mends_refunds_and_says_what_differs(
    open_page: Open, check_page: Check, shop: Connected
) -> None:
    order = shop.order(9)
    shop.handed_over_by_hand(order, "4.75")
    for _ in range(2):
        shop.handed_over_by_hand(order, "5.00")
    [(reference,)] = sql.fetch("select reference from payments_payment where order_id = %s", (order,))  # fmt: skip
    shop.double.refund_by_hand(reference, 500)
    ask_for_looks([(shop.account_id, reference)])
    look_at_payments(PROVIDERS)
    [(first, number)] = sql.fetch("select id, number from refunds_refund where amount_minor = 475")

    page = open_page(f"/orders/{build.order(order)['number']}/refunds/", role="finance")
    page.get_by_role("link", name=f"Failed {number}").click()
    _answer(page, "Note as failed", What_went_wrong="No such account")
    _said(page, "noted as failed")
    check_page(page)
    page.get_by_role("button", name=f"Pay by hand {number}").click()
    expect(page.get_by_role("button", name=f"Pay by hand {number}")).to_have_count(0)
    submit_due(actor=build.TESTER)
    page.reload()
    page.get_by_role("link", name=f"Paid {number}").click()
    _answer(page, "Note as paid", Reference_of_the_bank="BANK-77")
    _said(page, "noted as paid")
    [kept] = sql.fetch("select status from refunds_refund where id = %s", (first,))
    assert kept == ("succeeded",)
    [(told,)] = sql.fetch("select payload::text from core_event where aggregate_id = %s and kind = 'refund.succeeded'", (first,))  # fmt: skip
    assert "BANK-77" in told

    page.goto(f"{_base(page)}/refunds/differences/")
    page.get_by_role("link", name=re.compile("^Match ")).click()
    choice = page.get_by_role("dialog").locator("select")
    expect(choice).to_be_visible()
    choice.select_option(index=1)
    check_page(page)
    page.get_by_role("dialog").get_by_role("button", name="Match").click()
    _said(page, "Matched.")
    assert sql.fetch("select status from refunds_difference") == [("matched",)]

    account = accounts_in_use([shop.account_id])[shop.account_id]
    today = clock.business_date(clock.now(), "Europe/Amsterdam")
    reconcile_day(PROVIDERS["stripe"], account, today, "Europe/Amsterdam")
    page.get_by_role("link", name="Day by day").click()
    expect(page.get_by_text("came in", exact=False).first).to_be_visible()
    expect(page.get_by_text("went back", exact=False).first).to_be_visible()
    check_page(page)


def test_an_owner_connects_a_provider_and_says_who_sells(
    open_page: Open, check_page: Check, shop: Connected
) -> None:
    sql.execute("set session_replication_role = replica")
    sql.execute("delete from payments_account")
    sql.execute("set session_replication_role = origin")
    page = open_page("/settings/payments/", role="owner", size="phone")
    page.get_by_role("link", name=re.compile("^Connect Stripe")).click()
    _answer(page, "Save", API_key=shop.double.key)
    _said(page, "Saved. Test the connection now.")
    page.get_by_role("button", name=re.compile("^Test Stripe")).click()
    expect(page.get_by_text("Credentials taken")).to_be_visible()
    check_page(page)

    page.goto(f"{_base(page)}/settings/shops/edit/{shop.world.shop}/")
    expect(page.get_by_text("The legal identity lacks the name")).to_be_visible()
    legal = {
        "legal_name": "Test B.V.", "legal_street": "Straat 1", "legal_postal_code": "1011 AB", "legal_city": "Amsterdam",
        "legal_vat_number": "NL123456782B90", "legal_company_number": "12345678", "legal_iban": "NL91ABNA0417164300",
    }  # fmt: skip
    for name, value in legal.items():
        page.locator(f"#id_{name}").fill(value)
    page.locator("#id_legal_country").select_option("NL")
    page.locator("#id_legal_one_stop_shop").check()
    page.locator("#id_fiscal_years").fill("10")
    page.locator("#id_erase_after_days").fill("400")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(r"/settings/shops/$"))
    page.goto(f"{_base(page)}/settings/shops/edit/{shop.world.shop}/")
    expect(page.locator("#id_legal_iban")).to_have_value("NL91ABNA0417164300")
    expect(page.locator("#id_legal_one_stop_shop")).to_be_checked()
    expect(page.get_by_text("The legal identity lacks the name")).to_have_count(0)
    check_page(page)
    assert sql.fetch("select fiscal_years, erase_after_days, legal ->> 'iban' from shops_shop where id = %s", (shop.world.shop_id,)) == [(10, 400, "NL91ABNA0417164300")]  # fmt: skip


def test_customer_service_takes_back_what_was_announced_written_and_what_stands_there(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    announced, written, unannounced = (build.shipped(world, (world.skus[0], 2)) for _ in range(3))
    asked = build.request(announced).require().data["number"]
    numbers = {order: build.order(order)["number"] for order in (written, unannounced)}

    page = open_page(f"/return-requests/{asked}/", role="customer_service")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".page-head .pill")).to_have_text("Approved")
    page.goto(f"{_base(page)}/return-requests/")
    page.get_by_role("link", name="What to expect").click()
    expect(page.get_by_text("1 open request")).to_be_visible()
    expect(page.get_by_text(world.skus[0], exact=True)).to_be_visible()
    check_page(page)

    page.goto(f"{_base(page)}/orders/{numbers[written]}/return-requests/")
    page.get_by_role("link", name="Withdrawal", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name", exact=True)).to_be_visible()
    dialog.get_by_label("Name", exact=True).fill("Jan Jansen")
    dialog.get_by_label("E-mail").fill("jan@example.com")
    check_page(page)
    dialog.get_by_role("button").last.click()
    expect(page.locator(".toast-line").first).to_be_visible()
    assert sql.fetch("select name from return_requests_withdrawal where order_id = %s", (written,)) == [("Jan Jansen",)]  # fmt: skip

    dock = open_page("/returns/", role="warehouse", size="phone")
    dock.get_by_role("link", name="Book a return").click()
    box = dock.get_by_label("Scan or type what stands on the box")
    expect(box).to_be_visible()
    box.fill(numbers[unannounced])
    box.press("Enter")
    pieces = dock.locator("input[name^=quantity-]")
    expect(pieces).to_be_visible()
    pieces.fill("1")
    dock.get_by_label("Reason").select_option("damaged")
    check_page(dock)
    dock.get_by_role("button", name="Book the return").click()
    _said(dock, "has been booked")
    assert sql.fetch("select count(*) from returns_return where order_id = %s", (unannounced,)) == [(1,)]  # fmt: skip


def test_reasons_and_rules_of_returns_are_changed(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1)
    page = open_page("/settings/returns/", role="owner")
    page.get_by_role("link", name="Add a reason").click()
    _answer(page, "Save", Code="too-loud", Name_in_English="Too loud", Name_in_Dutch="Luid")
    expect(page.get_by_text("Too loud")).to_be_visible()
    page.get_by_role("link", name="Change too-loud").click()
    _answer(page, "Save", Name_in_English="Makes too much noise")
    expect(page.get_by_text("Makes too much noise")).to_be_visible()
    check_page(page)

    page.goto(f"{_base(page)}/settings/returns/shops/{world.shop}/")
    fee = page.locator("#id_fee")
    expect(fee).to_be_visible()
    fee.fill("3.50")
    page.get_by_label("Store credit").first.check()
    check_page(page)
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(r"/settings/returns/$"))
    [(minor,)] = sql.fetch("select fee_minor from return_requests_policy where shop_id = %s", (world.shop_id,))  # fmt: skip
    assert minor == 350


def test_a_shopper_takes_the_invoice_and_a_message_that_came_back_is_seen(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    order = build.shipped(world, (world.skus[0], 2))
    build.invoice(order)
    [invoice] = build.invoices(order)
    [(key, email)] = sql.fetch("select id, customer_email from orders_order where id = %s", (order,))  # fmt: skip

    shopper = open_page(f"/track/{track_token(key, email)}?lang=en", role=None, size="phone")
    link = shopper.get_by_role("link", name=f"Download {invoice['number']}").get_attribute("href")
    paper = shopper.request.get(_base(shopper) + str(link))
    assert (paper.status, paper.headers["content-type"]) == (200, "application/pdf")
    assert paper.body().startswith(b"%PDF")
    check_page(shopper)

    with unit_of_work(build.TESTER) as unit:
        [mail] = queue_emails(unit, [NewEmail(world.shop_id, order, "t", order, email, "b@example.com", "", "Dag", "Dag")])  # fmt: skip
    sql.execute("update emails_email set status = 'kept' where id = %s", (mail,))
    [(message,)] = sql.fetch("select message_id from emails_email where id = %s", (mail,))
    report_bounces([BounceItem(message_id=message, reason="no such mailbox")], actor=build.TESTER)
    page = open_page(f"/orders/{build.order(order)['number']}/emails/", role="customer_service")
    expect(page.get_by_text("no such mailbox")).to_be_visible()
    check_page(page)
