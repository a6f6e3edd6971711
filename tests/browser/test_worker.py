"""A day of whoever works in the warehouse, in a real browser: parcels regrouped, handed over, watched, heard, and put away offline."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, Request, Route, expect

from orderwerk.console.views import shipments_all
from orderwerk.core import sql
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from tests import build
from tests.browser.eventually import eventually
from tests.browser.test_floor import dock
from tests.browser.test_picking import scanned
from tests.console.morning import numbers
from tests.flows.test_collecting import collected
from tests.flows.test_stock_scans import lying

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


# What does something: a button that sends, a menu of deeds, and a link that opens a dialog (the tag `opens` writes those).
DEEDS = "main form[method=post] [type=submit], main [type=submit][form], main .page-head details.menu, main a[hx-target='#dialog-place']"  # fmt: skip


def number_of(shipment: UUID) -> str:
    return str(numbers("shipments_shipment", [shipment])[0])


def go(page: Page, path: str) -> None:
    page.goto("/".join(page.url.split("/")[:3]) + path)


def more(page: Page, name: str) -> None:
    """Open something from the menu behind "More"."""
    page.locator("details.menu summary", has_text="More").click()
    page.locator("details.menu").get_by_role("link", name=name).click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Go back")).to_be_visible()


def test_a_shipment_is_split_put_together_and_moved_to_another_location(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=2, products=1)
    order = world.place((world.skus[0], 5))
    [first] = build.shipments(order)
    page = open_page(f"/shipments/{number_of(first)}/", role="warehouse")

    more(page, "Split")
    dialog = page.get_by_role("dialog")
    dialog.locator("input[name^=line-]").fill("2")
    check_page(page)
    dialog.get_by_role("button", name="Into a shipment of its own").click()
    expect(page.locator(".toast-line")).to_contain_text("has been opened beside it")
    expect(page.locator("td.number.last").first).to_have_text("3")
    [_, second] = build.shipments(order, "open")

    more(page, "Put another into it")
    dialog.locator("select").select_option(number_of(second))
    check_page(page)
    dialog.get_by_role("button", name="Put together").click()
    expect(page.locator(".toast-line")).to_contain_text("have been put together")
    expect(page.locator("td.number.last")).to_have_text(["3", "2"])
    assert build.shipments(order, "open") == [first]

    more(page, "Move to another location")
    dialog.locator("select").select_option(world.locations[1])
    check_page(page)
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator(".toast-line")).to_contain_text("Another location sends it now")
    page.locator(".page-head .sub a").click()
    expect(page.locator("section", has_text=world.locations[1])).to_contain_text("Open")
    check_page(page)
    assert {place for _, _, _, place in build.allocations(order, "allocated")} == {world.locations[1]}  # fmt: skip


def test_parcels_to_one_door_go_in_one_box_and_apart_again(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=1)
    customer = {"name": "Test Persoon", "email": "door@example.com"}
    one, two = (number_of(build.shipments(world.place((world.skus[0], 1), customer=customer))[0]) for _ in range(2))  # fmt: skip
    page = open_page(f"/shipments/{one}/", role="warehouse", size="phone")

    expect(page.get_by_text("To the same door from here")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Into one parcel").click()
    expect(page.locator(".notice", has_text="In its parcel lie")).to_contain_text(two)
    check_page(page)

    page.get_by_role("link", name=two).click()
    expect(page.get_by_text("It lies in the parcel of")).to_be_visible()
    expect(page.get_by_role("link", name="Pack", exact=True)).to_have_count(0)
    check_page(page)
    page.get_by_role("button", name="Separate").click()
    expect(page.locator(".toast-line")).to_contain_text(f"{two} travels by itself again.")
    expect(page.get_by_role("link", name="Pack", exact=True)).to_be_visible()


def test_what_a_customer_comes_for_is_put_ready_and_handed_over(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world()
    order = collected(world, (world.skus[0], 2))
    number = number_of(build.shipments(order)[0])
    page = open_page("/collect/", role="warehouse")
    check_page(page)
    page.get_by_role("link", name=number).click()
    page.get_by_role("button", name="Put ready").click()
    expect(page.locator(".toast-line")).to_contain_text(f"{number} lies ready to be collected.")
    check_page(page)

    go(page, "/collect/?status=ready")
    page.get_by_role("link", name="Hand over", exact=True).click()
    who = page.get_by_role("dialog").get_by_label("Collected by")
    expect(who).to_have_value("Test Persoon")
    who.fill("")
    page.get_by_role("dialog").get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("dialog").get_by_text("This field is required.")).to_be_visible()
    who.fill("Test Buur")
    page.get_by_role("dialog").get_by_label("Note").fill("Showed the e-mail")
    check_page(page)
    page.get_by_role("dialog").get_by_role("button", name="Hand over").click()

    expect(page.locator(".toast-line")).to_contain_text("has been handed over")
    go(page, "/collect/?status=collected")
    expect(page.get_by_text("to Test Buur")).to_be_visible()
    check_page(page)
    assert build.order(order)["status"] == "shipped"


def test_how_far_the_others_are_is_seen_without_a_click(open_page: Open) -> None:
    world = build.world(locations=1, products=1)
    world.place((world.skus[0], 3))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    assert made.id is not None
    [(line, _)] = build.pick_lines_of(made.id)
    page = open_page(f"/pick-lists/{made.data['pick_lists'][0]['number']}/", role="warehouse")
    board = open_page("/pick-lists/", role="warehouse")
    expect(page.locator("#list-progress")).to_contain_text("0 / 3")
    expect(board.locator("#people .person")).to_contain_text("0 / 3")

    pick_lines([PickItem(pick_line_id=line, picked=2)], actor=build.TESTER)[0].require()

    expect(page.locator("#list-progress")).to_contain_text("2 / 3", timeout=30_000)
    expect(board.locator("#people .person")).to_contain_text("2 / 3", timeout=30_000)


# A loudspeaker that writes down what it would have played.
_EAR = """
window.heard = [];
window.AudioContext = class {
  currentTime = 0;
  destination = {};
  createGain() { return { gain: {}, connect: (next) => next }; }
  createOscillator() {
    const tone = { frequency: {}, connect: (next) => next, stop: (at) => { tone.seconds = at; },
      start: () => window.heard.push(tone) };
    return tone;
  }
};
"""


def test_a_wrong_scan_is_heard_as_well_as_seen(open_page: Open) -> None:
    world = build.world(locations=1, products=1)
    world.place((world.skus[0], 2))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    page = open_page("/", role="warehouse", size="phone")
    page.add_init_script(_EAR)
    go(page, f"/pick-lists/{made.data['pick_lists'][0]['number']}/scan/")
    expect(page.locator("#code")).to_be_focused()

    def heard() -> object:
        """Of each tone whether it is high, and whether it is short."""
        return page.evaluate("heard.map((tone) => [tone.frequency.value > 600, tone.seconds < 0.2])")  # fmt: skip

    good, bad = [True, True], [False, False]
    scanned(page, "WRONG")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    eventually(heard, [bad])
    scanned(page, "DEFAULT")
    eventually(heard, [bad, good])
    scanned(page, world.skus[0])
    eventually(heard, [bad, good, good])
    scanned(page, "4711")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    eventually(heard, [bad, good, good, bad])
    expect(page.locator("#waiting")).to_have_text("")


def booked(world: build.World) -> list[tuple[str, int]]:
    """What the floor's devices have told, in the order in which it happened."""
    rows = sql.fetch("select flow, quantity from stock_scan where location_id = %s order by at", (world.location_ids[world.locations[0]],))  # fmt: skip
    return [(row[0], row[1]) for row in rows]


def test_goods_are_put_away_moved_and_counted_without_a_connection_in_their_order_and_once(open_page: Open) -> None:  # fmt: skip
    world, number = dock(stock=5)
    place = world.locations[0]
    receive_stock([ReceiveItem(sku=world.skus[0], location=place, quantity=2, bin="DOCK", inbound=number)], actor=build.TESTER)[0].require()  # fmt: skip
    page = open_page("/scan/", role="warehouse", size="phone")
    # Nothing gets through until all of it was done, also not as the connection comes back between two pages.
    page.route("**/scan/scans/", lambda route: route.abort())

    def sending(request: Request) -> bool:
        return request.url.endswith("/scan/scans/")

    def offline(flow: str, *codes: str, button: str = "") -> None:
        go(page, f"/scan/{flow}/{place}/")
        expect(page.locator("#code")).to_be_focused()
        page.context.set_offline(True)
        for code in codes:
            scanned(page, code)
        if button:
            page.click("#book")
            page.get_by_role("button", name=button).click()

    def left(waiting: int) -> None:
        expect(page.locator("#waiting")).to_have_text(re.compile(f"{waiting} not sent yet"))
        # The network is there again and the server is not; the page is left after a try that came to nothing.
        with page.expect_event("requestfailed", sending):
            page.context.set_offline(False)
        go(page, "/account/")

    offline("put-away", world.skus[0], world.skus[0], "A-1")
    left(1)
    offline("move", "DEFAULT", world.skus[0], "A-2")
    left(2)
    offline(
        "count", "DEFAULT", world.skus[0], world.skus[0], world.skus[0], button="Not counted now"
    )
    left(3)
    assert booked(world) == []

    # The answer to the first try is lost on its way: the server has booked it, the device sends it again.
    lost: list[str] = []

    def lose_one(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    page.unroute("**/scan/scans/")
    page.route("**/scan/scans/", lose_one)
    with page.expect_event("requestfailed", sending):
        go(page, "/scan/")

    eventually(lambda: page.evaluate("localStorage.getItem('orderwerk.stock')"), None)
    expect(page.locator("#unsent")).to_have_text("")
    assert booked(world) == [("put_away", 2), ("move", 1), ("count", 3)]
    expect(page.locator("#refused p")).to_have_count(0)
    assert len(lost) == 1
    # Three lie there after one was moved away: counted before that, there would be two.
    assert lying(world) == {"A-1": 2, "A-2": 1, "DEFAULT": 3}


def test_a_part_to_which_no_answer_came_is_sent_again_by_a_button(open_page: Open, check_page: Check, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(shipments_all, "_PART", 1)
    world = build.world(locations=1)
    orders = [world.place((world.skus[0], 1)) for _ in range(2)]
    page = open_page(f"/shipments/all/?status=not_shipped&location={world.locations[0]}", role="warehouse", refused=("htmx:afterRequest", "htmx:sendError"))  # fmt: skip
    lost: list[str] = []

    def lose(route: Route) -> None:
        # The second part, once: the first brings no sum of what was done.
        if not lost and "done=1" in (route.request.post_data or ""):
            lost.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/shipments/all/**", lose)
    page.get_by_role("button", name="Ship", exact=True).click()
    page.click("#confirm [data-go]")
    go_on = page.get_by_role("button", name="Go on")
    expect(page.get_by_text("1 of 2")).to_be_visible()
    expect(go_on).to_be_enabled()
    check_page(page)
    go_on.click()

    expect(page.get_by_text("That was all of them.")).to_be_visible()
    expect(page.get_by_text("2 done")).to_be_visible()
    assert len(lost) == 1
    assert [build.order(key)["status"] for key in orders] == ["shipped", "shipped"]
