"""A refund becomes store credit, its code pays for the next order, and what is left is seen and ended, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from orderwerk.refunds.commands.submit import submit_due
from orderwerk.refunds.store_credits import grouped_code
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def test_a_refund_becomes_store_credit_and_pays(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1, stock=20)
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    key = build.refund(order, "12.00")
    [(refund, number)] = sql.fetch("select r.number, o.number from refunds_refund r join orders_order o on o.id = r.order_id where r.id = %s", (key,))  # fmt: skip

    page = open_page(f"/orders/{number}/refunds/", role="finance")
    page.get_by_role("button", name=f"As store credit {refund}").click()
    expect(page.get_by_text("The refund gives store credit.")).to_be_visible()
    page.get_by_role("button", name=f"Approve {refund}").click()
    expect(page.get_by_text("The refund has been approved.")).to_be_visible()
    submit_due(actor=build.TESTER)
    page.reload()
    [(code, credit)] = sql.fetch("select code, number from refunds_store_credit")
    expect(page.get_by_text(grouped_code(code))).to_be_visible()
    check_page(page)

    next_order = build.order(world.place((world.skus[0], 1), payments=[]))["number"]
    page.goto(page.url.replace(f"{number}/refunds/", f"{next_order}/"))
    page.get_by_role("link", name="Record a payment").click()
    page.get_by_label("How").select_option("store_credit")
    page.get_by_label("Amount").fill("12.01")
    page.get_by_label("Reference").fill(grouped_code(code).lower())
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Record").click()
    expect(dialog.get_by_text("has 12.00 left.")).to_be_visible()
    check_page(page)
    page.get_by_label("Amount").fill("10.00")
    dialog.get_by_role("button", name="Record").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text(str(credit), exact=True)).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("phone", "dark")])
def test_credits_are_found_looked_at_and_ended(
    open_page: Open, check_page: Check, size: str, scheme: str
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    build.store_credit(world, "5.00")
    key, code = build.store_credit(world, "12.00")
    [(number, order)] = sql.fetch("select number, order_id from refunds_store_credit where id = %s", (key,))  # fmt: skip
    build.charge_back(order, 3000)

    page = open_page("/refunds/store-credits/", role="finance", size=size, scheme=scheme)
    expect(page.locator("#listing tbody tr")).to_have_count(2)
    check_page(page)
    page.get_by_role("searchbox", name="Code, number or order").fill(code[:4] + "-" + code[4:])
    page.keyboard.press("Enter")
    expect(page.locator("#listing tbody tr")).to_have_count(1)
    page.get_by_role("link", name=str(number), exact=True).click()
    expect(page.get_by_role("heading", name=str(number))).to_be_visible()
    expect(page.get_by_text("Contested", exact=True)).to_be_visible()
    expect(
        page.get_by_text(
            "The payment whose refund this is, or the one that its money came from, was charged back."
        )
    ).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="End it early").click()
    page.get_by_label("Reason").fill("Settled with the customer")
    check_page(page)
    page.get_by_role("button", name="End it for good").click()
    expect(page.get_by_text("The store credit has been ended.")).to_be_visible()
    expect(page.get_by_text("Settled with the customer")).to_be_visible()
    expect(page.get_by_role("cell", name="Ended early")).to_be_visible()
    expect(page.get_by_role("link", name="End it early")).to_have_count(0)
    check_page(page)


def test_who_only_reads_sees_no_code_and_no_way_to_end_it(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    key, code = build.store_credit(world)
    page = open_page(f"/refunds/store-credits/{key}/", role="read_only")
    expect(page.get_by_text(f"····-····-····-{code[-4:]}")).to_be_visible()
    expect(page.get_by_role("link", name="End it early")).to_have_count(0)
    check_page(page)
