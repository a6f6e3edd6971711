"""Connecting a shop to the carrier of its returns, and repairs, in the console."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse

from orderwerk.cli.doctor import doctor
from orderwerk.console.reads.returns import order_of_scan
from orderwerk.core import crypto, sql
from orderwerk.integrations.carriers.registry import RETURN_CARRIERS
from orderwerk.return_requests.labelling import make_labels
from tests import build
from tests.api.conftest import caller
from tests.doubles.postnl import KEY, PostNLDouble
from tests.doubles.wire import serving
from tests.providers.test_return_labels import ACCOUNT, Shop, ask

Enter = Callable[..., Client]


@pytest.fixture
def double(settings: Any, transactional_db: None) -> Iterator[PostNLDouble]:
    with serving(PostNLDouble()) as running:
        settings.ORDERWERK_PROVIDER_URLS = {"postnl": running.url}
        yield running  # type: ignore[misc]


def test_a_shop_is_connected_and_tested_and_the_key_is_never_shown(enter: Enter, double: PostNLDouble) -> None:  # fmt: skip
    world = build.world(stock=0)
    client = enter()
    edit = f"/settings/returns/carriers/shops/{world.shop}/"
    test = f"/settings/returns/carriers/test/{world.shop}/"
    assert client.post(test).status_code == 404
    form = {**ACCOUNT, "customer_code": "devc", "is_active": "on", "is_automatic": "on"}
    assert client.post(edit, {**form, "reply_number": "no"}).status_code == 422
    assert client.post(edit, {**form, "key": ""}).status_code == 422
    assert client.post(edit, form).status_code == 302

    shown = client.post(test, follow=True).content.decode()

    assert "PostNL takes the credentials" in shown
    for page in (shown, client.get(edit).content.decode()):
        assert KEY not in page
    double.key = "other"
    assert "does not answer as it should" in client.post(test, follow=True).content.decode()
    assert client.post(edit, {**form, "key": "", "is_active": ""}).status_code == 302
    assert sql.fetch("select is_active, is_automatic, customer_code from return_requests_carrier") == [(False, True, "DEVC")]  # fmt: skip
    assert client.post(test).status_code == 404
    assert client.get("/settings/returns/carriers/shops/nowhere/").status_code == 404


def test_a_request_shows_its_label_and_asks_for_it(enter: Enter, double: PostNLDouble) -> None:
    shop = Shop(double)
    request = shop.approved()
    [(number,)] = sql.fetch("select number from return_requests_request where id = %s", (request,))
    client = enter()
    page = f"/return-requests/{number}/"
    assert "Ask for a label" in client.get(page).content.decode()
    assert client.get(f"{page}label.pdf").status_code == 404

    assert client.post(f"{page}order-label/").status_code == 302
    assert "Asked for at the carrier" in client.get(page).content.decode()
    assert client.get(f"{page}label.pdf").status_code != 200
    double.fail("cut_after", on="label")
    make_labels(RETURN_CARRIERS)
    assert "no second label is made" in client.get(page).content.decode()
    again = client.post(f"{page}order-label/", follow=True).content.decode()
    assert "has its label" in again
    sql.execute("update core_effect set next_attempt_at = null where status = 'in_doubt'")
    make_labels(RETURN_CARRIERS)
    assert "Show the label" in client.get(page).content.decode()
    assert client.get(f"{page}label.pdf")["Content-Type"] == "application/pdf"
    assert client.get("/return-requests/RQ0/label.pdf").status_code == 404
    # What the dock scans is the carrier's own code.
    [(barcode,)] = sql.fetch("select barcode from return_requests_label")
    found = order_of_scan(build.TESTER, barcode.lower())
    assert found is not None
    assert found[1] == number


def test_what_a_carrier_refused_stands_at_the_request(enter: Enter, double: PostNLDouble) -> None:
    shop = Shop(double)
    request = shop.approved()
    ask(request)
    double.fail("400", on="label")
    make_labels(RETURN_CARRIERS)
    [(number,)] = sql.fetch("select number from return_requests_request where id = %s", (request,))
    shown = enter().get(f"/return-requests/{number}/").content.decode()
    assert "PostNL refused with 400." in shown
    assert "Ask again" in shown


@pytest.mark.django_db
def test_a_repair_is_taken_in_and_sent_back(enter: Enter) -> None:
    world = build.world(products=1)
    order = build.shipped(world, (world.skus[0], 2))
    number = build.request(order, outcome="repair", as_favour=True).require().data["number"]
    client = enter()
    page = f"/return-requests/{number}/"
    assert "Here for repair" in client.get(page).content.decode()

    assert client.post(f"{page}repair/", {"note": "The zip"}).status_code == 302
    assert client.post(f"{page}repair/", {"note": ""}).status_code == 422

    [(claim,)] = sql.fetch("select id from returns_claim")
    shown = client.get("/returns/claims/").content.decode()
    assert "Back as it was" in shown
    where = reverse("claim_decide", args=[claim, "repaired"])
    assert client.post(where, {"note": "", "carrier": "PostNL", "tracking_code": "3S1"}).status_code == 302  # fmt: skip
    assert "3S1" in client.get("/returns/claims/?status=repaired").content.decode()
    assert client.post(where, {"note": ""}).status_code == 422
    assert "Repaired" in client.get(page).content.decode()


def test_a_key_that_cannot_be_read_is_said_so(enter: Enter, double: PostNLDouble) -> None:
    shop = Shop(double)
    sql.execute("update return_requests_carrier set secret = %s", (crypto.encrypt(KEY, "another secret key"),))  # fmt: skip
    shown = enter().post(f"/settings/returns/carriers/test/{shop.world.shop}/", follow=True)
    assert shown.status_code == 200
    assert "can no longer be read" in shown.content.decode()


def test_doctor_says_which_carrier_of_returns_answers(
    double: PostNLDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderwerk.cli.doctor.connected", nullcontext)
    none = CliRunner().invoke(doctor, []).output
    shop = Shop(double).world.shop

    good = CliRunner().invoke(doctor, []).output
    double.key = "other"
    bad = CliRunner().invoke(doctor, []).output
    sql.execute("update return_requests_carrier set secret = %s", (crypto.encrypt(KEY, "another secret key"),))  # fmt: skip
    unread = CliRunner().invoke(doctor, []).output

    assert "ok   returns     no carrier connected" in none
    assert f"ok   returns     postnl for {shop} (test): takes the credentials" in good
    assert f"BAD  returns     postnl for {shop} (test): " in bad
    assert "its key can no longer be read" in unread
    assert KEY not in none + good + bad + unread


def test_requests_whose_label_failed_are_found(enter: Enter, double: PostNLDouble) -> None:
    shop = Shop(double)
    failed, waiting = shop.approved(), shop.approved()
    ask(failed)
    shop.set(is_active=False)
    make_labels(RETURN_CARRIERS)
    shop.set(is_active=True)
    ask(waiting)
    rows = sql.fetch("select id, number from return_requests_request")
    number = {row[0]: row[1] for row in rows}
    client = enter()

    for label, shown, hidden in [("failed", failed, waiting), ("ordered", waiting, failed)]:
        page = client.get(f"/return-requests/?status=approved&label={label}").content.decode()
        assert number[shown] in page
        assert number[hidden] not in page
    assert 'name="label"' in client.get("/return-requests/?status=all").content.decode()
    assert 'name="label"' not in client.get("/return-requests/").content.decode()
    found = caller().get("/return-requests?label=failed").json()["items"]
    assert [item["number"] for item in found] == [number[failed]]
