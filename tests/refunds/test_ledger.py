"""The ledger of money: a line for whatever moved, exactly one, written with it, never changed."""

from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.core import sql
from orderwerk.flows.report_payments import PaymentNews, report_payments
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from tests import build

pytestmark = pytest.mark.django_db


def _lines(order: UUID) -> list[tuple[str, str, str, int]]:
    rows = sql.fetch(
        "select kind, debit, credit, amount_minor from payments_entry where order_id = %s order by kind, amount_minor",
        (order,),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _refunded(order: UUID, status: str) -> UUID:
    key = build.refund(order, "12.00")
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    settle_refunds([SettleRefundItem(refund_id=key, status=status)], actor=build.TESTER)[
        0
    ].require()  # type: ignore[arg-type]
    return key


def test_what_came_in_and_what_went_back_are_a_line_each() -> None:
    world = build.world()
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    assert _lines(order) == [("captured", "provider", "customer", 3000)]

    _refunded(order, "failed")
    _refunded(order, "succeeded")

    assert _lines(order) == [
        ("captured", "provider", "customer", 3000),
        ("refund", "customer", "provider", 1200),
    ]


def test_a_charge_back_is_a_line_and_another_when_it_is_won() -> None:
    world = build.world()
    order = world.place((world.skus[0], 3))
    [(reference,)] = sql.fetch(
        "select reference from payments_payment where order_id = %s", (order,)
    )
    for taken in (3000, 3000, 0):
        news = PaymentNews(
            world.shop_id, order, "test", reference, "paid", "EUR", 3000, 3000, taken
        )
        report_payments([news], actor=build.TESTER)[0].require()

    assert _lines(order)[1:] == [
        ("charge_back", "charge_backs", "provider", 3000),
        ("charge_back", "provider", "charge_backs", 3000),
    ] or _lines(order)[1:] == [
        ("charge_back", "provider", "charge_backs", 3000),
        ("charge_back", "charge_backs", "provider", 3000),
    ]


def test_what_is_only_promised_is_no_money_yet() -> None:
    world = build.world()
    promised = {
        "provider": "test",
        "reference": f"a{build.serial()}",
        "status": "authorized",
        "amount": "30.00",
    }
    order = world.place((world.skus[0], 3), payments=[promised])

    assert _lines(order) == []


@pytest.mark.parametrize(
    "change", ["update payments_entry set amount_minor = 1", "delete from payments_entry"]
)
def test_the_ledger_cannot_be_changed(change: str) -> None:
    build.world().place()

    with pytest.raises(IntegrityError), atomic():
        sql.execute(change)


def test_a_refund_has_one_line_whatever_is_tried() -> None:
    world = build.world()
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    key = _refunded(order, "succeeded")

    with pytest.raises(IntegrityError), atomic():
        sql.execute(
            "insert into payments_entry (id, at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, credit, "
            "amount_minor) select gen_random_uuid(), at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, "
            "credit, amount_minor from payments_entry where source_id = %s",
            (key,),
        )
