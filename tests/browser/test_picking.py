"""Picking in a real browser: making batches, walking with totes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_a_batch_is_previewed_made_and_walked_with_totes(open_page: Open, check_page: Check, size: str) -> None:  # fmt: skip
    world = build.world(locations=1)
    for _ in range(4):
        world.place((world.skus[0], 1), (world.skus[1], 2))
    page = open_page("/pick-lists/", role="warehouse", size=size)

    page.click("text=Make pick lists")
    page.select_option("dialog #id_location", world.locations[0])
    expect(page.locator("dialog #id_max_orders")).to_be_hidden()
    page.check("dialog input[value=totes]")
    page.fill("dialog #id_max_orders", "3")
    page.fill("dialog #id_wave", "Noon")
    expect(page.locator("dialog .preview")).to_contain_text("2 lists")
    check_page(page)
    page.click("dialog button[type=submit]")
    page.locator("#listing tbody tr", has_text="3").first.locator("a.strong-link").click()

    expect(page.locator(".walk-line .tote").first).to_have_text("Tote 1")
    check_page(page)
    page.goto(page.url.split("/pick-lists/")[0] + "/pick-lists/waves/")
    expect(page.locator("#listing tbody tr")).to_contain_text("Noon")
    check_page(page)
