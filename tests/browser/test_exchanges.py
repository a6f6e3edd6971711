"""An exchange, from the customer's phone over the dock to the new order, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.flows.place_exchanges import ExchangeItem, place_exchanges
from orderwerk.orders.links import track_token
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def test_a_customer_exchanges_and_the_credit_pays(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=2, stock=20)
    change = ProductItem(sku=world.skus[0], name="Shirt, blue, M", substitutes=[world.skus[1]])
    upsert_products(
        [change, ProductItem(sku=world.skus[1], name="Shirt, blue, L")], actor=build.TESTER
    )
    rules = PolicyItem(shop=world.shop, outcomes=["refund", "exchange"], approve_at_once=True)
    set_return_policies([rules], actor=build.TESTER)
    order = build.shipped(world, (world.skus[0], 2))
    [(number, email)] = sql.fetch("select number, customer_email from orders_order where id = %s", (order,))  # fmt: skip

    customer = open_page(
        f"/track/{track_token(order, email)}/return?lang=en", role=None, size="phone"
    )
    expect(customer.get_by_label("Instead, I would like")).to_be_hidden()
    customer.get_by_label("How many").select_option("2")
    customer.get_by_label("Why").select_option(index=1)
    customer.get_by_label("Another article instead").check()
    customer.get_by_label("Instead, I would like").select_option(world.skus[1])
    check_page(customer)
    customer.get_by_role("button", name="Announce the return").click()
    expect(customer.get_by_text("2 × Shirt, blue, L")).to_be_visible()
    check_page(customer)

    [(asked,)] = sql.fetch("select number from return_requests_request where order_id = %s", (order,))  # fmt: skip
    page = open_page(f"/return-requests/{asked}/", role="owner")
    expect(page.get_by_text("Wants instead: 2 × Shirt, blue, L")).to_be_visible()
    page.get_by_role("link", name="The goods are here").click()
    expect(page.get_by_label("Give instead (SKU)")).to_have_value(world.skus[1])
    check_page(page)
    page.get_by_role("button", name="Book the return").click()
    expect(page.get_by_text("The new order for the exchange follows in a moment.")).to_be_visible()

    [(key,)] = sql.fetch("select id from returns_exchange where order_id = %s", (order,))
    new = (
        place_exchanges([ExchangeItem(exchange_id=key)], actor=build.TESTER)[0]
        .require()
        .data["number"]
    )
    page.reload()
    expect(page.get_by_role("link", name=str(new), exact=True)).to_be_visible()
    check_page(page)
    page.goto(page.url.split("/returns/")[0] + f"/orders/{number}/refunds/")
    expect(page.get_by_text(f"it has paid for the new order {new}")).to_be_visible()
