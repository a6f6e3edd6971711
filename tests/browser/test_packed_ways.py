"""Which way a parcel goes after the packing table in a real browser: by a weight from a scale, not by one that is proposed."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core.decode import convert
from orderwerk.shipments.commands.set_box_sizes import (
    BoxSizeItem,
    BoxSizesItem,
    set_box_sizes,
)
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.shipments.queries import ShipmentDetail, shipment_detail
from tests import build
from tests.browser.test_picking import scanned, walked
from tests.flows.test_shipping_rules import rules

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def shop(**weights: int | None) -> build.World:
    """A shop whose parcels up to 1000 g go by post, with a box of 100 g; the first articles weigh so much."""
    world = build.world(locations=1)
    known = [ProductItem(sku=sku, name="x", weight_grams=grams) for sku, grams in zip(world.skus, weights.values(), strict=False)]  # fmt: skip
    for outcome in upsert_products(known, actor=build.TESTER):
        outcome.require()
    services = [{"code": "box", "name": "In a box"}]
    post = convert({"code": "post", "name": "Post", "services": services}, CarrierItem)
    upsert_carriers([post], actor=build.TESTER)[0].require()
    light: dict[str, Any] = {"name": "Light", "max_weight_grams": 1000, "carrier": "post", "service": "box"}  # fmt: skip
    rules(world, light, {"name": "Heavy", "min_weight_grams": 1001, "service": "pallet"}).require()
    box = BoxSizeItem(name="Box", length_mm=200, width_mm=150, height_mm=100, weight_grams=100)
    set_box_sizes([BoxSizesItem(shop=world.shop, boxes=[box])], actor=build.TESTER)[0].require()
    return world


def waiting(world: build.World, *lines: tuple[str, int]) -> Callable[[], ShipmentDetail]:
    """A shipment of these articles, as it is now."""
    [key] = build.shipments(world.place(*lines))
    return lambda: shipment_detail(build.TESTER, key)


def went(read: Callable[[], ShipmentDetail]) -> tuple[str, str, list[int | None]]:
    """Carrier, service and weights with which a shipment left."""
    found = read()
    assert found.shipment.status == "shipped"
    return (
        found.shipment.carrier,
        found.shipment.service,
        [package.weight_grams for package in found.parts.packages],
    )


def test_what_nobody_weighed_goes_as_it_stood_on_the_page(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = shop(a=950, b=None)
    [a, b, _] = world.skus
    proposed, unknown = waiting(world, (a, 1)), waiting(world, (a, 1), (b, 1))
    page = open_page(f"/shipments/{proposed().shipment.number}/pack/", role="warehouse", size="phone")  # fmt: skip

    # With its box it should weigh more than goes by post, but nobody has put it on the scale.
    expect(page.locator("#weight")).to_have_value("1050")
    expect(page.locator("#way-now")).to_have_text("Post · In a box")
    scanned(page, a)
    page.click("#ship")
    expect(page.locator(".scan-stop")).to_contain_text("Goes with: Post · In a box")
    expect(page.locator(".scan-stop .notice")).to_have_count(0)
    check_page(page)
    assert went(proposed) == ("post", "box", [1050])

    # What is in it may weigh anything: no weight is proposed, and none by which it would go by post.
    scanned(page, unknown().shipment.number)
    expect(page.locator("#weight")).to_have_value("")
    for sku in (a, b):
        scanned(page, sku)
    page.click("#ship")
    expect(page.locator(".scan-stop")).to_contain_text("Goes with: By hand")
    assert went(unknown) == ("manual", "", [None])


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_a_weight_that_changes_the_way_is_told_where_the_next_parcel_is_scanned(open_page: Open, check_page: Check, size: str) -> None:  # fmt: skip
    world = shop(a=950)
    sku = world.skus[0]
    first, second = waiting(world, (sku, 1)), waiting(world, (sku, 1))
    _, number = walked(world, "singles")
    page = open_page(f"/shipments/pack/lists/{number}/", role="warehouse", size=size)
    expect(page.locator("#code")).to_be_focused()

    scanned(page, sku)
    expect(page.locator("#way-now")).to_have_text("Post · In a box")
    page.fill("#weight", "1200")
    page.click("#ship")
    expect(page.locator("h1")).to_have_text(number)
    expect(page.locator(".notice")).to_contain_text("By its weight it goes another way")
    expect(page.locator(".notice strong")).to_have_text("By hand, no carrier connected · pallet")
    check_page(page)
    assert went(first) == ("manual", "pallet", [1200])

    scanned(page, sku)
    page.fill("#weight", "1000")
    page.click("#ship")
    expect(page.locator(".scan-over")).to_be_visible()
    expect(page.locator(".notice")).to_have_count(0)
    assert went(second) == ("post", "box", [1000])
