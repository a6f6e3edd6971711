"""Refunds: always on a credit, never more than came in; modes, four eyes, failure and another try."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import submit_due
from orderwerk.refunds.queries import RefundFilters, refund_page
from orderwerk.refunds.rules import next_run
from orderwerk.refunds.run_queries import refund_runs
from tests import build

pytestmark = pytest.mark.django_db


def _order(**shop: Any) -> UUID:
    world = build.world(**shop)
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    return order


def _refund(key: UUID) -> dict[str, Any]:
    names = "status, amount_minor, note, approver_name, due_at, attempts, version"
    row = sql.fetch(f"select {names} from refunds_refund where id = %s", (key,))[0]
    return dict(zip(names.split(", "), row, strict=True))


def _held(order: UUID) -> tuple[int, int, int, int]:
    """Reserved and refunded on the order; reserved on its payments and credits."""
    rows = sql.fetch(
        "select refund_reserved_minor, refunded_minor, (select sum(refunded_reserved_minor) from payments_payment p where p.order_id = o.id), "
        "(select sum(refund_reserved_minor) from invoices_invoice v where v.order_id = o.id) from orders_order o where id = %s",
        (order,),
    )
    return rows[0][0], rows[0][1], int(rows[0][2]), int(rows[0][3])


def _approve(key: UUID, actor: Actor = build.TESTER) -> Outcome:
    return approve_refunds([ApproveRefundItem(refund_id=key)], actor=actor)[0]


def _settle(key: UUID, status: str) -> Outcome:
    item = SettleRefundItem(refund_id=key, status=status, note="no such account")  # type: ignore[arg-type]
    return settle_refunds([item], actor=build.TESTER)[0]


def test_a_manual_refund_is_approved_handed_over_and_paid() -> None:
    order = _order()
    key = build.refund(order, "12.00")
    assert _refund(key)["status"] == "awaiting_approval"
    assert submit_due(actor=build.TESTER) == 0

    _approve(key).require()
    assert submit_due(actor=build.TESTER) == 1
    _settle(key, "succeeded").require()

    assert (_refund(key)["status"], _held(order)) == ("succeeded", (1200, 1200, 1200, 1200))
    assert _settle(key, "succeeded").error.code == "not_submitted"  # type: ignore[union-attr]
    assert [v["status"] for v in build.invoices(order)] == ["paid", "paid"]


def test_a_failed_refund_gives_its_amount_back_once_and_takes_it_again_on_a_retry() -> None:
    order = _order()
    key = build.refund(order, "12.00")
    _approve(key).require()
    submit_due(actor=build.TESTER)

    _settle(key, "failed").require()
    assert _held(order) == (0, 0, 0, 0)
    assert not _settle(key, "failed").ok

    retry_refunds([RetryRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    assert (_refund(key)["status"], _held(order)[0]) == ("approved", 1200)
    submit_due(actor=build.TESTER)
    assert _refund(key)["attempts"] == 2


def test_a_rejected_refund_frees_its_amount_and_another_may_take_it_but_not_twice() -> None:
    order = _order()
    key = build.refund(order, "12.00")
    reject_refunds([RejectRefundItem(refund_id=key, reason="No")], actor=build.TESTER)[0].require()
    assert _held(order) == (0, 0, 0, 0)
    credit = build.invoices(order)[1]["id"]

    made = [
        create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)[0].require()
        for _ in range(2)
    ]

    assert [len(o.data["refunds"]) for o in made] == [1, 0]
    assert _held(order)[0] == 1200
    refused = create_refunds(
        [CreateRefundItem(invoice_id=build.invoices(order)[0]["id"])], actor=build.TESTER
    )
    assert refused[0].error.code == "no_credit_invoice"  # type: ignore[union-attr]


def test_a_retry_is_refused_when_the_money_went_back_otherwise() -> None:
    order = _order()
    key = build.refund(order, "12.00")
    _approve(key).require()
    submit_due(actor=build.TESTER)
    _settle(key, "failed").require()
    credit = build.invoices(order)[1]["id"]
    create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)[0].require()

    outcome = retry_refunds([RetryRefundItem(refund_id=key)], actor=build.TESTER)[0]

    assert outcome.error.code == "too_much_to_refund"  # type: ignore[union-attr]
    assert _held(order)[0] == 1200


def test_automatic_goes_by_itself_up_to_the_limit_of_four_eyes() -> None:
    order = _order(refund_mode="automatic", four_eyes_above="10.00")

    small, large = build.refund(order, "10.00"), build.refund(order, "10.01")

    assert [_refund(key)["status"] for key in (small, large)] == ["approved", "awaiting_approval"]
    assert submit_due(actor=build.TESTER) == 1


def test_above_the_limit_somebody_else_approves() -> None:
    order = _order(four_eyes_above="5.00")
    author = Actor("user", "ann", id=uuid4())
    item = CreditItem(invoice_id=build.invoices(order)[0]["id"], reason="x", amount="6.00")
    credit = credit_invoices([item], actor=author)[0].require().id
    made = create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)  # type: ignore[arg-type]
    [key] = made[0].require().data["refunds"]

    assert _approve(key, author).error.code == "four_eyes"  # type: ignore[union-attr]
    assert _refund(key)["status"] == "awaiting_approval"
    _approve(key, Actor("user", "bob", id=uuid4())).require()

    with pytest.raises(IntegrityError), atomic():
        sql.execute("update refunds_refund set approver_id = author_id where id = %s", (key,))


def test_a_periodic_shop_sends_with_its_next_run() -> None:
    order = _order(refund_mode="periodic", refund_schedule="16:00")
    key = build.refund(order, "12.00")
    noon = datetime(2026, 11, 25, 12, tzinfo=ZoneInfo("Europe/Amsterdam"))
    with clock.told(noon):
        _approve(key).require()
        assert submit_due(actor=build.TESTER) == 0

    assert _refund(key)["due_at"] == noon.replace(hour=16)
    with clock.told(noon.replace(hour=16, minute=1)):
        assert submit_due(actor=build.TESTER) == 1


def test_the_next_run_says_what_waits_and_what_goes_by_currency() -> None:
    first, second = (_order(refund_mode="periodic", refund_schedule="16:00") for _ in range(2))
    keys = [build.refund(first, "12.00"), build.refund(second, "3.00"), build.refund(_order(), "5.00")]  # fmt: skip
    noon = datetime(2026, 11, 25, 12, tzinfo=ZoneInfo("Europe/Amsterdam"))
    with clock.told(noon):
        _approve(keys[0]).require()
        runs = refund_runs(build.TESTER)
        [one] = refund_runs(build.TESTER, runs[0].shop)

    assert one == runs[0]
    assert [(r.at, r.currency) for r in runs] == [(noon.replace(hour=16), "EUR")] * 2
    told = [(r.waiting, r.waiting_minor, r.approved, r.approved_minor) for r in runs]
    assert sorted(told) == [(0, 0, 1, 1200), (1, 300, 0, 0)]
    # What is approved goes when that was said, whatever the clock says since.
    with clock.told(noon + timedelta(hours=9)):
        later = {run.waiting: run.at for run in refund_runs(build.TESTER)}
    assert later == {0: noon.replace(hour=16), 1: noon.replace(hour=16) + timedelta(days=1)}
    page = refund_page(build.TESTER, RefundFilters(mode="periodic"))
    assert {row.id for row in page.items} == set(keys[:2])


def test_the_next_run_is_tomorrow_when_todays_is_over() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    late = datetime(2026, 3, 28, 17, tzinfo=zone)

    # The clock goes forward that night: it is still 16:00 by the shop's clock.
    assert next_run(late, "16:00", "Europe/Amsterdam") == datetime(2026, 3, 29, 16, tzinfo=zone)
    assert next_run(late, "", "Europe/Amsterdam") == datetime(2026, 3, 29, 16, tzinfo=zone)


def test_one_credit_is_spread_over_the_payments_that_brought_the_money() -> None:
    world = build.world(invoice_when="placed")
    order = world.place((world.skus[0], 3), payments=[])
    for amount in ("20.00", "10.00"):
        item = PaymentItem(order_id=order, provider="bank", reference=f"b{build.serial()}", status="paid", amount=amount)  # fmt: skip
        record_payments([item], actor=build.TESTER)[0].require()
    build.invoice(order)

    build.refund(order, "25.00")

    amounts = sql.fetch(
        "select amount_minor from refunds_refund where order_id = %s order by number", (order,)
    )
    assert [row[0] for row in amounts] == [2000, 500]


@pytest.mark.parametrize(
    "change",
    [
        "amount_minor = amount_minor + 1",
        "payment_id = gen_random_uuid()",
        "credit_id = gen_random_uuid()",
        "status = 'succeeded'",
    ],
)
def test_the_database_refuses_what_commands_never_do(change: str) -> None:
    build.refund(_order(), "5.00")
    sql.execute("set constraints all immediate")

    with pytest.raises(IntegrityError), atomic():
        sql.execute(f"update refunds_refund set {change}")
