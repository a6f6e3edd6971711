"""The filters of a list: beside each other on a desk, folded away on a phone until they are asked for."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def test_on_a_phone_rows_come_first_and_filters_unfold(open_page: Open, check_page: Check) -> None:
    world = build.world()
    gift, plain = world.place(tags=["gift"]), world.place()
    page = open_page("/orders/", role="customer_service", size="phone")
    rows, tag = page.locator("#listing tbody tr"), page.get_by_label("All tags")
    fold = page.get_by_role("button", name="Filters")
    expect(rows).to_have_count(2)
    expect(tag).not_to_be_visible()
    check_page(page)

    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")
    check_page(page)
    tag.focus()
    tag.select_option("gift")

    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(str(build.order(gift)["number"]))
    expect(fold).to_contain_text("1")
    # They stay unfolded and keep the focus: the next one is chosen at once.
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(tag).to_be_focused()
    country = page.get_by_label("All countries")
    country.focus()
    country.select_option("NL")
    expect(fold).to_contain_text("2")
    expect(country).to_be_focused()
    check_page(page)
    fold.click()
    expect(tag).not_to_be_visible()
    page.get_by_role("link", name="Clear").click()
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(str(build.order(plain)["number"]))


def test_on_a_desk_they_stand_in_one_row_and_need_no_unfolding(open_page: Open) -> None:
    for _ in range(2):
        build.world().place(tags=["gift"])
    page = open_page("/orders/", role="owner", size="wide")
    bar = page.locator(".filter-bar")

    expect(page.get_by_label("All tags")).to_be_visible()
    expect(bar.locator("[data-fold]")).not_to_be_visible()
    page.evaluate("document.fonts.ready.then(() => null)")
    tops = bar.evaluate("bar => [...bar.querySelectorAll('select, input:not([type=hidden]), button:not([data-fold]), summary')].map(each => each.getBoundingClientRect()).map(box => Math.round(box.top + box.height / 2))")  # fmt: skip
    assert max(tops) - min(tops) < 4
