"""*Not paid back yet* on an order: what can go back has buttons, what can not says why, and nothing is said to be done that is not."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from orderwerk.core import sql
from orderwerk.flows.place_exchanges import ExchangeItem, place_exchanges
from orderwerk.payments.queries import order_payments
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.schemas.records import payment
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
DONE, NOTHING = "is to be given back", "Nothing can go back now"
CONTESTED = "the payment that this money came from was charged back"
TRANSFER, KEEP = "Transfer the amount", "do not transfer it, and note it as failed"
WAITS, AWAY = "waits for the new order", "was charged back, or has gone back"


def unpaid(order: UUID) -> str:
    [key] = [str(i["id"]) for i in build.invoices(order) if i["kind"] == "credit"]
    return key


def tab(desk: Client, order: UUID) -> str:
    number = build.order(order)["number"]
    return desk.get(f"/orders/{number}/refunds/").content.decode()


def pressed(desk: Client, order: UUID, **more: Any) -> str:
    """Press *Pay back* and return the page that follows, toast and all."""
    number = build.order(order)["number"]
    fields = {"id": unpaid(order), **more}
    return desk.post(reverse("refunds_again", args=[number]), fields, follow=True).content.decode()


def test_what_waits_for_an_exchange_is_not_paid_back_beside_it(enter: Enter) -> None:
    world = build.world(products=2, stock=10)
    order = build.shipped(world, (world.skus[0], 2))
    back = build.give_back(order, build.back(order, 1, wanted={"sku": world.skus[1], "unit_price": "4.00"})).require()  # fmt: skip
    desk = enter("finance")

    shown, answer = tab(desk, order), pressed(desk, order)

    assert WAITS in shown
    assert 'name="as"' not in shown
    assert NOTHING in answer
    assert DONE not in answer
    [(key,)] = sql.fetch("select id from returns_exchange where parent_id = %s", (back.id,))
    place_exchanges([ExchangeItem(exchange_id=key)], actor=build.TESTER)[0].require()
    assert sql.fetch("select amount_minor from refunds_refund where order_id = %s and via = ''", (order,)) == [(600,)]  # fmt: skip


def test_a_contested_payment_of_an_exchange_says_so_on_the_page_and_over_the_api(enter: Enter) -> None:  # fmt: skip
    world = build.world(products=2, stock=10)
    order = build.shipped(world, (world.skus[0], 3))
    build.invoice(order)
    back = build.give_back(order, build.back(order, 3, wanted={"sku": world.skus[1]})).require()
    [(key,)] = sql.fetch("select id from returns_exchange where parent_id = %s", (back.id,))
    new = UUID(str(place_exchanges([ExchangeItem(exchange_id=key)], actor=build.TESTER)[0].require().data["order_id"]))  # fmt: skip
    desk, number = enter("finance"), build.order(new)["number"]

    def told() -> list[bool]:
        return [payment(row).is_contested for row in order_payments(build.TESTER, new)]

    assert (CONTESTED in desk.get(f"/orders/{number}/").content.decode(), told()) == (False, [False])  # fmt: skip
    build.charge_back(order, 3000)
    assert (CONTESTED in desk.get(f"/orders/{number}/").content.decode(), told()) == (True, [True])


def test_what_a_person_was_to_transfer_says_not_to_once_it_was_charged_back(enter: Enter) -> None:
    world = build.world()
    order = build.shipped(world, (world.skus[0], 3))
    build.invoice(order)
    key = build.refund(order, "12.00")
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    desk = enter("finance")
    buttons = [reverse(name, args=[key]) for name in ("refund_paid", "refund_failed")]

    for taken, said, other in ((0, TRANSFER, KEEP), (3000, KEEP, TRANSFER)):
        build.charge_back(order, taken)
        for shown in (tab(desk, order), desk.get("/refunds/?status=submitted").content.decode()):
            assert said in shown
            assert other not in shown
        assert [name in tab(desk, order) for name in buttons] == [True, True]


def test_what_was_charged_back_is_not_paid_back_and_what_is_left_is(enter: Enter) -> None:
    world = build.world()
    order = build.shipped(world, (world.skus[0], 3))
    build.invoice(order)
    key = build.refund(order, "30.00")
    reject_refunds([RejectRefundItem(refund_id=key, reason="Disputed")], actor=build.TESTER)
    desk = enter("finance")

    build.charge_back(order, 3000)
    shown, answer = tab(desk, order), pressed(desk, order, **{"as": "store_credit"})
    build.charge_back(order, 1000)
    then = tab(desk, order)

    assert AWAY in shown
    assert 'name="as"' not in shown
    assert NOTHING in answer
    assert AWAY not in then
    assert 'name="as"' in then
    assert DONE in pressed(desk, order)
    credit = CreateRefundItem(invoice_id=UUID(unpaid(order)))
    assert create_refunds([credit], actor=build.TESTER)[0].require().data["refunds"] == []
    # A part is on its way now, the rest can not go.
    assert AWAY in tab(desk, order)
