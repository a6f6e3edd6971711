"""Hold rules and the handing over of holds in a real browser, by role."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.orders.commands.hold import HoldItem, hold_orders
from tests import build
from tests.console.morning import numbers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def test_an_owner_makes_a_rule_and_the_next_order_is_held_by_it(
    open_page: Open, check_page: Check
) -> None:
    world = build.world()
    page = open_page("/settings/holds/")
    page.get_by_role("link", name="Add a rule").first.click()
    expect(page.get_by_label("Value from")).to_be_visible()
    check_page(page)
    page.locator("#id_name").fill("Dear orders")
    page.get_by_label("Value from").fill("15,00")
    page.get_by_label("Who deals with it").select_option(label="Olga de Boer")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Dear orders")).to_be_visible()
    check_page(page)

    [number] = numbers("orders_order", [world.place((world.skus[0], 2))])

    page.goto(page.url.replace("/settings/holds/", f"/orders/{number}/"))
    expect(page.get_by_text("Olga de Boer deals with it")).to_be_visible()
    expect(page.get_by_text("rule Dear orders: value 20.00").first).to_be_visible()
    check_page(page)


def test_customer_service_hands_a_hold_over_and_finds_its_own(
    open_page: Open, check_page: Check
) -> None:
    world = build.world()
    order = world.place()
    hold_orders([HoldItem(order_id=order, reason="Call first")], actor=build.TESTER)[0].require()
    [number] = numbers("orders_order", [order])
    page = open_page(f"/orders/{number}/", role="customer_service", size="phone")
    expect(page.get_by_text("nobody deals with it yet")).to_be_visible()
    page.get_by_role("link", name="Hand it over").click()
    page.get_by_label("Who deals with it").select_option(label="Olga de Boer")
    check_page(page)
    page.get_by_role("button", name="Hand it over").click()
    expect(page.get_by_text("Olga de Boer deals with it")).to_be_visible()

    page.goto(page.url.split("/orders/")[0] + "/orders/?status=on_hold&holder=-")
    expect(page.get_by_role("link", name=str(number))).to_have_count(0)
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Holds of everybody").select_option(label="Mine")
    expect(page.get_by_role("link", name=str(number)).first).to_be_visible()
    check_page(page)


def test_the_warehouse_sees_a_hold_and_cannot_hand_it_over(open_page: Open) -> None:
    world = build.world()
    order = world.place()
    hold_orders([HoldItem(order_id=order, reason="Call first")], actor=build.TESTER)[0].require()
    [number] = numbers("orders_order", [order])

    page = open_page(f"/orders/{number}/", role="warehouse")

    expect(page.get_by_text("Call first").first).to_be_visible()
    expect(page.get_by_role("link", name="Hand it over")).to_have_count(0)
