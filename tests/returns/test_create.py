"""Goods that came back: counters, stock, credit and request in one transaction."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.returns.commands.inspect import InspectItem, inspect_returns
from tests import build

pytestmark = pytest.mark.django_db


def counters(order: Any) -> list[tuple[int, int, int]]:
    return [
        (r[0], r[1], r[2])
        for r in sql.fetch(
            "select shipped, returned, credited from orders_line where order_id = %s order by position",
            (order,),
        )
    ]


def test_a_return_restocks_credits_and_counts() -> None:
    world = build.world(products=1, stock=10)
    order = build.shipped(world, (world.skus[0], 3))

    outcome = build.give_back(order, build.back(order, 2, restock=True)).require()

    assert counters(order) == [(3, 2, 2)]
    assert outcome.data["status"] == "processed"
    assert [c["amount"] for c in outcome.data["credit_invoices"]] == ["20.00"]
    assert world.levels()[(world.skus[0], world.locations[0])] == (9, 0)
    moved = sql.fetch(
        "select kind, delta from stock_movement where order_id = %s order by id", (order,)
    )
    assert moved == [("shipped", -3), ("returned", 2)]


def test_what_came_back_is_restocked_once_whatever_is_credited_refunded_or_cancelled_afterwards() -> (
    None
):
    world = build.world(products=1, stock=10)
    order = build.shipped(world, (world.skus[0], 3))
    build.give_back(order, build.back(order, 2, restock=True)).require()
    level = world.levels()

    build.invoice(order)
    build.refund(order, "5.00")
    cancelled = cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0]
    undone = cancel_shipments([CancelShipmentItem(shipment_id=build.shipments(order)[0])], actor=build.TESTER)[0]  # fmt: skip
    again = build.give_back(order, build.back(order, 2, restock=True))

    assert [outcome.ok for outcome in (cancelled, undone, again)] == [False, False, False]
    assert world.levels() == level == {(world.skus[0], place): (9 if n == 0 else 10, 0) for n, place in enumerate(world.locations)}  # fmt: skip
    kinds = sql.fetch("select kind, delta from stock_movement where order_id = %s order by id", (order,))  # fmt: skip
    assert kinds == [("shipped", -3), ("returned", 2)]


def test_without_restock_the_fate_is_decided_later_and_once() -> None:
    world = build.world(products=1, stock=10)
    order = build.shipped(world, (world.skus[0], 3))

    outcome = build.give_back(
        order, build.back(order, 1), build.back(order, 2, disposition="dispose")
    ).require()

    assert outcome.data["status"] == "to_inspect"
    assert world.levels()[(world.skus[0], world.locations[0])] == (7, 0)
    [(key,)] = sql.fetch(
        "select id from returns_line where parent_id = %s and disposition is null", (outcome.id,)
    )
    item = InspectItem(return_line_id=key, disposition="restock")
    inspect_returns([item], actor=build.TESTER)[0].require()
    again = inspect_returns([item], actor=build.TESTER)[0]
    assert again.error is not None
    assert again.error.code == "inspected"
    assert world.levels()[(world.skus[0], world.locations[0])] == (8, 0)
    assert sql.fetch("select status from returns_return where id = %s", (outcome.id,)) == [
        ("processed",)
    ]


def test_more_than_was_shipped_is_refused_and_changes_nothing() -> None:
    world = build.world(products=1)
    order = build.shipped(world, (world.skus[0], 3))
    build.give_back(order, build.back(order, 2)).require()

    refused = build.give_back(order, build.back(order, 1), build.back(order, 1))

    assert refused.error.code == "too_many_to_return"
    assert counters(order) == [(3, 2, 2)]


def test_a_correction_changes_the_credit_and_no_credit_means_none() -> None:
    world = build.world(products=1)
    order = build.shipped(world, (world.skus[0], 3))

    less = build.give_back(order, build.back(order, 1, correction="-2.50")).require()
    none = build.give_back(order, build.back(order, 1), credit=False).require()
    too_little = build.give_back(order, build.back(order, 1, correction="-10.01"))
    # The other pieces were sold for that, and stay with the customer.
    too_much = build.give_back(order, build.back(order, 1, correction="0.01"))

    assert [c["amount"] for c in less.data["credit_invoices"]] == ["7.50"]
    assert none.data["credit_invoices"] == []
    for refused in (too_little, too_much):
        assert refused.error.code == "correction_out_of_range"
        assert refused.error.pointer == "/lines/0/correction"
    assert counters(order) == [(3, 2, 1)]


def test_spree_14678_only_what_was_received_is_paid_back_at_the_price_that_was_paid() -> None:
    """Three announced, one came: one is credited, at what it cost after the discount, and that once."""
    world = build.world(products=1, refund_mode="automatic")
    line = {"sku": world.skus[0], "name": "x", "quantity": 3, "unit_price": "10.00", "discount": "3.00", "tax_rate": "21.00"}  # fmt: skip
    paid = {"provider": "test", "reference": f"s{build.serial()}", "status": "paid", "amount": "27.00"}  # fmt: skip
    order = build.shipped(world, lines=[line], payments=[paid])
    build.invoice(order)
    request = build.request(order, build.back(order, 3)).require()

    came = build.give_back(order, build.back(order, 1), return_request_id=str(request.id)).require()

    [credit] = came.data["credit_invoices"]
    assert credit["amount"] == "9.00"
    asked = [CreateRefundItem(invoice_id=UUID(str(credit["id"])))]
    create_refunds(asked, actor=build.TESTER)[0].require()
    create_refunds(asked, actor=build.TESTER)
    refunds = sql.fetch("select amount_minor from refunds_refund where order_id = %s", (order,))
    assert refunds == [(900,)]
    assert build.money(order) == (2700, 900, 900)


def test_what_came_may_differ_from_what_was_announced_and_completes_it() -> None:
    world = build.world(products=2)
    order = build.shipped(world, (world.skus[0], 3), (world.skus[1], 1))
    request = build.request(order, build.back(order, 3)).require()

    outcome = build.give_back(
        order, build.back(order, 1), build.back(order, 1, 1), return_request_id=str(request.id)
    ).require()
    again = build.give_back(order, build.back(order, 1), return_request_id=str(request.id))

    # Credited is what came: one of three, and one that nobody announced.
    assert [c["amount"] for c in outcome.data["credit_invoices"]] == ["20.00"]
    assert sql.fetch("select status from return_requests_request where id = %s", (request.id,)) == [
        ("completed",)
    ]
    assert again.error.code == "return_request_completed"
    assert counters(order) == [(3, 1, 1), (1, 1, 1)]
