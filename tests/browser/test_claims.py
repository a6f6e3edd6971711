"""A lost parcel becomes a claim with one click, and the goods are sent once more, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def test_a_lost_parcel_is_claimed_and_sent_once_more(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1, stock=20)
    build.lost(world)
    [(order, number)] = sql.fetch("select o.id, o.number from orders_order o")
    page = open_page("/delivery-problems/", role="customer_service")
    check_page(page)

    page.get_by_role("link", name="Make a claim").click()
    expect(page.get_by_label("What happened")).to_have_value("lost")
    expect(page.get_by_role("spinbutton")).to_have_value("1")
    check_page(page)
    page.get_by_role("button", name="Make the claim").click()
    expect(page.get_by_role("heading", name="Claims")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="Send once more").click()
    page.get_by_role("button", name="Send once more").click()
    expect(page.get_by_text("The new order has been placed.")).to_be_visible()

    [(new,)] = sql.fetch("select n.number from returns_claim c join orders_order n on n.id = c.new_order_id where c.order_id = %s", (order,))  # fmt: skip
    expect(page.get_by_role("link", name=str(new), exact=True)).to_be_visible()
    phone = open_page("/returns/claims/?status=all", role="customer_service", size="phone", scheme="dark")  # fmt: skip
    expect(phone.get_by_text(str(number)).first).to_be_visible()
    check_page(phone)
