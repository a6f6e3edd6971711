"""The owner says in a real browser which service is proposed, and which boxes there are; both are seen where parcels are packed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from tests import build
from tests.browser.test_worker import go, number_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def filled(page: Page, opener: str, **fields: str) -> None:
    """Open a form, fill it in by its labels, and save."""
    page.locator("main a.btn", has_text=opener).click()
    dialog = page.get_by_role("dialog")
    for name, value in fields.items():
        dialog.locator(f"[name={name}]").fill(value)
    dialog.get_by_role("button", name="Save").click()


def saved(page: Page) -> None:
    # The toast of an earlier save says nothing of this one: the page has come anew when its dialog is gone.
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".toast-line").last).to_contain_text("Saved.")


def test_rules_propose_a_service_and_the_first_that_fits_decides(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=1)
    page = open_page("/settings/shipping/")
    check_page(page)
    filled(page, "Add a rule", name="Abroad", countries="be, de", service="Parcel EU")
    saved(page)
    filled(page, "Add a rule", name="Everything", service="Parcel")
    saved(page)
    filled(page, "Add a rule", name="Dear", min_value="50,00", max_value="20,00", service="Insured")
    expect(page.get_by_role("dialog").locator(".invalid-feedback, [role=alert], .field-error").first).to_be_visible()  # fmt: skip
    check_page(page)
    page.get_by_role("dialog").locator("[name=max_value]").fill("")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    saved(page)
    names = page.locator("ol.rules h4")
    expect(names).to_have_text(["Abroad", "Everything", "Dear"])

    page.get_by_role("button", name="Ask Dear earlier").click()
    expect(names).to_have_text(["Abroad", "Dear", "Everything"])
    filled(page, "Change: Dear", service="Insured 24h")
    saved(page)
    page.get_by_role("button", name="Take Abroad out").click()
    expect(page.locator("#confirm")).to_contain_text("Abroad is taken out for good")
    page.click("#confirm [data-go]")
    expect(names).to_have_text(["Dear", "Everything"])
    check_page(page)

    for pieces, service in ((1, "Parcel"), (6, "Insured 24h")):
        number = number_of(build.shipments(world.place((world.skus[0], pieces)))[0])
        go(page, f"/shipments/{number}/")
        expect(page.get_by_label("Service")).to_have_value(service)


def test_boxes_are_kept_in_order_and_proposed_where_parcels_are_packed(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=1)
    upsert_products([ProductItem(sku=world.skus[0], name="Pan", weight_grams=900)], actor=build.TESTER)[0].require()  # fmt: skip
    size = {"length_mm": "300", "width_mm": "200"}
    page = open_page("/settings/shipping/")
    filled(page, "Add a box", name="Large", height_mm="250", weight_grams="150", **size)
    saved(page)
    filled(page, "Add a box", name="Envelope", height_mm="20", weight_grams="20", max_weight_grams="500", **size)  # fmt: skip
    saved(page)
    names = page.locator("ol.rules h4")
    expect(names).to_have_text(["Large", "Envelope"])
    check_page(page)
    page.get_by_role("button", name="Show Envelope earlier").click()
    expect(names).to_have_text(["Envelope", "Large"])
    filled(page, "Change: Large", weight_grams="180")
    saved(page)
    filled(page, "Add a box", name="Tube", height_mm="100", weight_grams="90", **size)
    saved(page)
    page.get_by_role("button", name="Take Tube out").click()
    page.click("#confirm [data-go]")
    expect(names).to_have_text(["Envelope", "Large"])

    number = number_of(build.shipments(world.place((world.skus[0], 1)))[0])
    table = open_page(f"/shipments/{number}/pack/", role="warehouse", size="phone")
    expect(table.locator("#box option:checked")).to_contain_text("Large")
    expect(table.locator("#weight")).to_have_value("1080")
    check_page(table)


def test_a_carrier_is_taken_over_proposed_chosen_and_leads_the_shopper_to_its_parcel(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=1)
    page = open_page("/settings/shipping/")
    page.get_by_role("main").get_by_role("link", name="PostNL", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[name=name]")).to_have_value("PostNL")
    check_page(page)
    dialog.locator("[name=services]").fill("3085 Parcel\n3533 Letter box")
    dialog.get_by_role("button", name="Save").click()
    saved(page)
    expect(page.get_by_role("main")).to_contain_text("Letter box (3533)")
    check_page(page)
    page.locator("main a.btn", has_text="Add a rule").click()
    dialog.locator("[name=name]").fill("Small")
    dialog.locator("[name=carrier]").select_option(label="PostNL")
    # Of a carrier with services one is chosen; text is for the others.
    expect(dialog.locator("[name=service]")).to_be_hidden()
    dialog.locator("select[data-services]").select_option(label="Letter box")
    dialog.locator("[name=carrier]").select_option(value="manual")
    expect(dialog.locator("[name=service]")).to_have_value("")
    dialog.locator("[name=carrier]").select_option(label="PostNL")
    dialog.locator("select[data-services]").select_option(label="Parcel")
    dialog.get_by_role("button", name="Save").click()
    saved(page)

    order = world.place((world.skus[0], 1))
    number = number_of(build.shipments(order)[0])
    go(page, f"/shipments/{number}/")
    expect(page.get_by_label("Carrier")).to_have_value("postnl")
    expect(page.locator("#track select[data-services]")).to_have_value("3085")
    page.locator("#track").get_by_label("Tracking code").fill("3SABC1")
    page.locator("#track").get_by_role("button", name="Save").click()
    link = page.get_by_role("link", name="Open link")
    expect(link).to_have_attribute("href", re.compile(r"^https://jouw\.postnl\.nl/track-and-trace/3SABC1-NL-\w+$"))  # fmt: skip
    check_page(page)
