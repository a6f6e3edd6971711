"""Who answers for the stock, in a real browser: wrong counters repaired, goods sent on, kept back and counted by turns, orders served by hand, papers."""

from collections.abc import Callable

import pytest
from django.db.transaction import atomic
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from tests import build
from tests.browser.test_worker import go, more, number_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def toast(page: Page, words: str) -> None:
    expect(page.locator(".toast-line").last).to_contain_text(words)


def test_a_wrong_counter_is_explained_repaired_and_seen_in_the_history(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=1, stock=10)
    [sku] = world.skus
    build.shipped(world, (sku, 4))
    # As a broken disk or a careless hand would: no command can do it.
    with atomic():
        sql.execute("set local session_replication_role = replica")
        sql.execute("update stock_level set on_hand = 9 where product_id = %s", (world.product_ids[sku],))  # fmt: skip
    page = open_page("/stock/", role="warehouse")
    check_page(page)
    page.get_by_role("link", name="Self-check").click()
    expect(page.get_by_text("On hand says 9; the movements add up to 6.")).to_be_visible()
    check_page(page)

    page.get_by_role("button", name="Repair").click()
    question = page.locator("#confirm")
    expect(question).to_contain_text("what they said before is kept in the history")
    question.locator("[data-go]").click()
    toast(page, "The counters are what the ledger says.")
    expect(page.get_by_role("heading", name="Everything agrees")).to_be_visible()
    check_page(page)

    go(page, f"/stock/{sku}/")
    expect(page.locator("svg.plot")).to_be_visible()
    page.get_by_text("day on which something came or went").click()
    expect(page.locator(".plot-list tbody tr")).to_have_count(1)
    for column, figure in (("good", "+10"), ("bad", "−4"), ("strong", "6")):
        expect(page.locator(f".plot-list td.{column}")).to_have_text(figure)
    check_page(page)


def test_goods_are_sent_to_another_location_and_taken_in_there(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=2, products=2, stock=10)
    page = open_page("/inbound/", role="warehouse")
    page.get_by_role("link", name="Send a transfer").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("From").select_option(world.locations[0])
    dialog.get_by_label("To", exact=True).select_option(world.locations[1])
    dialog.get_by_label("Articles").fill(f"{world.skus[0]} 4\n{world.skus[1]} eleven")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_text("Line 2 is not a SKU and a number")).to_be_visible()
    dialog.get_by_label("Articles").fill(f"{world.skus[0]} 4\n{world.skus[1]} 11")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_text("10 of 11").first).to_be_visible()
    check_page(page)
    dialog.get_by_label("Articles").fill(f"{world.skus[0]} 4\n{world.skus[1]} 2")
    dialog.get_by_role("button", name="Send").click()
    toast(page, "Sent: the goods are in transit.")
    assert world.levels()[(world.skus[0], world.locations[0])] == (6, 0)

    page.locator("#listing tbody tr a.strong-link").click()
    expect(page.locator(".pick-progress")).to_contain_text("0 / 6")
    check_page(page)
    page.locator("main td a.btn", has_text="Receive").first.click()
    dialog.get_by_label("Pieces").fill("1")
    dialog.get_by_role("button", name="Book as received").click()
    expect(page.locator(".pick-progress")).to_contain_text("1 / 6")
    page.get_by_role("button", name="Everything is here").click()
    page.locator("#confirm [data-go]").click()
    expect(page.locator(".pick-progress")).to_contain_text("6 / 6")
    check_page(page)
    assert [world.levels()[(sku, world.locations[1])][0] for sku in world.skus] == [14, 12]


def test_pieces_are_kept_back_from_sale_and_for_a_shop(open_page: Open, check_page: Check) -> None:
    mine, theirs = build.shared_worlds()
    [sku], [place] = mine.skus, mine.locations
    mine.count(place, {sku: 10})
    page = open_page(f"/stock/{sku}/", role="warehouse")
    dialog = page.get_by_role("dialog")

    more(page, "Set safety stock")
    dialog.get_by_label("Safety stock").fill("3")
    check_page(page)
    dialog.get_by_role("button", name="Save").click()
    toast(page, "Booked.")
    expect(page.locator("td[data-label=Available]").first).to_have_text("7")

    more(page, "Reserve for a shop")
    dialog.get_by_label("Shop").select_option(mine.shop)
    dialog.get_by_label("Reserved").fill("5")
    check_page(page)
    dialog.get_by_role("button", name="Save").click()
    toast(page, "Booked.")
    shops = page.locator("section", has=page.get_by_role("heading", name="For shops"))
    expect(shops.locator("td[data-label=Reserved]").first).to_have_text("5")
    check_page(page)
    # Of ten, three stay back from all and five for the one shop.
    assert build.order(theirs.place((sku, 4)))["units_allocated"] == 2
    assert build.order(mine.place((sku, 5)))["units_allocated"] == 5


def test_bins_are_counted_by_turns_as_the_plan_says(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=3, stock=5)
    sql.execute("update stock_level set counted_at = now() - interval '40 days'")
    page = open_page("/stock/do/counts/")
    page.get_by_role("link", name="Cycle counts").click()
    page.get_by_role("link", name=world.locations[0], exact=True).click()
    expect(page.get_by_text("No plan yet")).to_be_visible()
    check_page(page)

    page.get_by_role("link", name="Change", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Class C, every so many days").fill("30")
    dialog.get_by_label("At most a day").fill("2")
    check_page(page)
    dialog.get_by_role("button", name="Save").click()
    toast(page, "Saved.")
    expect(page.locator("main tbody tr")).to_have_count(3)
    check_page(page)

    page.get_by_role("button", name="Ask for what is due").click()
    toast(page, "2 counts asked for.")
    expect(page.locator("main tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Ask for what is due").click()
    toast(page, "Nothing more is asked for today.")
    go(page, "/stock/do/counts/")
    expect(page.locator("#listing tbody tr")).to_have_count(2)
    check_page(page)


def test_an_order_that_waits_is_served_by_hand(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1, stock=0)
    [sku] = world.skus
    order = world.place((sku, 3))
    number = build.order(order)["number"]
    page = open_page(f"/orders/{number}/allocations/", role="warehouse")
    expect(page.get_by_text("Waiting without stock: 3")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Allocate now").click()
    toast(page, "Nothing that this order waits for is in stock now.")

    world.count(world.locations[0], {sku: 2})
    page.get_by_role("button", name="Allocate now").click()
    toast(page, "2 pieces have been allocated.")
    expect(page.get_by_text("Waiting without stock: 1")).to_be_visible()
    check_page(page)
    assert build.order(order)["units_allocated"] == 2


def test_a_round_of_shipments_is_ticked_and_printed_in_one_file(open_page: Open) -> None:
    world = build.world(locations=1, products=1)
    found = [number_of(build.shipments(world.place((world.skus[0], 1)))[0]) for _ in range(3)]
    page = open_page("/shipments/", role="warehouse")
    for number in found[:2]:
        page.get_by_label(f"Choose shipment {number}").check()
    expect(page.locator(".bulk-bar")).to_contain_text("2 chosen")
    page.get_by_role("button", name="Make pick lists").click()
    expect(page.get_by_role("dialog")).to_contain_text(found[0])
    go(page, "/shipments/")

    for name, file in (("Print with pick lists", "round.pdf"), ("Print packing slips", "packing-slips.pdf")):  # fmt: skip
        for number in found[:2]:
            page.get_by_label(f"Choose shipment {number}").check()
        with page.context.expect_event("response", lambda answer, file=file: file in answer.url) as got:  # fmt: skip
            page.get_by_role("button", name=name).click()
        assert got.value.status == 200, name
        assert got.value.header_value("content-type") == "application/pdf"
