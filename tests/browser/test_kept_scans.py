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
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.browser.conftest import PASSWORD
from tests.browser.eventually import eventually
from tests.browser.test_floor import dock
from tests.browser.test_picking import scanned
from tests.flows.test_stock_scans import lying

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('orderwerk.'))"


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
    eventually(lambda: page.evaluate(KEPT), [])


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


_KEEP = "([name, scans]) => localStorage.setItem(name, JSON.stringify(scans))"


def pick(line: UUID) -> dict[str, Any]:
    """Return the scan of one piece."""
    return {"key": str(new_id()), "pick_line_id": str(line), "picked": 1, "step": "article"}


def never_taken() -> dict[str, Any]:
    """Return a scan with more keys than anything here has: a request with it is refused whole, with the scans behind it."""
    return {"key": str(new_id()), "code": "4711", **{f"k{n}": 0 for n in range(2_001)}}


def test_what_the_server_never_takes_is_set_aside_told_and_thrown_away(open_page: Open, check_page: Check) -> None:  # fmt: skip
    order, number, _, line = walk(2)
    page = open_page("/scan/", role="warehouse", size="phone", refused=("400",))
    page.evaluate(_KEEP, [f"orderwerk.scans.{number}", [never_taken(), pick(line)]])

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
    eventually(lambda: page.evaluate(KEPT), [])


def test_what_is_none_of_ours_in_the_storage_of_a_device_stops_no_page(open_page: Open) -> None:
    order, number, sku, _ = walk(1)
    parcel = shipment_detail(build.TESTER, build.shipments(order)[0]).shipment.number
    page = open_page("/account/", role="warehouse", size="phone", refused=("404",))
    root = "/".join(page.url.split("/")[:3])
    # A moment that no date can be made of, of a list that is not there.
    far = {"key": str(new_id()), "at": "+275760-09-13T00:00:00.000Z", "off": 1}
    page.evaluate(_KEEP, ["orderwerk.scans.NONE", [far]])
    page.evaluate(_KEEP, ["orderwerk.aside", [{}, {"name": 5, "scan": {}}]])
    page.evaluate(
        _KEEP, [f"orderwerk.packing.{parcel}", {"packed": None, "parcels": [], "at": 9e15}]
    )

    page.goto(f"{root}/pick-lists/{number}/scan/")
    scanned(page, "DEFAULT")
    scanned(page, sku)
    eventually(lambda: build.order(order)["units_picked"], 1)
    page.goto(f"{root}/scan/")
    expect(page.locator("#unsent")).to_contain_text("1")
    page.goto(f"{root}/shipments/{parcel}/pack/")
    scanned(page, sku)
    page.click("#ship")

    eventually(lambda: build.order(order)["units_shipped"], 1)


# A browser that stores nothing more, until it does again; what becomes less has room.
_FULL = """
const set = Storage.prototype.setItem;
window.full = true;
Storage.prototype.setItem = function (name, text) {
  if (window.full && text.length > (this.getItem(name) ?? "").length) throw new DOMException("full", "QuotaExceededError");
  set.call(this, name, text);
};
"""


def full(open_page: Open, path: str) -> Page:
    page = open_page("/", role="warehouse", size="phone")
    page.add_init_script(_FULL)
    page.goto("/".join(page.url.split("/")[:3]) + path)
    return page


def lost(page: Page) -> None:
    expect(page.locator("#said")).to_contain_text("keeps nothing more")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")


def test_a_pick_that_the_device_cannot_keep_is_said_and_asked_for_again(open_page: Open, check_page: Check) -> None:  # fmt: skip
    order, number, sku, _ = walk(2)
    page = full(open_page, f"/pick-lists/{number}/scan/")

    scanned(page, "DEFAULT")
    scanned(page, sku)
    lost(page)
    expect(page.locator(".scan-count")).to_have_text("2 pieces")
    check_page(page)
    assert build.order(order)["units_picked"] == 0
    page.evaluate("full = false")
    scanned(page, sku)
    expect(page.locator(".scan-count")).to_have_text("1 piece")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "good")

    eventually(lambda: build.order(order)["units_picked"], 1)


def test_a_parcel_that_the_device_cannot_keep_is_said_and_packed_again(open_page: Open) -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 1))
    number = shipment_detail(build.TESTER, build.shipments(order)[0]).shipment.number
    page = full(open_page, f"/shipments/{number}/pack/")

    scanned(page, world.skus[0])
    page.click("#ship")
    lost(page)
    expect(page.locator("#ship")).to_be_enabled()
    page.evaluate("full = false")
    page.click("#ship")

    eventually(lambda: build.order(order)["units_shipped"], 1)


@pytest.mark.parametrize("flow", ["receive", "move", "count"])
def test_what_the_device_cannot_keep_between_the_shelves_stays_in_hand(open_page: Open, flow: str) -> None:  # fmt: skip
    world, _ = dock(stock=5)
    place, sku = world.locations[0], world.skus[0]
    page = full(open_page, f"/scan/{flow}/{place}/{'?blind' if flow == 'receive' else ''}")
    codes, last, then = {
        "receive": ([sku, sku], "A-1", {"DEFAULT": 5, "DOCK": 2}),
        "move": (["DEFAULT", sku, sku], "A-1", {"A-1": 2, "DEFAULT": 3}),
        "count": (["DEFAULT", sku, sku, world.skus[1]], "DEFAULT", {"DEFAULT": 2}),
    }[flow]

    for code in (*codes, last):
        scanned(page, code)
    lost(page)
    assert lying(world) == {"DEFAULT": 5}
    page.evaluate("full = false")
    scanned(page, last)
    expect(page.locator("#scan")).to_have_attribute("data-tone", "good")

    eventually(lambda: lying(world), then)


def test_what_the_server_never_takes_and_the_device_cannot_set_aside_holds_nothing_back(open_page: Open) -> None:  # fmt: skip
    order, number, _, line = walk(2)
    page = open_page("/", role="warehouse", size="phone", refused=("400",))
    page.evaluate(_KEEP, [f"orderwerk.scans.{number}", [never_taken(), pick(line)]])
    page.add_init_script(_FULL)

    page.goto("/".join(page.url.split("/")[:3]) + f"/pick-lists/{number}/scan/")

    lost(page)
    expect(page.locator("#said")).to_contain_text("keys")
    eventually(lambda: build.order(order)["units_picked"], 1)
    eventually(lambda: page.evaluate(KEPT), [])


def test_what_was_set_aside_stays_there_while_the_device_keeps_nothing_more(open_page: Open) -> None:  # fmt: skip
    order, number, _, line = walk(2)
    page = open_page("/", role="warehouse", size="phone")
    told = {"name": f"orderwerk.scans.{number}", "scan": pick(line), "text": "Not now."}
    page.evaluate(_KEEP, ["orderwerk.aside", [told]])
    page.add_init_script(_FULL)
    page.goto("/".join(page.url.split("/")[:3]) + "/scan/")

    page.click("#refused >> text=Try again")
    expect(page.locator("#refused")).to_contain_text("keeps nothing more")
    expect(page.locator("#refused .notice")).to_contain_text("Not now.")
    page.evaluate("full = false")
    page.click("#refused >> text=Try again")

    eventually(lambda: build.order(order)["units_picked"], 1)
    expect(page.locator("#refused .notice")).to_have_count(0)


# Room for so many scans of the floor, over all pages that are loaded.
_ROOM = """
const set = Storage.prototype.setItem;
Storage.prototype.setItem = function (name, text) {
  if (name === "orderwerk.stock" && JSON.parse(text).length > Number(sessionStorage.room ?? 1)) throw new DOMException("full", "QuotaExceededError");
  set.call(this, name, text);
};
"""


def test_what_of_a_bin_was_kept_is_counted_once_also_where_the_page_is_loaded_again(open_page: Open) -> None:  # fmt: skip
    world, _ = dock(stock=5)
    page = open_page("/", role="warehouse", size="phone")
    page.add_init_script(_ROOM)
    page.route("**/scans/", lambda route: route.abort())
    page.goto("/".join(page.url.split("/")[:3]) + f"/scan/count/{world.locations[0]}/")
    for code in ("DEFAULT", *world.skus, "DEFAULT"):
        scanned(page, code)
    lost(page)
    expect(page.locator("#waiting")).to_have_text("1 not sent yet")

    page.reload()
    page.evaluate("sessionStorage.room = 9")
    expect(page.locator("#bin")).to_have_text("DEFAULT")
    scanned(page, "DEFAULT")
    expect(page.locator("#said")).to_contain_text("DEFAULT is counted")
    expect(page.locator("#waiting")).to_have_text("2 not sent yet")
    page.unroute("**/scans/")

    eventually(lambda: lying(world), {"DEFAULT": 1})
    expect(page.locator("#waiting")).to_have_text("")
