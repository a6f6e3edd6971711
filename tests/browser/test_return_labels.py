"""A shopper's label on a phone, and a repair from the wish to the way back, in a real browser; every page is asked by axe."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from orderwerk.integrations.carriers.registry import RETURN_CARRIERS
from orderwerk.return_requests.commands.decide import ApproveRequestItem, approve_return_requests
from orderwerk.return_requests.commands.order_labels import order_due_labels
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.labelling import make_labels
from tests import build
from tests.doubles.postnl import KEY, PostNLDouble
from tests.doubles.wire import serving
from tests.portal.tokens import own_token

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.fixture
def double(settings: Any, transactional_db: None) -> Iterator[PostNLDouble]:
    with serving(PostNLDouble()) as running:
        settings.ORDERWERK_PROVIDER_URLS = {"postnl": running.url}
        yield running  # type: ignore[misc]


def announced(world: build.World, order: UUID, page: Page, wish: str) -> None:
    page.select_option("select[name^=quantity] >> nth=0", "1")
    page.select_option("select[name^=reason] >> nth=0", "damaged")
    page.check(f"input[value={wish}]")
    page.click("button[type=submit]")
    page.wait_for_selector("text=You may send it back.")


@pytest.mark.parametrize("is_paperless", [False, True])
def test_a_shop_is_connected_and_a_shopper_gets_the_label_on_a_phone(
    open_page: Open, check_page: Check, double: PostNLDouble, is_paperless: bool
) -> None:
    world = build.world(locations=1, products=1)
    policy = PolicyItem(shop=world.shop, approve_at_once=True, outcomes=["refund", "repair"])
    set_return_policies([policy], actor=build.TESTER)[0].require()
    console = open_page("/settings/returns/")
    check_page(console)
    console.get_by_role("link", name=f"Connect PostNL, {world.shop}").click()
    given = {
        "API key": KEY, "Customer code": "DEVC", "Customer number": "11223344", "Name on the label": "Example Shop",
        "Reply number": "1234", "Postal code": "1000 VV", "City": "Amsterdam",
    }  # fmt: skip
    for label, text in given.items():
        console.get_by_label(label, exact=True).fill(text)
    if is_paperless:
        console.get_by_label("Without printing").check()
    check_page(console)
    console.get_by_role("button", name="Save").click()
    console.get_by_role("button", name=f"Test PostNL, {world.shop}").click()
    expect(console.get_by_text("PostNL takes the credentials.")).to_be_visible()
    check_page(console)

    order = build.shipped(world, (world.skus[0], 2))
    page = open_page(f"/track/{own_token(order)}/return?lang=en", role=None, size="phone")
    announced(world, order, page, "refund")
    [(request, number)] = sql.fetch("select id, number from return_requests_request")
    order_due_labels([request], actor=build.TESTER)
    page.reload()
    expect(page.get_by_text("The carrier is making your label.")).to_be_visible()
    check_page(page)
    make_labels(RETURN_CARRIERS)
    page.reload()
    if is_paperless:
        expect(page.get_by_text("The code can be used from")).to_be_visible()
    else:
        expect(page.get_by_role("link", name="Print the label (PDF)")).to_be_visible()
    check_page(page)

    console.goto(console.url.split("/settings")[0] + f"/return-requests/{number}/")
    expect(console.get_by_role("link", name="Show the label")).to_be_visible()
    check_page(console)


def test_a_label_that_failed_is_asked_for_again_by_a_colleague(
    open_page: Open, check_page: Check, double: PostNLDouble
) -> None:
    from tests.providers.test_return_labels import Shop, ask  # noqa: PLC0415 - its fixtures are not wanted here

    shop = Shop(double)
    request = shop.approved()
    ask(request)
    double.fail("400", on="label")
    make_labels(RETURN_CARRIERS)
    [(number,)] = sql.fetch("select number from return_requests_request where id = %s", (request,))
    page = open_page(f"/return-requests/{number}/", role="customer_service", size="phone")
    expect(page.get_by_text("PostNL refused with 400.")).to_be_visible()
    check_page(page)

    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_text("The carrier is asked for the label")).to_be_visible()
    make_labels(RETURN_CARRIERS)
    page.reload()
    expect(page.get_by_role("link", name="Show the label")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("wide", "dark")])
def test_a_shopper_sends_something_in_for_repair_and_follows_it(
    open_page: Open, check_page: Check, size: str, scheme: str
) -> None:
    world = build.world(locations=1, products=1)
    policy = PolicyItem(shop=world.shop, outcomes=["refund", "repair"], approve_at_once=True, excluded_skus=world.skus)  # fmt: skip
    set_return_policies([policy], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 2))
    page = open_page(f"/track/{own_token(order)}/return?lang=en", role=None, size=size, scheme=scheme)  # fmt: skip
    expect(page.get_by_text("Only for repair")).to_be_visible()
    check_page(page)
    announced(world, order, page, "repair")
    check_page(page)
    [(number,)] = sql.fetch("select number from return_requests_request")

    desk = open_page(f"/return-requests/{number}/", role="customer_service", size=size, scheme=scheme)  # fmt: skip
    check_page(desk)
    desk.get_by_role("link", name="Here for repair").click()
    desk.get_by_label("What is to be repaired").fill("The zip")
    check_page(desk)
    desk.get_by_role("button", name="Take in").click()
    expect(desk.get_by_text("Taken in for repair.")).to_be_visible()
    check_page(desk)
    page.reload()
    expect(page.get_by_text("It is here, and we look at it.")).to_be_visible()
    check_page(page)

    desk.get_by_role("link", name="Repaired").click()
    desk.get_by_label("Tracking code").fill("3SABC1")
    desk.get_by_label("Carrier").fill("PostNL")
    desk.get_by_role("button", name="Sent back").click()
    expect(desk.get_by_text("Noted: it is on its way back to the customer.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("It is repaired and on its way back to you.")).to_be_visible()
    expect(page.get_by_text("3SABC1")).to_be_visible()
    check_page(page)


def test_a_shopper_sends_two_orders_in_one_box_and_the_dock_scans_once(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1, products=1)
    customer = {"name": "Test Persoon", "email": "same@example.com"}
    orders = [build.shipped(world, (world.skus[0], 1), customer=customer) for _ in range(2)]
    requests = [build.request(order).require() for order in orders]
    for request in requests:
        approve_return_requests([ApproveRequestItem(return_request_id=request.id)], actor=build.TESTER)[0].require()  # type: ignore[arg-type]  # fmt: skip
    first, second = (request.data["number"] for request in requests)
    page = open_page(f"/track/{own_token(orders[1])}/returns/{second}?lang=en", role=None, size="phone")  # fmt: skip
    expect(page.get_by_text("You also send back")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Send both in one box").click()
    expect(page.get_by_text("This goes into the box of your return")).to_be_visible()
    check_page(page)

    dock = open_page(f"/return-requests/{first}/", role="warehouse", size="phone")
    expect(dock.get_by_role("link", name=second)).to_be_visible()
    check_page(dock)
    dock.get_by_role("link", name="The goods are here").click()
    expect(dock.get_by_text("In the same box, booked next:")).to_be_visible()
    check_page(dock)
