"""Cancelling a paid order with a part of the money going back, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from tests import build
from tests.console.morning import numbers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def test_a_part_of_the_money_goes_back(open_page: Open, check_page: Check) -> None:
    world = build.world()
    order = world.place((world.skus[0], 2))
    build.invoice(order)
    [number] = numbers("orders_order", [order])
    page = open_page(f"/orders/{number}/do/cancel/", role="customer_service", size="phone")
    page.get_by_label("Reason").fill("Changed his mind")
    page.get_by_label("A part", exact=True).check()
    page.get_by_label("The part that goes back, VAT included").fill("99,00")
    check_page(page)
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_text("At most 20.00 can go back for this.")).to_be_visible()
    page.get_by_label("The part that goes back, VAT included").fill("12,50")
    page.get_by_role("button", name="Cancel the order").click()

    expect(page.get_by_text("Kept all the same")).to_be_visible()
    check_page(page)
    assert sql.fetch("select status, credited_minor, retained_minor from orders_order where id = %s", (order,)) == [("cancelled", 1250, 750)]  # fmt: skip


def test_a_line_is_cancelled_and_no_money_goes_back(open_page: Open, check_page: Check) -> None:
    world = build.world()
    order = world.place((world.skus[0], 2))
    [number] = numbers("orders_order", [order])
    page = open_page(f"/orders/{number}/articles/")
    page.get_by_label("Pieces of").fill("1")
    page.get_by_label("Reason").fill("Made to order")
    page.get_by_label("What goes back of the money").select_option("none")
    check_page(page)
    page.get_by_role("button", name="Cancel the pieces entered").click()
    page.click("#confirm [data-go]")

    expect(page.get_by_text("The pieces have been cancelled.")).to_be_visible()
    assert sql.fetch("select cancelled_minor, retained_minor from orders_order where id = %s", (order,)) == [(0, 1000)]  # fmt: skip
