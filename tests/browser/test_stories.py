"""A morning in the console, in a real browser: find and cancel, pick and ship, two people at one address."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.console.views.order import TABS
from orderwerk.orders.models import Order
from tests import build
from tests.console.morning import Morning, morning

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def order_of(world: build.World, *lines: tuple[str, int]) -> Order:
    """A new order of the shop."""
    return Order.objects.get(id=world.place(*lines))


def test_an_order_is_found_and_a_part_of_a_line_is_cancelled(open_page: Open) -> None:
    world = build.world()
    order = order_of(world, (world.skus[0], 5))
    order_of(world)
    page = open_page("/")
    expect(page).to_have_url(page.url.split("/orders/")[0] + "/orders/")

    page.keyboard.press("/")
    page.keyboard.type(str(order.customer_email))
    page.keyboard.press("Enter")
    expect(page.locator("#listing tbody tr")).to_have_count(1)
    # Keys are heard by the page's script.
    page.wait_for_load_state("load")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.click("text=Articles")
    page.fill("input.qty[name^=line]", "2")
    page.fill("#cancel-reason", "Ordered twice")
    page.click("text=Cancel the pieces entered")
    page.click("#confirm [data-go]")

    expect(page.locator(".toast-line")).to_contain_text("The pieces have been cancelled.")
    expect(page.locator("tbody td[data-label=Cancelled]")).to_have_text("2")
    page.click(".order-tabs >> text=General")
    expect(page.locator(".timeline")).to_contain_text("2 pieces cancelled")
    expect(page.locator(".timeline")).to_contain_text("Ordered twice")
    page.go_back()
    expect(page.locator("input.qty[name^=line]")).to_be_visible()
    assert build.order(order.id)["units_cancelled"] == 2


def test_a_list_is_made_picked_short_shipped_and_mailed_on_a_phone(open_page: Open) -> None:
    world = build.world(locations=1, stock=3)
    order = order_of(world, (world.skus[0], 2), (world.skus[1], 3))
    page = open_page("/pick-lists/", role="warehouse", size="phone")

    page.click("text=Make pick lists")
    page.select_option("dialog #id_location", world.locations[0])
    page.click("dialog button[type=submit]")
    page.click("#listing tbody a.strong-link")
    expect(page.locator(".walk-line")).to_have_count(2)
    page.locator(".walk-line").first.locator("button[data-pick]").click()
    expect(page.locator(".walk-line.is-done")).to_have_count(1)
    page.click(".walk-line:not(.is-done) >> text=Short")
    page.fill("dialog #id_picked", "1")
    page.click("text=Book as short")
    expect(page.locator(".notice.green")).to_contain_text("This list is done.")
    page.click("text=To the shipments")
    page.locator(f"tr:has-text('{world.locations[0]}') a.strong-link").click()
    page.fill("#id_tracking_code", "3STYPED")
    page.fill("#id_tracking_url", "foo:bar")
    page.click("text=Ship and send e-mail")
    expect(page.locator(".toast-line")).to_contain_text("correct the marked fields")
    expect(page.locator("#id_tracking_url_error")).to_contain_text("Enter a valid URL.")
    expect(page.locator("#id_tracking_code")).to_have_value("3STYPED")
    page.fill("#id_tracking_url", "")
    page.fill("#id_count", "2")
    page.click("text=Ship and send e-mail")

    expect(page.locator(".toast-line")).to_contain_text("the customer gets an e-mail")
    expect(page.locator(".page-head .pill")).to_have_text("Shipped")
    expect(page.locator("#id_tracking_code")).to_have_value("3STYPED")
    expect(page.get_by_text("Package 2")).to_be_visible()
    counters = build.order(order.id)
    assert (counters["units_shipped"], counters["status"]) == (3, "partially_shipped")


def test_two_people_change_one_address_and_the_second_sees_what_changed(open_page: Open) -> None:
    order = order_of(build.world())
    path = f"/orders/{order.number}/"
    first, second = open_page(path), open_page(path, role="customer_service")
    for page in (first, second):
        page.click("[aria-label='Change customer and addresses']")
        expect(page.locator("dialog #id_delivery_city")).to_be_visible()
        expect(page.locator("dialog #id_billing_city")).to_be_hidden()

    first.fill("dialog #id_delivery_city", "Utrecht")
    first.click("dialog button[type=submit]")
    expect(first.locator(".toast-line")).to_contain_text("have been saved")
    second.fill("dialog #id_delivery_street", "Kerkstraat")
    second.click("dialog button[type=submit]")

    expect(second.locator("dialog .notice.red")).to_contain_text("Testdorp")
    expect(second.locator("dialog .notice.red")).to_contain_text("Utrecht")
    expect(second.locator("dialog #id_delivery_street")).to_have_value("Kerkstraat")
    second.click("dialog button[type=submit]")
    expect(second.locator("address").first).to_contain_text("Kerkstraat")


def test_many_orders_are_put_on_hold_at_once(open_page: Open) -> None:
    built = morning()
    page = open_page("/orders/")

    page.check("input[data-all]")
    page.click(".bulk-bar >> text=Put on hold")
    page.fill("dialog #id_reason", "Stocktaking")
    page.click("dialog button[type=submit]")

    expect(page.locator("dialog .tone-green").first).to_contain_text("done")
    expect(page.locator("dialog .tone-red").first).to_contain_text("refused")
    page.click("text=Back to the list")
    expect(page.locator(".tabs a", has_text="On hold").locator(".count")).not_to_have_text("0")
    assert build.order(built.order_ids[-1])["status"] == "on_hold"


def test_packages_are_changed_in_the_list_of_shipments(open_page: Open) -> None:
    order_of(build.world())
    page = open_page("/shipments/")

    page.fill("input.narrow", "3")
    page.locator("input.narrow").blur()

    expect(page.locator(".toast-line")).to_contain_text("packages saved")
    page.reload()
    expect(page.locator("input.narrow")).to_have_value("3")


def test_claims_are_released_after_a_question_and_a_shipment_is_announced(open_page: Open) -> None:
    world = build.world()
    order = order_of(world)
    page = open_page("/shipments/")

    page.click("#listing tbody a.strong-link")
    page.click(".page-head >> text=Announce")
    expect(page.locator(".page-head .pill")).to_have_text("Announced")
    page.goto(page.url.split("/shipments/")[0] + "/allocations/")
    page.check("input[data-all]")
    page.click(".bulk-bar >> text=Release")
    expect(page.locator("#confirm")).to_be_visible()
    assert build.order(order.id)["units_allocated"] == 1
    page.click("#confirm [data-go]")

    expect(page.locator("#dialog-place dialog .tone-green").first).to_contain_text("done")
    assert build.order(order.id)["units_allocated"] == 0


def addresses(built: Morning) -> list[str]:
    """One page of every kind."""
    order = built.orders[-1]
    return [
        "/orders/", *(f"/orders/{order}/{tab.slug}/" for tab in TABS), f"/orders/{built.orders[0]}/shipments/",
        f"/orders/{order}/do/address/", "/allocations/", "/pick-lists/", "/pick-lists/new/", f"/pick-lists/{built.pick_lists[-1]}/",
        "/shipments/", f"/shipments/{built.shipments[-1]}/", f"/shipments/{built.shipments[0]}/",
        f"/shipments/{built.shipments[-1]}/part/", "/invoices/", f"/invoices/{built.invoices[0]}/", f"/invoices/{built.credits[0]}/",
        f"/invoices/{built.invoices[0]}/credit/", "/refunds/?status=all", f"/orders/{built.orders[0]}/invoices/",
        f"/orders/{built.orders[0]}/refunds/", "/stock/", f"/stock/{built.world.skus[0]}/", "/products/",
        "/products/new/", f"/settings/locations/bins/{built.world.locations[0]}/",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("size", "scheme"), [("wide", "light"), ("wide", "dark"), ("phone", "light")]
)
def test_daily_pages_have_no_barriers(
    open_page: Open, check_page: Check, size: str, scheme: str
) -> None:
    built = morning(2, lines=2)
    page = open_page("/account/", size=size, scheme=scheme)
    base = page.url.split("/account/")[0]

    for path in addresses(built):
        page.goto(base + path)
        check_page(page)


def test_dialogs_have_no_barriers(open_page: Open, check_page: Check) -> None:
    built = morning()
    page = open_page(f"/orders/{built.orders[-1]}/")

    page.click("text=Put on hold")
    expect(page.locator("dialog #id_reason")).to_be_visible()
    check_page(page)
    page.keyboard.press("Escape")
    page.goto(page.url.split("/orders/")[0] + "/orders/")
    page.check("input[data-all]")
    check_page(page)
