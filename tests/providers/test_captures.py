"""Authorised payments are taken when goods leave: the value of what has left, once, whatever breaks; the rest is let go."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.checks.run import ALL
from orderwerk.core import clock, decode, sql
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.capture_payments import CaptureItem, capture_due, capture_payments
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.flows.send_captures import send_captures
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.payments.commands.report_captures import CaptureNews, report_captures
from orderwerk.payments.commands.retry_captures import RetryCaptureItem, retry_captures
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.payments.looks import ask_for_looks
from tests import build
from tests.doubles.shop import Connected, hurry
from tests.doubles.wire import MOVES_MONEY
from tests.providers.test_sending import healthy


def authorized(shop: Connected, pieces: int = 3, **fields: Any) -> tuple[UUID, str]:
    """An order that was authorised at the double, 10.00 a piece."""
    word = {"mollie": "authorized", "stripe": "requires_capture"}[shop.provider]
    reference = shop.double.pay(pieces * 1000 + fields.pop("more", 0), status=word)
    amount = f"{shop.double.payments[reference].amount / 100:.2f}" if shop.provider == "mollie" else f"{shop.double.intents[reference].amount / 100:.2f}"  # fmt: skip
    order = shop.world.place(
        (shop.world.skus[0], pieces),
        payments=[shop.payment(reference, amount, "authorized")],
        **fields,
    )
    return order, reference


def ship(order: UUID, pieces: int | None = None) -> None:
    """Let so many pieces leave (all that are left when not said)."""
    key = build.shipments(order, "open")[0]
    item: dict[str, Any] = {"shipment_id": str(key)}
    if pieces:
        [(line,)] = sql.fetch("select id from shipments_line where shipment_id = %s and is_live", (key,))  # fmt: skip
        item["lines"] = [{"shipment_line_id": str(line), "quantity": pieces}]
    ship_shipments([decode.convert(item, ShipItem)], actor=build.TESTER)[0].require()


def decide(order: UUID) -> None:
    capture_payments([CaptureItem(order_id=order)], actor=build.TESTER)[0].require()


def run(order: UUID) -> None:
    decide(order)
    send_captures(PROVIDERS)


def captures(order: UUID) -> list[tuple[Any, ...]]:
    return sql.fetch(
        "select case when is_release then 'release' else 'capture' end, status, amount_minor from payments_capture "
        "where order_id = %s order by id",
        (order,),
    )


def payment(order: UUID) -> tuple[Any, ...]:
    return sql.fetch(
        "select status, authorized_minor, captured_minor, capture_reserved_minor from payments_payment where order_id = %s",
        (order,),
    )[0]


def test_what_was_authorised_is_taken_when_all_goods_have_left(shop: Connected) -> None:
    order, reference = authorized(shop)
    run(order)
    assert (captures(order), shop.double.taken(reference)) == ([], 0)

    ship(order)
    for _ in range(3):
        run(order)

    assert captures(order) == [("capture", "succeeded", 3000)]
    assert shop.double.taken(reference) == 3000
    assert payment(order) == ("paid", 3000, 3000, 3000)
    assert sql.fetch("select captured_minor, authorized_minor, status from orders_order") == [(3000, 0, "shipped")]  # fmt: skip
    healthy()


def test_each_partial_shipment_takes_its_own_value(mollie: Connected) -> None:
    order, reference = authorized(mollie, more=500, shipping={"name": "Post", "price": "5.00", "tax_rate": "21.00"})  # fmt: skip
    for pieces, taken in ((1, 1500), (1, 2500), (None, 3500)):
        ship(order, pieces)
        run(order)
        assert mollie.double.taken(reference) == taken

    assert captures(order) == [("capture", "succeeded", n) for n in (1500, 1000, 1000)]
    assert payment(order) == ("paid", 3500, 3500, 3500)
    healthy()


def test_where_only_one_capture_is_possible_it_waits_for_the_last_goods(stripe: Connected) -> None:
    order, reference = authorized(stripe)
    ship(order, 1)
    run(order)
    assert captures(order) == []

    ship(order)
    run(order)

    assert (captures(order), stripe.double.taken(reference)) == ([("capture", "succeeded", 3000)], 3000)  # fmt: skip
    healthy()


def test_one_capture_does_not_wait_until_the_authorisation_has_ended(stripe: Connected) -> None:
    order, reference = authorized(stripe)
    ship(order, 1)
    soon = clock.now() + timedelta(hours=10)
    sql.execute("update payments_payment set capture_before = %s where order_id = %s", (soon, order))  # fmt: skip

    capture_due(actor=build.TESTER)
    send_captures(PROVIDERS)

    # What had not left is released by Stripe with it: the order waits for the rest to be paid.
    assert stripe.double.taken(reference) == 1000
    assert payment(order) == ("paid", 1000, 1000, 1000)
    assert build.order(order)["status"] == "awaiting_payment"
    healthy()


def test_orders_that_wait_for_their_rest_keep_no_other_from_being_taken(stripe: Connected) -> None:
    waiting = [authorized(stripe)[0] for _ in range(3)]
    for order in waiting:
        ship(order, 1)
    last, reference = authorized(stripe)
    ship(last)

    assert capture_due(actor=build.TESTER, batch=2) == 4
    send_captures(PROVIDERS)

    assert [captures(order) for order in waiting] == [[], [], []]
    assert stripe.double.taken(reference) == 3000


def test_a_cancelled_order_lets_go_what_was_authorised(shop: Connected) -> None:
    order, reference = authorized(shop)
    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()

    for _ in range(2):
        run(order)
    hurry()
    look_at_payments(PROVIDERS)

    assert captures(order) == [("release", "succeeded", 3000)]
    assert (payment(order)[0], payment(order)[2]) == ("failed", 0)
    assert shop.double.taken(reference) == 0
    assert shop.double.count("create_release-authorization") == 1
    healthy()


def test_what_is_cancelled_of_an_order_is_never_taken_and_let_go_in_the_end(mollie: Connected) -> None:  # fmt: skip
    order, reference = authorized(mollie)
    ship(order, 2)
    run(order)
    line = build.order_lines(order)[0]
    item = {"order_id": str(order), "reason": "x", "lines": [{"order_line_id": str(line), "quantity": 1}]}  # fmt: skip
    cancel_orders([decode.convert(item, CancelItem)], actor=build.TESTER)[0].require()

    run(order)

    assert captures(order) == [("capture", "succeeded", 2000), ("release", "succeeded", 1000)]
    assert payment(order) == ("paid", 2000, 2000, 2000)
    assert mollie.double.taken(reference) == 2000
    healthy()


@pytest.mark.parametrize("fault", ["hang_before", "hang_after", "500_before", "500_after", "cut_before", "cut_after", "garbage_before", "garbage_after"])  # fmt: skip
def test_what_nobody_knows_is_looked_up_and_never_taken_twice(shop: Connected, fault: str) -> None:
    order, reference = authorized(shop)
    ship(order)
    shop.double.fail(fault, on="create_captures")
    run(order)

    assert sql.fetch("select status from core_effect where kind = 'capture'") == [("in_doubt",)]
    assert shop.double.taken(reference) == (3000 if fault in MOVES_MONEY else 0)
    assert send_captures(PROVIDERS) == 0  # not before its time
    shop.double.forget_keys()
    hurry()
    send_captures(PROVIDERS)

    assert captures(order) == [("capture", "succeeded", 3000)]
    assert shop.double.taken(reference) == 3000
    assert len(shop.double.captures) == 1
    healthy()


def test_a_payment_that_is_not_shown_for_a_while_leaves_it_in_doubt(shop: Connected) -> None:
    order, reference = authorized(shop)
    ship(order)
    shop.double.fail("cut_after", on="create_captures")
    run(order)
    held = getattr(shop.double, {"mollie": "payments", "stripe": "intents"}[shop.provider])
    hidden = held.pop(reference)
    hurry()
    send_captures(PROVIDERS)
    assert captures(order) == [("capture", "submitted", 3000)]
    assert sql.fetch("select status from core_effect where kind = 'capture'") == [("in_doubt",)]

    held[reference] = hidden
    shop.double.forget_keys()
    hurry()
    send_captures(PROVIDERS)

    assert captures(order) == [("capture", "succeeded", 3000)]
    assert len(shop.double.captures) == 1
    healthy()


def test_another_try_finds_what_an_earlier_one_has_taken(mollie: Connected) -> None:
    order, reference = authorized(mollie, 10)
    ship(order, 4)
    mollie.double.fail("cut_after", on="create_captures")
    run(order)
    [(ours, effect)] = sql.fetch("select id, effect_id from payments_capture")
    # As an older version left it: counted as failed, although the money was taken.
    report_captures([CaptureNews(ours, "failed", effect, note="x")], actor=build.TESTER)[0].require()  # fmt: skip
    retry_captures([RetryCaptureItem(capture_id=ours)], actor=build.TESTER)[0].require()
    send_captures(PROVIDERS)

    assert captures(order) == [("capture", "succeeded", 4000)]
    assert mollie.double.taken(reference) == 4000
    healthy()


def test_a_message_may_settle_what_our_own_answer_did_not(shop: Connected) -> None:
    order, _ = authorized(shop)
    ship(order)
    shop.double.fail("500_after", on="create_captures")
    run(order)

    hurry()
    look_at_payments(PROVIDERS)

    assert captures(order)[0][1] == "submitted" or captures(order) == [("capture", "succeeded", 3000)]  # fmt: skip
    send_captures(PROVIDERS)
    assert captures(order) == [("capture", "succeeded", 3000)]
    assert len(shop.double.captures) == 1
    healthy()


def test_a_refusal_is_shown_stops_and_is_tried_again_by_a_person(shop: Connected) -> None:
    order, reference = authorized(shop)
    ship(order)
    held = {"mollie": "payments", "stripe": "intents"}[shop.provider]
    found = getattr(shop.double, held)[reference]
    word, found.status = found.status, "processing" if shop.provider == "stripe" else "open"
    run(order)
    assert captures(order) == [("capture", "failed", 3000)]
    assert payment(order)[3] == 0
    [(told, note)] = sql.fetch("select c.status || ', ' || e.status || ': ', c.note from payments_capture c join core_effect e on e.id = c.effect_id")  # fmt: skip
    sql.execute("update payments_capture set finished_at = now() - interval '1 hour'")
    [(*_, actual)] = sql.fetch(next(i for i in ALL if i.id == "stuck-captures").sql)
    assert actual == told + note  # once, although both the capture and its call say so

    run(order)
    assert len(captures(order)) == 1  # not asked for again by itself
    found.status = word
    [(key,)] = sql.fetch("select id from payments_capture")
    retry_captures([RetryCaptureItem(capture_id=key)], actor=build.TESTER)[0].require()
    again = retry_captures([RetryCaptureItem(capture_id=key)], actor=build.TESTER)[0]
    send_captures(PROVIDERS)

    assert again.error is not None
    assert again.error.code == "not_failed"
    assert captures(order) == [("capture", "succeeded", 3000)]
    assert sql.fetch("select count(distinct id), count(*) from core_effect where kind = 'capture'") == [(2, 2)]  # fmt: skip
    healthy()


def test_a_capture_that_mollie_works_on_is_followed_to_its_end(mollie: Connected) -> None:
    mollie.double.next_capture = "pending"
    order, reference = authorized(mollie)
    ship(order, 1)
    run(order)
    assert captures(order) == [("capture", "submitted", 1000)]
    run(order)
    assert len(captures(order)) == 1
    [key] = mollie.double.captures
    mollie.double.end_capture(key, "failed")
    hurry()
    look_at_payments(PROVIDERS)
    assert (captures(order), payment(order)[3]) == ([("capture", "failed", 1000)], 0)

    [(ours,)] = sql.fetch("select id from payments_capture")
    retry_captures([RetryCaptureItem(capture_id=ours)], actor=build.TESTER)[0].require()
    send_captures(PROVIDERS)
    mollie.double.end_capture(sorted(mollie.double.captures)[1], "succeeded")
    hurry()
    look_at_payments(PROVIDERS)

    assert captures(order) == [("capture", "succeeded", 1000)]
    assert (mollie.double.taken(reference), payment(order)[2]) == (1000, 1000)
    healthy()


def test_what_somebody_captured_at_the_provider_is_not_taken_again(shop: Connected) -> None:
    order, reference = authorized(shop)
    ship(order)
    held = {"mollie": "payments", "stripe": "intents"}[shop.provider]
    found = getattr(shop.double, held)[reference]
    if shop.provider == "mollie":
        found.captured, found.status = 3000, "paid"
    else:
        found.received, found.status = 3000, "succeeded"
    ask_for_looks([(shop.account_id, reference)])
    look_at_payments(PROVIDERS)
    run(order)

    assert (captures(order), payment(order)[:3]) == ([], ("paid", 3000, 3000))
    healthy()


def test_a_shop_whose_webshop_captures_is_left_alone(shop: Connected) -> None:
    item = {"shop": shop.world.shop, "provider": shop.provider, "capture_on_shipment": False}
    set_payment_accounts([decode.convert(item, AccountItem)], actor=build.TESTER)[0].require()
    order, reference = authorized(shop)
    ship(order)
    run(order)

    assert (captures(order), shop.double.taken(reference)) == ([], 0)


def test_the_database_refuses_to_ask_for_more_than_was_authorised(mollie: Connected) -> None:
    order, _ = authorized(mollie)
    ship(order)
    decide(order)

    for statement in (
        "update payments_payment set capture_reserved_minor = amount_minor + 1",
        "update payments_capture set amount_minor = amount_minor + 1",
        "delete from payments_capture",
        "update payments_capture set status = 'succeeded', version = version + 1",
    ):
        with pytest.raises(IntegrityError):
            _commit(statement)


def _commit(statement: str) -> None:
    with atomic():
        sql.execute(statement)
