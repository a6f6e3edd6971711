"""Connecting a carrier that makes labels, and the labels of parcels in the console and the API."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from io import BytesIO
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from pypdf import PdfReader

from orderwerk.cli.doctor import doctor
from orderwerk.core import crypto, sql
from orderwerk.core.errors import WrongState
from orderwerk.shipments.commands.report_labels import ShippingLabelNews, report_shipping_labels
from orderwerk.shipments.label_documents import shipping_labels
from tests import build
from tests.api.conftest import caller
from tests.doubles.parcels import Warehouse, ask, label, make
from tests.doubles.postnl import KEY, PostNLDouble
from tests.doubles.wire import serving
from tests.flows.test_combined_parcels import together

pytestmark = pytest.mark.once
Enter = Callable[..., Client]
FORM = {
    "key": KEY, "mode": "test", "customer_code": "devc", "customer_number": "11223344", "collection_location": "123456",
    "products": "3085\nsign  3189\n\n", "is_automatic": "on", "is_active": "on",
}  # fmt: skip


@pytest.fixture
def double(settings: Any, transactional_db: None) -> Iterator[PostNLDouble]:
    with serving(PostNLDouble()) as running:
        settings.ORDERWERK_PROVIDER_URLS = {"postnl": running.url}
        yield running  # type: ignore[misc]


def number_of(shipment: Any) -> str:
    [(number,)] = sql.fetch("select number from shipments_shipment where id = %s", (shipment,))
    return str(number)


def test_a_carrier_is_connected_and_tested_and_the_key_is_never_shown(
    enter: Enter, double: PostNLDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderwerk.cli.doctor.connected", nullcontext)
    none = CliRunner().invoke(doctor, []).output
    client = enter()
    code = build.parcel_carrier(build.world(stock=0), account=False)
    edit, test = f"/settings/shipping/accounts/of/{code}/", f"/settings/shipping/accounts/test/{code}/"  # fmt: skip
    assert "Connect PostNL" in client.get("/settings/shipping/").content.decode()
    assert client.post(test).status_code == 404
    for wrong in ({"collection_location": "x"}, {"key": ""}, {"products": "sign"}):
        assert client.post(edit, {**FORM, **wrong}).status_code == 422
    assert client.post(edit, FORM).status_code == 302

    shown = client.post(test, follow=True).content.decode()

    assert "PostNL takes the credentials" in shown
    assert "Change the account" in shown
    again = client.get(edit).content.decode()
    assert "sign 3189" in again
    good = CliRunner().invoke(doctor, []).output
    double.key = "other"
    assert "does not answer as it should" in client.post(test, follow=True).content.decode()
    bad = CliRunner().invoke(doctor, []).output
    sql.execute("update shipments_carrier_account set secret = %s", (crypto.encrypt(KEY, "another secret key"),))  # fmt: skip
    assert "can no longer be read" in client.post(test, follow=True).content.decode()
    lost = CliRunner().invoke(doctor, []).output
    assert client.post(edit, {**FORM, "key": "", "is_active": ""}).status_code == 302
    assert client.post(test).status_code == 404
    assert "switched off" in client.get("/settings/shipping/").content.decode()
    for path in ("of", "test"):
        assert client.post(f"/settings/shipping/accounts/{path}/nowhere/").status_code == 404
    assert "ok   carriers    none connected" in none
    assert f"ok   carriers    {code} (test): takes the credentials" in good
    assert f"BAD  carriers    {code} (test): " in bad
    assert "its key can no longer be read" in lost
    for told in (shown, again, good, bad, lost):
        assert KEY not in told


def test_labels_are_asked_for_printed_and_given_up_where_the_shipment_is(enter: Enter, double: PostNLDouble) -> None:  # fmt: skip
    house = Warehouse(double, is_automatic=False)
    shipment, waiting = house.announced(2), house.waiting()
    number, client = number_of(shipment), enter()
    page = f"/shipments/{number}/"
    assert "Ask for a label" in client.get(page).content.decode()
    assert "Ask for a label" not in client.get(f"/shipments/{number_of(waiting)}/").content.decode()
    assert client.get(f"{page}label.pdf").status_code == 409

    assert client.post(f"{page}labels/order/").status_code == 302
    assert "every 3s" in client.get(f"{page}labels/?here={page}").content.decode()
    double.fail("cut_after", "400", on="label")
    make()
    sql.execute("update core_effect set next_attempt_at = null where status = 'in_doubt'")
    assert "no second label is made" in client.get(page).content.decode()
    found = caller().get("/shipments?label=ordered").json()["items"]
    assert [item["number"] for item in found] == [number]
    double.fail("400", on="label")
    make()
    make()
    shown = client.get(page).content.decode()
    assert "PostNL refused with 400." in shown
    assert "Ask again" in shown
    for state, there in (("failed", True), ("ordered", False), ("none", False)):
        assert (number in client.get(f"/shipments/?label={state}").content.decode()) is there
    client.post(f"{page}labels/order/")
    make()
    assert "Print the labels" in client.get(page).content.decode()
    paper = client.get(f"{page}label.pdf")
    assert (paper["Content-Type"], paper["Cache-Control"]) == ("application/pdf", "private, no-store")  # fmt: skip
    many = client.post("/shipments/labels.pdf", {"id": [str(shipment)]})
    assert many.content.startswith(b"%PDF")
    assert client.post("/shipments/labels.pdf", {"id": [str(waiting)]}).status_code == 409
    assert client.post("/shipments/labels.pdf").status_code == 302
    assert client.get("/shipments/S0/label.pdf").status_code == 404
    api = caller()
    assert api.get(f"/shipments/{shipment}/label.pdf").content == paper.content
    items = api.get(f"/shipping-labels?shipment_id={shipment}&status=made").json()["items"]
    assert sorted(item["package"] for item in items) == [1, 2]

    [(order,)] = sql.fetch("select o.number from shipments_shipment s join orders_order o on o.id = s.order_id where s.id = %s", (shipment,))  # fmt: skip
    history = client.get(f"/orders/{order}/").content.decode()
    assert f"Label for package 2 of {number} made by the carrier" in history
    gone = next(item for item in items if item["package"] == 2)
    answer = client.post(f"{page}labels/{gone['id']}/void/", follow=True).content.decode()
    assert "The label is given up" in answer
    assert client.post(f"{page}labels/{gone['id']}/void/", follow=True).status_code == 200
    assert api.get(f"/shipments/{shipment}/label.pdf").status_code == 409
    assert api.get(f"/shipping-labels/{gone['id']}").json()["status"] == "void"
    [item] = api.bulk("/shipping-labels/void", {"shipping_label_id": gone["id"]})
    assert "label_void" in str(item["error"])
    # Somebody who only looks sees how far they are, and has no buttons.
    looks = enter("customer_service")
    assert looks.post(f"{page}labels/order/").status_code == 403


def test_the_packing_table_shows_the_label_of_what_was_packed(enter: Enter, double: PostNLDouble) -> None:  # fmt: skip
    house = Warehouse(double)
    shipment, other = house.announced(), house.announced()
    ask(shipment)
    make()
    number, client = number_of(shipment), enter()
    assert "Print the label" in client.get(f"/shipments/{number}/pack/").content.decode()
    house.pack(shipment).require()
    done = client.get(f"/shipments/pack/?done={number}").content.decode()
    assert f"/shipments/{number}/labels/" in done
    assert "labels/" not in client.get("/shipments/pack/?done=S0").content.decode()
    assert "Print the label" in client.get(f"/shipments/{number}/labels/").content.decode()
    # What was just packed is looked at until its label is there.
    house.pack(other).require()
    assert "every 3s" in client.get(f"/shipments/{number_of(other)}/labels/").content.decode()
    street = '{"name": "A", "street": "Kade", "house_number": "9", "postal_code": "1000 AA", "city": "B", "country": "NL"}'  # fmt: skip
    sql.execute("update shipments_shipment set delivery_address = %s where id = %s", (street, shipment))  # fmt: skip
    assert "shows another address" in client.get(f"/shipments/{number}/").content.decode()
    assert label(shipment)["status"] == "made"


def test_a_paper_that_cannot_be_read_is_named_and_keeps_no_other_back(enter: Enter, double: PostNLDouble) -> None:  # fmt: skip
    house, client = Warehouse(double), enter()
    good, other = house.labelled(2), house.labelled()
    double.paper = lambda barcode: b"%PDF-1.3 " + barcode.encode()  # type: ignore[method-assign]
    bad = house.labelled()
    chosen = {"id": [str(key) for key in (good, bad, other)]}

    asked = client.post("/shipments/labels.pdf", chosen).content.decode()
    printed = client.post("/shipments/labels.pdf", {**chosen, "rest": "1"})

    assert f"</a></th><td>The label of {number_of(bad)} cannot be put together" in asked
    assert "Print the labels of the other 2 shipments" in asked
    assert len(PdfReader(BytesIO(printed.content)).pages) == 3
    with pytest.raises(WrongState, match=f"The label of {number_of(bad)} cannot be put together"):
        shipping_labels([good, bad], actor=build.TESTER)
    nothing = client.post("/shipments/labels.pdf", {"id": [str(bad), str(house.waiting())]})
    assert (nothing["Content-Type"], nothing.content[:8]) == ("text/html; charset=utf-8", b"<!doctyp")  # fmt: skip


def test_the_label_of_a_parcel_is_that_of_all_that_lies_in_it(enter: Enter, double: PostNLDouble) -> None:  # fmt: skip
    world = build.world(locations=1)
    _, keys = together(world, [(world.skus[0], 1)], [(world.skus[1], 1)])
    [(key, effect)] = build.parcels_asked(world, keys[0])
    made = ShippingLabelNews(key, effect, b"%PDF of the parcel")
    report_shipping_labels([made], actor=build.TESTER)[0].require()

    printed = enter().post("/shipments/labels.pdf", {"id": [str(each) for each in keys]})

    assert (printed["Content-Type"], printed.content) == ("application/pdf", b"%PDF of the parcel")


def test_of_several_shipments_the_labels_that_there_are_can_be_printed(enter: Enter, double: PostNLDouble) -> None:  # fmt: skip
    house = Warehouse(double, is_automatic=False)
    shipment, waiting, third = house.announced(1), house.waiting(), house.waiting()
    client = enter()
    client.post(f"/shipments/{number_of(shipment)}/labels/order/")
    make()
    paper = client.get(f"/shipments/{number_of(shipment)}/label.pdf")

    both = {"id": [str(waiting), str(shipment)]}
    asked = client.post("/shipments/labels.pdf", both).content.decode()
    rest = client.post("/shipments/labels.pdf", {**both, "rest": "1"})
    none = client.post("/shipments/labels.pdf", {"id": [str(waiting), str(third)], "rest": "1"})

    assert f"{number_of(waiting)}</a></th><td>" in asked
    assert f"{number_of(shipment)}</a></th><td>" not in asked
    assert "Print the labels of the other shipment" in asked
    assert (rest["Content-Type"], rest.content) == ("application/pdf", paper.content)
    assert "2 shipments have no label to print" in none.content.decode()
    assert "Print the labels of the other" not in none.content.decode()
    # Without a package there is no label, and none is promised.
    sql.execute("delete from shipments_package where shipment_id = %s", (third,))
    bare = {"id": [str(waiting), str(third)]}
    assert f"{number_of(third)}</a></th><td>" in client.post("/shipments/labels.pdf", bare).content.decode()  # fmt: skip
