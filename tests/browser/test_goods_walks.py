"""What people do with goods and parcels beside the daily round, each in its role: put right, undo, block, close, choose, and only look."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.core.decode import convert
from orderwerk.flows.leave_locations import leave_closed_locations
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.upsert_inbounds import (
    InboundItem,
    InboundLineItem,
    upsert_inbounds,
)
from tests import build
from tests.browser.test_picking import scanned
from tests.browser.test_worker import DEEDS, go, more, number_of
from tests.flows.test_combined_parcels import together
from tests.flows.test_parcel_contents import told as lies_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def way(shipment: UUID) -> tuple[str, str, str]:
    """Status, carrier and service of a shipment."""
    [row] = sql.fetch("select status, carrier, service from shipments_shipment where id = %s", (shipment,))  # fmt: skip
    return row[0], row[1], row[2]


def test_stock_of_an_article_is_put_right_and_given_to_who_waits(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=2, stock=0, backorder_release="by_hand")
    [sku, kit] = world.skus
    item = {"sku": kit, "name": "Set", "components": [{"sku": sku, "quantity": 2}]}
    upsert_products([convert(item, ProductItem)], actor=build.TESTER)[0].require()
    order = world.place((sku, 2))
    page = open_page(f"/stock/{sku}/", role="owner")
    dialog = page.get_by_role("dialog")

    page.locator(".page-head").get_by_role("link", name="Count", exact=True).click()
    dialog.get_by_label("Counted").fill("9")
    check_page(page)
    dialog.get_by_role("button", name="Book the count").click()
    expect(page.locator("td[data-label=Available]").first).to_have_text("9")
    page.get_by_role("link", name="Correct", exact=True).click()
    dialog.get_by_label("Difference").fill("-1")
    dialog.get_by_label("Reason").fill("broken")
    dialog.get_by_role("button", name="Book the correction").click()
    expect(page.locator("td[data-label=Available]").first).to_have_text("8")
    page.get_by_text("1 day on which something came or went").click()
    check_page(page)

    page.get_by_label(f"Choose order {build.order(order)['number']}").check()
    page.get_by_role("button", name="Allocate", exact=True).click()
    expect(dialog).to_contain_text(str(build.order(order)["number"]))
    check_page(page)
    go(page, f"/stock/{kit}/")
    expect(page.get_by_text("3 kits")).to_be_visible()
    check_page(page)
    assert build.order(order)["units_allocated"] == 2


def test_a_lot_is_blocked_and_it_is_seen_who_got_it(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1, stock=0)
    [sku], [place] = world.skus, world.locations
    upsert_products([ProductItem(sku=sku, name="Milk", tracking="lot")], actor=build.TESTER)[0].require()  # fmt: skip
    receive_stock([ReceiveItem(sku=sku, location=place, quantity=5, lot="A-7")], actor=build.TESTER)[0].require()  # fmt: skip
    order = build.shipped(world, (sku, 2))
    waits = world.place((sku, 1))
    page = open_page("/stock/do/lots/", role="owner")
    check_page(page)

    page.get_by_role("link", name="A-7").click()
    expect(page.locator("#listing")).to_contain_text(str(build.order(order)["number"]))
    check_page(page)
    page.get_by_role("link", name="Block it").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("recalled")
    check_page(page)
    page.get_by_role("dialog").get_by_role("button", name="Block it").click()
    expect(page.locator(".toast-line")).to_contain_text(str(build.order(waits)["number"]))
    expect(page.get_by_text("recalled").first).to_be_visible()
    assert build.order(waits)["status"] == "awaiting_stock"


def test_a_shared_parcel_is_packed_goes_another_way_and_comes_back(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=2)
    carrier = {"code": "post", "name": "Post", "services": [{"code": "box", "name": "Box"}, {"code": "air", "name": "Air"}]}  # fmt: skip
    upsert_carriers([convert(carrier, CarrierItem)], actor=build.TESTER)[0].require()
    customer = {"name": "Test Persoon", "email": "door@example.com"}
    one, two = (build.shipments(world.place((sku, 1), customer=customer))[0] for sku in world.skus)
    item = CombineShipmentsItem(shipment_ids=[one, two])
    combine_shipments([item], actor=build.TESTER)[0].require()
    first, second = number_of(one), number_of(two)
    page = open_page(f"/shipments/{second}/pack/", role="warehouse", size="phone")

    expect(page.get_by_role("heading", name=first)).to_be_visible()
    for sku in world.skus:
        scanned(page, sku)
    expect(page.locator("#count")).to_have_text("2 / 2")
    page.locator("#way summary").click()
    page.get_by_label("Carrier", exact=True).select_option("post")
    page.locator("#way select[data-services]").select_option("air")
    expect(page.locator("#way-now")).to_contain_text("Post")
    check_page(page)
    # What was chosen survives a reload, as what was scanned does.
    page.reload()
    expect(page.locator("#way-now")).to_contain_text("Post")
    page.click("#ship")
    expect(page.locator(".scan-stop")).to_contain_text(f"{first} is packed.")
    assert way(one) == ("shipped", "post", "air")
    assert way(two)[0] == "shipped"

    go(page, f"/shipments/{first}/")
    more(page, "Cancel the shipment")
    page.get_by_role("dialog").get_by_label("Reason").fill("fell off the belt")
    check_page(page)
    page.get_by_role("dialog").get_by_role("button", name="Cancel the shipment").click()
    expect(page.locator(".toast-line")).to_contain_text("The shipment has been cancelled.")
    check_page(page)
    assert way(one)[0] == "cancelled"


def test_two_packages_of_a_shared_parcel_tell_what_lies_in_them_of_both_orders(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=2)
    a, b = world.skus
    _, (one, two) = together(world, [(a, 1)], [(a, 1), (b, 2)])
    first = number_of(one)
    page = open_page(f"/shipments/{first}/", role="warehouse")
    page.get_by_label("Packages", exact=True).fill("2")
    page.get_by_role("button", name="Save packages").click()
    page.get_by_role("link", name="What lies where").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile(rf"^Package 1: .*{b}")).fill("2")
    check_page(page)
    dialog.get_by_role("button", name="Save").click()
    # The toast of the number of packages says the same.
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert lies_in(one) == [{b: 2}, {}]

    go(page, f"/shipments/{first}/pack/")
    expect(page.locator("#packages")).to_have_value("2")
    for sku in (a, b, b):
        scanned(page, sku)
    # Tapped, on the name as on the mark, a package is chosen and the next thing is scanned.
    page.get_by_text("Package 1", exact=True).click()
    page.get_by_label("Package 2").check()
    expect(page.locator("#code")).to_be_focused()
    page.get_by_text("Package 1", exact=True).click()
    expect(page.locator("#code")).to_be_focused()
    page.get_by_text("Package 2", exact=True).click()
    expect(page.locator("#code")).to_be_focused()
    scanned(page, a)
    expect(page.locator("#count")).to_have_text("4 / 4")
    page.click("#ship")
    expect(page.locator(".scan-stop")).to_contain_text(f"{first} is packed.")
    assert lies_in(one) == [{a: 1, b: 2}, {a: 1}]
    assert lies_in(two) == [{}]
    go(page, f"/shipments/{first}/")
    expect(page.locator("section.panel", has_text="Package 1").last).to_contain_text(b)
    check_page(page)


def test_a_step_is_recorded_and_a_delivery_problem_closed_with_a_note(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=1)
    [shipment] = build.shipments(build.shipped(world, (world.skus[0], 1)))
    page = open_page(f"/shipments/{number_of(shipment)}/", role="warehouse")
    dialog = page.get_by_role("dialog")

    more(page, "Record a step on its way")
    dialog.get_by_label("What happened").select_option("damaged")
    dialog.get_by_label("Note").fill("Corner is torn")
    check_page(page)
    dialog.get_by_role("button", name="Record").click()
    expect(page.locator(".notice", has_text="Delivery problem")).to_contain_text("Corner is torn")
    check_page(page)

    desk = open_page("/delivery-problems/", role="customer_service")
    desk.locator("#listing tbody").get_by_role("link", name="Dealt with").click()
    desk.get_by_role("dialog").get_by_label("What was done").fill("Customer keeps it")
    check_page(desk)
    desk.get_by_role("dialog").get_by_role("button", name="Dealt with").click()
    expect(desk.locator(".toast-line")).to_contain_text("Noted.")
    go(desk, "/delivery-problems/?status=all")
    expect(desk.get_by_text("Customer keeps it")).to_be_visible()


def test_all_of_a_list_is_announced_and_a_wave_is_proposed_of_it(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=2)
    orders = [world.place((sku, 1)) for sku in (*world.skus, *world.skus)]
    shipments = [build.shipments(order)[0] for order in orders]
    page = open_page(f"/shipments/all/?status=not_shipped&location={world.locations[0]}", role="warehouse")  # fmt: skip

    check_page(page)
    slips = page.get_by_role("button", name="Packing slips 1 – 4")
    with page.context.expect_event("response", lambda answer: "packing-slips.pdf" in answer.url) as got:  # fmt: skip
        slips.click()
    assert got.value.status == 200
    page.get_by_role("button", name="Announce").click()
    page.click("#confirm [data-go]")
    expect(page.get_by_text("4 done")).to_be_visible()
    check_page(page)
    assert {way(key)[0] for key in shipments} == {"announced"}

    go(page, "/pick-lists/")
    page.click("text=Make pick lists")
    dialog = page.get_by_role("dialog")
    page.select_option("dialog #id_location", world.locations[0])
    page.check("dialog input[value=totes]")
    page.fill("dialog #id_max_units", "3")
    expect(page.locator("dialog .preview")).to_contain_text("3")
    check_page(page)
    page.click("dialog button[type=submit]")
    expect(dialog).to_have_count(0)
    assert sql.fetch("select sum(quantity)::int from picklists_line") == [(3,)]


def test_a_location_that_closes_hands_on_what_it_was_to_send(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=2, products=1)
    order = world.place((world.skus[0], 1))
    page = open_page(f"/settings/locations/edit/{world.locations[0]}/", role="owner")

    page.get_by_label("Active").uncheck()
    check_page(page)
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator(".toast-line")).to_contain_text("Saved.")
    go(page, "/settings/locations/")
    expect(page.locator("#listing tbody tr", has_text=world.locations[0])).to_contain_text("Inactive")  # fmt: skip
    check_page(page)
    # What follows by itself within minutes.
    leave_closed_locations()
    go(page, f"/orders/{build.order(order)['number']}/allocations/")
    expect(page.locator("main")).to_contain_text(world.locations[1])
    check_page(page)


def test_who_may_only_read_sees_goods_and_no_button(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1, stock=9)
    waits, goes = (world.place((world.skus[0], 2)) for _ in range(2))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0], limit=1)], actor=build.TESTER)[0].require()  # fmt: skip
    [left] = build.shipments(goes)
    if way(left)[0] == "open":
        ship_shipments([ShipItem(shipment_id=left)], actor=build.TESTER)[0].require()
    upsert_products([ProductItem(sku="milk", name="Milk", tracking="lot")], actor=build.TESTER)[0].require()  # fmt: skip
    goods = ReceiveItem(sku="milk", location=world.locations[0], quantity=5, lot="A-7")
    receive_stock([goods], actor=build.TESTER)[0].require()
    [(lot,)] = sql.fetch("select id from stock_lot where code = 'A-7'")
    expected = InboundItem(
        location=world.locations[0], lines=[InboundLineItem(sku="milk", quantity=3)]
    )
    inbound = upsert_inbounds([expected], actor=build.TESTER)[0].require().data["number"]
    pages = {
        f"/stock/do/lots/{lot}/": "A-7",
        f"/inbound/at/{inbound}/": "milk",
        f"/shipments/{number_of(build.shipments(waits)[0])}/": "Contents",
        f"/shipments/{number_of(left)}/": "Contents",
        f"/pick-lists/{made.data['pick_lists'][0]['number']}/": world.skus[0],
        f"/stock/{world.skus[0]}/": "Movements",
        "/stock/do/self-check/": "Everything agrees",
        "/stock/do/lots/": "Lots",
        "/inbound/": "Inbound",
    }
    page = open_page("/shipments/", role="read_only")
    expect(page.get_by_role("link", name="Pack", exact=True)).to_have_count(0)

    for path, seen in pages.items():
        go(page, path)
        expect(page.locator("main").get_by_text(seen).first).to_be_visible()
        expect(page.locator(DEEDS), path).to_have_count(0)
        check_page(page)
