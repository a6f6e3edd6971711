"""Money at the same moment: invoices without gaps, credits and refunds that never exceed what there is."""

import hashlib
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import sql
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import unit_of_work
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.report_payments import PaymentNews, report_payments
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
from orderwerk.invoices.documents import invoice_document
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from tests import build
from tests.races.threads import THREADS, together

pytestmark = pytest.mark.django_db(transaction=True)


def _healthy() -> None:
    report = run_checks([x for x in ALL if x.id not in {"durable", "stuck-outbox", "nets-role"}])
    assert (report.findings, report.unchecked) == ([], {})


def _split(results: list[Any]) -> tuple[list[Outcome], list[Refusal]]:
    assert [r for r in results if isinstance(r, BaseException)] == []
    outcomes = [outcomes[0] for outcomes in results]
    return [o for o in outcomes if o.ok], [o.error for o in outcomes if o.error is not None]


def test_one_reference_pays_for_one_order_only() -> None:
    world = build.world()
    orders = [world.place(payments=[]) for _ in range(8)]
    items = [
        PaymentItem(order_id=key, provider="p", reference="same", status="paid", amount="10.00")
        for key in orders
    ]

    done, refused = _split(
        together([partial(record_payments, [item], actor=build.TESTER) for item in items])
    )

    assert len(done) == 1
    assert len(refused) == 7
    assert sql.fetch("select count(*) from orders_order where captured_minor > 0") == [(1,)]
    _healthy()


def test_one_payment_that_shop_and_provider_tell_of_at_once_counts_and_takes_stock_once() -> None:
    world = build.world(locations=1)
    for _ in range(4):
        told: dict[str, Any] = {"provider": "p", "reference": f"ret{build.serial()}", "status": "pending", "amount": "20.00"}  # fmt: skip
        order = world.place((world.skus[0], 2), payments=[told])
        page = PaymentItem(order_id=order, **{**told, "status": "paid"})
        news = PaymentNews(world.shop_id, order, "p", told["reference"], "paid", "EUR", 2000, 2000)
        actions: list[Any] = [
            partial(record_payments, [page], actor=build.TESTER),
            partial(report_payments, [news], actor=build.TESTER),
        ]

        done, refused = _split(together(actions * 3))

        assert (len(done), refused) == (6, [])
        paid = sql.fetch("select captured_minor, units_allocated from orders_order where id = %s", (order,))  # fmt: skip
        assert paid == [(2000, 2)]
        assert [claim[2] for claim in build.allocations(order, "allocated")] == [2]
        kinds = sql.fetch("select count(*) from payments_payment where order_id = %s", (order,))
        assert kinds == [(1,)]
    _healthy()


def test_many_workers_issue_each_invoice_once_and_without_a_gap() -> None:
    world = build.world()
    orders = [world.place() for _ in range(16)]
    actions = [
        partial(issue_invoices, [IssueItem(order_id=key)], actor=build.TESTER)
        for key in orders
        for _ in range(2)
    ]

    _split(together(actions))

    rows = sql.fetch(
        "select sequence from invoices_invoice where shop_id = %s order by sequence",
        (world.shop_id,),
    )
    assert [row[0] for row in rows] == list(range(1, 17))
    _healthy()


class _Abort(Exception):
    """Something that goes wrong after the numbers were taken and before they are kept."""


def test_numbers_that_were_taken_by_what_failed_are_given_again() -> None:
    world = build.world(stock=1000)
    orders = [world.place() for _ in range(16)]
    failing, others = orders[::2], orders[1::2]

    def issued_in_vain(key: UUID) -> list[Outcome]:
        with unit_of_work(build.TESTER):
            [outcome] = issue_invoices([IssueItem(order_id=key)], actor=build.TESTER)
            assert outcome.require().data["invoices"]
            raise _Abort

    good = [partial(issue_invoices, [IssueItem(order_id=key)], actor=build.TESTER) for key in others]  # fmt: skip
    bad = [partial(issued_in_vain, key) for key in failing]
    pairs = [action for pair in zip(bad, good, strict=True) for action in pair]

    results = together(pairs)

    # Inside a transaction of somebody else a collision is not tried again: it undoes that one as well.
    assert all(isinstance(result, _Abort | IntegrityError) for result in results[::2])
    _split(results[1::2])
    assert _sequences(world) == list(range(1, 9))
    for key in failing:
        build.invoice(key)
    assert _sequences(world) == list(range(1, 17))
    _healthy()


def _sequences(world: build.World) -> list[int]:
    rows = sql.fetch(
        "select sequence from invoices_invoice where shop_id = %s and kind = 'debit' order by sequence",
        (world.shop_id,),
    )
    return [row[0] for row in rows]


@pytest.mark.parametrize("kind", ["pdf", "ubl"])
def test_a_document_that_many_ask_for_at_once_is_one_set_of_bytes(kind: str) -> None:
    legal = {
        "name": "Test Winkel B.V.", "street": "Teststraat 1", "postal_code": "1234 AB", "city": "Testdorp", "country": "NL",
        "vat_number": "NL123456782B90", "company_number": "12345678", "iban": "NL02ABNA0123456789",
    }  # fmt: skip
    world = build.world(legal=legal)
    order = world.place()
    build.invoice(order)
    key = build.invoices(order)[0]["id"]

    results = together([partial(invoice_document, key, kind, actor=build.TESTER)] * 8)

    assert [r for r in results if isinstance(r, BaseException)] == []
    contents = {r.content for r in results if not isinstance(r, BaseException)}
    assert len(contents) == 1
    rows = sql.fetch("select content, sha256 from invoices_document where invoice_id = %s", (key,))
    [(content, digest)] = rows
    assert bytes(content) == contents.pop()
    assert bytes(digest) == hashlib.sha256(content).digest()


def test_credits_and_a_cancellation_at_once_never_give_more_than_came_in() -> None:
    world = build.world(stock=1000)
    for _ in range(3):
        order = world.place((world.skus[0], 6))
        build.invoice(order)
        debit = build.invoices(order)[0]["id"]
        item = CreditItem(invoice_id=debit, reason="x", amount="7.00")
        actions: list[Any] = [partial(credit_invoices, [item], actor=build.TESTER)] * (THREADS - 2)
        actions += [
            partial(cancel_orders, [CancelItem(order_id=order, reason="x")], actor=build.TESTER)
        ]
        actions += [partial(issue_invoices, [IssueItem(order_id=order)], actor=build.TESTER)]

        _split(together(actions))
        build.invoice(order)

        invoiced, credited, refundable = build.money(order)
        assert (invoiced, credited, refundable) == (6000, 6000, 6000)
    _healthy()


def test_parts_of_one_credit_made_at_once_pass_the_limit_of_four_eyes_together() -> None:
    world = build.world(refund_mode="automatic", four_eyes_above="15.00")
    pays = [{"provider": "test", "reference": f"eyes-{build.serial()}", "status": "paid", "amount": "10.00"} for _ in range(3)]  # fmt: skip
    order = world.place((world.skus[0], 3), payments=pays)
    build.invoice(order)
    item = CreditItem(invoice_id=build.invoices(order)[0]["id"], reason="x", amount="30.00")
    credit = credit_invoices([item], actor=build.TESTER)[0].require().id
    assert credit is not None
    payments = [row[0] for row in sql.fetch("select id from payments_payment where order_id = %s", (order,))]  # fmt: skip
    items = [CreateRefundItem(invoice_id=credit, payment_id=payment) for payment in payments]

    _split(together([partial(create_refunds, [item], actor=build.TESTER) for item in items * 4]))

    rows = sql.fetch("select status, four_eyes, amount_minor from refunds_refund where credit_id = %s order by id", (credit,))  # fmt: skip
    # Whichever came first: 10.00 are below the limit, 20.00 and 30.00 are not.
    assert sorted(rows) == [("approved", False, 1000), *[("awaiting_approval", True, 1000)] * 2]
    _healthy()


def test_refunds_of_one_credit_made_decided_and_settled_at_once_go_back_once() -> None:
    world = build.world(stock=1000)
    order = world.place((world.skus[0], 6))
    build.invoice(order)
    debit = build.invoices(order)[0]["id"]
    item = CreditItem(invoice_id=debit, reason="x", amount="40.00")
    credit = credit_invoices([item], actor=build.TESTER)[0].require().id
    make = partial(create_refunds, [CreateRefundItem(invoice_id=credit)], actor=build.TESTER)  # type: ignore[arg-type]

    done, _ = _split(together([make] * THREADS))

    made = [key for outcome in done for key in outcome.data["refunds"]]
    assert len(made) == 1
    key = UUID(str(made[0]))
    decisions = [
        partial(approve_refunds, [ApproveRefundItem(refund_id=key)], actor=build.TESTER),
        partial(reject_refunds, [RejectRefundItem(refund_id=key, reason="x")], actor=build.TESTER),
    ] * (THREADS // 2)
    _split(together(decisions))
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)
    ends = [
        partial(
            settle_refunds, [SettleRefundItem(refund_id=key, status=status)], actor=build.TESTER
        )  # type: ignore[arg-type]
        for status in ("succeeded", "failed")
    ] * (THREADS // 2)
    _split(together(ends))
    _healthy()


def test_one_store_credit_spent_by_thirty_two_at_once_is_never_overspent() -> None:
    world = build.world(stock=1000)
    key, code = build.store_credit(world, "25.00")
    paying = {"provider": "store_credit", "reference": code, "status": "paid", "amount": "5.00"}
    waiting = [world.place(payments=[]) for _ in range(THREADS // 2)]
    items = [
        PaymentItem(order_id=order, provider="store_credit", reference=code, status="paid", amount="5.00")
        for order in waiting
    ]  # fmt: skip
    actions: list[Any] = [partial(record_payments, [item], actor=build.TESTER) for item in items]
    actions += [
        partial(place_orders, [world.document(payments=[paying])], actor=build.TESTER)
        for _ in range(THREADS // 2)
    ]

    done, refused = _split(together(actions))

    assert len(done) == 5
    assert {error.code for error in refused} == {"store_credit_too_small"}
    assert sql.fetch("select status, remaining_minor from refunds_store_credit where id = %s", (key,)) == [("used", 0)]  # fmt: skip
    _healthy()


def test_one_order_told_many_times_at_once_spends_its_store_credit_once() -> None:
    world = build.world(stock=1000)
    key, code = build.store_credit(world, "10.00")
    paying = {"provider": "store_credit", "reference": code, "status": "paid", "amount": "10.00"}
    document = world.document(payments=[paying])

    done, refused = _split(
        together([partial(place_orders, [document], actor=build.TESTER)] * THREADS)
    )

    assert (len(done), refused) == (THREADS, [])
    assert [o.data["created"] for o in done].count(True) == 1
    assert sql.fetch("select remaining_minor from refunds_store_credit where id = %s", (key,)) == [(0,)]  # fmt: skip
    _healthy()


def test_a_charge_back_and_spending_at_once_come_one_after_the_other() -> None:
    world = build.world(stock=1000)
    for _ in range(4):
        key, code = build.store_credit(world, "25.00")
        [(source,)] = sql.fetch("select order_id from refunds_store_credit where id = %s", (key,))
        paying = {"provider": "store_credit", "reference": code, "status": "paid", "amount": "1.00"}
        spend = [partial(place_orders, [world.document(payments=[paying])], actor=build.TESTER) for _ in range(12)]  # fmt: skip
        actions: list[Any] = [*spend[:6], partial(_charged_back, source), *spend[6:]]

        done, refused = _split(together(actions))

        assert len(done) + len(refused) == 13
        assert {error.code for error in refused} <= {"store_credit_contested"}
        # Under the credit's lock and in the database: whoever was let through came before the charge back.
        spent = len(done) - 1
        assert sql.fetch("select is_contested, remaining_minor from refunds_store_credit where id = %s", (key,)) == [(True, 2500 - 100 * spent)]  # fmt: skip
        [late] = place_orders([world.document(payments=[paying])], actor=build.TESTER)
        assert late.error is not None
        assert late.error.code == "store_credit_contested"
        _healthy()


def _charged_back(order: UUID) -> list[Outcome]:
    build.charge_back(order, 2500)
    return [Outcome.done(order)]


def test_what_is_kept_at_cancelling_is_kept_once_while_invoices_are_issued() -> None:
    world = build.world(invoice_when="placed")
    orders = [o.require().id for o in place_orders([world.document((world.skus[0], 3)) for _ in range(6)], actor=build.TESTER)]  # fmt: skip
    cancels = [
        partial(cancel_orders, [CancelItem(order_id=key, reason="x", refund="part", refund_amount="7.00")], actor=build.TESTER)
        for key in orders if key for _ in range(3)
    ]  # fmt: skip
    issues = [partial(issue_invoices, [IssueItem(order_id=key)], actor=build.TESTER) for key in orders if key for _ in range(2)]  # fmt: skip

    results = together([*cancels, *issues])

    done, refused = _split(results[: len(cancels)])
    assert (len(done), {error.code for error in refused}) == (len(orders), {"nothing_open"})
    for key in orders:
        if key:
            build.invoice(key)
    rows = sql.fetch("select distinct cancelled_minor, retained_minor, invoiced_minor, credited_minor, refundable_minor from orders_order where id = any(%s)", (orders,))  # fmt: skip
    assert rows == [(700, 2300, 3000, 700, 700)]
    _healthy()
