"""Picking in a real browser: making batches, walking with totes, scanning without a connection."""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, Route, expect

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.core.ids import new_id
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.set_box_sizes import BoxSizeItem, BoxSizesItem, set_box_sizes
from orderwerk.shipments.queries import shipment_detail
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from tests import build
from tests.browser.eventually import eventually

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


def scanned(page: Page, code: str) -> None:
    """Type as a scanner does: the code, then Enter, wherever the focus is, once the page has given it to its field."""
    # A page is seen before its scripts run, and a closed dialog gives the focus back a frame later: keys would be lost.
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_scans_survive_a_lost_connection_and_none_is_booked_twice(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1)
    order = world.place((world.skus[0], 3), (world.skus[1], 1))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    number = made.data["pick_lists"][0]["number"]
    page = open_page(f"/pick-lists/{number}/scan/", role="warehouse", size="phone")
    check_page(page)

    scanned(page, "WRONG")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    expect(page.locator("#said")).to_contain_text("WRONG is not this bin")
    scanned(page, "DEFAULT")
    scanned(page, world.skus[0])
    expect(page.locator(".scan-count")).to_have_text("2 pieces")
    expect(page.locator("#waiting")).to_have_text("")
    check_page(page)

    page.context.set_offline(True)
    scanned(page, world.skus[0])
    scanned(page, world.skus[1])
    scanned(page, world.skus[0])
    expect(page.locator("#sku")).to_contain_text(world.skus[1])
    expect(page.locator("#waiting")).to_have_text("3 not sent yet")
    expect(page.locator(".scan-offline")).to_be_visible()
    assert build.order(order)["units_picked"] == 1

    # The answer to the first try after the outage is lost on its way: the server has booked it, the device sends it again.
    lost: list[str] = []

    def lose_one(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    page.route("**/scans/", lose_one)
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_have_text("", timeout=20_000)
    scanned(page, world.skus[1])

    expect(page.locator("#over")).to_be_visible()
    for part in ("#scan-form", "#short-open", "#skip", "#all", "#stop"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.locator("#waiting")).to_have_text("")
    assert len(lost) == 1
    eventually(lambda: build.order(order)["units_picked"], 4)
    refused = sql.fetch("select payload ->> 'code' from core_event where kind = 'pick_list.scan_refused' and aggregate_id = %s order by id", (made.id,))  # fmt: skip
    assert [row[0] for row in refused] == ["WRONG", world.skus[1]]
    check_page(page)


def test_what_a_list_left_unsent_goes_out_from_the_page_of_all_scanning(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1)
    orders = [world.place((sku, 1)) for sku in world.skus[:2]]
    numbers = []
    for order in orders:
        item = CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(order))
        made = create_pick_lists([item], actor=build.TESTER)[0].require()
        numbers.append(made.data["pick_lists"][0]["number"])
    page = open_page("/scan/", role="warehouse", size="phone")
    home = page.url
    # Nothing gets through before the page of all scanning is opened, also not as the connection comes back.
    page.route("**/pick-lists/*/scans/", lambda route: route.abort())
    for number, sku in zip(numbers, world.skus, strict=False):
        page.goto(home.replace("/scan/", f"/pick-lists/{number}/scan/"))
        expect(page.locator("#code")).to_be_focused()
        page.context.set_offline(True)
        scanned(page, "DEFAULT")
        scanned(page, sku)
        expect(page.locator("#waiting")).to_have_text("1 not sent yet")
        # The page is left while there is no connection; nothing of it is open when that comes back.
        page.goto("about:blank")
        page.context.set_offline(False)

    page.unroute("**/pick-lists/*/scans/")
    page.goto(home)

    for order in orders:
        eventually(lambda order=order: build.order(order)["units_picked"], 1)
    expect(page.locator("#unsent")).to_have_text("")
    expect(page.locator("#refused p")).to_have_count(0)
    # The device forgets them with the answer, which comes after the pieces are booked.
    eventually(lambda: page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('orderwerk.scans.'))"), [])  # fmt: skip
    check_page(page)


def test_what_is_refused_of_a_list_that_was_left_is_told_where_it_is_sent(open_page: Open) -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 1))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    number = made.data["pick_lists"][0]["number"]
    [(line, _)] = build.pick_lines_of(made.id)  # type: ignore[arg-type]
    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    page = open_page("/scan/", role="warehouse", size="phone")
    left = {"key": str(new_id()), "pick_line_id": str(line), "picked": 1, "step": "article"}
    page.evaluate("([name, scan]) => localStorage.setItem(name, JSON.stringify([scan]))", [f"orderwerk.scans.{number}", left])  # fmt: skip

    page.reload()

    expect(page.locator("#refused p")).to_have_count(1, timeout=20_000)
    expect(page.locator("#unsent")).to_have_text("")
    assert build.order(order)["units_picked"] == 0


def test_a_parcel_is_packed_without_a_connection_and_leaves_once(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1)
    orders = [world.place((world.skus[0], 1)) for _ in range(2)]
    numbers = [shipment_detail(build.TESTER, build.shipments(order)[0]).shipment.number for order in orders]  # fmt: skip
    page = open_page(f"/shipments/{numbers[0]}/pack/", role="warehouse", size="phone")
    expect(page.locator("#code")).to_be_focused()
    scanned(page, world.skus[0])
    expect(page.locator("#count")).to_have_text("1 / 1")

    page.context.set_offline(True)
    page.click("#ship")
    expect(page.locator(".scan-offline")).to_be_visible()
    expect(page.locator("#ship")).to_be_disabled()
    check_page(page)

    # The answer to the first try after the outage is lost on its way: the parcel has left, and the device sends it again.
    lost: list[str] = []

    def lose_one(route: Route) -> None:
        if lost or route.request.method != "POST":
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    page.route("**/pack/", lose_one)
    page.context.set_offline(False)

    expect(page.locator(".scan-stop")).to_contain_text(f"{numbers[0]} is packed.", timeout=20_000)
    assert len(lost) == 1
    told = sql.fetch("select count(*) from core_event where kind = 'shipment.packed' and aggregate_id = any(%s)", (build.shipments(orders[0]),))  # fmt: skip
    assert told == [(1,)]

    # And one whose page is left while there is no connection goes out from the page of all scanning.
    page.goto(page.url.split("/pack/")[0] + f"/{numbers[1]}/pack/")
    expect(page.locator("#code")).to_be_focused()
    scanned(page, world.skus[0])
    expect(page.locator("#count")).to_have_text("1 / 1")
    home = page.url.split("/shipments/")[0] + "/scan/"
    page.context.set_offline(True)
    page.click("#ship")
    expect(page.locator(".scan-offline")).to_be_visible()
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(home)

    eventually(lambda: build.order(orders[1])["status"], "shipped")
    expect(page.locator("#unsent")).to_have_text("")


def test_a_box_is_proposed_and_another_one_chosen_at_the_packing_table(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1)
    items = [ProductItem(sku=world.skus[0], name="Pan", weight_grams=900)]
    upsert_products(items, actor=build.TESTER)[0].require()
    boxes = [BoxSizeItem(name=name, length_mm=200, width_mm=150, height_mm=height, weight_grams=own) for name, height, own in (("Small", 100, 60), ("Large", 300, 150))]  # fmt: skip
    set_box_sizes([BoxSizesItem(shop=world.shop, boxes=boxes)], actor=build.TESTER)[0].require()
    [shipment] = build.shipments(world.place((world.skus[0], 1)))
    number = shipment_detail(build.TESTER, shipment).shipment.number
    page = open_page(f"/shipments/{number}/pack/", role="warehouse", size="phone")

    expect(page.locator("#code")).to_be_focused()
    expect(page.locator("#box option:checked")).to_contain_text("Small")
    # The choice has the width of the phone, since a box is known by its name and size.
    box = page.locator("#box").bounding_box()
    assert box is not None
    assert box["width"] > 300
    expect(page.locator("#weight")).to_have_value("960")
    scanned(page, world.skus[0])
    expect(page.locator("#count")).to_have_text("1 / 1")
    page.select_option("#box", "1")
    expect(page.locator("#weight")).to_have_value("1050")
    check_page(page)
    page.click("#ship")

    expect(page.locator(".scan-stop")).to_contain_text(f"{number} is packed.")
    [package] = shipment_detail(build.TESTER, shipment).parts.packages
    assert (package.box, package.height_mm, package.weight_grams) == ("Large", 300, 1050)


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_each_package_has_its_weight_its_box_and_its_contents(open_page: Open, check_page: Check, size: str) -> None:  # fmt: skip
    world = build.world(locations=1)
    [a, b, _] = world.skus
    items = [ProductItem(sku=a, name="Pan", weight_grams=900), ProductItem(sku=b, name="Lid", weight_grams=200)]  # fmt: skip
    upsert_products(items, actor=build.TESTER)
    boxes = [BoxSizeItem(name=name, length_mm=200, width_mm=150, height_mm=height, weight_grams=own) for name, height, own in (("Small", 100, 60), ("Large", 300, 150))]  # fmt: skip
    set_box_sizes([BoxSizesItem(shop=world.shop, boxes=boxes)], actor=build.TESTER)[0].require()
    [shipment] = build.shipments(world.place((a, 2), (b, 2)))
    number = shipment_detail(build.TESTER, shipment).shipment.number
    page = open_page(f"/shipments/{number}/pack/", role="warehouse", size=size)
    expect(page.locator("#code")).to_be_focused()

    expect(page.locator("#weight")).to_have_value("2260")
    scanned(page, a)
    scanned(page, a)
    expect(page.locator("#count")).to_have_text("2 / 4")
    page.click("#next-package")
    expect(page.locator("#code")).to_be_focused()
    expect(page.get_by_label("Package 2")).to_be_checked()
    expect(page.locator("#weight")).to_have_value("1860")
    scanned(page, b)
    scanned(page, b)
    expect(page.locator("#weight-2")).to_have_value("460")
    page.select_option("#box-2", "1")
    expect(page.locator("#weight-2")).to_have_value("550")
    # One lid goes into the first package after all, and that one was put on the scale.
    page.locator(".pack-parcel summary").nth(1).click()
    page.locator(".pack-parcel").nth(1).get_by_label(b).fill("1")
    page.locator(".pack-parcel summary").nth(0).click()
    page.locator(".pack-parcel").nth(0).get_by_label(b).fill("9")
    page.fill("#weight", "2111")
    expect(page.locator(".pack-parcel summary").nth(0)).to_have_text(f"Contents: 2 × {a}, 1 × {b}")
    expect(page.locator("#weight-2")).to_have_value("350")
    check_page(page)
    page.reload()
    expect(page.locator("#weight")).to_have_value("2111")
    expect(page.locator("#packages")).to_have_value("2")
    page.click("#ship")

    expect(page.locator(".scan-stop")).to_contain_text(f"{number} is packed.")
    parts = shipment_detail(build.TESTER, shipment).parts
    skus = {line.id: line.sku for line in parts.lines}
    assert [(p.box, p.weight_grams, [(skus[c.shipment_line_id], c.quantity) for c in p.contents]) for p in parts.packages] == [("Small", 2111, [(a, 2), (b, 1)]), ("Large", 350, [(b, 1)])]  # fmt: skip


def test_a_box_that_nobody_confirmed_is_still_there_after_the_tab_was_closed(open_page: Open) -> None:  # fmt: skip
    world = build.world(locations=1)
    order = world.place((world.skus[0], 2))
    number = shipment_detail(build.TESTER, build.shipments(order)[0]).shipment.number
    page = open_page(f"/shipments/{number}/pack/", role="warehouse", size="phone")
    expect(page.locator("#code")).to_be_focused()
    # Of a parcel that was packed elsewhere, long ago: it is forgotten.
    page.evaluate("localStorage.setItem('orderwerk.packing.S0', JSON.stringify({ packed: {}, at: 1 }))")  # fmt: skip
    page.evaluate("localStorage.setItem('orderwerk.packing.S1', 'no such thing')")
    page.context.set_offline(True)
    scanned(page, world.skus[0])
    expect(page.locator("#count")).to_have_text("1 / 2")
    address, context = page.url, page.context
    page.close()
    context.set_offline(False)

    again = context.new_page()
    again.goto(address)
    expect(again.locator("#count")).to_have_text("1 / 2")
    expect(again.locator("#code")).to_be_focused()
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('orderwerk.packing.'))"
    assert again.evaluate(kept) == [f"orderwerk.packing.{number}"]
    scanned(again, world.skus[0])
    again.click("#ship")
    expect(again.locator(".scan-stop")).to_contain_text(f"{number} is packed.")
    assert again.evaluate(kept) == []


def test_fewer_packages_hold_what_the_others_held_and_what_nobody_divided_is_not_told(open_page: Open) -> None:  # fmt: skip
    world = build.world(locations=1)
    [shipment] = build.shipments(world.place((world.skus[0], 3)))
    number = shipment_detail(build.TESTER, shipment).shipment.number
    page = open_page(f"/shipments/{number}/pack/", role="warehouse", size="phone")
    expect(page.locator("#code")).to_be_focused()

    for _ in range(2):
        scanned(page, world.skus[0])
        page.click("#next-package")
        expect(page.locator("#code")).to_be_focused()
    scanned(page, world.skus[0])
    expect(page.locator("#count")).to_have_text("3 / 3")
    page.fill("#packages", "2")
    page.locator("#packages").blur()
    expect(page.locator(".pack-parcel summary").nth(1)).to_have_text(f"Contents: 2 × {world.skus[0]}")  # fmt: skip
    page.locator(".pack-parcel summary").nth(1).click()
    page.locator(".pack-parcel").nth(1).get_by_label(world.skus[0]).fill("0")
    page.locator("#packages").focus()
    expect(page.locator(".pack-parcel summary").nth(1)).to_have_text("Contents: nothing yet")
    page.click("#ship")

    expect(page.locator(".scan-stop")).to_contain_text(f"{number} is packed.")
    packages = shipment_detail(build.TESTER, shipment).parts.packages
    assert [(p.weight_grams, p.contents) for p in packages] == [(None, []), (None, [])]


def test_every_stop_begins_with_its_bin(open_page: Open) -> None:
    world = build.world(locations=1, products=2, stock=0)
    place = world.locations[0]
    set_bins([BinItem(location=place, bin=b, position=n) for n, b in enumerate(("A-1", "B-9"), 1)], actor=build.TESTER)  # fmt: skip
    came = [ReceiveItem(sku=sku, location=place, quantity=5, bin=b) for sku, b in zip(world.skus, ("A-1", "B-9"), strict=True)]  # fmt: skip
    receive_stock(came, actor=build.TESTER)
    order = world.place((world.skus[0], 1), (world.skus[1], 1))
    made = create_pick_lists([CreatePickListItem(location=place)], actor=build.TESTER)[0].require()
    page = open_page(f"/pick-lists/{made.data['pick_lists'][0]['number']}/scan/", role="warehouse", size="phone")  # fmt: skip

    scanned(page, "A-1")
    scanned(page, world.skus[0])
    expect(page.locator("#bin")).to_have_text("B-9")
    expect(page.locator("#scan")).to_have_attribute("data-asks", "bin")
    scanned(page, world.skus[1])
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    scanned(page, "B-9")
    scanned(page, world.skus[1])
    expect(page.locator("#over")).to_be_visible()
    eventually(lambda: build.order(order)["units_picked"], 2)


def test_totes_are_scanned_and_a_bin_that_is_empty_is_told(open_page: Open) -> None:
    world = build.world(locations=1)
    orders = [world.place((world.skus[0], 2)) for _ in range(2)]
    item = CreatePickListItem(location=world.locations[0], kind="batch", method="totes")
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    number = made.data["pick_lists"][0]["number"]
    page = open_page(f"/pick-lists/{number}/scan/", role="warehouse", size="phone")

    scanned(page, "default")
    scanned(page, world.skus[0])
    expect(page.locator("#scan")).to_have_attribute("data-asks", "tote")
    scanned(page, "2")
    expect(page.locator("#said")).to_contain_text("Use tote 1")
    page.click("#all")
    scanned(page, f"{number}-1")
    expect(page.locator("#tote")).to_have_text("Tote 2")
    page.click("#short-open")
    page.fill("#found", "1")
    # Whoever finds the bin empty is told what that takes from all the others, before it is done.
    write_off = page.locator("dialog button[type=submit]")
    expect(page.locator("#empties")).to_contain_text("By the books in DEFAULT: 98.")
    expect(write_off).to_have_text("Write off 97")
    page.select_option("#reason", "damaged")
    expect(page.locator("#empties")).to_have_text("")
    expect(write_off).to_have_text("Book as short")
    page.select_option("#reason", "missing")
    expect(write_off).to_have_text("Write off 97")
    write_off.click()

    expect(page.locator("#over")).to_be_visible()
    for part in ("#scan-form", "#short-open", "#skip", "#all", "#stop"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.locator("#waiting")).to_have_text("")
    eventually(lambda: [build.order(key)["units_picked"] for key in orders], [2, 1])


def test_a_parcel_is_checked_weighed_and_shipped_at_the_packing_table(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1)
    order = world.place((world.skus[0], 2), (world.skus[1], 1))
    number = shipment_detail(build.TESTER, build.shipments(order)[0]).shipment.number
    page = open_page("/shipments/pack/", role="warehouse", size="phone")
    check_page(page)

    scanned(page, "nothing")
    expect(page.locator("#said")).to_contain_text("nothing is nothing that waits")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    check_page(page)
    start = "select count(*) from core_event where kind = 'stock.scan_refused' and payload ->> 'code' = 'nothing' and aggregate_id = %s"
    eventually(lambda: sql.fetch(start, (world.location_ids[world.locations[0]],))[0][0], 1)
    scanned(page, number)
    expect(page.locator("#count")).to_have_text("0 / 3")
    check_page(page)
    expect(page.locator("#ship")).to_be_disabled()
    scanned(page, "4711")
    expect(page.locator("#said")).to_contain_text("4711 does not belong")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    # It is kept at once: the box may still be given up.
    kept = (
        "select count(*) from core_event where kind = 'shipment.scan_refused' and aggregate_id = %s"
    )
    eventually(lambda: sql.fetch(kept, (build.shipments(order)[0],))[0][0], 1)
    for sku in (world.skus[0], world.skus[1], world.skus[0]):
        scanned(page, sku)
    scanned(page, world.skus[1])
    expect(page.locator("#said")).to_contain_text("There are enough")
    page.reload()
    expect(page.locator("#count")).to_have_text("3 / 3")
    page.fill("#packages", "2")
    page.fill("#weight", "1250")
    page.click("#ship")

    expect(page.locator(".scan-stop")).to_contain_text(f"{number} is packed.")
    check_page(page)
    detail = shipment_detail(build.TESTER, build.shipments(order)[0])
    assert [p.weight_grams for p in detail.parts.packages] == [1250, None]
    assert build.order(order)["status"] == "shipped"


def walked(world: build.World, method: str) -> tuple[UUID, str]:
    """A list of all that waits, picked whole; its id and number."""
    item = CreatePickListItem(location=world.locations[0], kind="batch", method=method)
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    assert made.id is not None
    for line, quantity in build.pick_lines_of(made.id):
        pick_lines([PickItem(pick_line_id=line, picked=quantity)], actor=build.TESTER)[0].require()
    return made.id, made.data["pick_lists"][0]["number"]


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_a_list_of_one_piece_orders_is_packed_by_scanning_one_article_after_the_other(open_page: Open, check_page: Check, size: str) -> None:  # fmt: skip
    world = build.world(locations=1)
    orders = [world.place((sku, 1)) for sku in (world.skus[1], world.skus[0], world.skus[1])]
    names = [shipment_detail(build.TESTER, build.shipments(order)[0]).shipment.number for order in orders]  # fmt: skip
    key, number = walked(world, "singles")
    page = open_page("/shipments/pack/", role="warehouse", size=size)
    expect(page.locator("#code")).to_be_focused()

    scanned(page, number)
    expect(page.locator("#count")).to_have_text("0 / 3")
    check_page(page)
    scanned(page, "4711")
    expect(page.locator("#said")).to_contain_text("wants 4711")
    expect(page.locator("#scan")).to_have_attribute("data-tone", "bad")
    kept = "select count(*) from core_event where kind = 'pick_list.scan_refused' and aggregate_id = %s"
    eventually(lambda: sql.fetch(kept, (key,))[0][0], 1)
    for n, (sku, name) in enumerate(zip([world.skus[1]] * 2 + [world.skus[0]], [names[0], names[2], names[1]], strict=True), start=1):  # fmt: skip
        scanned(page, sku)
        expect(page.locator("h1")).to_have_text(name)
        expect(page.locator("#count")).to_have_text("1 / 1")
        page.click("#ship")
        expect(page.locator("h1")).to_have_text(number)
        expect(page.locator("#count")).to_have_text(f"{n} / 3")
        expect(page.locator("#code")).to_be_focused()

    expect(page.locator(".scan-over")).to_contain_text("Everything of this list is packed")
    check_page(page)
    assert {build.order(order)["status"] for order in orders} == {"shipped"}


def test_a_list_is_sorted_at_the_table_and_the_article_in_hand_is_the_first_in_the_box(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1)
    [a, b, _] = world.skus
    orders = [world.place((a, 1), (b, 2)), world.place((b, 1))]
    names = [shipment_detail(build.TESTER, build.shipments(order)[0]).shipment.number for order in orders]  # fmt: skip
    _, number = walked(world, "sort")
    page = open_page(f"/shipments/pack/lists/{number}/", role="warehouse", size="phone")
    expect(page.locator("#code")).to_be_focused()

    scanned(page, b)
    expect(page.locator("h1")).to_have_text(names[0])
    expect(page.locator("#count")).to_have_text("1 / 3")
    # What was the first is not counted again by whoever loads the page once more.
    page.reload()
    expect(page.locator("#count")).to_have_text("1 / 3")
    check_page(page)
    for code in (a, b):
        scanned(page, code)
    expect(page.locator("#count")).to_have_text("3 / 3")
    page.click("#ship")
    expect(page.locator("h1")).to_have_text(number)
    expect(page.locator("#code")).to_be_focused()
    scanned(page, a)
    expect(page.locator("#said")).to_contain_text(f"wants {a}")
    scanned(page, build.order(orders[1])["number"])
    expect(page.locator("h1")).to_have_text(names[1])
    expect(page.locator("#count")).to_have_text("0 / 1")
    scanned(page, b)
    page.click("#ship")
    expect(page.locator(".scan-over")).to_be_visible()
    assert [build.order(order)["status"] for order in orders] == ["shipped", "shipped"]
