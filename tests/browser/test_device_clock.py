"""Devices whose clock is wrong, or is set while scans wait: they tell how far it was from ours, and no order is turned around."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import clock, sql
from orderwerk.core.ids import new_id
from tests import build
from tests.browser.eventually import eventually
from tests.browser.test_floor import dock
from tests.browser.test_kept_scans import walk
from tests.browser.test_picking import scanned
from tests.browser.test_sending_order import KEEP, LEFT, listed
from tests.browser.test_worker import go
from tests.flows.test_stock_scans import lying

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
HOUR = 3_600_000
MINUTE = timedelta(minutes=1)

# A clock that is wrong by so many hours, over all pages that are loaded, and may be set meanwhile.
_CLOCK = """
const Real = Date;
const now = () => Real.now() + Number(sessionStorage.hours ?? 0) * 3_600_000;
window.Date = class extends Real {
  constructor(...given) { super(...(given.length ? given : [now()])); }
  static now() { return now(); }
};
"""


def device(open_page: Open, hours: int) -> Page:
    """Return a page of a device whose clock is so far ahead; nothing that it scans gets through."""
    page = open_page("/account/", role="warehouse", size="phone")
    page.add_init_script(_CLOCK)
    page.evaluate("hours => { sessionStorage.hours = hours; }", hours)
    page.route("**/scans/", lambda route: route.abort())
    return page


def clock_set(page: Page, hours: int) -> None:
    page.evaluate("hours => { sessionStorage.hours = hours; }", hours)


def measured(page: Page, hours: int) -> None:
    """Wait until the device knows that the server is so far behind it."""

    def off() -> float | None:
        found = page.evaluate("localStorage.getItem('orderwerk-clock')")
        return None if found is None else round(int(found) / HOUR, 1)

    eventually(off, -hours)


def kept(page: Page, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(page.evaluate("name => localStorage.getItem(name)", name))  # fmt: skip
    return found


def at(scan: dict[str, Any]) -> datetime:
    """By our clock, as far as the device knows."""
    return datetime.fromisoformat(scan["at"]) + timedelta(milliseconds=scan.get("off", 0))


def test_a_clock_that_is_wrong_and_is_set_back_meanwhile_turns_no_order_around(open_page: Open) -> None:  # fmt: skip
    order, number, sku, _ = walk(2)
    began = clock.now()
    page = device(open_page, hours=-2)
    go(page, f"/pick-lists/{number}/scan/")
    measured(page, hours=-2)
    scanned(page, "DEFAULT")
    scanned(page, sku)
    clock_set(page, hours=-3)
    scanned(page, sku)
    expect(page.locator("#waiting")).to_have_text("2 not sent yet")
    first, second = kept(page, f"orderwerk.scans.{number}")
    assert first["at"] <= second["at"]
    assert datetime.fromisoformat(second["at"]) < began - timedelta(hours=1)
    clock_set(page, hours=-2)

    page.unroute("**/scans/")
    page.reload()

    eventually(lambda: build.order(order)["units_picked"], 2)
    told = [row[0] for row in sql.fetch("select s.at from picklists_scan s join picklists_pick_list p on p.id = s.pick_list_id where p.number = %s order by s.id", (number,))]  # fmt: skip
    assert [began - MINUTE <= moment <= clock.now() for moment in told] == [True, True]


@pytest.mark.parametrize("knows", [True, False])
def test_what_one_page_kept_is_before_what_the_next_one_keeps_whatever_the_clock_says(open_page: Open, knows: bool) -> None:  # fmt: skip
    world, _ = dock(stock=5)
    sku = world.skus[0]
    world.place((sku, 2))
    number, _ = listed(world)
    page = device(open_page, hours=1)
    if not knows:
        page.route("**/healthz", lambda route: route.abort())
    go(page, f"/pick-lists/{number}/scan/")
    if knows:
        measured(page, hours=1)
    scanned(page, "DEFAULT")
    scanned(page, sku)
    expect(page.locator("#waiting")).to_have_text("1 not sent yet")

    clock_set(page, hours=0)
    go(page, f"/scan/count/{world.locations[0]}/")
    if knows:
        measured(page, hours=0)
    for code in ("A-1", sku, "A-1"):
        scanned(page, code)
    expect(page.locator("#waiting")).to_have_text("1 not sent yet")

    [pick], [count] = kept(page, f"orderwerk.scans.{number}"), kept(page, "orderwerk.stock")
    assert at(pick) <= at(count)
    assert ["off" in pick, "off" in count] == [knows, knows]
    if knows:
        assert clock.now() - timedelta(hours=1) / 2 < at(pick) <= at(count) < clock.now() + MINUTE


@pytest.mark.parametrize(("before", "after", "left"), [(-2, -2, 3), (0, 2, 5), (-2, 0, 5)])
def test_a_count_is_refused_where_the_clock_was_set_between_the_scan_and_its_sending(open_page: Open, before: int, after: int, left: int) -> None:  # fmt: skip
    world, _ = dock(stock=5)
    sku = world.skus[0]
    page = device(open_page, hours=before)
    go(page, f"/scan/count/{world.locations[0]}/")
    measured(page, hours=before)
    for code in ("DEFAULT", sku, sku, sku, "DEFAULT"):
        scanned(page, code)
    page.get_by_role("button", name="Not counted now").click()
    expect(page.locator("#waiting")).to_have_text("1 not sent yet")

    clock_set(page, hours=after)
    go(page, "/account/")
    page.unroute("**/scans/")
    go(page, "/scan/")

    eventually(lambda: page.evaluate(LEFT), [])
    assert lying(world) == {"DEFAULT": left}
    told = page.locator("#refused p")
    expect(told).to_have_count(1 if left == 5 else 0)
    for word in ("count it again", sku, "DEFAULT") if left == 5 else ():
        expect(told).to_contain_text(word)


def test_a_scan_of_a_clock_that_was_days_ahead_spoils_no_other(open_page: Open) -> None:
    world, _ = dock(stock=5)
    sku = world.skus[0]
    # Of a list that nobody may send any more; the device knew nothing of the server's clock then.
    page = open_page("/account/", role="warehouse", size="phone", refused=("404",))
    ahead = {"key": str(new_id()), "at": (clock.now() + timedelta(days=1)).isoformat(), "code": "x"}
    page.evaluate(KEEP, ["orderwerk.scans.GONE", ahead])

    go(page, f"/scan/count/{world.locations[0]}/")
    for code in ("DEFAULT", sku, sku, sku, "DEFAULT"):
        scanned(page, code)
    page.get_by_role("button", name="Not counted now").click()

    eventually(lambda: lying(world), {"DEFAULT": 3})
    eventually(lambda: page.evaluate(LEFT), ["orderwerk.scans.GONE"])


_MEASURES = """async () => {
  const { name } = performance.getEntriesByType("resource").find((each) => each.name.includes("device_clock"));
  const { ahead, measure } = await import(name);
  localStorage.removeItem("orderwerk-clock");
  // Whatever the clock of a proxy says.
  const date = { Date: new Date(Date.now() - 7200_000).toUTCString() };
  const answer = (seconds) => ({ headers: new Headers(seconds === null ? date : { ...date, "X-Orderwerk-Now": Date.now() + seconds * 1000 }) });
  const told = [];
  for (const [seconds, ago] of [[null, 0], [3600, 60], [3600, -60], [3600, 0], [3601, 0], [0, 0]]) {
    measure(answer(seconds), Date.now() - ago * 1000);
    told.push(Math.round((ahead() ?? -1e12) / 60_000));
  }
  return told;
}"""


def test_what_is_long_under_way_or_of_a_clock_just_set_measures_nothing(open_page: Open) -> None:
    build.world(locations=1)
    page = open_page("/scan/", role="warehouse", size="phone")
    measured(page, hours=0)

    nothing, hour = round(-1e12 / 60_000), 60
    assert page.evaluate(_MEASURES) == [nothing, nothing, nothing, hour, hour, 0]
