"""A payment that no provider reports is booked by hand, once, and sets the order free."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.core import sql
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
WORDS = {
    "amount": "20,00",
    "method": "bank_transfer",
    "reference": "NL-1",
    "received_on": "2026-11-20",
}


def test_a_bank_transfer_is_booked_and_the_order_allocated(enter: Enter) -> None:
    world = build.world(timezone="Europe/Amsterdam")
    order = world.place((world.skus[0], 2), payments=[])
    number = build.order(order)["number"]
    client = enter("finance")

    form = client.get(f"/orders/{number}/do/payment/").content.decode()
    client.post(f"/orders/{number}/do/payment/", WORDS)
    client.post(f"/orders/{number}/do/payment/", WORDS)

    assert 'value="20.00"' in form
    assert sql.fetch("select amount_minor, method, received_at::text from payments_payment") == [
        (2000, "bank_transfer", "2026-11-20 11:00:00+00")
    ]
    assert build.order(order)["status"] == "awaiting_shipment"


@pytest.mark.parametrize(
    "wrong", [{"amount": "x"}, {"amount": "-5"}, {"amount": "1.005"}, {"reference": ""}, {"received_on": "never"}]
)  # fmt: skip
def test_a_wrong_entry_books_nothing(wrong: dict[str, str], enter: Enter) -> None:
    world = build.world()
    number = build.order(world.place(payments=[]))["number"]

    answer = enter("finance").post(f"/orders/{number}/do/payment/", {**WORDS, **wrong})

    assert answer.status_code == 422
    assert sql.fetch("select count(*) from payments_payment") == [(0,)]


def test_who_may_not_bill_books_nothing(enter: Enter) -> None:
    world = build.world()
    number = build.order(world.place(payments=[]))["number"]

    assert enter("warehouse").post(f"/orders/{number}/do/payment/", WORDS).status_code == 403
