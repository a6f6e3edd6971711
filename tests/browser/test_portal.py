"""A shopper with a phone: finds the order, announces a return with a picture, withdraws; every page is asked by axe."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("wide", "dark")])
def test_a_shopper_sends_something_back_and_withdraws(
    open_page: Callable[..., Page],
    check_page: Callable[[Page], None],
    tmp_path: Path,
    size: str,
    scheme: str,
) -> None:
    world = build.world()
    order_id = build.shipped(world, (world.skus[0], 3), (world.skus[1], 1))
    number, code = sql.fetch(
        "select number, delivery_address ->> 'postal_code' from orders_order where id = %s",
        (order_id,),
    )[0]
    picture = tmp_path / "broken.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n a picture")

    page = open_page("/returns?lang=en", role=None, size=size, scheme=scheme)
    check_page(page)
    page.fill("#number", number)
    page.fill("#proof", "0000")
    page.click("text=Find my order")
    page.wait_for_selector("[role=alert]")
    page.fill("#proof", code.lower())
    page.click("text=Find my order")
    page.wait_for_selector("text=Your order has been sent.")
    check_page(page)

    page.click("text=Return articles")
    check_page(page)
    page.select_option("select[name^=quantity] >> nth=0", "2")
    page.click("button[type=submit]")
    page.wait_for_selector("text=Choose a reason")
    # What was chosen stays chosen.
    assert page.input_value("select[name^=quantity] >> nth=0") == "2"
    page.select_option("select[name^=reason] >> nth=0", "damaged")
    page.set_input_files("#photos", str(picture))
    page.click("button[type=submit]")
    page.wait_for_selector("text=We have received your return")
    check_page(page)

    page.click("text=Back to the order")
    page.click("text=Withdraw from the contract")
    # Of the whole order no number of pieces is asked for, so that none is typed in vain.
    pieces = page.locator("input.count")
    expect(pieces.first).to_be_hidden()
    check_page(page)
    page.locator("[name=scope][value=some]").check()
    expect(pieces.first).to_be_visible()
    check_page(page)
    page.locator("[name=scope][value=all]").check()
    page.fill("#name", "Test Customer")
    page.fill("#email", "test@example.com")
    page.click("text=Continue")
    page.wait_for_selector("text=Check your statement")
    check_page(page)
    page.click("text=Confirm withdrawal")
    page.wait_for_selector("text=Your withdrawal has been received")
    check_page(page)

    assert sql.fetch("select origin, status from return_requests_request order by id") == [
        ("portal", "requested"),
        ("withdrawal", "approved"),
    ]
    assert sql.fetch("select sum(quantity) from return_requests_line") == [(4,)]
    assert sql.fetch("select count(*) from return_requests_photo") == [(1,)]
