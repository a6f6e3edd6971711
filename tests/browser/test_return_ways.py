"""How goods come back and what becomes of them, in a real browser: chosen on a phone, refused, booked with the delivery, looked at later."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from orderwerk.orders.links import track_token
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def _base(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def _announcing(order: object) -> str:
    [(key, email)] = sql.fetch("select id, customer_email from orders_order where id = %s", (order,))  # fmt: skip
    return f"/track/{track_token(key, email)}/return?lang=en"


def test_a_customer_chooses_on_a_phone_to_bring_it_and_sees_what_it_costs(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    rules = PolicyItem(
        shop=world.shop, fee="3.50", ways=["own", "location"], drop_locations=[world.locations[0]], approve_at_once=True
    )  # fmt: skip
    set_return_policies([rules], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 2))

    customer = open_page(_announcing(order), role=None, size="phone")
    customer.get_by_label("How many").select_option("1")
    customer.get_by_label("Why").select_option(index=1)
    expect(customer.get_by_text("3.50")).to_be_visible()
    customer.get_by_label(re.compile("I bring it to")).check()
    check_page(customer)
    customer.get_by_role("button", name="Announce the return").click()
    expect(customer.get_by_text(re.compile("bring", re.IGNORECASE)).first).to_be_visible()
    check_page(customer)

    [row] = sql.fetch("select way, fee_minor, number from return_requests_request where order_id = %s", (order,))  # fmt: skip
    assert row[:2] == ("location", 350)
    page = open_page(f"/return-requests/{row[2]}/", role="customer_service")
    expect(page.get_by_text(world.locations[0]).first).to_be_visible()
    check_page(page)


def test_a_request_is_rejected_and_the_customer_reads_why(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    order = build.shipped(world, (world.skus[0], 2))
    asked = build.request(order).require().data["number"]

    page = open_page(f"/return-requests/{asked}/", role="customer_service")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name=re.compile("Reject")).click()
    dialog = page.get_by_role("dialog")
    reason = dialog.locator("textarea, input[type=text]").first
    expect(reason).to_be_visible()
    check_page(page)
    reason.fill("It was worn")
    dialog.get_by_role("button").last.click()
    expect(page.locator(".page-head .pill")).to_have_text("Rejected")
    expect(page.get_by_text("It was worn")).to_be_visible()
    check_page(page)

    customer = open_page(_announcing(order).replace("/return?", f"/returns/{asked}?"), role=None, size="phone")  # fmt: skip
    expect(customer.get_by_text("It was worn")).to_be_visible()
    check_page(customer)


def test_a_box_is_booked_with_the_delivery_and_looked_at_later(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    shipping = {"name": "Post", "price": "4.95", "tax_rate": "21.00"}
    paid = {
        "provider": "test",
        "reference": f"box{build.serial()}",
        "status": "paid",
        "amount": "24.95",
    }
    order = build.shipped(world, (world.skus[0], 2), shipping=shipping, payments=[paid])
    build.invoice(order)
    number = build.order(order)["number"]

    page = open_page(f"/orders/{number}/do/return/", role="customer_service")
    pieces = page.locator("input[name^=quantity-]")
    expect(pieces).to_be_visible()
    pieces.fill("1")
    page.get_by_label("Reason").select_option("damaged")
    page.get_by_label(re.compile("shipping costs", re.IGNORECASE)).check()
    page.locator("select[name^=fate-]").first.select_option("")
    check_page(page)
    page.get_by_role("button", name="Book the return").click()
    expect(page.locator(".toast-line")).to_contain_text("has been booked")
    [credit] = [v for v in build.invoices(order) if v["kind"] == "credit"]
    assert credit["gross_minor"] == 1495

    dock = open_page("/returns/?status=to_inspect", role="warehouse")
    check_page(dock)
    [(booked,)] = sql.fetch("select number from returns_return where order_id = %s", (order,))
    dock.get_by_role("link", name=booked, exact=True).first.click()
    fate = dock.get_by_label(re.compile("What becomes of"))
    expect(fate).to_be_visible()
    fate.select_option("second_grade")
    check_page(dock)
    dock.get_by_role("button", name=re.compile("Decide")).click()
    expect(dock.locator(".page-head .pill")).to_have_text("Processed")
    check_page(dock)
    assert sql.fetch("select disposition from returns_line where order_id = %s", (order,)) == [("second_grade",)]  # fmt: skip


def test_a_periodic_run_is_gone_through_line_by_line(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1, stock=20, refund_mode="periodic")
    names = []
    for _ in range(3):
        order = build.shipped(world, (world.skus[0], 2))
        build.invoice(order)
        credit = build.give_back(order, build.back(order, 1)).require().data["credit_invoices"][0]["id"]  # fmt: skip
        made = create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)[0].require()  # fmt: skip
        names += [row[0] for row in sql.fetch("select number from refunds_refund where id = any(%s)", (made.data["refunds"],))]  # fmt: skip

    page = open_page("/refunds/?status=awaiting_approval", role="finance")
    for name in names:
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    check_page(page)
    runs = page.get_by_role("list", name="Next runs")
    expect(runs).to_contain_text("0 approved")
    runs.get_by_role("link", name=re.compile("3 to look at")).click()
    expect(page.get_by_label("However sent")).to_have_value("periodic")
    check_page(page)
    page.get_by_role("row", name=names[0]).get_by_role("checkbox").check()
    page.get_by_role("row", name=names[1]).get_by_role("checkbox").check()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator("#confirm")).to_contain_text("with the next run of its shop")
    page.click("#confirm [data-go]")
    expect(page.get_by_role("dialog")).to_contain_text("2 done")
    check_page(page)
    page.goto(f"{_base(page)}/refunds/?status=awaiting_approval")
    expect(page.get_by_role("link", name=names[0], exact=True)).to_have_count(0)
    page.get_by_role("link", name=names[2], exact=True).click()
    page.get_by_role("link", name=f"Reject {names[2]}").click()
    dialog = page.get_by_role("dialog")
    reason = dialog.get_by_label("Reason")
    expect(reason).to_be_visible()
    reason.fill("Paid at the counter")
    dialog.get_by_role("button", name="Reject the refund").click()
    expect(page.locator(".toast-line")).to_contain_text("The refund has been rejected.")

    page.goto(f"{_base(page)}/refunds/?status=approved")
    for name in names[:2]:
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=names[2], exact=True)).to_have_count(0)
    expect(page.get_by_role("list", name="Next runs")).to_contain_text("2 approved")
    check_page(page)
    page.get_by_role("row", name=names[1]).get_by_role("checkbox").check()
    page.get_by_role("button", name="Reject", exact=True).click()
    reason = page.get_by_role("dialog").get_by_label("Reason")
    expect(reason).to_be_visible()
    check_page(page)
    reason.fill("Ordered anew")
    page.get_by_role("dialog").get_by_role("button", name="Reject these refunds").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 done")
    told = sql.fetch("select number, status, due_at > approved_at from refunds_refund order by id")
    assert told == [(names[0], "approved", True), (names[1], "rejected", told[1][2]), (names[2], "rejected", told[2][2])]  # fmt: skip
