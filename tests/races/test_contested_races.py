"""A charge back and what becomes of the money in a newer order at the same moment: whoever comes second sees what the first did."""

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connections

from orderwerk.checks.run import ALL
from orderwerk.core import sql
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import unit_of_work
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.redirect import RedirectRefundItem, redirect_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from tests import build
from tests.refunds.test_contested_exchanges import cancelled, exchanged, refunds, sold

pytestmark = pytest.mark.django_db(transaction=True)
# The list of locks, unlike that of connections, is read anew within a transaction.
_WAITING = (
    "select 1 from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
)
_CHECKS = [x for x in ALL if x.id in {"store-credit-contested", "payment-contested"}]


def waits_until_committed(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Do the first, and commit it only when the second, on a connection of its own, waits for it."""
    failed: list[BaseException] = []

    def elsewhere() -> None:
        try:
            second()
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            connections.close_all()

    other = threading.Thread(target=elsewhere)
    with unit_of_work(build.TESTER):
        first()
        other.start()
        while other.is_alive() and not sql.fetch(_WAITING):
            other.join(0.01)
        assert other.is_alive(), f"it did not wait: {failed}"
    other.join(30)
    assert (other.is_alive(), failed) == (False, [])


def test_a_store_credit_that_is_given_while_the_charge_back_is_written_is_contested() -> None:
    order, give = _ready()

    waits_until_committed(lambda: build.charge_back(order, 3000), give)

    _contested()


def test_a_charge_back_while_a_store_credit_is_given_contests_it_too() -> None:
    order, give = _ready()

    waits_until_committed(give, lambda: build.charge_back(order, 3000))

    _contested()


def test_of_two_refunds_that_are_handed_over_at_once_one_goes_where_only_one_is_there() -> None:
    world = build.world()
    order = sold(world)
    keys = [build.refund(order, "12.00") for _ in range(2)]
    for key in keys:
        approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    build.charge_back(order, 1000)
    told: list[Outcome] = []

    def hand_over(key: UUID) -> None:
        told.extend(submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER))

    waits_until_committed(lambda: hand_over(keys[1]), lambda: hand_over(keys[0]))

    assert [o.error.code if o.error else None for o in told] == [None, "payment_charged_back"]
    assert sql.fetch("select status from refunds_refund order by id") == [("approved",), ("submitted",)]  # fmt: skip


def _ready() -> tuple[UUID, Callable[[], None]]:
    """An order whose money paid an exchange, and the way to give that money as a store credit."""
    world = build.world(products=2, stock=20)
    order = sold(world)
    [key] = refunds(cancelled(exchanged(order, world.skus[1])))
    redirect_refunds([RedirectRefundItem(refund_id=key, to="store_credit")], actor=build.TESTER)[0].require()  # fmt: skip
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()

    def give() -> None:
        submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()

    return order, give


def _contested() -> None:
    assert sql.fetch("select is_contested from refunds_store_credit") == [(True,)]
    assert [(x.id, rows) for x in _CHECKS if (rows := sql.fetch(x.sql))] == []
