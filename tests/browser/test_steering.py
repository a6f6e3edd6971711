"""Who leads the floor, in a real browser: lists given to somebody, first, paused and released, a shipment sent on, goods expected later."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import clock
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build
from tests.browser.test_lead import toast
from tests.browser.test_worker import go, number_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def step(page: Page, name: str) -> None:
    """Do something from the menu behind "More"."""
    page.locator("details.menu summary", has_text="More").click()
    page.locator("details.menu .menu-panel").get_by_text(name, exact=True).click()


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_a_list_is_given_away_put_first_paused_resumed_and_its_rest_released(open_page: Open, check_page: Check, size: str) -> None:  # fmt: skip
    world = build.world(locations=1, products=1)
    order = world.place((world.skus[0], 3))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    assert made.id is not None
    [(line, _)] = build.pick_lines_of(made.id)
    number = made.data["pick_lists"][0]["number"]
    page = open_page(f"/pick-lists/{number}/", role="warehouse", size=size)

    page.get_by_role("link", name="Give to somebody").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Who picks it").select_option(label="Olga de Boer")
    check_page(page)
    dialog.locator("button[type=submit]").last.click()
    expect(page.locator(".page-head").get_by_role("link", name="Give to somebody")).to_have_count(0)
    step(page, "Urgent")
    expect(page.locator(".menu-panel").get_by_text("Not urgent", exact=True)).to_be_attached()
    step(page, "Pause")
    expect(page.locator(".notice", has_text="This list is paused.")).to_be_visible()
    check_page(page)
    paused = pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0].error
    step(page, "Resume")
    expect(page.locator(".notice", has_text="This list is paused.")).to_have_count(0)
    pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0].require()
    step(page, "Release the rest")
    expect(dialog.locator("button[type=submit]").last).to_be_visible()
    check_page(page)
    dialog.locator("button[type=submit]").last.click()
    expect(dialog).to_have_count(0)
    expect(page.locator("body")).to_contain_text("This list is done.")

    assert paused is not None
    assert paused.code == "pick_list_paused"
    assert build.order(order)["units_picked"] == 1
    assert sorted((s, n) for _, s, n, _ in build.allocations(order, "allocated", "picked")) == [("allocated", 2), ("picked", 1)]  # fmt: skip


def test_a_shipment_that_cannot_be_sent_is_sent_from_elsewhere(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=2, products=1)
    order = world.place((world.skus[0], 2))
    [shipment] = build.shipments(order)
    page = open_page(f"/shipments/{number_of(shipment)}/", role="warehouse")

    step(page, "Cannot be sent from here")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Look for another location")).to_be_visible()
    dialog.locator("textarea, input[type=text]").first.fill("The shelf fell over")
    check_page(page)
    dialog.get_by_role("button", name="Look for another location").click()

    toast(page, "Everything comes from another location now.")
    assert [place for _, _, _, place in build.allocations(order, "allocated")] == [world.locations[1]]  # fmt: skip
    go(page, f"/orders/{build.order(order)['number']}/allocations/")
    expect(page.locator("main")).to_contain_text(world.locations[1])
    check_page(page)


def test_goods_are_expected_and_the_promise_follows_their_day(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=1, stock=0)
    order = world.place((world.skus[0], 2))
    soon, later = (clock.now().date() + timedelta(days=n) for n in (20, 45))
    page = open_page("/inbound/", role="warehouse")
    dialog = page.get_by_role("dialog")

    for day in (soon, later):
        go(page, "/inbound/")
        page.get_by_role("link", name="New purchase order").click()
        dialog.get_by_label("Comes to").select_option(world.locations[0])
        dialog.get_by_label("Number").fill("PO-77")
        dialog.get_by_label("Expected on").fill(day.isoformat())
        dialog.get_by_label("Articles").fill(f"{world.skus[0]} 5")
        check_page(page)
        dialog.locator("button[type=submit]").last.click()
        expect(dialog).to_have_count(0)
        go(page, f"/orders/{build.order(order)['number']}/articles/")
        expect(page.locator("main")).to_contain_text(f"expected {day.day} {day:%b}")
        check_page(page)
