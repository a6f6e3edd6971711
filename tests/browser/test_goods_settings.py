"""What is set up once for goods, and papers of many parcels: kits, stock on its way, postal codes, hours to pay, labels in bulk."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from tests import build
from tests.browser.test_worker import go, number_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def test_stock_goes_to_another_location_from_the_page_of_its_article(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=2, products=1, stock=5)
    [sku], [first, second] = world.skus, world.locations
    page = open_page(f"/stock/{sku}/", role="warehouse")
    dialog, rows = page.get_by_role("dialog"), page.locator("tr:has(td[data-label=Available])")
    here, there = rows.filter(has_text=first), rows.filter(has_text=second)

    def ask(pieces: str) -> None:
        page.locator(".page-head").get_by_text("More").click()
        page.get_by_role("link", name="Transfer").click()
        dialog.get_by_label("From").select_option(first)
        dialog.get_by_label("To", exact=True).select_option(second)
        dialog.get_by_label("Pieces").fill(pieces)

    ask("6")
    check_page(page)
    dialog.get_by_role("button", name="Transfer").click()
    # More than lie there: it says so, and what was typed stays.
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.get_by_label("Pieces")).to_have_value("6")
    check_page(page)
    dialog.get_by_label("Pieces").fill("2")
    dialog.get_by_role("button", name="Transfer").click()

    expect(here.locator("[data-label=Available]")).to_have_text("3")
    expect(there.locator("[data-label=Available]")).to_have_text("7")
    check_page(page)


def test_a_kit_is_set_up_and_counts_what_can_be_made_of_its_parts(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=2, stock=7)
    kit = f"kit-{world.shop}"
    page = open_page("/products/", role="owner")
    dialog = page.get_by_role("dialog")

    page.get_by_role("link", name="Add a product").click()
    dialog.get_by_label("SKU", exact=True).fill(kit)
    dialog.get_by_label("Name", exact=True).fill("Breakfast")
    dialog.get_by_label("Consists of").fill(f"{world.skus[0]} 2\n{world.skus[1]}-x 1")
    check_page(page)
    dialog.get_by_role("button", name="Add", exact=True).click()
    # A part that there is not: refused, and what was typed stays.
    expect(dialog.get_by_label("Consists of")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Consists of").fill(f"{world.skus[0]} 2\n{world.skus[1]} 1")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("The product is there now.")).to_be_visible()

    go(page, f"/stock/{kit}/")
    expect(page.get_by_role("heading", name="This kit consists of")).to_be_visible()
    expect(page.get_by_text("3 kits")).to_be_visible()
    check_page(page)
    order = build.order(world.place((kit, 3)))
    assert (order["status"], order["units_allocated"]) == ("awaiting_shipment", 3)


def test_a_file_tells_where_postal_codes_lie(open_page: Open, check_page: Check) -> None:
    build.world()
    page = open_page("/settings/locations/", role="owner")
    page.get_by_role("link", name="Postal codes").click()
    expect(page.get_by_text("None are known yet.")).to_be_visible()
    check_page(page)

    lines = "country,postal_code,latitude,longitude\nNL,1011,52.37,4.90\nNL,9999,95,4.90\nNL,6211,50.85,5.69\n"
    page.get_by_label("File", exact=True).set_input_files({"name": "codes.csv", "mimeType": "text/csv", "buffer": lines.encode()})  # fmt: skip
    page.get_by_role("button", name="Read in").click()

    expect(page.get_by_text("2 postal codes were taken in.")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("3: ")
    facts = page.locator("dl.facts")
    expect(facts).to_contain_text("Netherlands")
    expect(facts.locator("dd")).to_have_text("2")
    check_page(page)


def test_hours_to_pay_are_said_per_way_of_paying(open_page: Open, check_page: Check) -> None:
    world = build.world()
    page = open_page(f"/settings/shops/edit/{world.shop}/", role="owner")
    hours = page.get_by_label("Hours to pay")

    hours.fill("ideal")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("is not a payment method with its hours")).to_be_visible()
    expect(hours).to_have_value("ideal")
    check_page(page)
    hours.fill("ideal=2, other=48")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast-line").first).to_be_visible()

    go(page, f"/settings/shops/edit/{world.shop}/")
    expect(hours).to_have_value("ideal=2, other=48")


def test_labels_of_many_are_printed_and_what_has_none_is_named_first(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1)
    labelled = build.parcel_labelled(world)
    [bare] = build.shipments(world.place((world.skus[0], 1)))
    page = open_page("/shipments/", role="warehouse")
    for shipment in (labelled, bare):
        page.get_by_label(f"Choose shipment {number_of(shipment)}").check()
    expect(page.locator(".bulk-bar")).to_contain_text("2 chosen")

    with page.expect_popup() as opened:
        page.get_by_role("button", name="Print labels").click()
    asked = opened.value
    expect(asked.get_by_text("1 shipment has no label to print")).to_be_visible()
    expect(asked.get_by_role("link", name=number_of(bare))).to_be_visible()
    expect(asked.get_by_role("link", name=number_of(labelled))).to_have_count(0)
    check_page(asked)
    with asked.context.expect_event("response", lambda answer: "labels.pdf" in answer.url) as got:
        asked.get_by_role("button", name="Print the labels of the other shipment").click()

    assert (got.value.status, got.value.header_value("content-type")) == (200, "application/pdf")
    [(status,)] = sql.fetch("select status from shipments_label where shipment_id = %s", (labelled,))  # fmt: skip
    assert status == "made"
