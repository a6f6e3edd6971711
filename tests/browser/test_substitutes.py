"""A substitute, from the order's page to the customer's two buttons, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from orderwerk.orders.links import track_token
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def test_a_substitute_is_offered_and_taken(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, stock=0)
    world.count(world.locations[0], {world.skus[1]: 5})
    order = world.place((world.skus[0], 2))
    number = build.order(order)["number"]
    page = open_page(f"/orders/{number}/articles/", role="customer_service")

    page.get_by_role("link", name="Offer a substitute").click()
    page.get_by_label("SKU of the substitute").fill(world.skus[1])
    check_page(page)
    page.get_by_role("button", name="Ask the customer").click()
    expect(page.get_by_role("heading", name="Substitutes")).to_be_visible()
    check_page(page)

    [(key, email)] = sql.fetch("select x.id, o.customer_email from orders_substitution x join orders_order o on o.id = x.order_id")  # fmt: skip
    path = f"/track/{track_token(order, email)}/substitutes/{key}?lang=en"
    customer = open_page(path, role=None, size="phone", scheme="dark")
    check_page(customer)
    customer.get_by_role("button", name="Yes, send it").click()
    expect(customer.get_by_role("heading", level=1)).to_have_text("Thank you. We send you the substitute.")  # fmt: skip
    check_page(customer)
    assert build.order(order)["units_allocated"] == 2
