"""Cancel requests in a real browser: the warehouse lets one go and is too late for another, from the list of both."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from tests import build
from tests.flows.test_cancel_requests import asking, picked

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_the_warehouse_lets_one_go_and_is_too_late_for_another(
    open_page: Open, check_page: Check, size: str
) -> None:
    world = asking()
    orders = [world.place((world.skus[0], 3)) for _ in range(2)]
    for order in orders:
        picked(world, order)
    items = [CancelItem(order_id=order, reason="Changed his mind") for order in orders]
    for outcome in cancel_orders(items, actor=build.TESTER):
        outcome.require()
    gone, late = (build.order(order)["number"] for order in orders)
    page = open_page("/cancel-requests/", role="warehouse", size=size)
    rows = page.locator("#listing tbody tr")
    expect(rows).to_have_count(2)
    check_page(page)

    # Both ways, each from whatever row it stands in: the first of a list is not the last.
    page.get_by_role("button", name=f"Let it go {gone}").click()
    expect(page.locator("#confirm")).to_contain_text(f"3 of {gone} are cancelled")
    page.click("#confirm [data-go]")
    expect(page.locator(".toast-line")).to_contain_text(f"3 pieces of {gone} have been cancelled")
    expect(rows).to_have_count(1)
    page.get_by_role("link", name=f"Too late {late}").click()
    reason = page.locator("dialog #id_reason")
    expect(reason).to_be_visible()
    reason.fill("It stands in the van")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator(".toast-line")).to_contain_text(f"{late} goes on.")
    expect(page.get_by_text("Nothing is to be decided")).to_be_visible()

    assert [build.order(order)["status"] for order in orders] == ["cancelled", "awaiting_shipment"]
