"""Between the dock and the shelves in a real browser: receive, put away, move and count with a scanner, also offline."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from orderwerk.core import sql
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.upsert_inbounds import (
    InboundItem,
    InboundLineItem,
    upsert_inbounds,
)
from tests import build
from tests.browser.eventually import eventually
from tests.browser.test_picking import scanned
from tests.flows.test_stock_scans import lying

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def dock(stock: int = 0) -> tuple[build.World, str]:
    """A location with a receiving place and two shelves, and a purchase order of both articles."""
    world = build.world(locations=1, products=2, stock=stock)
    bins = [("A-1", 1, "face"), ("A-2", 2, "face"), ("DOCK", 9, "receiving")]
    for outcome in set_bins(
        [BinItem(location=world.locations[0], bin=b, position=p, use=u) for b, p, u in bins],  # type: ignore[arg-type]
        actor=build.TESTER,
    ):
        outcome.require()
    lines = [InboundLineItem(sku=sku, quantity=3) for sku in world.skus]
    made = upsert_inbounds([InboundItem(location=world.locations[0], lines=lines)], actor=build.TESTER)[0].require()  # fmt: skip
    return world, made.data["number"]


def test_goods_are_received_without_a_connection(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world, number = dock()
    page = open_page("/", role="warehouse", size="phone")
    page.click(".phone-bar >> text=Scan")
    check_page(page)
    page.click("main >> text=Receive")
    check_page(page)
    page.click(f"text={number}")
    expect(page.locator("#bin")).to_have_text("DOCK")
    check_page(page)

    scanned(page, "4711")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    expect(page.locator("#said")).to_contain_text("4711 is no article")
    scanned(page, world.skus[0])
    scanned(page, world.skus[0])
    expect(page.locator("#amount")).to_have_value("2")
    page.reload()
    expect(page.locator("#amount")).to_have_value("2")
    check_page(page)

    page.context.set_offline(True)
    scanned(page, world.skus[1])
    page.fill("#amount", "4")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("More than expected: 4 of 3")
    page.click("#book")
    expect(page.locator("#waiting")).to_have_text("2 not sent yet")
    expect(page.locator(".scan-offline")).to_be_visible()
    assert lying(world) == {}

    # The answer to the first try after the outage is lost on its way: the server has booked it, the device sends it again.
    lost: list[str] = []

    def lose_one(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    page.route("**/scan/scans/", lose_one)
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_have_text("", timeout=20_000)
    assert len(lost) == 1
    eventually(lambda: lying(world), {"DOCK": 2})
    eventually(lambda: refused_codes(world), ["4711"])


def refused_codes(world: build.World) -> list[str]:
    rows = sql.fetch(
        "select payload ->> 'code' from core_event where kind = 'stock.scan_refused' and aggregate_id = %s order by id",
        (world.location_ids[world.locations[0]],),
    )
    return [row[0] for row in rows]


def test_goods_are_put_away_from_the_dock(open_page: Open, check_page: Check) -> None:
    world, number = dock()
    came = [ReceiveItem(sku=sku, location=world.locations[0], quantity=n, bin="DOCK", inbound=number) for sku, n in zip(world.skus, (2, 4), strict=True)]  # fmt: skip
    for outcome in receive_stock(came, actor=build.TESTER):
        outcome.require()
    page = open_page(f"/scan/put-away/{world.locations[0]}/", role="warehouse", size="phone")
    expect(page.locator("#todo li")).to_have_count(2)
    scanned(page, "A-1")
    expect(page.locator("#said")).to_contain_text("A-1 is no article")
    scanned(page, world.skus[0])
    scanned(page, "DOCK")
    expect(page.locator("#said")).to_contain_text("DOCK is the bin that it comes from")
    check_page(page)
    page.click("#all")
    expect(page.locator("#amount")).to_have_value("2")
    scanned(page, world.skus[0])
    expect(page.locator("#said")).to_contain_text("No more than 2")
    scanned(page, "a-1")
    scanned(page, world.skus[1])
    page.fill("#amount", "two")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("two is no number of pieces.")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    scanned(page, "A-2")
    expect(page.locator("#said")).to_contain_text("Booked: 1")
    expect(page.locator("#waiting")).to_have_text("")
    check_page(page)

    eventually(lambda: lying(world), {"A-1": 2})
    eventually(lambda: refused_codes(world), ["A-1", "DOCK", world.skus[0]])


def test_goods_are_moved_and_counted_between_the_shelves(
    open_page: Open, check_page: Check
) -> None:
    world, _ = dock(stock=5)
    page = open_page(f"/scan/move/{world.locations[0]}/", role="warehouse", size="phone")

    scanned(page, "A-9")
    expect(page.locator("#said")).to_contain_text("A-9 is no bin")
    scanned(page, "DEFAULT")
    expect(page.locator("#todo li")).to_have_count(2)
    scanned(page, world.skus[0])
    expect(page.locator("#amount")).to_have_value("1")
    expect(page.locator("#all")).to_have_text("All 5")
    scanned(page, world.skus[0])
    scanned(page, world.skus[0])
    expect(page.locator("#amount")).to_have_value("3")
    scanned(page, "A-1")
    expect(page.locator("#said")).to_contain_text("Booked: 3")
    expect(page.locator("#waiting")).to_have_text("")
    eventually(lambda: lying(world), {"DEFAULT": 2, "A-1": 3})

    page.goto(page.url.split("/scan/")[0] + f"/scan/count/{world.locations[0]}/")
    check_page(page)
    scanned(page, world.skus[0])
    expect(page.locator("#said")).to_contain_text("lies in DEFAULT, A-1")
    scanned(page, "DEFAULT")
    expect(page.locator(".scan-what")).to_be_hidden()
    scanned(page, world.skus[0])
    expect(page.locator("#amount")).to_have_value("1")
    page.click("#book")
    expect(page.locator("#unseen li")).to_have_count(1)
    check_page(page)
    page.click("text=Not counted now")
    expect(page.locator("#said")).to_contain_text("DEFAULT is counted")
    scanned(page, "A-1")
    page.click("#book")
    page.click("text=None of them is here")
    expect(page.locator("#said")).to_contain_text("A-1 is counted")
    expect(page.locator("#waiting")).to_have_text("")

    eventually(lambda: lying(world), {"DEFAULT": 1})
    assert world.levels()[(world.skus[1], world.locations[0])] == (5, 0)


def test_scanning_another_bin_ends_the_count_of_the_one_before(open_page: Open) -> None:
    world, _ = dock(stock=5)
    page = open_page(f"/scan/count/{world.locations[0]}/", role="warehouse", size="phone")

    for code in ("DEFAULT", *world.skus, "A-1"):
        scanned(page, code)
    expect(page.locator("#said")).to_contain_text("DEFAULT is counted")
    expect(page.locator("#bin")).to_have_text("A-1")
    scanned(page, world.skus[0])
    # What the books know of the bin is asked for first.
    scanned(page, "DEFAULT")
    expect(page.locator("#bin")).to_have_text("DEFAULT")
    scanned(page, world.skus[0])
    scanned(page, "A-2")
    expect(page.locator("#unseen li")).to_have_count(1)
    page.click("text=None of them is here")
    expect(page.locator("#said")).to_contain_text("DEFAULT is counted")
    expect(page.locator("#bin")).to_have_text("A-2")
    # Scanned twice it is a bin that nothing was found in.
    scanned(page, "A-2")
    expect(page.locator("#bin")).to_be_hidden()
    expect(page.locator("#waiting")).to_have_text("")

    eventually(lambda: lying(world), {"A-1": 1, "DEFAULT": 1})


def test_a_code_that_a_page_stumbles_over_is_told_and_the_next_one_is_taken(open_page: Open) -> None:  # fmt: skip
    world, _ = dock()
    page = open_page(f"/scan/count/{world.locations[0]}/", role="warehouse", size="phone", refused=("TypeError",))  # fmt: skip
    # An answer of another release: an article without what this page reads of it.
    page.route("**/find/**", lambda route: route.fulfill(json={"article": {"sku": "4711"}}))

    scanned(page, "4711")
    expect(page.locator("#said")).to_contain_text("4711 was not taken")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    scanned(page, "A-1")

    expect(page.locator("#bin")).to_have_text("A-1")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "good")


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_everything_that_is_scanned_is_reached_from_one_page(open_page: Open, check_page: Check, size: str) -> None:  # fmt: skip
    world, _ = dock()
    page = open_page(f"/scan/?location={world.locations[0]}", role="warehouse", size=size, scheme="dark")  # fmt: skip

    for name, there in (("Receive", "receive"), ("Put away", "put-away"), ("Pick", "pick-lists"), ("Pack", "pack"), ("Move", "move"), ("Count", "count"), ("Book a return", "returns/new")):  # fmt: skip
        assert there in (
            page.locator(".scan-cards a", has_text=name).first.get_attribute("href") or ""
        )
    check_page(page)
