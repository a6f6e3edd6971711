"""A refund that still waits while the payer's bank takes the money back does not go: it would go back twice."""

from uuid import UUID

import pytest

from orderwerk.checks.run import ALL
from orderwerk.core import sql
from orderwerk.core.outcome import Outcome
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_due, submit_refunds
from orderwerk.refunds.queries import refund_detail
from orderwerk.refunds.rules import next_step
from orderwerk.schemas.money import refund
from tests import build
from tests.refunds.test_sepa import _account, _batch, _status, _world

pytestmark = pytest.mark.django_db
AWAY = "payment_charged_back"


def made(world: build.World, amount: str = "12.00") -> tuple[UUID, UUID]:
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    key = build.refund(order, amount)
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


def test_what_a_person_was_to_transfer_says_not_to_and_to_note_it_as_failed() -> None:
    order, key = made(_world())
    approve(key).require()
    submit(key).require()
    assert step(key) == "transfer"
    build.charge_back(order, 3000)

    assert step(key) == "keep"
    told = refund(refund_detail(build.TESTER, key))
    assert (told.next_step, "do not transfer it" in told.next) == ("keep", True)
    failed = SettleRefundItem(refund_id=key, status="failed", note="Charged back")
    settle_refunds([failed], actor=build.TESTER)[0].require()
    assert step(key) == "retry"


def test_what_stands_in_a_file_for_the_bank_is_transferred_by_nobody() -> None:
    order, key = made(_world())
    approve(key).require()
    _batch(key)[0].require()
    assert step(key) == "in_file"

    build.charge_back(order, 3000)
    assert step(key) == "in_file"


def test_of_two_transfers_that_do_not_both_fit_the_younger_is_not_to_be_made() -> None:
    order, one, other = two("10.00", "15.00")
    for key in (one, other):
        approve(key).require()
        submit(key).require()

    build.charge_back(order, 1000)

    assert [step(one), step(other)] == ["transfer", "keep"]


def two(first: str, second: str) -> tuple[UUID, UUID, UUID]:
    """Two refunds of one payment of 30."""
    order, one = made(_world(), first)
    other = build.refund(order, second)
    _account(other, "NL91 ABNA 0417 1643 00").require()
    return order, one, other


def step(key: UUID) -> str:
    return next_step(refund_detail(build.TESTER, key))


def test_of_several_that_do_not_all_fit_the_oldest_goes_and_the_other_says_why_it_waits() -> None:
    order, one, other = two("10.00", "15.00")
    approve(one).require()
    approve(other).require()
    build.charge_back(order, 1000)
    assert [step(one), step(other)] == ["hand_over", "hand_over"]

    assert submit_due(actor=build.TESTER) == 1

    assert [_status(key)[0] for key in (one, other)] == ["submitted", "approved"]
    assert step(other) == "taken_back"
    assert submit_due(actor=build.TESTER) == 0
    assert code(submit(other)) == AWAY
    assert code(_batch(other)[0]) == AWAY
    build.charge_back(order, 500)
    assert submit_due(actor=build.TESTER) == 1


def test_one_that_does_not_fit_alone_keeps_no_younger_one_that_does() -> None:
    order, one, other = two("20.00", "10.00")
    approve(one).require()
    build.charge_back(order, 1500)
    approve(other).require()

    assert submit_due(actor=build.TESTER) == 1

    assert [_status(key)[0] for key in (one, other)] == ["approved", "submitted"]
    assert step(one) == "taken_back"


def test_of_transfers_that_were_still_to_be_made_the_older_stand_in_the_file() -> None:
    order, one, other = two("10.00", "15.00")
    for key in (one, other):
        approve(key).require()
        submit(key).require()
    build.charge_back(order, 1000)

    assert [code(outcome) for outcome in _batch(other, one)] == [AWAY, None]

    assert code(_batch(other)[0]) == AWAY


def test_of_those_that_are_filed_together_no_more_go_than_are_there() -> None:
    order, one, other = two("10.00", "15.00")
    approve(one).require()
    approve(other).require()
    build.charge_back(order, 1000)

    assert [code(outcome) for outcome in _batch(one, other)] == [None, AWAY]


def test_what_was_charged_back_meanwhile_is_not_stuck() -> None:
    order, one, other = two("10.00", "15.00")
    build.charge_back(order, 1000)
    approve(one).require()
    approve(other).require()
    assert stuck() == []
    sql.execute("update refunds_refund set approved_at = now() - interval '2 hours', due_at = null")

    # The first could go, and does not: that is stuck. Once it went, the other waits for a person.
    assert stuck() == [one, other]
    submit(one).require()
    assert stuck() == []
    build.charge_back(order, 0)
    assert stuck() == [other]


def stuck() -> list[UUID]:
    [check] = [x for x in ALL if x.id == "stuck-refunds"]
    return sorted(row[2] for row in sql.fetch(check.sql))


def test_a_part_that_is_still_there_goes() -> None:
    order, key = made(_world())
    build.charge_back(order, 1500)
    approve(key).require()
    submit(key).require()
    assert _status(key)[0] == "submitted"
