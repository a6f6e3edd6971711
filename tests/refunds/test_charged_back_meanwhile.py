"""A refund that still waits while the payer's bank takes the money back does not go: it would go back twice."""

from uuid import UUID

import pytest

from orderwerk.core.outcome import Outcome
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_due, submit_refunds
from orderwerk.refunds.queries import refund_detail
from orderwerk.refunds.rules import next_step
from tests import build
from tests.refunds.test_sepa import _account, _batch, _status, _world

pytestmark = pytest.mark.django_db
AWAY = "payment_charged_back"


def made(world: build.World) -> tuple[UUID, UUID]:
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    key = build.refund(order, "12.00")
    _account(key, "NL91 ABNA 0417 1643 00").require()
    return order, key


def approve(key: UUID) -> Outcome:
    return approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0]


def submit(key: UUID) -> Outcome:
    return submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0]


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def test_nothing_of_it_goes_until_the_bank_gives_it_back() -> None:
    order, key = made(_world())
    build.charge_back(order, 3000)
    assert code(approve(key)) == AWAY
    build.charge_back(order, 0)
    approve(key).require()
    build.charge_back(order, 3000)

    assert submit_due(actor=build.TESTER) == 0
    assert code(submit(key)) == AWAY
    assert code(_batch(key)[0]) == AWAY
    assert _status(key)[0] == "approved"
    assert next_step(refund_detail(build.TESTER, key)) == "taken_back"

    build.charge_back(order, 0)
    assert submit_due(actor=build.TESTER) == 1
    assert _status(key)[0] == "submitted"


def test_what_a_person_was_to_transfer_stands_in_no_file_any_more() -> None:
    order, key = made(_world())
    approve(key).require()
    submit(key).require()
    build.charge_back(order, 3000)

    assert code(_batch(key)[0]) == AWAY
    build.charge_back(order, 0)
    assert code(_batch(key)[0]) is None


def test_a_part_that_is_still_there_goes() -> None:
    order, key = made(_world())
    build.charge_back(order, 1500)
    approve(key).require()
    submit(key).require()
    assert _status(key)[0] == "submitted"
