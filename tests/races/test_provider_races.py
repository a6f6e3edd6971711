"""Refunds at a provider in the same moment: workers, double clicks, messages; the money at the double is what counts."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.test import Client

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import sql
from orderwerk.flows.capture_payments import CaptureItem, capture_payments
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.flows.send_captures import send_captures
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.submit import submit_due
from orderwerk.refunds.sending import send_due
from tests import build
from tests.doubles.mollie import MollieDouble
from tests.doubles.shop import Connected, connect, held, hurry, refund
from tests.doubles.wire import serving
from tests.races.threads import THREADS, together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(settings: Any, transactional_db: None) -> Iterator[Connected]:
    settings.ORDERWERK_PROVIDER_PATIENCE = 5.0
    settings.ORDERWERK_PROVIDER_URLS = {}
    with serving(MollieDouble()) as double:
        yield connect("mollie", double)  # type: ignore[arg-type]


def _healthy() -> None:
    report = run_checks([x for x in ALL if x.id not in {"durable", "stuck-outbox", "nets-role"}])
    assert (report.findings, report.unchecked) == ([], {})


def _no_errors(results: list[Any]) -> None:
    assert [r for r in results if isinstance(r, BaseException)] == []


def test_many_workers_send_one_refund_once(shop: Connected) -> None:
    for slow in (False, True):
        order = shop.order()
        key = shop.handed_over(order)
        if slow:
            shop.double.slow_seconds = 0.3
            shop.double.fail("slow", on="create_refunds")
        before = shop.double.count("create_refunds")

        _no_errors(together([partial(send_due, PROVIDERS, [key])] * THREADS))

        assert shop.double.count("create_refunds") == before + 1
        assert (refund(key)["effect"], held(order)[0]) == ("succeeded", 1200)
    assert shop.double.money_out() == 2400
    _healthy()


def test_a_double_click_on_everything_pays_back_once(shop: Connected) -> None:
    order = shop.order(6)
    debit = build.invoices(order)[0]["id"]
    item = CreditItem(invoice_id=debit, reason="x", amount="40.00")
    credit = credit_invoices([item], actor=build.TESTER)[0].require().id
    make = partial(create_refunds, [CreateRefundItem(invoice_id=credit)], actor=build.TESTER)  # type: ignore[arg-type]
    _no_errors(together([make] * THREADS))
    [(key,)] = sql.fetch("select id from refunds_refund where order_id = %s", (order,))
    approve = partial(approve_refunds, [ApproveRefundItem(refund_id=key)], actor=build.TESTER)
    _no_errors(together([approve] * THREADS))
    _no_errors(together([partial(submit_due, actor=build.TESTER, refund_ids=[key])] * THREADS))

    _no_errors(together([partial(send_due, PROVIDERS)] * THREADS))

    assert (shop.double.money_out(), len(shop.double.refunds)) == (4000, 1)
    assert held(order)[0] == 4000
    _healthy()


def test_messages_polls_and_our_own_answers_at_once_settle_once(shop: Connected) -> None:
    shop.double.next_status = "refunded"
    keys = [shop.handed_over(shop.order()) for _ in range(4)]
    payments = [row[0] for row in sql.fetch("select reference from payments_payment")]

    def message(payment: str) -> None:
        body, kind = shop.double.notice(payment)
        assert Client().post(shop.hook, body, content_type=kind).status_code == 200
        look_at_payments(PROVIDERS)

    actions: list[Any] = [partial(send_due, PROVIDERS, [key]) for key in keys for _ in range(3)]
    actions += [partial(message, payment) for payment in payments for _ in range(5)]

    _no_errors(together(actions[:THREADS]))
    hurry()
    send_due(PROVIDERS)
    look_at_payments(PROVIDERS)

    assert [refund(key)["status"] for key in keys] == ["succeeded"] * 4
    assert shop.double.money_out() == 4800
    _healthy()


def test_workers_that_take_over_from_a_hanging_one_never_pay_twice(shop: Connected, settings: Any) -> None:  # fmt: skip
    key = shop.handed_over(shop.order())
    shop.double.fail("hang_after", "hang_before", "500_after", on="create_refunds")

    # Soon given up while it hangs; then with time enough for an answer on a busy machine.
    for patience in (0.5, 0.5, 5.0, 5.0):
        settings.ORDERWERK_PROVIDER_PATIENCE = patience
        hurry()
        _no_errors(together([partial(send_due, PROVIDERS)] * 8))
        shop.double.forget_keys()

    assert (refund(key)["effect"], shop.double.money_out()) == ("succeeded", 1200)
    _healthy()


def test_what_was_authorised_is_taken_once_whoever_decides_and_sends_it(shop: Connected) -> None:
    for fault in ("", "slow", "500_after"):
        reference = shop.double.pay(3000, status="authorized")
        order = shop.world.place(
            (shop.world.skus[0], 3), payments=[shop.payment(reference, "30.00", "authorized")]
        )
        item = ShipItem(shipment_id=build.shipments(order)[0])
        ship_shipments([item], actor=build.TESTER)[0].require()
        if fault:
            shop.double.fail(fault, on="create_captures")

        def work(order: Any = order, reference: str = reference) -> None:
            capture_payments([CaptureItem(order_id=order)], actor=build.TESTER)
            send_captures(PROVIDERS)
            body, kind = shop.double.notice(reference)
            Client().post(shop.hook, body, content_type=kind)
            look_at_payments(PROVIDERS)

        _no_errors(together([work] * THREADS))
        hurry()
        send_captures(PROVIDERS)

        rows = sql.fetch("select status, amount_minor from payments_capture where order_id = %s", (order,))  # fmt: skip
        assert (rows, shop.double.taken(reference)) == ([("succeeded", 3000)], 3000)
    assert len(shop.double.captures) == 3
    _healthy()
