"""Groups of routing rules and the days of a location in a real browser: by mouse and by keyboard, and when two people are at it."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.groups import Group
from orderwerk.allocations.rule_queries import routing_of_shop
from orderwerk.allocations.rules import Rule
from orderwerk.core import decode
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.stock.calendar import MOST_SPECIAL_DAYS
from orderwerk.stock.queries import LocationRow, location_page
from tests import build
from tests.browser.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]
PATIENCE = 30_000
LOOKS = [("wide", "light"), ("wide", "dark"), ("phone", "light"), ("phone", "dark")]


def _draft(world: build.World, *groups: Group) -> None:
    item = RoutingItem(shop=world.shop, groups=list(groups), is_draft=True)
    set_routing_rules([item], actor=build.TESTER)[0].require()


def _names(world: build.World) -> list[tuple[str, bool, list[str]]]:
    shown = routing_of_shop(build.TESTER, world.shop).shown
    return [(group.name, group.is_active, [rule.name for rule in group.rules]) for group in shown]


def _of(verb: str, name: str) -> re.Pattern[str]:
    """What a control is called whose object only screen readers are told."""
    return re.compile(rf"^{verb} ?: {name}$")


def _name(page: Page) -> Locator:
    """The field in an opened dialog that is typed into first."""
    field = page.locator("dialog #id_name")
    expect(field).to_be_visible()
    return field


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_groups_are_made_moved_switched_off_and_put_into_force(
    open_page: Open, check_page: Check, size: str, scheme: str
) -> None:
    world = build.world()
    page = open_page(f"/settings/routing/{world.shop}/", size=size, scheme=scheme)
    expect(page.get_by_role("heading", name="No rules")).to_be_visible()
    check_page(page)

    for name, countries in (("Abroad", "be, de"), ("Here", "")):
        page.get_by_role("link", name="Add a group").click()
        _name(page).fill(name)
        page.get_by_label("Countries").fill(countries)
        check_page(page)
        page.get_by_role("button", name="Into the draft").click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    page.get_by_role("link", name=_of("Add a rule", "Abroad")).click()
    _name(page).fill("Whole or not at all")
    page.get_by_label("Never: everything from one location").check()
    page.get_by_label("If nothing fits").select_option(label="put the order on hold")
    check_page(page)
    page.get_by_role("button", name="Into the draft").click()
    expect(page.get_by_role("heading", name="Whole or not at all")).to_be_visible()
    check_page(page)

    page.get_by_role("button", name="Ask Here earlier").click()
    expect(page.get_by_role("button", name="Ask Here later")).to_be_visible()
    page.get_by_role("button", name=_of("Switch off", "Here")).click()
    expect(page.get_by_role("button", name=_of("Switch on", "Here"))).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Put into force").click()
    expect(page.get_by_text("In force", exact=True)).to_be_visible()
    check_page(page)

    row = routing_of_shop(build.TESTER, world.shop)
    assert _names(world) == [("Here", False, []), ("Abroad", True, ["Whole or not at all"])]
    assert (row.draft, row.groups[1].countries, row.rules[0].otherwise) == (None, ["BE", "DE"], "hold")  # fmt: skip


def test_groups_are_edited_by_keyboard_alone(open_page: Open) -> None:
    world = build.world()
    _draft(world, Group(name="First", rules=[Rule(name="One"), Rule(name="Two")]), Group(name="Second"))  # fmt: skip
    page = open_page(f"/settings/routing/{world.shop}/")

    change = page.get_by_role("link", name=_of("Change", "Second"))
    change.focus()
    page.keyboard.press("Enter")
    expect(_name(page)).to_have_value("Second")
    page.keyboard.press("Escape")
    expect(page.locator("dialog #id_name")).to_be_hidden()
    expect(change).to_be_focused()
    page.keyboard.press("Enter")
    _name(page).focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("Last")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Countries")).to_be_focused()
    page.keyboard.type("fr")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Last", exact=True)).to_be_visible()

    for button, then in (("Ask Two earlier", "Ask Two later"), ("Ask Last earlier", "Ask Last later")):  # fmt: skip
        # Keys are heard by the page's script.
        page.wait_for_load_state("load")
        page.get_by_role("button", name=button).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=then)).to_be_visible()
    page.wait_for_load_state("load")
    page.get_by_role("button", name="Take Last out").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_be_visible()
    page.locator("#confirm [data-go]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Last", exact=True)).to_be_hidden()

    eventually(lambda: _names(world), [("First", True, ["Two", "One"])])


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_a_draft_is_tried_on_the_last_orders_and_what_would_differ_is_shown(
    open_page: Open, check_page: Check, size: str, scheme: str
) -> None:
    world = build.world()
    here, there = world.locations
    moved = world.place((world.skus[0], 2), tags=["vip"])
    world.place((world.skus[0], 1))
    before = world.levels()
    _draft(world, Group(name="Guests", rules=[Rule(name="Elsewhere", tags=["vip"], locations=[there])]))  # fmt: skip
    page = open_page(f"/settings/routing/{world.shop}/", size=size, scheme=scheme)

    page.get_by_role("link", name="Try on the last orders").click()

    expect(page.get_by_role("heading", name="What would differ")).to_be_visible()
    expect(page.locator(".tile", has_text="Orders that differ").locator(".figure")).to_have_text("1")  # fmt: skip
    expect(page.locator(".tile", has_text="Parcels").locator(".figure")).to_have_text("2 → 2")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(build.order(moved)["number"])
    expect(row).to_contain_text(f"{here} (2)")
    expect(row).to_contain_text(f"{there} (2)")
    expect(row).to_contain_text("Guests: Elsewhere")
    check_page(page)
    # Nothing was routed, and the draft is a draft still.
    assert world.levels() == before
    assert _names(world) == [("Guests", True, ["Elsewhere"])]
    assert routing_of_shop(build.TESTER, world.shop).groups == []

    page.get_by_role("link", name="Back to the rules").click()
    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()
    _draft(world, Group(name="Guests", rules=[Rule(name="As before", tags=["vip"])]))
    page.get_by_role("link", name="Try on the last orders").click()
    expect(page.get_by_role("heading", name="Nothing would differ")).to_be_visible()
    check_page(page)


@pytest.mark.parametrize(("size", "scheme"), LOOKS[::3])
def test_the_second_of_two_is_told_and_keeps_what_was_typed(
    open_page: Open, check_page: Check, size: str, scheme: str
) -> None:
    world = build.world()
    _draft(world, Group(name="Shared", rules=[Rule(name="One")]))
    first = open_page(f"/settings/routing/{world.shop}/")
    second = open_page(f"/settings/routing/{world.shop}/", size=size, scheme=scheme)
    second.get_by_role("link", name=_of("Change", "One")).click()
    _name(second).fill("Mine")

    first.get_by_role("button", name=_of("Switch off", "Shared")).click()
    expect(first.get_by_role("button", name=_of("Switch on", "Shared"))).to_be_visible()
    second.get_by_role("button", name="Into the draft").click()

    expect(second.locator(".notice.red")).to_contain_text("Somebody changed the routing rules")
    expect(_name(second)).to_have_value("Mine")
    check_page(second)
    assert _names(world) == [("Shared", False, ["One"])]
    # The page behind it shows what was; its buttons mean that, and do nothing either.
    second.keyboard.press("Escape")
    second.get_by_role("button", name=_of("Switch off", "Shared")).click()
    expect(second.locator(".toast-line")).to_contain_text("Somebody changed the routing rules")
    expect(second.get_by_role("button", name=_of("Switch on", "Shared"))).to_be_visible()
    assert _names(world) == [("Shared", False, ["One"])]


def _location(world: build.World) -> LocationRow:
    return location_page(build.TESTER, code=world.locations[0]).items[0]


def _day(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_weekdays_and_single_days_are_typed_by_keyboard(
    open_page: Open, check_page: Check, size: str, scheme: str
) -> None:
    world = build.world()
    page = open_page(f"/settings/locations/edit/{world.locations[0]}/", size=size, scheme=scheme)
    expect(_day(page, "Monday").get_by_label("Parcels")).to_be_visible()
    check_page(page)

    _day(page, "Sunday").get_by_label("Closed").focus()
    page.keyboard.press("Space")
    _day(page, "Friday").get_by_label("Parcels").focus()
    page.keyboard.type("30")
    page.keyboard.press("Tab")
    expect(_day(page, "Friday").get_by_label("Cut-off")).to_be_focused()
    _day(page, "Friday").get_by_label("Cut-off").fill("12:00")
    # A holiday: its date, then closed.
    _day(page, "Single day 1").get_by_label("Day").fill("2027-04-27")
    _day(page, "Single day 1").get_by_label("Closed").focus()
    page.keyboard.press("Space")
    # A row that says something of no day is not left out behind somebody's back.
    _day(page, "Single day 2").get_by_label("Parcels").fill("7")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Say which day this is")).to_be_visible()
    expect(_day(page, "Single day 2").get_by_label("Parcels")).to_have_value("7")
    expect(_day(page, "Sunday").get_by_label("Closed")).to_be_checked()
    check_page(page)
    _day(page, "Single day 2").get_by_label("Day").fill("2027-12-24")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".toast-line")).to_contain_text("Saved")

    row = _location(world)
    assert [(d.day, d.capacity, d.cut_off, d.is_closed) for d in row.week] == [(5, 30, "12:00", False), (7, None, None, True)]  # fmt: skip
    assert [(d.on.isoformat(), d.capacity, d.is_closed) for d in row.special_days] == [("2027-04-27", None, True), ("2027-12-24", 7, False)]  # fmt: skip
    page.goto(page.url.split("/settings/")[0] + f"/settings/locations/edit/{row.code}/")
    expect(_day(page, "Friday").get_by_label("Cut-off")).to_have_value("12:00")
    expect(_day(page, "Single day 1").get_by_label("Day")).to_have_value("2027-04-27")


def _with_days(world: build.World, days: int) -> None:
    first = date(2027, 1, 1)
    special = [{"on": (first + timedelta(days=n)).isoformat(), "is_closed": True} for n in range(days)]  # fmt: skip
    item = {"code": world.locations[0], "name": "Main", "special_days": special}
    set_up_locations([decode.convert(item, LocationItem)], actor=build.TESTER)[0].require()


@pytest.mark.parametrize(("size", "scheme"), LOOKS[::3])
def test_very_many_single_days_are_all_kept_and_one_too_many_is_refused(
    open_page: Open, check_page: Check, size: str, scheme: str
) -> None:
    world = build.world()
    _with_days(world, MOST_SPECIAL_DAYS)
    page = open_page(f"/settings/locations/edit/{world.locations[0]}/", size=size, scheme=scheme)
    extra = _day(page, f"Single day {MOST_SPECIAL_DAYS + 1}").get_by_label("Day")
    extra.fill("2030-01-01")
    page.get_by_role("button", name="Save").click()

    # So many fields take their time.
    refused = page.locator(".notice.red")
    expect(refused).to_contain_text("400 single days at most, and these are 401", timeout=PATIENCE)
    expect(extra).to_have_value("2030-01-01", timeout=PATIENCE)
    expect(_day(page, "Single day 400").get_by_label("Day")).to_have_value("2028-02-04")
    check_page(page)
    assert len(_location(world).special_days) == MOST_SPECIAL_DAYS
    _day(page, "Single day 1").get_by_label("Day").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast-line")).to_contain_text("Saved", timeout=PATIENCE)

    days = [day.on.isoformat() for day in _location(world).special_days]
    assert (len(days), days[0], days[-1]) == (MOST_SPECIAL_DAYS, "2027-01-02", "2030-01-01")


def test_a_location_that_somebody_changed_meanwhile_says_so_and_keeps_the_days_that_were_typed(
    open_page: Open, check_page: Check
) -> None:
    world = build.world()
    page = open_page(f"/settings/locations/edit/{world.locations[0]}/", size="phone")
    _day(page, "Single day 1").get_by_label("Day").fill("2027-04-27")
    _with_days(world, 2)

    page.get_by_role("button", name="Save").click()

    expect(page.locator(".notice.red")).to_contain_text("Somebody changed stock location")
    expect(_day(page, "Single day 1").get_by_label("Day")).to_have_value("2027-04-27")
    check_page(page)
    assert len(_location(world).special_days) == 2
