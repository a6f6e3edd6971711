"""What somebody holds and has not booked yet is kept on the device, theirs alone; and what was scanned before a page could listen is heard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.core import sql
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build
from tests.browser.conftest import PASSWORD
from tests.browser.eventually import eventually
from tests.browser.test_floor import dock
from tests.browser.test_picking import scanned
from tests.browser.test_worker import go
from tests.flows.test_stock_scans import lying

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]


def opened(page: Page, path: str) -> Page:
    """Another tab of the same device."""
    tab = page.context.new_page()
    tab.goto("/".join(page.url.split("/")[:3]) + path)
    expect(tab.locator("#code")).to_be_focused()
    return tab


def test_what_is_in_hand_survives_a_closed_tab_is_booked_once_and_is_nobody_elses(open_page: Open) -> None:  # fmt: skip
    world, number = dock()
    path = f"/scan/receive/{world.locations[0]}/?inbound={number}"
    page = open_page(path, role="warehouse", size="phone")
    scanned(page, world.skus[0])
    scanned(page, world.skus[0])
    expect(page.locator("#amount")).to_have_value("2")

    first = opened(page, path)
    page.close()
    expect(first.locator("#amount")).to_have_value("2")
    # Goods that come in with other papers, or with none, are others.
    blind = opened(first, f"/scan/receive/{world.locations[0]}/?blind")
    expect(blind.locator("#count")).to_be_hidden()
    blind.close()

    # Whoever logs in next on the device has other hands.
    create_users([NewUser(username="next", name="Next", role="warehouse", password=PASSWORD)], actor=build.TESTER)  # fmt: skip
    cookies = first.context.cookies()
    first.context.clear_cookies()
    go(first, "/account/login/")
    first.fill("#id_login", "next")
    first.fill("#id_password", PASSWORD)
    first.click("button.btn-primary")
    first.wait_for_url(lambda url: "/account/login/" not in url)
    go(first, path)
    expect(first.locator("#code")).to_be_focused()
    expect(first.locator("#count")).to_be_hidden()

    first.context.clear_cookies()
    first.context.add_cookies(cookies)  # type: ignore[arg-type] # what it gave out it takes back
    go(first, path)
    expect(first.locator("#amount")).to_have_value("2")
    second = opened(first, path)
    expect(second.locator("#amount")).to_have_value("2")
    second.click("#book")
    expect(first.locator("#count")).to_be_hidden()
    eventually(lambda: lying(world), {"DOCK": 2})
    assert second.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('orderwerk.hands.'))") == []  # fmt: skip


OLDER = """(hours) => { for (const name of Object.keys(localStorage).filter((each) => each.startsWith("orderwerk.hands."))) {
  const kept = JSON.parse(localStorage.getItem(name));
  localStorage.setItem(name, JSON.stringify({ ...kept, at: kept.at - hours * 3600000 }));
} }"""


def test_a_count_is_of_when_its_pieces_were_seen_whenever_the_bin_is_closed(open_page: Open) -> None:  # fmt: skip
    world, _ = dock(stock=5)
    page = open_page(f"/scan/count/{world.locations[0]}/", role="warehouse", size="phone")
    for code in ("DEFAULT", *[world.skus[0]] * 5):
        scanned(page, code)
    expect(page.locator("#amount")).to_have_value("5")
    order = world.place((world.skus[0], 2))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    assert made.id is not None
    [(line, _)] = build.pick_lines_of(made.id)
    pick_lines([PickItem(pick_line_id=line, picked=2)], actor=build.TESTER)[0].require()

    go(page, f"/scan/count/{world.locations[0]}/")
    expect(page.locator("#amount")).to_have_value("5")
    scanned(page, "DEFAULT")
    # The other articles of the bin are not counted now.
    page.click("#ask button[value=later]")

    eventually(lambda: sql.fetch("select count(*) from stock_scan where flow = 'count' and sku <> ''"), [(1,)])  # fmt: skip
    assert lying(world) == {"DEFAULT": 3, "STAGING": 2}
    assert build.order(order)["units_picked"] == 2


def test_what_was_in_hand_is_forgotten_after_a_day(open_page: Open) -> None:
    world, number = dock(stock=5)
    paths = [f"/scan/{flow}/{world.locations[0]}/{more}" for flow, more in (("count", ""), ("receive", f"?inbound={number}"))]  # fmt: skip
    page = open_page(paths[0], role="warehouse", size="phone")
    scanned(page, "DEFAULT")
    scanned(page, world.skus[0])
    expect(page.locator("#amount")).to_have_value("1")
    go(page, paths[1])
    scanned(page, world.skus[0])
    expect(page.locator("#amount")).to_have_value("1")

    def seen(path: str, pieces: bool) -> None:
        go(page, path)
        expect(page.locator("#code")).to_be_focused()
        expect(page.locator("#count")).to_be_visible(visible=pieces)

    page.evaluate(OLDER, 23)
    for path in paths:
        seen(path, pieces=True)
    page.evaluate(OLDER, 2)
    for path in paths:
        seen(path, pieces=False)


def early(page: Page, path: str, types: Callable[[Page], None], flow: str = "receive") -> None:
    """Open a page and scan before its programs are there."""
    held: list[Route] = []
    may_come: list[bool] = []

    def hold(route: Route) -> None:
        if may_come:
            route.continue_()
        else:
            held.append(route)

    page.route(f"**/console/scan_{flow}*.js", hold)
    page.goto("/".join(page.url.split("/")[:3]) + path, wait_until="commit")
    expect(page.locator("#scan-form")).to_be_visible()
    types(page)
    may_come.append(True)
    for route in held:
        route.continue_()


@pytest.mark.parametrize("flow", ["receive", "pick"])
def test_what_is_scanned_while_a_page_still_loads_is_taken_in_its_order(open_page: Open, flow: str) -> None:  # fmt: skip
    world, number = dock(stock=5)
    order = world.place((world.skus[0], 2), (world.skus[1], 2))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    path, codes = {
        "receive": (f"/scan/receive/{world.locations[0]}/?inbound={number}", [world.skus[0]] * 2),
        "pick": (f"/pick-lists/{made.data['pick_lists'][0]['number']}/scan/", ["DEFAULT", world.skus[0]]),
    }[flow]  # fmt: skip
    page = open_page("/", role="warehouse", size="phone")

    def types(page: Page) -> None:
        for code in codes:
            page.keyboard.type(code)
            page.keyboard.press("Enter")
        page.keyboard.type(world.skus[0][:2])

    early(page, path, types, flow)
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type(world.skus[0][2:])
    page.keyboard.press("Enter")

    if flow == "receive":
        expect(page.locator("#amount")).to_have_value("3")
    else:
        eventually(lambda: build.order(order)["units_picked"], 2)
    assert page.url.endswith(path)


def test_a_code_that_a_page_could_not_read_while_it_loaded_is_told(open_page: Open) -> None:
    world, number = dock()
    page = open_page("/", role="warehouse", size="phone")

    def types(page: Page) -> None:
        for code in (world.skus[0], None, world.skus[0]):
            if code is None:
                # As scanners type the separator of GS1 codes.
                page.keyboard.type("0104006381333931")
                page.keyboard.press("Control+BracketRight")
                page.keyboard.type("10AB")
            else:
                page.keyboard.type(code)
            page.keyboard.press("Enter")

    early(page, f"/scan/receive/{world.locations[0]}/?inbound={number}", types)

    expect(page.locator("#left-unsent p")).to_have_text(
        "Not every code could be read while the page was loading. Check what was taken."
    )
    expect(page.locator("#amount")).to_have_value("2")


def test_what_a_keyboard_on_the_screen_wrote_while_a_page_loaded_is_taken(open_page: Open) -> None:
    world, number = dock()
    page = open_page("/", role="warehouse", size="phone")

    def types(page: Page) -> None:
        # Such keys have no name: what they wrote stands in the field.
        page.locator("#code").focus()
        for _ in range(2):
            page.locator("#code").evaluate(
                "(field, code) => { field.value = code; }", world.skus[0]
            )
            page.keyboard.press("Enter")
        page.locator("#code").evaluate(
            "(field, part) => { field.value = part; }", world.skus[0][:2]
        )

    early(page, f"/scan/receive/{world.locations[0]}/?inbound={number}", types)

    expect(page.locator("#amount")).to_have_value("2")
    expect(page.locator("#code")).to_have_value(world.skus[0][:2])
    expect(page.locator("#left-unsent p")).to_have_count(0)
