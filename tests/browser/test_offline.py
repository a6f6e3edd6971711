"""Scan pages that are loaded again without a connection, in a real browser: what was kept, for whom, and that it is booked once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.browser.eventually import eventually
from tests.browser.test_picking import scanned

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]
Open = Callable[..., Page]
Check = Callable[[Page], None]
PAGES = "caches.open('orderwerk.scan.1').then((store) => store.keys()).then((all) => all.map((each) => new URL(each.url).pathname).filter((path) => !path.startsWith('/static/')).sort())"


def kept(page: Page) -> None:
    """Wait until the device has kept the page and its files."""
    expect(page.locator("html[data-keeps]")).to_have_count(1, timeout=20_000)


def test_a_list_and_a_parcel_are_loaded_again_without_a_connection_and_all_is_booked_once(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1)
    order, packed = world.place((world.skus[0], 4)), world.place((world.skus[1], 2))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(order))], actor=build.TESTER)[0].require()  # fmt: skip
    number = made.data["pick_lists"][0]["number"]
    parcel = shipment_detail(build.TESTER, build.shipments(packed)[0]).shipment.number
    page = open_page(f"/pick-lists/{number}/scan/", role="warehouse", size="phone")
    kept(page)
    scanned(page, "DEFAULT")
    scanned(page, world.skus[0])
    expect(page.locator(".scan-count")).to_have_text("3 pieces")
    expect(page.locator("#waiting")).to_have_text("")
    start = page.url.split("/pick-lists/")[0]
    page.goto(f"{start}/shipments/{parcel}/pack/")
    expect(page.locator("#code")).to_be_focused()
    kept(page)
    scanned(page, world.skus[1])
    expect(page.locator("#count")).to_have_text("1 / 2")

    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".scan-offline")).to_be_visible()
    expect(page.locator("#count")).to_have_text("1 / 2")
    expect(page.locator("#code")).to_be_focused()
    scanned(page, world.skus[1])
    page.click("#ship")
    expect(page.locator("#ship")).to_be_disabled()
    # The list as it is, not as it was when it was kept: a piece has been booked since.
    page.goto(f"{start}/pick-lists/{number}/scan/")
    expect(page.locator(".scan-count")).to_have_text("3 pieces")
    expect(page.locator("#code")).to_be_focused()
    scanned(page, "DEFAULT")
    scanned(page, world.skus[0])
    expect(page.locator("#waiting")).to_have_text("1 not sent yet")
    page.reload()
    expect(page.locator(".scan-count")).to_have_text("2 pieces")
    expect(page.locator("#code")).to_be_focused()
    check_page(page)
    scanned(page, "DEFAULT")
    scanned(page, world.skus[0])
    expect(page.locator("#waiting")).to_have_text("2 not sent yet")
    assert build.order(order)["units_picked"] == 1

    page.context.set_offline(False)
    eventually(lambda: build.order(order)["units_picked"], 3)
    expect(page.locator(".scan-offline")).to_be_hidden()
    page.goto(f"{start}/scan/")
    eventually(lambda: build.order(packed)["units_shipped"], 2)
    expect(page.locator("#unsent")).to_have_text("")
    assert build.order(order)["units_picked"] == 3


def test_what_is_kept_is_scan_pages_alone_and_gone_with_who_saw_them(open_page: Open) -> None:
    build.world(locations=1)
    page = open_page("/scan/", role="warehouse", size="phone")
    kept(page)
    page.goto(page.url.replace("/scan/", "/pick-lists/"))
    expect(page.locator("h1")).to_be_visible()
    page.goto(page.url.replace("/pick-lists/", "/scan/"))
    assert page.evaluate(PAGES) == ["/scan/", "/scan/person"]

    # Somebody else, of whose login this worker saw nothing: what is kept is theirs from the first page on.
    page.evaluate("caches.open('orderwerk.scan.1').then((store) => Promise.all([store.put('/scan/person', new Response('somebody')), store.put('/scan/count/x/', new Response('theirs'))]))")  # fmt: skip
    page.reload()
    eventually(lambda: page.evaluate(PAGES), ["/scan/", "/scan/person"])

    page.goto(page.url.replace("/scan/", "/account/logout/"))
    eventually(lambda: page.evaluate(PAGES), [])
    page.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_"):
        page.goto(page.url.replace("/account/logout/", "/scan/"))
