"""Setting a pick list aside in a real browser, on a phone and on a wide screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_a_list_is_set_aside_found_under_its_tab_and_woken(open_page: Open, check_page: Check, size: str) -> None:  # fmt: skip
    world = build.world(locations=1)
    world.place((world.skus[0], 2))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    number = made.data["pick_lists"][0]["number"]
    page = open_page(f"/pick-lists/{number}/", role="warehouse", size=size)

    page.click("summary:has-text('More')")
    page.click("text=Set aside")
    note = page.locator("dialog #id_note")
    expect(note).to_be_visible()
    note.fill("Lift is broken")
    check_page(page)
    page.click("dialog button[type=submit]")
    notice = page.locator(".notice", has_text="This list is set aside until")
    expect(notice).to_contain_text("Lift is broken")
    check_page(page)

    home = page.url.split("/pick-lists/")[0]
    page.goto(f"{home}/pick-lists/")
    expect(page.locator("#listing")).not_to_contain_text(number)
    page.goto(f"{home}/pick-lists/?status=snoozed")
    expect(page.locator("#listing tbody tr")).to_contain_text(number)
    check_page(page)
    page.locator("#listing tbody a.strong-link").click()
    notice.locator("button").click()

    expect(notice).to_have_count(0)
    page.goto(f"{home}/pick-lists/")
    expect(page.locator("#listing tbody tr")).to_contain_text(number)
