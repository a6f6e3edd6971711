"""A carrier that makes labels is connected, and a parcel is packed with its label, in a real browser; every page is asked by axe."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import sql
from orderwerk.integrations.jobs import order_parcel_labels
from tests import build
from tests.doubles.parcels import Warehouse, make
from tests.doubles.postnl import KEY, PostNLDouble
from tests.doubles.wire import serving

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.fixture
def double(settings: Any, transactional_db: None) -> Iterator[PostNLDouble]:
    with serving(PostNLDouble()) as running:
        settings.ORDERWERK_PROVIDER_URLS = {"postnl": running.url}
        yield running  # type: ignore[misc]


def test_a_carrier_is_connected_and_a_parcel_is_packed_with_its_label(
    open_page: Open, check_page: Check, double: PostNLDouble
) -> None:
    house = Warehouse(double)
    shipment = house.waiting(1, (house.world.skus[0], 1))
    code = build.parcel_carrier(build.world(stock=0), account=False)
    page = open_page("/settings/shipping/")
    sql.execute("update shipments_carrier set name = 'Other' where code = %s", (code,))
    page.reload()
    page.get_by_role("link", name=re.compile("Connect PostNL.*Other")).click()
    expect(page.get_by_label("API key")).to_be_visible()
    given = {"API key": KEY, "Customer code": "DEVC", "Customer number": "11223344", "Collection location": "123456"}  # fmt: skip
    for label, text in given.items():
        page.get_by_label(label, exact=True).fill(text)
    check_page(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name=re.compile("Test.*Other")).click()
    expect(page.get_by_text("Other takes the credentials.")).to_be_visible()
    check_page(page)

    [(number,)] = sql.fetch("select number from shipments_shipment where id = %s", (shipment,))
    table = open_page(f"/shipments/{number}/pack/", role="warehouse", size="phone")
    scan = table.get_by_label("Scan each article into the box")
    expect(scan).to_be_visible()
    scan.fill(house.world.skus[0])
    scan.press("Enter")
    expect(table.get_by_role("button", name="Ship and print the slip")).to_be_enabled()
    table.get_by_label("Weight, in grams").fill("700")
    table.get_by_role("button", name="Ship and print the slip").click()
    expect(table.get_by_text(f"{number} is packed.")).to_be_visible()
    # What the worker does meanwhile; the page looks again by itself.
    events = sql.fetch("select id::text from core_event where kind = 'shipment.packed'")
    order_parcel_labels([row[0] for row in events])
    make()
    expect(table.get_by_role("link", name="Print the label")).to_be_visible(timeout=15_000)
    check_page(table)
    table.goto(table.url.split("/shipments")[0] + f"/shipments/{number}/")
    expect(table.get_by_role("button", name=re.compile("Give up.*Package 1"))).to_be_visible()
    check_page(table)
