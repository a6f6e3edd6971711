"""Scans that cannot be sent say why and stay on the device; what the server will never take blocks nothing and is told."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from orderwerk.accounts.commands.update_user import UserChange, update_users
from orderwerk.accounts.models import User
from orderwerk.core.ids import new_id
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build
from tests.browser.conftest import PASSWORD
from tests.browser.eventually import eventually
from tests.browser.test_picking import scanned

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]
NOTHING_KEPT = "!Object.keys(localStorage).some((key) => key.startsWith('orderwerk.'))"


def walk(pieces: int = 1) -> tuple[UUID, str, str, UUID]:
    """An order, the number of its pick list, the article on it and its line."""
    world = build.world(locations=1)
    order = world.place((world.skus[0], pieces))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    [(line, _)] = build.pick_lines_of(made.id)  # type: ignore[arg-type] # done, so it has an id
    return order, made.data["pick_lists"][0]["number"], world.skus[0], line


def change(**fields: Any) -> None:
    """Let whoever is logged in do other things than before, or elsewhere."""
    person = User.objects.get(username__startswith="warehouse")
    update_users([UserChange(user_id=person.id, **fields)], actor=build.TESTER)[0].require()


@pytest.mark.parametrize("limit", ["role", "locations"])
def test_a_login_that_may_not_send_scans_is_told_and_the_next_one_sends_them(open_page: Open, check_page: Check, limit: str) -> None:  # fmt: skip
    order, number, sku, _ = walk()
    page = open_page(f"/pick-lists/{number}/scan/", role="warehouse", size="phone", refused=("403", "404"))  # fmt: skip
    expect(page.locator("#code")).to_be_focused()
    elsewhere = tuple(build.world(locations=1).locations)
    change(**({"role": "read_only"} if limit == "role" else {"locations": elsewhere}))

    scanned(page, "DEFAULT")
    scanned(page, sku)
    expect(page.locator("[data-why=place]")).to_contain_text("cannot be sent with your login")
    expect(page.locator("[data-why=yes]")).to_be_hidden()
    expect(page.locator("#waiting")).to_have_text("1 not sent yet")
    check_page(page)
    assert build.order(order)["units_picked"] == 0
    change(**({"role": "warehouse"} if limit == "role" else {"locations": None}))

    eventually(lambda: build.order(order)["units_picked"], 1)
    expect(page.locator(".scan-offline")).to_be_hidden()
    page.wait_for_function(NOTHING_KEPT)


def test_who_is_logged_out_is_told_and_sends_after_the_next_login(open_page: Open, check_page: Check) -> None:  # fmt: skip
    order, number, sku, _ = walk()
    page = open_page(f"/pick-lists/{number}/scan/", role="warehouse", size="phone")
    expect(page.locator("#code")).to_be_focused()
    page.context.clear_cookies(name=re.compile("session"))

    scanned(page, "DEFAULT")
    scanned(page, sku)
    expect(page.locator("[data-why=login]")).to_contain_text("Nobody is logged in here any more")
    check_page(page)
    page.click("[data-why=login] a")
    person = User.objects.get(username__startswith="warehouse")
    page.fill("#id_login", person.username)
    page.fill("#id_password", PASSWORD)
    page.click("button.btn-primary")

    expect(page.locator("#over")).to_be_visible()
    eventually(lambda: build.order(order)["units_picked"], 1)
    assert page.url.endswith(f"/pick-lists/{number}/scan/")


def test_what_the_server_never_takes_is_set_aside_told_and_thrown_away(open_page: Open, check_page: Check) -> None:  # fmt: skip
    order, number, _, line = walk(2)
    page = open_page("/scan/", role="warehouse", size="phone", refused=("400",))
    good = {"key": str(new_id()), "pick_line_id": str(line), "picked": 1, "step": "article"}
    # More keys than anything here has: the whole request is refused, with the scan behind it.
    bad = {"key": str(new_id()), "code": "4711", **{f"k{n}": 0 for n in range(2_001)}}
    keep = "([name, scans]) => localStorage.setItem(name, JSON.stringify(scans))"
    page.evaluate(keep, [f"orderwerk.scans.{number}", [bad, good]])

    page.goto(page.url.replace("/scan/", f"/pick-lists/{number}/scan/"))
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    expect(page.locator("#said")).to_contain_text("keys")
    eventually(lambda: build.order(order)["units_picked"], 1)
    expect(page.locator("#waiting")).to_have_text("")

    page.goto(page.url.replace(f"/pick-lists/{number}/scan/", "/scan/"))
    told = page.locator("#refused .notice")
    expect(told).to_contain_text("4711")
    expect(told).to_contain_text(number)
    check_page(page)
    with page.expect_response("**/scans/"):
        page.click("#refused >> text=Try again")
    expect(told).to_contain_text("4711")
    page.click("#refused >> text=Throw away")
    expect(page.locator("#unsent")).to_have_text("")
    expect(told).to_have_count(0)
    page.wait_for_function(NOTHING_KEPT)
