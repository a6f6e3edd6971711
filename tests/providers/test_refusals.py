"""What a provider says that does not fit is shown or left alone, and never believed twice."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from orderwerk.core import clock, decode, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.send_captures import send_captures
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.payments.commands.report_captures import CaptureNews, report_captures
from orderwerk.payments.commands.retry_captures import RetryCaptureItem, retry_captures
from orderwerk.payments.looks import ask_for_looks
from orderwerk.refunds.commands.report import RefundNews, report_refunds
from orderwerk.refunds.commands.resolve_differences import (
    ResolveDifferenceItem,
    resolve_differences,
)
from orderwerk.refunds.queries import refund_detail
from orderwerk.refunds.rules import next_step
from tests import build
from tests.doubles.mollie import Capture, MollieDouble
from tests.doubles.shop import Connected, connect, hurry, refund
from tests.doubles.wire import serving
from tests.providers.test_captures import authorized, captures, decide, run, ship
from tests.providers.test_differences import _differences, _look, _reconcile, _reference, _yesterday
from tests.providers.test_sending import healthy


def code(outcome: Outcome) -> str:
    """The code with which one item was refused."""
    assert outcome.error is not None
    return outcome.error.code


def effect_of(refund_id: UUID) -> UUID:
    """Under which key a refund was asked for."""
    found: UUID = sql.fetch("select effect_id from refunds_refund where id = %s", (refund_id,))[0][0]  # fmt: skip
    return found


def news(refund_id: UUID, status: Any, **fields: Any) -> Outcome:
    """Take over what is said of a refund."""
    return report_refunds([RefundNews(refund_id, status, **fields)], actor=build.TESTER)[0]


def test_news_of_another_amount_or_another_refund_do_not_fit(mollie: Connected) -> None:
    key = mollie.handed_over(mollie.order())
    mollie.send(key)
    name = refund(key)["reference"]

    assert code(news(key, "succeeded", reference=name, amount=1)) == "amount_differs"
    assert code(news(key, "succeeded", reference="re_other")) == "other_reference"
    assert not news(key, "failed", key=uuid4()).require().data["changed"]
    assert refund(key)["status"] == "submitted"


def test_a_refund_that_failed_does_not_come_to_life(mollie: Connected) -> None:
    key = mollie.handed_over(mollie.order())
    mollie.send(key)
    name = refund(key)["reference"]
    news(key, "failed", key=effect_of(key), reference=name).require()
    assert code(news(key, "succeeded", reference=name)) == "refund_revived"
    assert refund(key)["status"] == "failed"


def test_a_success_that_is_taken_back_says_that_the_money_came_back(mollie: Connected) -> None:
    key = mollie.handed_over(mollie.order())
    mollie.send(key)
    name = refund(key)["reference"]
    for status in ("succeeded", "failed"):
        news(key, status, key=effect_of(key), reference=name).require()
    found = refund_detail(build.TESTER, key)
    assert (found.status, next_step(found)) == ("succeeded", "came_back")


def test_a_refund_is_not_matched_with_one_of_another_amount(mollie: Connected) -> None:
    order = mollie.order()
    key = mollie.handed_over_by_hand(order, "5.00")
    mollie.double.refund_by_hand(_reference(order), 400)
    _look(mollie, _reference(order))
    [(difference,)] = sql.fetch("select id from refunds_difference")
    item = ResolveDifferenceItem(difference_id=difference, refund_id=key)
    assert code(resolve_differences([item], actor=build.TESTER)[0]) == "does_not_match"


def test_a_payment_that_is_worth_something_else_at_the_provider_is_shown(mollie: Connected) -> None:
    moment = _yesterday(mollie)
    with clock.told(moment):
        order = mollie.order()
    mollie.double.payments[_reference(order)].amount = 2900
    _reconcile(mollie, moment)
    assert [(row[0], row[2]) for row in _differences()] == [("payment_differs", _reference(order))]


def test_a_refund_of_a_payment_that_is_known_by_its_other_name(stripe: Connected) -> None:
    reference = stripe.double.pay(3000)
    charge = stripe.double.intents[reference].charge
    order = stripe.world.place((stripe.world.skus[0], 3), payments=[stripe.payment(charge, "30.00")])  # fmt: skip
    build.invoice(order)
    made = stripe.double.refund_by_hand(reference, 700)
    _reconcile(stripe, clock.now())
    [(shown, payment)] = sql.fetch("select reference, payment_id from refunds_difference where kind = 'unknown_refund'")  # fmt: skip
    ours = sql.fetch("select id from payments_payment where order_id = %s", (order,))[0][0]
    assert (shown, payment) == (made, ours)
    healthy()


def one_capture() -> tuple[UUID, UUID]:
    """The newest capture and its key."""
    row = sql.fetch("select id, effect_id from payments_capture order by id desc limit 1")[0]
    return row[0], row[1]


def test_a_capture_of_another_amount_does_not_fit(mollie: Connected) -> None:
    order, _ = authorized(mollie)
    ship(order)
    decide(order)
    key, effect = one_capture()
    item = CaptureNews(key, "succeeded", effect, "cpt_1", amount=1)
    assert code(report_captures([item], actor=build.TESTER)[0]) == "amount_differs"


def failed_capture(shop: Connected) -> tuple[UUID, UUID, str]:
    """An order of which the whole capture failed: order, capture, payment."""
    order, reference = authorized(shop)
    ship(order)
    decide(order)
    key, effect = one_capture()
    report_captures([CaptureNews(key, "failed", effect, note="x")], actor=build.TESTER)[0].require()
    return order, key, reference


def test_a_failed_capture_is_not_tried_again_where_somebody_took_a_part_at_the_provider(mollie: Connected) -> None:  # fmt: skip
    _, key, reference = failed_capture(mollie)
    mollie.double.payments[reference].captured = 1500
    ask_for_looks([(mollie.account_id, reference)])
    look_at_payments(PROVIDERS)
    done = retry_captures([RetryCaptureItem(capture_id=key)], actor=build.TESTER)
    assert code(done[0]) == "too_much_to_capture"


def test_a_failed_capture_is_not_tried_again_when_the_payment_is_paid(mollie: Connected) -> None:
    order, key, reference = failed_capture(mollie)
    paid = {"order_id": str(order), "provider": "mollie", "reference": reference, "status": "paid", "amount": "30.00"}  # fmt: skip
    record_payments([decode.convert(paid, PaymentItem)], actor=build.TESTER)[0].require()
    done = retry_captures([RetryCaptureItem(capture_id=key)], actor=build.TESTER)
    assert code(done[0]) == "not_authorized"


@pytest.mark.parametrize("fault", ["500_before", "hang_before"])
def test_when_the_look_after_a_capture_fails_the_capture_is_in_doubt_and_found(mollie: Connected, fault: str) -> None:  # fmt: skip
    order, reference = authorized(mollie)
    ship(order)
    mollie.double.fail(fault, on="get_payment")
    run(order)
    assert sql.fetch("select status from core_effect where kind = 'capture'") == [("in_doubt",)]
    hurry()
    send_captures(PROVIDERS)
    assert captures(order) == [("capture", "succeeded", 3000)]
    assert mollie.double.taken(reference) == 3000


class _Late(MollieDouble):
    """Shows captures a while after they were made."""

    is_late = True

    def _captured(self, c: Capture) -> dict[str, Any]:
        shown = super()._captured(c)
        return {**shown, "metadata": None, "amount": {"currency": "EUR", "value": "0.01"}} if self.is_late else shown  # fmt: skip


def test_a_capture_that_is_not_shown_yet_is_in_doubt_and_not_taken_twice(transactional_db: None) -> None:  # fmt: skip
    with serving(_Late()) as double:
        shop = connect("mollie", double)  # type: ignore[arg-type]
        order, reference = authorized(shop)
        ship(order)
        run(order)
        assert sql.fetch("select status from core_effect where kind = 'capture'") == [("in_doubt",)]
        shop.double.is_late = False
        hurry()
        send_captures(PROVIDERS)
        assert captures(order) == [("capture", "succeeded", 3000)]
        assert (shop.double.taken(reference), len(shop.double.captures)) == (3000, 1)
