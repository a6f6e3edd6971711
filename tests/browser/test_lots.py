"""Lots with a scanner in a real browser: one GS1 code says article, lot and day; a plain barcode is asked for the rest."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from tests import build
from tests.browser.eventually import eventually
from tests.browser.test_picking import scanned

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]
GTIN = "09506000134352"
READ = """async () => {
  const { gs1, typed } = await import(document.querySelector("script[type=module]").src.replace(/scan_receive[^/]*$/, "gs1.js"));
  return [
    gs1("(01)09506000134352(10)A-1(17)270331"), gs1("]d201095060001343521727033110A-1\\u001d21S1"), gs1("0109506000134352172702001 0A"),
    gs1("0109506000134352"), gs1("(01)09506000134353(10)A"), gs1("4006381333931"), gs1("A-1"), gs1("(01)09506000134352(17)270230"),
    typed("2027-02-30"), typed("2027-02-28"), typed("270200"), typed("soon"),
    gs1("]C1010950600013435231030012501527033110A-1"), gs1("0109506000134352310300125"),
  ];
}"""


def lots(world: build.World) -> dict[tuple[str, str, Any], int]:
    rows = sql.fetch(
        "select b.code, s.lot, t.expires_on::text, s.quantity from stock_bin_stock s join stock_bin b on b.id = s.bin_id "
        "join stock_lot t on t.product_id = s.product_id and t.code = s.lot where s.product_id = %s and s.quantity > 0",
        (world.product_ids[world.skus[0]],),
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def test_lots_are_received_counted_moved_and_picked_by_scanning(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=1, stock=0)
    place, sku = world.locations[0], world.skus[0]
    upsert_products([ProductItem(sku=sku, name="Vaccine", gtin="9506000134352", tracking="lot")], actor=build.TESTER)[0].require()  # fmt: skip
    set_bins([BinItem(location=place, bin=code, position=n) for n, code in enumerate(("A-1", "A-2"), 1)], actor=build.TESTER)  # fmt: skip
    page = open_page(
        f"/scan/receive/{place}/?blind=1", role="warehouse", size="phone", scheme="dark"
    )
    read = page.evaluate(READ)
    lot = {"gtin": GTIN, "lot": "A-1", "until": "2027-03-31"}
    assert read == [
        {**lot, "serial": ""}, {**lot, "serial": "S1"}, None, {"gtin": GTIN, "lot": "", "until": "", "serial": ""},
        None, None, None, None, None, "2027-02-28", "2027-02-28", None,
        {"gtin": GTIN, "lot": "A-1", "until": "", "serial": ""}, None,
    ]  # fmt: skip

    scanned(page, "A-1")
    for _ in range(3):
        scanned(page, f"(01){GTIN}(10)SOON(17)300131")
    expect(page.locator("#lot")).to_have_text("Lot SOON · use by 2030-01-31")
    expect(page.locator("#amount")).to_have_value("3")
    check_page(page)
    # A plain barcode: the pieces in hand are booked as another lot is scanned, and a new lot is asked for its day.
    scanned(page, f"(01){GTIN}(10)LATE")
    expect(page.locator("#wanted")).to_contain_text("until which day")
    scanned(page, "soon")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    scanned(page, "2031-01-31")
    scanned(page, "A-2")
    expect(page.locator("#waiting")).to_have_text("")
    eventually(lambda: lots(world), {("A-1", "SOON", "2030-01-31"): 3, ("A-1", "LATE", "2031-01-31"): 1})  # fmt: skip

    page.goto(f"{page.url.split('/scan/')[0]}/scan/move/{place}/")
    scanned(page, "A-1")
    scanned(page, sku)
    expect(page.locator("#wanted")).to_have_text("Scan the lot")
    scanned(page, "NEVER")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    scanned(page, "late")
    scanned(page, "A-2")
    expect(page.locator("#waiting")).to_have_text("")
    page.goto(f"{page.url.split('/scan/')[0]}/scan/count/{place}/")
    scanned(page, "A-1")
    for _ in range(4):
        scanned(page, f"(01){GTIN}(10)SOON")
    scanned(page, "A-1")
    expect(page.locator("#said")).to_have_text("A-1 is counted.")
    expect(page.locator("#waiting")).to_have_text("")
    eventually(lambda: lots(world), {("A-1", "SOON", "2030-01-31"): 4, ("A-2", "LATE", "2031-01-31"): 1})  # fmt: skip

    world.place((sku, 2))
    made = create_pick_lists([CreatePickListItem(location=place)], actor=build.TESTER)[0].require()
    number = made.data["pick_lists"][0]["number"]
    page.goto(page.url.split("/scan/")[0] + f"/pick-lists/{number}/scan/")
    expect(page.locator("#lot")).to_have_text("Lot SOON · use by 2030-01-31")
    scanned(page, "A-1")
    scanned(page, f"(01){GTIN}(10)LATE")
    expect(page.locator("#said")).to_have_text(f"(01){GTIN}(10)LATE is not this lot. Take SOON.")
    scanned(page, "SOON")
    scanned(page, f"(01){GTIN}(10)SOON")
    expect(page.locator("#over")).to_be_visible()
    expect(page.locator("#waiting")).to_have_text("")
    eventually(lambda: lots(world), {("A-1", "SOON", "2030-01-31"): 2, ("A-2", "LATE", "2031-01-31"): 1, ("STAGING", "SOON", "2030-01-31"): 2})  # fmt: skip
