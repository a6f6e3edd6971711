"""A charge back follows its money: into the new order of an exchange, what that gives back, and goods that were sent once more."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal
from uuid import UUID

import pytest
from django.db import IntegrityError, connection
from django.db.transaction import atomic

from orderwerk.checks.run import ALL
from orderwerk.core import sql
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.charged_back_money import orders_reached
from orderwerk.flows.decide_claims import DecideClaimItem, decide_claims
from orderwerk.flows.hold_charged_back import hold_charged_back_orders
from orderwerk.flows.jobs import hold_charged_back, issue_due_invoices
from orderwerk.flows.place_exchanges import ExchangeItem, place_exchanges
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.redirect import RedirectRefundItem, redirect_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.refunds.queries import refund_detail
from orderwerk.refunds.rules import next_step
from orderwerk.routes import ROUTES
from tests import build

pytestmark = pytest.mark.django_db
_MINE = [x for x in ALL if x.id.startswith(("store-credit", "payment-", "ledger", "exchange", "order-refunds", "credit-"))]  # fmt: skip

_BACKFILL = import_module("orderwerk.refunds.migrations.0028_contested_beyond_what_is_left").FORWARD

# All of a store credit but whether it is contested.
_GIVEN = "id, number, code, shop_id, order_id, currency, refund_id, amount_minor, remaining_minor, is_expired, expires_on, issued_at, version"


@contextmanager
def wrong(table: str) -> Iterator[None]:
    """Let nothing follow and nothing guard what is written meanwhile, as before there was the rule."""
    sql.execute("set constraints all immediate")
    sql.execute(f"alter table {table} disable trigger user")
    yield
    sql.execute(f"alter table {table} enable trigger user")


def source(credit: UUID) -> UUID:
    return UUID(str(sql.fetch("select order_id from refunds_store_credit where id = %s", (credit,))[0][0]))  # fmt: skip


def healthy() -> None:
    assert [(x.id, rows) for x in _MINE if (rows := sql.fetch(x.sql))] == []


def exchanged(order: UUID, sku: str, pieces: int = 3) -> UUID:
    """All of an order came back, or some pieces of it, and another article is sent for it; the new order."""
    back = build.give_back(order, build.back(order, pieces, wanted={"sku": sku})).require()
    [(key,)] = sql.fetch("select id from returns_exchange where parent_id = %s", (back.id,))
    placed = place_exchanges([ExchangeItem(exchange_id=key)], actor=build.TESTER)[0].require()
    return UUID(str(placed.data["order_id"]))


def told() -> list[UUID]:
    return [row[0] for row in sql.fetch("select id from core_event where kind = 'payment.charged_back' order by id")]  # fmt: skip


def reason(order: UUID) -> str:
    return str(sql.fetch("select reason from orders_hold where order_id = %s", (order,))[0][0])


def contested(order: UUID) -> list[bool]:
    return [row[0] for row in sql.fetch("select is_contested from payments_payment where order_id = %s", (order,))]  # fmt: skip


def cancelled(order: UUID) -> UUID:
    """Cancel an order; its credit invoice."""
    build.invoice(order)
    cancel_orders([CancelItem(order_id=order, reason="No")], actor=build.TESTER)[0].require()
    build.invoice(order)
    return UUID(str(build.invoices(order)[-1]["id"]))


def refunds(credit: UUID) -> list[Any]:
    create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)[0].require()
    return [row[0] for row in sql.fetch("select id from refunds_refund where credit_id = %s and status not in ('failed', 'rejected')", (credit,))]  # fmt: skip


def sold(world: build.World) -> UUID:
    order = build.shipped(world, (world.skus[0], 3))
    build.invoice(order)
    return order


def replaced(order: UUID) -> UUID:
    """Goods that are sent once more for a claim; the order of them."""
    claim = build.claim(order, 1).require().id
    assert claim is not None
    given = decide_claims([DecideClaimItem(claim_id=claim, outcome="replaced")], actor=build.TESTER)[0].require()  # fmt: skip
    return UUID(str(given.data["order_id"]))


def submitted(order: UUID, amount: str, to: Literal["money", "store_credit"] = "money") -> UUID:
    """A refund that was handed over."""
    key = build.refund(order, amount)
    redirect_refunds([RedirectRefundItem(refund_id=key, to=to)], actor=build.TESTER)[0].require()
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    return key


def test_the_new_order_of_an_exchange_and_what_replaces_its_goods_are_held() -> None:
    world = build.world(products=3, stock=20)
    order = sold(world)
    second = exchanged(order, world.skus[1])
    for key in build.shipments(second):
        ship_shipments([ShipItem(shipment_id=key)], actor=build.TESTER)[0].require()
    build.invoice(second)
    third = exchanged(second, world.skus[2])
    other = sold(world)
    again = replaced(other)

    build.charge_back(order, 3000)
    build.charge_back(other, 3000)

    assert hold_charged_back_orders(told()) == 2
    assert hold_charged_back_orders(told()) == 0
    [(paid, twice)] = [
        tuple(str(sql.fetch("select reference from payments_payment where order_id = %s", (o,))[0][0]) for o in (order, other))
    ]  # fmt: skip
    assert reason(third) == f"An exchange paid, and payment {paid} that it came from was charged back."  # fmt: skip
    assert reason(again) == f"It replaces goods whose payment {twice} was charged back."
    assert (contested(second), contested(third), contested(again)) == ([True], [True], [])
    healthy()


def test_what_an_exchange_brought_goes_back_only_while_it_is_really_there() -> None:
    world = build.world(products=2, stock=20)
    order = sold(world)
    new = exchanged(order, world.skus[1])
    credit = cancelled(new)
    [refund] = refunds(credit)
    build.charge_back(order, 3000)

    refused = approve_refunds([ApproveRefundItem(refund_id=refund)], actor=build.TESTER)[0]

    assert refused.error is not None
    assert refused.error.code == "payment_contested"
    assert next_step(refund_detail(build.TESTER, refund)) == "contested"
    healthy()
    build.charge_back(order, 0)
    assert contested(new) == [False]
    approve_refunds([ApproveRefundItem(refund_id=refund)], actor=build.TESTER)[0].require()
    submit_refunds([SubmitRefundItem(refund_id=refund)], actor=build.TESTER)[0].require()
    healthy()


def test_a_credit_for_what_an_exchange_paid_gives_nothing_until_the_bank_gives_it_back() -> None:
    world = build.world(products=2, stock=20)
    order = sold(world)
    new = exchanged(order, world.skus[1])
    build.charge_back(order, 3000)

    credit = cancelled(new)

    assert sql.fetch("select refundable_minor from invoices_invoice where id = %s", (credit,)) == [(0,)]  # fmt: skip
    assert refunds(credit) == []
    build.charge_back(order, 0)
    issue_due_invoices([str(told()[-1])])
    assert len(refunds(credit)) == 1
    healthy()


def test_a_store_credit_for_what_an_exchange_paid_is_contested_too() -> None:
    world = build.world(products=2, stock=20)
    order = sold(world)
    new = exchanged(order, world.skus[1])
    [refund] = refunds(cancelled(new))
    redirect_refunds([RedirectRefundItem(refund_id=refund, to="store_credit")], actor=build.TESTER)[0].require()  # fmt: skip
    approve_refunds([ApproveRefundItem(refund_id=refund)], actor=build.TESTER)[0].require()
    submit_refunds([SubmitRefundItem(refund_id=refund)], actor=build.TESTER)[0].require()

    build.charge_back(order, 3000)

    asked = "select is_contested from refunds_store_credit where refund_id = %s"
    assert sql.fetch(asked, (refund,)) == [(True,)]
    healthy()
    build.charge_back(order, 0)
    assert sql.fetch(asked, (refund,)) == [(False,)]


def test_what_the_bank_has_left_pays_an_exchange_and_goes_back_from_there() -> None:
    world = build.world(products=2, stock=20)
    order = sold(world)
    build.charge_back(order, 1000)

    new = exchanged(order, world.skus[1])

    assert sql.fetch("select captured_minor, is_contested from payments_payment where order_id = %s", (new,)) == [(2000, False)]  # fmt: skip
    healthy()
    credit = cancelled(new)
    [refund] = refunds(credit)
    approve_refunds([ApproveRefundItem(refund_id=refund)], actor=build.TESTER)[0].require()
    submit_refunds([SubmitRefundItem(refund_id=refund)], actor=build.TESTER)[0].require()
    assert sql.fetch("select amount_minor from refunds_refund where id = %s", (refund,)) == [(2000,)]  # fmt: skip
    assert hold_charged_back_orders(told()) == 0
    healthy()


@pytest.mark.parametrize("more", [1001, 3000])
def test_what_the_bank_takes_beyond_what_is_left_contests_what_was_handed_on(more: int) -> None:
    world = build.world(products=2, stock=20)
    order = sold(world)
    build.charge_back(order, 1000)
    new = exchanged(order, world.skus[1])

    build.charge_back(order, more)

    assert contested(new) == [True]
    assert hold_charged_back_orders(told()) == 1
    healthy()
    build.charge_back(order, 1000)
    assert contested(new) == [False]
    healthy()


def test_a_refund_that_succeeds_beyond_what_is_left_contests_what_was_handed_on_before() -> None:
    world = build.world(products=2, stock=20)
    order = sold(world)
    build.invoice(order)
    refund = build.refund(order, "5.00")
    build.give_back(order, build.back(order, 2, wanted={"sku": world.skus[1]})).require()
    [(key,)] = sql.fetch("select id from returns_exchange where status = 'open'")
    placed = place_exchanges([ExchangeItem(exchange_id=key)], actor=build.TESTER)[0].require()
    new = UUID(str(placed.data["order_id"]))
    approve_refunds([ApproveRefundItem(refund_id=refund)], actor=build.TESTER)
    submit_refunds([SubmitRefundItem(refund_id=refund)], actor=build.TESTER)[0].require()
    build.charge_back(order, 1000)
    assert contested(new) == [False]
    # The goods of it stay here already: nobody knows whether the refund can still be kept back.
    assert hold_charged_back_orders(told()) == 1
    assert reason(new).startswith("An exchange paid, and payment ")

    # Somebody has transferred it all the same; the bank took it back later.
    settle_refunds([SettleRefundItem(refund_id=refund, status="succeeded")], actor=build.TESTER)[0].require()  # fmt: skip

    assert contested(new) == [True]
    healthy()


def test_what_came_of_an_exchange_is_held_while_a_refund_is_on_its_way() -> None:
    world = build.world(products=3, stock=20)
    order = sold(world)
    refund = submitted(order, "5.00")
    second = exchanged(order, world.skus[1], 2)
    for parcel in build.shipments(second):
        ship_shipments([ShipItem(shipment_id=parcel)], actor=build.TESTER)[0].require()
    build.invoice(second)
    third = exchanged(second, world.skus[2], 2)

    build.charge_back(order, 500)
    assert hold_charged_back_orders(told()) == 0
    build.charge_back(order, 501)

    assert hold_charged_back_orders(told()) == 1
    assert reason(third).startswith("An exchange paid, and payment ")
    assert (contested(second), contested(third)) == ([False], [False])
    settle_refunds([SettleRefundItem(refund_id=refund, status="failed")], actor=build.TESTER)[0].require()  # fmt: skip
    healthy()


def test_what_a_credit_paid_later_is_held_when_the_refund_has_gone_back() -> None:
    world = build.world(stock=20)
    order = sold(world)
    refund = submitted(order, "5.00")
    given = submitted(order, "20.00", "store_credit")
    build.charge_back(order, 1000)
    assert hold_charged_back_orders(told()) == 0
    # What somebody decides knowing of the charge back is not held by what goes back later.
    later = replaced(order)
    [(code,)] = sql.fetch("select code from refunds_store_credit where refund_id = %s", (given,))
    paid = {"provider": "store_credit", "reference": code, "status": "paid", "amount": "5.00"}
    bought = world.place((world.skus[0], 1), payments=[paid])
    settle_refunds([SettleRefundItem(refund_id=refund, status="succeeded")], actor=build.TESTER)[0].require()  # fmt: skip

    gone = [row[0] for row in sql.fetch("select id from core_event where kind = 'refund.succeeded'")]  # fmt: skip
    assert "orders.hold_charged_back" in ROUTES["refund.succeeded"]
    hold_charged_back([str(key) for key in gone])

    assert reason(bought).startswith("Store credit SC")
    assert sql.fetch("select 1 from orders_hold where order_id = %s", (later,)) == []
    assert hold_charged_back_orders(gone) == 0
    healthy()


def test_a_refund_that_has_gone_back_holds_nothing_where_nothing_was_charged_back() -> None:
    world = build.world(products=2, stock=20)
    order = sold(world)
    exchanged(order, world.skus[1])
    gone = [row[0] for row in sql.fetch("select id from core_event where kind = 'refund.succeeded'")]  # fmt: skip
    assert len(gone) == 1
    assert hold_charged_back_orders(gone) == 0
    assert orders_reached(gone) == []


def test_what_was_contested_by_the_old_rule_is_set_right_along_the_way_of_the_money() -> None:
    world = build.world(products=3, stock=40)
    covered, away = sold(world), sold(world)
    orders = [(exchanged(covered, world.skus[1]), False), (exchanged(away, world.skus[1]), True)]
    for key, _ in orders:
        for parcel in build.shipments(key):
            ship_shipments([ShipItem(shipment_id=parcel)], actor=build.TESTER)[0].require()
        build.invoice(key)
    orders += [(exchanged(key, world.skus[2]), taken) for key, taken in orders]
    given = [(build.store_credit(world)[0], taken) for taken in (False, True)]
    build.charge_back(away, 3000)
    build.charge_back(source(given[0][0]), 1000)
    build.charge_back(source(given[1][0]), 3000)
    with wrong("payments_payment"), wrong("refunds_store_credit"):
        sql.execute("update payments_payment set is_contested = not is_contested where provider = 'orderwerk'")  # fmt: skip
        sql.execute("update refunds_store_credit set is_contested = not is_contested")

    with connection.cursor() as cursor:
        cursor.execute(_BACKFILL)

    assert [(contested(key), [taken]) for key, taken in orders] == [([x], [x]) for _, x in orders]
    assert [sql.fetch("select is_contested from refunds_store_credit where id = %s", (k,)) for k, _ in given] == [[(x,)] for _, x in given]  # fmt: skip
    healthy()


def test_whether_a_payment_is_contested_follows_its_money_alone() -> None:
    world = build.world()
    order = world.place()

    with pytest.raises(IntegrityError, match="follows the payment"), atomic():
        sql.execute("update payments_payment set is_contested = true where order_id = %s", (order,))


def test_what_is_paid_by_an_exchange_while_a_charge_back_comes_is_contested_by_the_database() -> None:  # fmt: skip
    world = build.world(products=2, stock=20)
    order = sold(world)
    second = exchanged(order, world.skus[1])
    build.charge_back(order, 3000)
    assert contested(second) == [True]
    # As if the refund were not paid yet, and the charge back had found nothing to follow.
    with wrong("payments_payment"), wrong("payments_entry"), wrong("refunds_refund"):
        sql.execute("delete from payments_entry where kind = 'refund' and order_id = %s", (order,))
        sql.execute("update payments_payment set is_contested = false where order_id = %s", (second,))  # fmt: skip
        sql.execute("update refunds_refund set status = 'submitted', finished_at = null where order_id = %s", (order,))  # fmt: skip

    sql.execute("update refunds_refund set status = 'succeeded', finished_at = now() where order_id = %s", (order,))  # fmt: skip

    assert contested(second) == [True]


def test_a_store_credit_that_is_given_while_a_charge_back_comes_is_contested_by_the_database() -> None:  # fmt: skip
    key, _ = build.store_credit(build.world())
    build.charge_back(source(key), 3000)
    sql.execute("create temp table given on commit drop as select * from refunds_store_credit where id = %s", (key,))  # fmt: skip
    # It begins with nothing: lines fill it.
    sql.execute("update given set remaining_minor = 0")
    sql.execute("set session_replication_role = replica")
    sql.execute("delete from refunds_store_credit where id = %s", (key,))
    sql.execute("set session_replication_role = origin")

    sql.execute(f"insert into refunds_store_credit ({_GIVEN}) select {_GIVEN} from given")

    assert sql.fetch("select is_contested from refunds_store_credit where id = %s", (key,)) == [(True,)]  # fmt: skip
