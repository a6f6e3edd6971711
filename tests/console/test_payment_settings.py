"""Connecting a shop to a payment provider in the console; what stands at a refund that goes there."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from orderwerk.core import sql
from orderwerk.refunds.commands.report import RefundNews, report_refunds
from tests import build
from tests.doubles.shop import connect, refund
from tests.doubles.stripe import StripeDouble
from tests.doubles.wire import serving

Enter = Callable[..., Client]


@pytest.fixture
def double(settings: Any, transactional_db: None) -> Iterator[StripeDouble]:
    settings.ORDERWERK_PROVIDER_URLS = {}
    with serving(StripeDouble()) as running:
        settings.ORDERWERK_PROVIDER_URLS = {"stripe": running.url}
        yield running  # type: ignore[misc]


def test_a_shop_is_connected_and_tested_and_the_secrets_are_never_shown(enter: Enter, double: StripeDouble) -> None:  # fmt: skip
    world = build.world(stock=0)
    client = enter()
    edit = f"/settings/payments/stripe/shops/{world.shop}/"

    assert client.post(edit, {"key": "nonsense", "is_active": "on"}).status_code == 422
    saved = client.post(edit, {"key": double.key, "signing_secret": double.secret, "is_active": "on"})  # fmt: skip
    assert saved.status_code == 302
    tested = client.post(f"/settings/payments/stripe/test/{world.shop}/", follow=True)
    shown = tested.content.decode()

    assert "takes the credentials" in shown
    assert "/api/v1/incoming/stripe/" in shown
    for page in (shown, client.get(edit).content.decode()):
        assert double.key not in page
        assert double.secret not in page
    double.key = "other"
    again = client.post(f"/settings/payments/stripe/test/{world.shop}/", follow=True)
    assert "refuses the credentials" in again.content.decode()
    # An empty field keeps what is stored; without the box it is out of use.
    assert client.post(edit, {"key": ""}).status_code == 302
    assert sql.fetch("select mode, is_active, signing_secret <> '' from payments_account") == [("test", False, True)]  # fmt: skip
    assert client.post(f"/settings/payments/stripe/test/{world.shop}/").status_code == 404
    assert client.get("/settings/payments/nobody/shops/x/").status_code == 404


def test_a_refund_in_doubt_says_so_and_offers_nothing_that_could_pay_twice(enter: Enter, double: StripeDouble) -> None:  # fmt: skip
    shop = connect("stripe", double)
    order = shop.order()
    key = shop.handed_over(order)
    double.fail("500_after", on="create_refunds")
    shop.send(key)
    [(number,)] = sql.fetch("select number from orders_order where id = %s", (order,))
    client = enter()

    page = client.get(f"/orders/{number}/refunds/").content.decode()

    assert "In doubt" in page
    assert "looked up there before anything is tried again" in page
    assert f"/refunds/{key}/paid/" not in page
    assert "In doubt" in client.get("/refunds/?status=submitted").content.decode()
    news = RefundNews(key, "failed", word="failed", note="expired card")
    report_refunds([news], actor=build.TESTER)[0].require()
    client.post(f"/refunds/{key}/do/by-hand/")
    assert refund(key)["status"] == "approved"
