"""Invoices over HTTP: read, and credited under a key."""

import pytest

from tests import build
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db


def test_an_invoice_is_read_and_credited_once_under_its_key(api: Api, world: build.World) -> None:
    order = world.place((world.skus[0], 2))
    build.invoice(order)
    [invoice] = api.get("/invoices", {"order_id": str(order), "kind": "debit"}).json()["items"]
    line = invoice["lines"][0]
    item = {
        "invoice_id": invoice["id"],
        "reason": "Broken",
        "lines": [{"order_line_id": line["order_line_id"], "quantity": 1}],
    }
    body = {"items": [item]}

    without = api.post("/invoices/credit", body)
    first = api.post("/invoices/credit", body, "k1")
    again = api.post("/invoices/credit", body, "k1")

    assert without.status_code == 428
    assert first.content == again.content
    [result] = first.json()["results"]
    assert (result["ok"], result["amount"], result["refundable"]) == (True, "10.00", "10.00")
    credit = api.get(f"/invoices/{result['id']}").json()
    assert (credit["kind"], credit["debit_number"], credit["gross"]) == (
        "credit",
        invoice["number"],
        "10.00",
    )
    stored = api.get(f"/orders/{order}").json()
    assert (stored["totals"]["credited"], len(stored["links"]["invoices"])) == ("10.00", 2)
