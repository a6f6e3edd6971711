"""A store credit whose money was charged back pays nothing; one is ended early with a reason; no other spelling passes for one."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.checks.run import ALL
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import BadInput
from orderwerk.core.outcome import Outcome
from orderwerk.emails.commands.set_automations import AutomationItem, set_automations
from orderwerk.flows.hold_charged_back import hold_charged_back_orders
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.redirect import RedirectRefundItem, redirect_refunds
from orderwerk.refunds.commands.stop_credits import StopCreditItem, stop_store_credits
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.refunds.credit_queries import (
    StoreCreditFilters,
    credit_movements,
    stop_reasons,
    store_credit_detail,
    store_credit_page,
)
from orderwerk.schemas.store_credits import store_credits
from tests import build

pytestmark = pytest.mark.django_db
_MINE = [x for x in ALL if x.id.startswith(("store-credit", "payment-", "ledger"))]


def healthy() -> None:
    assert [(x.id, rows) for x in _MINE if (rows := sql.fetch(x.sql))] == []


def source(key: UUID) -> UUID:
    """The order whose refund gave a store credit."""
    return store_credit_detail(build.TESTER, key).order_id


def spend(world: build.World, code: str, amount: str) -> Outcome:
    paid = {"provider": "store_credit", "reference": code, "status": "paid", "amount": amount}
    return place_orders([world.document(payments=[paid])], actor=build.TESTER)[0]


def stop(key: UUID, reason: str = "Paid out in the store", actor: Any = build.TESTER) -> Outcome:
    return stop_store_credits([StopCreditItem(store_credit_id=key, reason=reason)], actor=actor)[0]


def why(outcome: Outcome) -> str:
    assert outcome.error is not None
    return outcome.error.code


def test_nothing_is_paid_while_the_money_behind_it_is_charged_back() -> None:
    world = build.world()
    key, code = build.store_credit(world)
    build.charge_back(source(key), 1801)

    refused = spend(world, code, "5.00")
    order = world.place(payments=[])
    item = PaymentItem(order_id=order, provider="store_credit", reference=code, status="paid", amount="5.00")  # fmt: skip

    assert why(refused) == "store_credit_contested"
    assert why(record_payments([item], actor=build.TESTER)[0]) == "store_credit_contested"
    found = store_credit_detail(build.TESTER, key)
    assert (found.is_contested, found.status, found.remaining_minor) == (True, "active", 1200)
    assert store_credits([found])[0].is_contested
    healthy()
    build.charge_back(source(key), 0)
    assert not store_credit_detail(build.TESTER, key).is_contested
    spend(world, code, "5.00").require()
    healthy()


def test_a_credit_that_is_covered_by_what_the_bank_has_left_pays_as_ever() -> None:
    world = build.world()
    key, code = build.store_credit(world)

    build.charge_back(source(key), 1800)

    assert not store_credit_detail(build.TESTER, key).is_contested
    paid = spend(world, code, "5.00").require().id
    events = [row[0] for row in sql.fetch("select id from core_event where kind = 'payment.charged_back'")]  # fmt: skip
    # The order itself is held, not what was paid with money that is there.
    assert hold_charged_back_orders(events) == 1
    assert sql.fetch("select count(*) from orders_hold where order_id = %s", (paid,)) == [(0,)]
    healthy()
    build.charge_back(source(key), 1801)
    assert sql.fetch("select is_contested from payments_payment where order_id = %s", (paid,)) == [(True,)]  # fmt: skip
    healthy()


def test_a_credit_that_is_given_out_of_what_the_bank_has_left_is_good() -> None:
    world = build.world()
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    refund = build.refund(order, "12.00")
    build.charge_back(order, 1800)
    redirect_refunds([RedirectRefundItem(refund_id=refund, to="store_credit")], actor=build.TESTER)[0].require()  # fmt: skip
    approve_refunds([ApproveRefundItem(refund_id=refund)], actor=build.TESTER)
    submit_refunds([SubmitRefundItem(refund_id=refund)], actor=build.TESTER)[0].require()

    [(code, contested)] = sql.fetch("select code, is_contested from refunds_store_credit where refund_id = %s", (refund,))  # fmt: skip

    assert not contested
    spend(world, code, "5.00").require()
    healthy()


def test_what_such_a_credit_has_paid_is_held_while_it_has_still_to_leave() -> None:
    world = build.world()
    key, code = build.store_credit(world)
    paid = spend(world, code, "10.00").require().id
    assert paid is not None
    build.charge_back(source(key), 3000)
    events = [row[0] for row in sql.fetch("select id from core_event where kind = 'payment.charged_back'")]  # fmt: skip

    assert hold_charged_back_orders(events) == 2
    assert hold_charged_back_orders(events) == 0

    reasons = sql.fetch("select reason from orders_hold where order_id = %s", (paid,))
    assert reasons[0][0].startswith(f"Store credit {store_credit_detail(build.TESTER, key).number} paid")  # fmt: skip
    assert build.order(paid)["status"] == "on_hold"
    assert build.order(source(key))["status"] == "on_hold"


def test_a_contested_credit_is_found_and_still_takes_back_what_it_paid() -> None:
    world = build.world()
    key, code = build.store_credit(world)
    other, _ = build.store_credit(world)
    order = spend(world, code, "10.00").require().id
    assert order is not None
    build.invoice(order)
    build.charge_back(source(key), 3000)
    refund = build.refund(order, "4.00")
    approve_refunds([ApproveRefundItem(refund_id=refund)], actor=build.TESTER)
    submit_refunds([SubmitRefundItem(refund_id=refund)], actor=build.TESTER)[0].require()

    def keys(*, is_contested: bool) -> list[UUID]:
        filters = StoreCreditFilters(shop=world.shop, is_contested=is_contested)
        return [row.id for row in store_credit_page(build.TESTER, filters).items]

    assert keys(is_contested=True) == [key]
    assert keys(is_contested=False) == [other]
    assert store_credit_detail(build.TESTER, key).remaining_minor == 600
    healthy()


def test_one_is_ended_early_with_a_reason_and_for_good() -> None:
    world = build.world()
    key, code = build.store_credit(world)
    spend(world, code, "2.00").require()

    stop(key).require()

    found = store_credit_detail(build.TESTER, key)
    assert (found.status, found.remaining_minor) == ("expired", 0)
    assert [(m.kind, m.delta_minor) for m in credit_movements([key])[key]][-1] == ("stopped", -1000)
    assert stop_reasons(found) == ["Paid out in the store"]
    events = sql.fetch("select (payload ->> 'amount_minor')::int, payload ->> 'note' from core_event where kind = 'store_credit.stopped'")  # fmt: skip
    assert events == [(1000, "Paid out in the store")]
    assert why(spend(world, code, "1.00")) == "store_credit_too_small"
    assert why(stop(key)) == "store_credit_empty"
    healthy()


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("nl", "is beëindigd"),
        ("en", "has been ended"),
        ("de", "beendet"),
        ("fr", "ne peut plus être utilisé"),
    ],
)
def test_the_customer_is_told_that_it_has_ended_and_not_why(locale: str, words: str) -> None:
    world = build.world(locale=locale)
    key, code = build.store_credit(world)
    spend(world, code, "2.00").require()
    stop(key).require()
    events = [row[0] for row in sql.fetch("select id from core_event where kind = 'store_credit.stopped'")]  # fmt: skip

    assert len(write_event_emails(events)) == 1
    assert write_event_emails(events) == []

    [(to, subject, body)] = sql.fetch("select recipient, subject, body_text from emails_email where trigger = 'store_credit.stopped'")  # fmt: skip
    [(customer,)] = sql.fetch("select customer_email from orders_order where id = %s", (source(key),))  # fmt: skip
    assert to == customer
    assert words in body
    assert re.search(r"\b10[.,]00\b", body)
    assert store_credit_detail(build.TESTER, key).number in body
    assert "{{" not in body + subject
    assert "Paid out in the store" not in body
    assert code[-4:] not in body


def test_a_shop_may_switch_off_that_customers_are_told_of_the_end() -> None:
    world = build.world()
    key, _ = build.store_credit(world)
    item = AutomationItem(shop=world.shop, trigger="store_credit.stopped", is_on=False)
    set_automations([item], actor=build.TESTER)[0].require()
    stop(key).require()
    events = [row[0] for row in sql.fetch("select id from core_event where kind = 'store_credit.stopped'")]  # fmt: skip
    assert write_event_emails(events) == []


def test_named_twice_in_one_call_it_is_ended_once_and_strangers_end_none() -> None:
    key, _ = build.store_credit(build.world())
    assert why(stop(key, actor=build.limited(uuid4()))) == "unknown_store_credit"
    assert why(stop(uuid4())) == "unknown_store_credit"
    item = StopCreditItem(store_credit_id=key, reason="x")
    done = stop_store_credits([item, item], actor=build.TESTER)
    assert [outcome.ok for outcome in done] == [True, False]
    with pytest.raises(BadInput):
        convert({"store_credit_id": str(key), "reason": ""}, StopCreditItem)
    healthy()


def test_who_is_limited_to_locations_ends_what_came_of_their_orders_alone() -> None:
    world = build.world(locations=2)
    key, _ = build.store_credit(world)
    [used] = sql.fetch("select distinct location_id from allocations_allocation where order_id = %s", (source(key),))  # fmt: skip
    [other] = set(world.location_ids.values()) - set(used)
    here, elsewhere = (Actor("user", "limited", location_ids=frozenset({x})) for x in (used[0], other))  # fmt: skip

    assert why(stop(key, actor=elsewhere)) == "unknown_store_credit"
    assert store_credit_detail(build.TESTER, key).status == "active"
    stop(key, actor=here).require()
    healthy()


def test_the_database_lets_nobody_spend_or_lift_a_contested_credit() -> None:
    world = build.world()
    key, _ = build.store_credit(world)
    order = world.place((world.skus[0], 1))
    build.charge_back(source(key), 3000)
    with pytest.raises(IntegrityError, match="charged back"), atomic():
        sql.execute(
            "insert into refunds_credit_movement (id, at, shop_id, order_id, store_credit_id, currency, kind, delta_minor, payment_id) "
            "select gen_random_uuid(), now(), p.shop_id, p.order_id, %s, 'EUR', 'used', -100, p.id from payments_payment p where p.order_id = %s",
            (key, order),
        )
    with pytest.raises(IntegrityError, match="follows the payment"), atomic():
        sql.execute("update refunds_store_credit set is_contested = false where id = %s", (key,))


@pytest.mark.parametrize(
    "name",
    ["Store_Credit", "STORE-CREDIT", "store-credit", "storecredit", "store.credit", "store__credit", "StoreCredit", "store_credit_", "Orderwerk", "ORDERWERK", "order-werk"],
)  # fmt: skip
def test_no_other_spelling_passes_for_what_the_product_takes_itself(name: str) -> None:
    world = build.world()
    order = world.place(payments=[])
    item = {"order_id": str(order), "provider": name, "reference": "x", "status": "paid", "amount": "5.00"}  # fmt: skip
    with pytest.raises(BadInput, match="store_credit"):
        convert(item, PaymentItem)
    with pytest.raises(IntegrityError, match="payments_payment_provider_named_once"), atomic():
        sql.execute(
            "insert into payments_payment (id, shop_id, order_id, currency, provider, method, reference, status, amount_minor, "
            "authorized_minor, captured_minor, refunded_minor, created_at, version) "
            "select gen_random_uuid(), shop_id, id, 'EUR', %s, '', 'x', 'pending', 500, 0, 0, 0, now(), 1 from orders_order where id = %s",
            (name, order),
        )


@pytest.mark.parametrize("name", ["store_credits", "mystore_credit", "gift-card", "store", "order"])
def test_names_that_only_begin_alike_are_taken(name: str) -> None:
    order = build.world().place(payments=[])
    item = {"order_id": str(order), "provider": name, "reference": "x", "status": "paid", "amount": "5.00"}  # fmt: skip
    record_payments([convert(item, PaymentItem)], actor=build.TESTER)[0].require()
