"""The frame of the console in a real browser: it looks whole, speaks to screen readers, and its keys work."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.flows.withdraw import WithdrawalItem, state_withdrawals
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


LOOKS = (("wide", "light"), ("wide", "dark"), ("phone", "light"))
DOORS = ("/account/login/", "/account/forgotten/", "/account/logout/")
PAGES = (
    "/account/", "/account/password/", "/settings/shops/", "/settings/shops/new/", "/settings/locations/",
    "/settings/locations/new/", "/settings/people/", "/settings/people/new/", "/settings/tokens/", "/settings/tokens/new/",
)  # fmt: skip


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_doors_have_no_barriers(open_page: Open, check_page: Check, size: str, scheme: str) -> None:
    page = open_page("/account/login/", role=None, size=size, scheme=scheme)

    for path in DOORS:
        page.goto(page.url.split("/account/")[0] + path)
        check_page(page)


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_pages_have_no_barriers(open_page: Open, check_page: Check, size: str, scheme: str) -> None:
    page = open_page("/account/", size=size, scheme=scheme)

    for path in PAGES:
        page.goto(page.url.split("/account/")[0].split("/settings/")[0] + path)
        check_page(page)


def test_slash_searches_and_question_mark_explains(open_page: Open) -> None:
    page = open_page("/account/")

    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.locator("#main").focus()
    page.keyboard.press("?")

    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_a_token_is_made_copied_from_the_page_and_revoked_after_a_question(open_page: Open) -> None:
    page = open_page("/settings/tokens/")
    page.click("text=New token")
    page.fill("#id_name", "ERP")
    page.check("input[value='orders:read']")
    page.click("text=Make the token")
    expect(page.locator("#raw-token")).to_have_text(re.compile("owt_.{43}"))
    page.click("text=I have copied it")

    page.click("text=Revoke")
    expect(page.locator("#confirm")).to_be_visible()
    page.click("#confirm [data-go]")

    expect(page.locator(".toast-line")).to_contain_text("ERP can no longer call the API")
    expect(page.locator("tbody")).to_contain_text("Revoked")


def test_dark_stays_dark_on_the_next_page(open_page: Open) -> None:
    page = open_page("/account/")

    page.click("summary.who")
    page.click("button[name=theme][value=dark]")
    page.click("text=Settings")

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_on_a_phone_the_menu_opens_as_a_drawer(open_page: Open) -> None:
    page = open_page("/account/", size="phone")
    expect(page.locator("#rail")).to_be_hidden()

    page.click("[data-rail]")
    expect(page.locator("#rail")).to_be_visible()
    page.click(".scrim", position={"x": 350, "y": 300})

    expect(page.locator("#rail")).to_be_hidden()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_what_a_shop_takes_back_has_no_barriers(
    open_page: Open, check_page: Check, size: str, scheme: str
) -> None:
    shop = build.world().shop

    page = open_page(f"/settings/returns/shops/{shop}/", size=size, scheme=scheme)

    check_page(page)


def test_on_a_phone_the_open_tab_is_in_sight(open_page: Open) -> None:
    page = open_page("/settings/tokens/", size="phone")

    expect(page.locator(".settings > nav [aria-current]")).to_be_in_viewport(ratio=0.9)
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_in_viewport()


def test_on_a_phone_messages_and_withdrawals_read_as_cards(
    open_page: Open, check_page: Check
) -> None:
    world = build.world()
    stated = WithdrawalItem(order_id=build.shipped(world), name="A", email="a@example.com", language="nl")  # fmt: skip
    state_withdrawals([stated], actor=build.TESTER)[0].require()
    page = open_page("/settings/emails/", size="phone")

    message = page.locator("tbody td").first.bounding_box()
    switch = page.locator("tbody button").first.bounding_box()
    check_page(page)
    page.goto(page.url.replace("/settings/emails/", "/return-requests/withdrawals/"))

    assert message is not None
    assert message["width"] > 300
    assert switch is not None
    assert switch["height"] > 38
    expect(page.locator("td[data-label='In time']")).to_contain_text("Yes")
    check_page(page)
