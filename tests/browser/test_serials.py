"""Serial numbers in a real browser: scanned at the shelf and the packing table, typed, and named as a box comes back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
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
    record_serials([RecordSerialsItem(shipment_id=elsewhere, add=[SerialPiece(sku=sku, serial="TAKEN")])], actor=build.TESTER)[0].require()  # fmt: skip
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
    # The dialog opens after its content has arrived; before that, keys go nowhere.
    field.click()
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


def test_a_piece_is_named_at_the_shelf_and_checked_at_the_packing_table(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=1)
    sku = world.skus[0]
    upsert_products([ProductItem(sku=sku, name="Phone", gtin="9506000134352", tracking="serial")], actor=build.TESTER)[0].require()  # fmt: skip
    [shipment], [elsewhere] = [build.shipments(world.place((sku, n))) for n in (3, 1)]
    taken = RecordSerialsItem(shipment_id=elsewhere, add=[SerialPiece(sku=sku, serial="TAKEN")])
    record_serials([taken], actor=build.TESTER)[0].require()
    item = CreatePickListItem(location=world.locations[0], shipment_ids=[shipment])
    walk = create_pick_lists([item], actor=build.TESTER)[0].require().data["pick_lists"][0]["number"]  # fmt: skip
    page = open_page(f"/pick-lists/{walk}/scan/", role="warehouse", size="phone")

    scanned(page, "default")
    scanned(page, f"(01){GTIN}(21)SN-1")
    expect(page.locator(".scan-count")).to_have_text("2 pieces")
    scanned(page, sku)
    expect(page.locator("#scan")).to_have_attribute("data-asks", "serial")
    check_page(page)
    for code, words in (("sn-1", "was picked already"), (sku, "is no serial number"), ("(01)04006381333931(21)X", "is not this article")):  # fmt: skip
        scanned(page, code)
        expect(page.locator("#said")).to_contain_text(words)
        expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    expect(page.locator("#waiting")).to_have_text("", timeout=20_000)
    page.context.set_offline(True)
    scanned(page, "taken")
    scanned(page, f"(01){GTIN}(21)SN-2")
    expect(page.locator("#waiting")).to_have_text("2 not sent yet")
    page.context.set_offline(False)
    expect(page.locator("#said")).to_contain_text("is out with", timeout=20_000)
    expect(page.locator(".scan-count")).to_have_text("1 piece")
    expect(page.locator("#waiting")).to_have_text("", timeout=20_000)
    page.click("#short-open")
    expect(page.locator("#found")).to_be_hidden()
    page.locator("#short [data-close]").first.click()
    scanned(page, "default")
    expect(page.locator("#scan")).not_to_have_attribute("data-asks", "bin")
    scanned(page, f"(01){GTIN}(21)SN-3")
    expect(page.locator("#over")).to_be_visible()
    expect(page.locator("#waiting")).to_have_text("")
    assert [x.serial for x in serials_of_shipments([shipment])[shipment]] == ["SN-1", "SN-2", "SN-3"]  # fmt: skip

    number = shipment_detail(build.TESTER, shipment).shipment.number
    page.goto(page.url.split("/pick-lists/")[0] + f"/shipments/{number}/pack/")
    expect(page.locator(".pack-list")).to_contain_text("Picked: SN-1, SN-2, SN-3")
    scanned(page, "sn-2")
    scanned(page, f"(01){GTIN}(21)OTHER")
    expect(page.locator("#said")).to_contain_text("is not the piece that was picked")
    check_page(page)
    scanned(page, sku)
    scanned(page, "SN-1")
    scanned(page, f"(01){GTIN}(21)SN-3")
    expect(page.locator("#said")).to_have_text("Everything is in the box.")
    page.click("#ship")
    expect(page.locator(".scan-stop")).to_contain_text(f"{number} is packed.")
