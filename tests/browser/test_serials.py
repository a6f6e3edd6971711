"""Serial numbers in a real browser: scanned at the packing table, typed on the shipment, and named as a box comes back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.shipments.commands.record_serials import RecordSerialsItem, record_serials
from orderwerk.shipments.queries import shipment_detail
from orderwerk.shipments.serial_queries import serials_of_shipments
from orderwerk.shipments.serials import SerialPiece
from tests import build
from tests.browser.test_picking import scanned

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]
GTIN = "09506000134352"


def test_pieces_are_scanned_out_and_in_again(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1)
    sku = world.skus[0]
    upsert_products([ProductItem(sku=sku, name="Phone", gtin="9506000134352", tracking="serial")], actor=build.TESTER)[0].require()  # fmt: skip
    order, other = world.place((sku, 3)), world.place((sku, 1))
    [shipment], [elsewhere] = build.shipments(order), build.shipments(other)
    taken = RecordSerialsItem(shipment_id=elsewhere, add=[SerialPiece(sku=sku, serial="TAKEN")])
    record_serials([taken], actor=build.TESTER)[0].require()
    number = shipment_detail(build.TESTER, shipment).shipment.number
    page = open_page(f"/shipments/{number}/pack/", role="warehouse", size="phone", scheme="dark")

    scanned(page, f"(01){GTIN}(21)SN-1")
    expect(page.locator("#count")).to_have_text("1 / 3")
    scanned(page, sku)
    expect(page.locator("#said")).to_have_text("Right. Now the serial number of this piece.")
    scanned(page, "sn-1")
    expect(page.locator("#said")).to_have_text("sn-1 is in the box already.")
    scanned(page, sku)
    expect(page.locator("#said")).to_contain_text("means the article")
    scanned(page, "TAKEN")
    scanned(page, f"(01){GTIN}(21)SN-3")
    expect(page.locator("#said")).to_have_text("Everything is in the box.")
    check_page(page)
    page.click("#ship")
    expect(page.locator("#said")).to_contain_text("is out with")
    expect(page.locator("#count")).to_have_text("2 / 3")
    assert serials_of_shipments([shipment])[shipment] == []

    page.goto(page.url.replace("pack/", ""))
    page.get_by_role("link", name="Serial numbers").click()
    field = page.locator("dialog textarea")
    field.press_sequentially(f"(01){GTIN}(21)SN-1\nSN-2\n(01){GTIN}(21)SN-3\n")
    expect(field).to_have_value("SN-1\nSN-2\nSN-3\n")
    check_page(page)
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator(".toast-line")).to_contain_text("saved")
    page.locator("button[name=notify][value=no]").click()
    expect(page.locator(".toast-line").last).to_contain_text("has left")
    assert [x.serial for x in serials_of_shipments([shipment])[shipment]] == ["SN-1", "SN-2", "SN-3"]  # fmt: skip

    page = open_page(f"/orders/{build.order(order)['number']}/do/return/")
    page.locator("input[name^=quantity-]").fill("1")
    page.locator("select[name^=reason-]").select_option("other")
    page.locator("textarea[data-serials]").press_sequentially(f"(01){GTIN}(21)TAKEN\n")
    page.get_by_role("button", name="Book the return").click()
    expect(page.locator(".return-line .bad")).to_contain_text("did not leave with this order")
    check_page(page)
    page.locator("textarea[data-serials]").fill("sn-2")
    page.get_by_role("button", name="Book the return").click()
    expect(page.locator("table")).to_contain_text("Serial numbers: SN-2")
    check_page(page)
    page.goto(page.url.split("/returns/")[0] + "/stock/do/serials/?q=sn")
    expect(page.locator("tbody tr")).to_have_count(3)
    check_page(page)
