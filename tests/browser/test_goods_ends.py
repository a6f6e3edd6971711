"""Ends of goods stories that begin elsewhere: held by a rule, all of a long list, and finance that looks at goods."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.rules import Rule
from orderwerk.core import sql
from orderwerk.flows.hold_unrouted import hold_unrouted_orders
from orderwerk.flows.place_orders import place_orders
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from tests import build
from tests.browser.test_worker import DEEDS, go, number_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_an_order_that_fits_no_rule_is_held_and_goes_on_when_it_fits(open_page: Open, check_page: Check, size: str) -> None:  # fmt: skip
    world = build.world(locations=1, products=1, stock=1)
    rule = Rule(name="Whole or not at all", split="never", otherwise="hold")
    set_routing_rules([RoutingItem(shop=world.shop, rules=[rule])], actor=build.TESTER)[0].require()
    order = world.place((world.skus[0], 2))
    [(event,)] = sql.fetch("select id from core_event where kind = 'order.not_routed' and aggregate_id = %s", (order,))  # fmt: skip
    # What follows by itself.
    assert hold_unrouted_orders([event]) == 1
    number = build.order(order)["number"]
    page = open_page("/orders/?status=on_hold", role="customer_service", size=size)
    page.locator("#listing tbody tr", has_text=str(number)).locator("a.strong-link").click()
    expect(page.get_by_text("Whole or not at all").first).to_be_visible()
    check_page(page)

    goods = ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=9)
    receive_stock([goods], actor=build.TESTER)[0].require()
    page.get_by_role("button", name="Release hold").click()

    expect(page.get_by_text("Awaiting shipment").first).to_be_visible()
    assert build.order(order)["status"] == "awaiting_shipment"
    check_page(page)


def test_from_the_foot_of_a_long_list_all_of_it_is_announced(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=1, stock=60)
    for outcome in place_orders([world.document((world.skus[0], 1)) for _ in range(51)], actor=build.TESTER):  # fmt: skip
        outcome.require()
    page = open_page(f"/shipments/?status=not_shipped&location={world.locations[0]}", role="warehouse")  # fmt: skip

    page.get_by_role("link", name="All of this list").click()
    expect(page.get_by_text("51 shipments, as the list is filtered now.")).to_be_visible()
    expect(page.get_by_role("button", name="Packing slips 1 – 51")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Announce shipments").click()
    page.click("#confirm [data-go]")

    expect(page.get_by_text("That was all of them.")).to_be_visible()
    expect(page.get_by_text("51 done")).to_be_visible()
    check_page(page)
    assert sql.fetch("select distinct status from shipments_shipment where shop_id = %s", (world.shop_id,)) == [("announced",)]  # fmt: skip


def test_finance_sees_what_left_and_changes_nothing(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1, stock=9)
    order = build.shipped(world, (world.skus[0], 1))
    [gone] = build.shipments(order)
    page = open_page("/shipments/?status=shipped", role="finance")
    expect(page.get_by_role("link", name="Pack", exact=True)).to_have_count(0)

    for path, seen in (
        (f"/shipments/{number_of(gone)}/", "Contents"),
        (f"/stock/{world.skus[0]}/", "Movements"),
        (f"/orders/{build.order(order)['number']}/shipments/", number_of(gone)),
        (f"/orders/{build.order(order)['number']}/allocations/", world.locations[0]),
    ):
        go(page, path)
        expect(page.locator("main").get_by_text(seen).first).to_be_visible()
        expect(page.locator(DEEDS)).to_have_count(0)
        check_page(page)
