"""What a device has kept of lists, parcels and shelves goes out in the order in which the goods moved, however often it is tried."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core.ids import new_id
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from tests import build
from tests.browser.eventually import eventually
from tests.browser.test_floor import dock
from tests.browser.test_picking import scanned
from tests.browser.test_worker import booked, go, number_of
from tests.flows.test_stock_scans import lying, to_count

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
KEEP = "([name, scan]) => localStorage.setItem(name, JSON.stringify([scan]))"
LEFT = "Object.keys(localStorage).filter((name) => /^orderwerk[.](stock|scans|packed)/.test(name))"


def listed(world: build.World) -> tuple[str, UUID]:
    """Return the number of a pick list of all that may be picked, and its first line."""
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    assert made.id is not None
    return made.data["pick_lists"][0]["number"], build.pick_lines_of(made.id)[0][0]


def overheard(page: Page) -> list[str]:
    """Return what the page asks of the server and what is answered, as it comes."""
    heard: list[str] = []

    def kind(address: str) -> str:
        return next(word for word in ("/scan/scans/", "/pack/", "/scans/") if word in address)

    page.on("request", lambda each: heard.append(f"asked {kind(each.url)}") if each.method == "POST" else None)  # fmt: skip
    page.on("response", lambda each: heard.append(f"answered {kind(each.url)}") if each.request.method == "POST" else None)  # fmt: skip
    return heard


def picked_then_counted(open_page: Open) -> tuple[build.World, UUID, Page]:
    """Five lie in a bin; two are picked and the rest is counted while nothing gets through."""
    world, _ = dock()
    sku, place = world.skus[0], world.locations[0]
    receive_stock([ReceiveItem(sku=sku, location=place, quantity=5, bin="A-1")], actor=build.TESTER)[0].require()  # fmt: skip
    order = world.place((sku, 2))
    number, _ = listed(world)
    page = open_page("/scan/", role="warehouse", size="phone")
    # Nothing gets through until both were done: the floor's scans, and those of the list.
    page.route("**/scans/", lambda route: route.abort())

    go(page, f"/pick-lists/{number}/scan/")
    scanned(page, "A-1")
    scanned(page, sku)
    scanned(page, sku)
    expect(page.locator("#waiting")).to_have_text("2 not sent yet")
    go(page, f"/scan/count/{place}/")
    for code in ("A-1", sku, sku, sku, "A-1"):
        scanned(page, code)
    expect(page.locator("#waiting")).to_have_text("1 not sent yet")
    return world, order, page


def taken_off_once(world: build.World, order: UUID, page: Page) -> None:
    """Five were there: two lie in the cart, three in the bin, as was counted, and nobody need count again."""
    eventually(lambda: page.evaluate(LEFT), [])
    assert booked(world) == [("count", 3)]
    assert build.order(order)["units_picked"] == 2
    assert lying(world) == {"A-1": 3, "STAGING": 2}
    assert to_count(world) == []


def test_what_was_picked_and_then_counted_without_a_connection_is_taken_off_once(open_page: Open) -> None:  # fmt: skip
    world, order, page = picked_then_counted(open_page)
    # The page where it was counted sends counts alone, by itself: it is left before anything gets through.
    go(page, "/account/")
    page.unroute("**/scans/")

    go(page, "/scan/")

    taken_off_once(world, order, page)


def test_the_page_where_it_was_counted_sends_first_what_was_picked(open_page: Open) -> None:
    world, order, page = picked_then_counted(open_page)
    heard = overheard(page)

    page.unroute("**/scans/")
    page.evaluate("dispatchEvent(new Event('online'))")

    taken_off_once(world, order, page)
    assert "asked /scan/scans/" not in heard[: heard.index("answered /scans/")]


@pytest.mark.parametrize("is_held", [False, True])
def test_the_packing_table_sends_first_what_was_picked_and_says_what_is_refused(open_page: Open, is_held: bool) -> None:  # fmt: skip
    world = build.world(locations=1, products=1)
    order = world.place((world.skus[0], 2))
    number, line = listed(world)
    if is_held:
        hold_orders([HoldItem(order_id=order, reason="Ask first")], actor=build.TESTER)[0].require()
    page = open_page("/account/", role="warehouse", size="phone")
    pick = {"key": str(new_id()), "pick_line_id": str(line), "picked": 2, "step": "article"}
    page.evaluate(KEEP, [f"orderwerk.scans.{number}", pick])

    go(page, f"/shipments/{number_of(build.shipments(order)[0])}/pack/")

    eventually(lambda: page.evaluate(LEFT), [])
    assert build.order(order)["units_picked"] == (0 if is_held else 2)
    expect(page.locator("#left-unsent p")).to_have_count(1 if is_held else 0)
    if is_held:
        expect(page.locator("#left-unsent p")).to_contain_text(number)


def test_a_pick_that_is_refused_at_the_table_of_its_list_is_heard(open_page: Open) -> None:
    world = build.world(locations=1, products=1)
    order = world.place((world.skus[0], 2))
    number, line = listed(world)
    hold_orders([HoldItem(order_id=order, reason="Ask first")], actor=build.TESTER)[0].require()
    page = open_page("/account/", role="warehouse", size="phone")
    pick = {"key": str(new_id()), "pick_line_id": str(line), "picked": 2, "step": "article"}
    page.evaluate(KEEP, [f"orderwerk.scans.{number}", pick])

    go(page, f"/shipments/pack/lists/{number}/")

    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    expect(page.locator("#said")).not_to_be_empty()
    eventually(lambda: page.evaluate(LEFT), [])


def test_counts_stay_behind_picks_also_where_the_first_try_finds_no_connection(open_page: Open) -> None:  # fmt: skip
    world, order, page = picked_then_counted(open_page)
    go(page, "/account/")
    heard = overheard(page)
    with page.expect_event("requestfailed"):
        go(page, "/scan/")
    expect(page.locator("#unsent")).to_have_text("3 not sent yet")

    page.unroute("**/scans/")
    # A connection that comes back wakes all that waits at once.
    page.evaluate("dispatchEvent(new Event('online'))")

    taken_off_once(world, order, page)
    told = heard[heard.index("answered /scans/") :]
    assert told == ["answered /scans/", "asked /scan/scans/", "answered /scan/scans/"]
    assert "asked /scan/scans/" not in heard[: heard.index("answered /scans/")]


def test_a_parcel_waits_for_the_picks_of_what_lies_in_it(open_page: Open) -> None:
    world = build.world(locations=1, products=1)
    order = world.place((world.skus[0], 2))
    number, line = listed(world)
    page = open_page("/account/", role="warehouse", size="phone")
    pick = {"key": str(new_id()), "pick_line_id": str(line), "picked": 2, "step": "article"}
    parcel = {"key": str(new_id()), "contents": [{"sku": world.skus[0], "quantity": 2}], "packages": [{}]}  # fmt: skip
    page.evaluate(KEEP, [f"orderwerk.scans.{number}", pick])
    page.evaluate(KEEP, [f"orderwerk.packed.{number_of(build.shipments(order)[0])}", parcel])
    heard = overheard(page)

    go(page, "/scan/")

    eventually(lambda: page.evaluate(LEFT), [])
    assert heard == ["asked /scans/", "answered /scans/", "asked /pack/", "answered /pack/"]
    expect(page.locator("#refused p")).to_have_count(0)
    assert build.order(order)["status"] == "shipped"


def test_what_another_login_has_to_send_holds_no_count_back(open_page: Open) -> None:
    world, _ = dock(stock=5)
    page = open_page("/account/", role="warehouse", size="phone", refused=("404",))
    # A list that this login does not see.
    page.evaluate(KEEP, ["orderwerk.scans.ELSEWHERE", {"key": str(new_id()), "code": "4711", "step": "bin"}])  # fmt: skip
    count = {"key": str(new_id()), "flow": "count", "location": world.locations[0], "sku": world.skus[0], "bin": "DEFAULT", "quantity": 4}  # fmt: skip
    page.evaluate(KEEP, ["orderwerk.stock", count])

    go(page, "/scan/")

    eventually(lambda: booked(world), [("count", 4)])
    expect(page.locator("#unsent")).to_contain_text("1 not sent yet")
    expect(page.locator("#unsent")).to_contain_text("not from here")
    assert "4711" in json.dumps(page.evaluate("({ ...localStorage })"))


def test_pieces_are_gone_from_their_bin_as_of_the_first_scan_into_the_box(open_page: Open) -> None:
    world, _ = dock(stock=5)
    sku, place = world.skus[0], world.locations[0]
    order = world.place((sku, 2))
    number = number_of(build.shipments(order)[0])
    page = open_page(f"/shipments/{number}/pack/", role="warehouse")
    scanned(page, sku)
    expect(page.locator("#count")).to_have_text("1 / 2")

    # A colleague counts the bin that both pieces were taken from, and the box waits, also over a reload.
    item = CountItem(sku=sku, location=place, quantity=3, bin="DEFAULT")
    count_stock_levels([item], actor=build.TESTER)[0].require()
    page.reload()
    expect(page.locator("#count")).to_have_text("1 / 2")
    scanned(page, sku)
    page.click("#ship")

    eventually(lambda: len(build.shipments(order, "shipped")), 1)
    assert to_count(world) == ["DEFAULT"]
