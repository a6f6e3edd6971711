"""Deeds with goods that stand behind a button or a menu, each pressed by who does it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.console.views import shipments_all
from orderwerk.core import sql
from orderwerk.flows.set_lots import LotItem, set_lots
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.upsert_inbounds import InboundLineItem
from tests import build
from tests.browser.test_worker import go, more, number_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def toast(page: Page, words: str) -> None:
    """Wait until the page says what was done."""
    expect(page.locator(".toast-line").last).to_contain_text(words)


def test_a_part_is_shipped_and_the_rest_waits(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1)
    order = world.place((world.skus[0], 5))
    [first] = build.shipments(order)
    page = open_page(f"/shipments/{number_of(first)}/", role="warehouse", size="phone")

    more(page, "Ship a part")
    dialog = page.get_by_role("dialog")
    dialog.locator("input[name^=line-]").fill("2")
    check_page(page)
    dialog.get_by_role("button", name="Ship this part").click()

    toast(page, "The part has left.")
    assert build.order(order)["status"] == "partially_shipped"
    [rest] = build.shipments(order, "open")
    go(page, f"/shipments/{number_of(rest)}/")
    expect(page.locator("td.number.last").first).to_have_text("3")
    check_page(page)

    go(page, f"/shipments/{number_of(first)}/")
    page.get_by_role("link", name="Tracking codes").click()
    dialog.locator("input[name=code-1]").fill("3SABCD123")
    check_page(page)
    dialog.get_by_role("button", name="Save").click()
    toast(page, "Track & trace has been saved.")
    assert sql.fetch("select tracking_code from shipments_package where shipment_id = %s", (first,)) == [("3SABCD123",)]  # fmt: skip


def test_a_pick_list_is_made_given_up_made_again_and_picked_at_once(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=2)
    order = world.place((world.skus[0], 2), (world.skus[1], 1))
    [shipment] = build.shipments(order)
    page = open_page(f"/shipments/{number_of(shipment)}/", role="warehouse")
    dialog = page.get_by_role("dialog")

    def make() -> None:
        page.locator("details.menu summary", has_text="More").click()
        page.get_by_role("button", name="Make a pick list").click()
        toast(page, "The pick list has been made.")

    make()
    page.locator("section.panel", has_text="Pick lists").get_by_role("link").last.click()
    more(page, "Cancel")
    check_page(page)
    dialog.get_by_role("button", name="Cancel the pick list").click()
    toast(page, "The pick list has been cancelled.")
    check_page(page)

    go(page, f"/shipments/{number_of(shipment)}/")
    make()
    [(number,)] = sql.fetch("select number from picklists_pick_list where status = 'open'")
    go(page, f"/pick-lists/{number}/")
    page.get_by_role("button", name="Everything is picked").click()
    expect(page.locator("#confirm")).to_contain_text("(2 lines)")
    check_page(page)
    page.click("#confirm [data-go]")
    expect(page.get_by_text("This list is done.")).to_be_visible()
    assert sql.fetch("select status, count(*) from picklists_pick_list group by 1 order by 1") == [("cancelled", 1), ("picked", 1)]  # fmt: skip


def test_a_claim_is_moved_and_let_go_on_the_orders_page(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=2, products=1, backorder_release="by_hand")
    order = world.place((world.skus[0], 3))
    page = open_page(f"/orders/{build.order(order)['number']}/allocations/", role="customer_service")  # fmt: skip
    dialog = page.get_by_role("dialog")

    page.get_by_role("link", name="Move", exact=True).click()
    dialog.locator("select").select_option(world.locations[1])
    check_page(page)
    dialog.get_by_role("button", name="Move", exact=True).click()
    toast(page, "The allocation has been moved.")
    assert [row[2:] for row in build.allocations(order, "allocated")] == [(3, world.locations[1])]

    page.get_by_role("button", name="Release", exact=True).click()
    expect(page.locator("#confirm")).to_contain_text("is free for other orders then")
    page.click("#confirm [data-go]")
    expect(page.get_by_text("Waiting without stock: 3")).to_be_visible()
    assert build.allocations(order, "allocated") == []
    check_page(page)


def test_why_an_order_goes_from_here_is_read_whole(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=3, products=2, stock=1)
    order = world.place((world.skus[0], 3), (world.skus[1], 2))
    number = build.order(order)["number"]
    cut = "rows => rows.filter(row => row.scrollHeight > row.clientHeight + 1).length"
    for size in ("wide", "phone"):
        page = open_page(f"/orders/{number}/allocations/", role="customer_service", size=size)
        expect(page.locator(".why").first).to_be_visible()
        assert page.eval_on_selector_all(".why", cut) == 0
        check_page(page)

        go(page, f"/allocations/?q={number}")
        whole = page.locator("details.why").first
        expect(whole).to_be_visible()
        whole.locator("summary").click()
        expect(whole).to_have_attribute("open", "")
        assert page.eval_on_selector_all("details.why[open] > summary", cut) == 0
        check_page(page)


def test_an_order_becomes_urgent(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1)
    order = world.place((world.skus[0], 1))
    page = open_page(f"/orders/{build.order(order)['number']}/", role="customer_service", size="phone")  # fmt: skip

    more(page, "Change tags")
    page.get_by_role("dialog").get_by_label("Urgent").check()
    check_page(page)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()

    expect(page.locator(".page-head").get_by_text("Urgent", exact=True)).to_be_visible()
    assert sql.fetch("select priority > 0 from orders_order where id = %s", (order,)) == [(True,)]


def test_what_is_too_many_for_one_go_is_said(open_page: Open, check_page: Check, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(shipments_all, "MOST_OF_ALL", 2)
    world = build.world(locations=1, products=1)
    for _ in range(3):
        world.place((world.skus[0], 1))
    page = open_page(f"/shipments/all/?status=not_shipped&location={world.locations[0]}", role="warehouse", size="phone")  # fmt: skip

    expect(page.get_by_text("The list has more than 2.")).to_be_visible()
    expect(page.locator("#work button")).to_have_count(0)
    check_page(page)


def test_the_rest_of_a_transfer_does_not_come_and_lies_at_its_origin(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=2, products=1, stock=10)
    lines = [InboundLineItem(sku=world.skus[0], quantity=4)]
    sent = SendItem(origin=world.locations[0], to=world.locations[1], lines=lines)
    number = send_transfers([sent], actor=build.TESTER)[0].require().data["number"]
    page = open_page(f"/inbound/at/{number}/", role="warehouse", size="phone")
    dialog = page.get_by_role("dialog")

    page.get_by_role("link", name="The rest does not come").click()
    dialog.get_by_label("Reason").fill("The van broke down")
    dialog.get_by_label("The rest lies at its origin again").check()
    check_page(page)
    dialog.get_by_role("button", name="Close it").click()

    toast(page, "Closed.")
    check_page(page)
    assert world.levels()[(world.skus[0], world.locations[0])] == (10, 0)


def test_a_blocked_lot_is_let_go(open_page: Open, check_page: Check) -> None:
    world, sku = build.world(locations=1, products=1), f"lot-{build.serial()}"
    upsert_products([ProductItem(sku=sku, name="Milk", tracking="lot")], actor=build.TESTER)[0].require()  # fmt: skip
    goods = ReceiveItem(sku=sku, location=world.locations[0], quantity=5, lot="A-7")
    receive_stock([goods], actor=build.TESTER)[0].require()
    set_lots([LotItem(sku=sku, lot="A-7", blocked=True, reason="quality")], actor=build.TESTER)[0].require()  # fmt: skip
    page = open_page("/stock/do/lots/", role="warehouse", size="phone")

    page.locator("#listing tbody tr", has_text="A-7").get_by_role("link").first.click()
    page.get_by_role("link", name="Let it go").click()
    check_page(page)
    page.get_by_role("dialog").get_by_role("button", name="Let it go").click()

    expect(page.get_by_role("link", name="Block it")).to_be_visible()
    check_page(page)
    assert sql.fetch("select is_blocked from stock_lot where code = 'A-7'") == [(False,)]  # fmt: skip
