"""What else happens where goods come back: kept by the customer, a stranger's goods in the box, pictures of a claim, a shop's logo."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from orderwerk.orders.links import track_token
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def _tracked(order: object, end: str = "") -> str:
    [(key, email)] = sql.fetch("select id, customer_email from orders_order where id = %s", (order,))  # fmt: skip
    return f"/track/{track_token(key, email)}{end}?lang=en"


def test_a_customer_announces_and_may_keep_it(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1, stock=20)
    rules = PolicyItem(shop=world.shop, keep_up_to="25.00", outcomes=["refund", "store_credit"])
    set_return_policies([rules], actor=build.TESTER)
    order = build.shipped(world, (world.skus[0], 2))
    build.invoice(order)

    customer = open_page(_tracked(order, "/return"), role=None, size="phone")
    customer.get_by_label("How many").select_option("1")
    customer.get_by_label("Why").select_option(index=1)
    customer.get_by_label(re.compile("credit", re.IGNORECASE)).check()
    check_page(customer)
    customer.get_by_role("button", name="Announce the return").click()
    expect(customer.get_by_text("We have received your return")).to_be_visible()

    [(asked,)] = sql.fetch("select number from return_requests_request where order_id = %s", (order,))  # fmt: skip
    page = open_page(f"/return-requests/{asked}/", role="customer_service")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="The customer keeps it").click()
    dialog = page.get_by_role("dialog")
    check_page(page)
    dialog.get_by_role("button").last.click()
    expect(page.get_by_text("keeps the goods").first).to_be_visible()
    check_page(page)

    customer.goto(customer.url.split("/track/")[0] + _tracked(order))
    expect(customer.get_by_text("You may keep it.")).to_be_visible()
    check_page(customer)


def test_a_customer_asks_to_keep_it_and_may(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1, stock=20)
    rules = PolicyItem(shop=world.shop, keep_up_to="15.00", outcomes=["refund", "keep"])
    set_return_policies([rules], actor=build.TESTER)
    order = build.shipped(world, (world.skus[0], 2))
    build.invoice(order)

    customer = open_page(_tracked(order, "/return"), role=None, size="phone")
    customer.get_by_label("How many").select_option("1")
    customer.get_by_label("Why").select_option(index=1)
    customer.get_by_label("Keep it and get my money back").check()
    check_page(customer)
    customer.get_by_role("button", name="Announce the return").click()
    expect(customer.get_by_text("Do not send anything yet.")).to_be_visible()
    expect(customer.get_by_text("You asked to keep it")).to_be_visible()
    check_page(customer)

    [(asked,)] = sql.fetch("select number from return_requests_request where order_id = %s", (order,))  # fmt: skip
    page = open_page(f"/return-requests/{asked}/", role="customer_service")
    expect(page.get_by_role("button", name="Let it be sent back")).to_be_visible()
    page.get_by_role("link", name="The customer keeps it").click()
    page.get_by_role("dialog").get_by_role("button").last.click()
    expect(page.get_by_text("keeps the goods").first).to_be_visible()
    check_page(page)

    customer.reload()
    expect(customer.get_by_text("You may keep it.")).to_be_visible()
    expect(customer.get_by_text("Our answer: yes")).to_be_visible()
    check_page(customer)


def test_what_never_was_of_the_order_is_booked_at_the_return(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=2, stock=20)
    order = build.shipped(world, (world.skus[0], 2))
    build.invoice(order)
    number = build.give_back(order).require().data["number"]

    page = open_page(f"/returns/{number}/", role="warehouse", size="phone")
    page.get_by_role("link", name="Book", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Article (SKU)").fill(world.skus[1])
    dialog.get_by_label("Pieces").fill("2")
    dialog.get_by_label("Put into stock at").select_option(world.locations[0])
    check_page(page)
    dialog.get_by_role("button").last.click()
    expect(page.get_by_role("cell", name=world.skus[1])).to_be_visible()
    check_page(page)
    assert world.levels()[(world.skus[1], world.locations[0])][0] == 22


def test_pictures_come_with_a_claim(open_page: Open, check_page: Check, tmp_path: Path) -> None:
    world = build.world(locations=1, products=1, stock=20)
    order = build.shipped(world, (world.skus[0], 2))
    [(number,)] = sql.fetch("select number from orders_order where id = %s", (order,))
    picture = tmp_path / "broken.png"
    picture.write_bytes(build.png())

    page = open_page(f"/orders/{number}/returns/", role="customer_service", size="phone")
    page.get_by_role("link", name="New claim").click()
    page.get_by_role("spinbutton").fill("1")
    page.get_by_label("Pictures").set_input_files([picture, picture])
    check_page(page)
    page.get_by_role("button", name="Make the claim").click()
    expect(page).to_have_url(re.compile(r"/returns/$"))
    [(claim,)] = sql.fetch("select number from returns_claim where order_id = %s", (order,))
    page.goto(page.url.split("/orders/")[0] + "/returns/claims/")
    expect(page.get_by_role("link", name=f"Picture 2 {claim}")).to_be_visible()
    check_page(page)
    link = page.get_by_role("link", name=f"Picture 1 {claim}").get_attribute("href")
    shown = page.request.get(page.url.split("/returns/")[0] + str(link))
    assert (shown.status, shown.headers["content-type"], shown.body()) == (200, "image/png", build.png())  # fmt: skip


def test_a_logo_is_taken_in_and_stands_before_the_customer(
    open_page: Open, check_page: Check, tmp_path: Path
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    order = build.shipped(world, (world.skus[0], 1))
    picture, wrong = tmp_path / "logo.png", tmp_path / "logo.gif"
    picture.write_bytes(build.png(240, 60))
    wrong.write_bytes(b"GIF89a")

    page = open_page(f"/settings/shops/logo/{world.shop}/", role="owner")
    expect(page.get_by_text("There is none yet.")).to_be_visible()
    page.get_by_label("Picture").set_input_files(wrong)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This is no whole PNG picture.")).to_be_visible()
    check_page(page)
    page.get_by_label("Picture").set_input_files(picture)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("img", name=world.shop)).to_be_visible()
    check_page(page)

    customer = open_page(_tracked(order), role=None, size="phone")
    expect(customer.get_by_role("img", name=world.shop)).to_be_visible()
    width = customer.get_by_role("img", name=world.shop).evaluate("i => i.naturalWidth")
    assert width == 240
    check_page(customer)


def test_a_gift_is_sent_back_on_a_phone_without_prices(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1, stock=20, refund_mode="automatic")
    rules = PolicyItem(shop=world.shop, gift_returns=True, approve_at_once=True)
    set_return_policies([rules], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 2))
    build.invoice(order)
    number = build.order(order)["number"]

    receiver = open_page("/returns?lang=en", role=None, size="phone")
    receiver.get_by_role("link", name="Did you get it as a gift?").click()
    expect(receiver.get_by_label("Postal code where it was delivered")).to_be_visible()
    check_page(receiver)
    receiver.get_by_label("Order number").fill(number)
    receiver.get_by_label("Postal code where it was delivered").fill("1234AB")
    receiver.get_by_role("button").last.click()
    expect(receiver.get_by_label("How many")).to_be_visible()
    check_page(receiver)
    receiver.get_by_label("How many").select_option("1")
    receiver.get_by_label("Why").select_option(index=1)
    receiver.get_by_label("Your name").fill("Robin")
    receiver.get_by_label("Your e-mail address").fill("robin@example.org")
    receiver.get_by_role("button", name="Announce the return").click()
    expect(
        receiver.get_by_text("we send the code of your store credit to robin@example.org")
    ).to_be_visible()
    expect(receiver.get_by_text("€")).to_have_count(0)
    expect(receiver.get_by_text("Test Persoon")).to_have_count(0)
    check_page(receiver)

    [(asked,)] = sql.fetch("select number from return_requests_request where order_id = %s", (order,))  # fmt: skip
    page = open_page(f"/return-requests/{asked}/", role="customer_service")
    expect(page.get_by_text("the buyer is not told")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="The goods are here").click()
    expect(page.get_by_text("becomes store credit of whoever received it")).to_be_visible()
    check_page(page)
