"""An order at two locations is gathered at one in a real browser, and its shipment says what it waits for."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from tests import build
from tests.console.morning import numbers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def test_an_order_is_gathered_and_its_shipment_waits(open_page: Open, check_page: Check) -> None:
    world = build.world(stock=0, products=2)
    for place, sku in zip(world.locations, world.skus, strict=True):
        world.count(place, {sku: 9})
    order = world.place((world.skus[0], 1), (world.skus[1], 2))
    [number] = numbers("orders_order", [order])
    page = open_page(f"/orders/{number}/allocations/")
    check_page(page)

    page.get_by_role("link", name="Gather at one location").click()
    expect(page.get_by_label("Leaves from")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Send the rest there").click()

    expect(page.get_by_text(f"2 pieces are on their way from {world.locations[1]}")).to_be_visible()
    check_page(page)
    [(transfer,)] = sql.fetch("select number from stock_inbound where order_id = %s", (order,))
    [shipment] = numbers("shipments_shipment", build.shipments(order, "open"))
    phone = open_page(f"/shipments/{shipment}/", size="phone", scheme="dark")
    expect(phone.get_by_role("link", name=str(transfer))).to_be_visible()
    check_page(phone)
    phone.goto(phone.url.replace(f"/shipments/{shipment}/", f"/orders/{number}/allocations/"))
    check_page(phone)
