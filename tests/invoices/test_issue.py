"""Debit invoices come by themselves, once, at the moment that the shop's policy names."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from orderwerk.core import clock, sql
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
from tests import build

pytestmark = pytest.mark.django_db
SHIPPING = {"name": "Standard", "price": "4.95", "tax_rate": "21.00"}


def _pay(order: Any, amount: str) -> None:
    item = PaymentItem(
        order_id=order,
        provider="test",
        reference=f"p{build.serial()}",
        status="paid",
        amount=amount,
    )
    record_payments([item], actor=build.TESTER)[0].require()


def _ship(order: Any, pieces: int | None = None) -> Any:
    shipment = build.shipments(order, "open")[0]
    lines = None
    if pieces is not None:
        line = sql.fetch(
            "select id from shipments_line where shipment_id = %s and is_live", (shipment,)
        )[0][0]
        lines = [ShipLine(shipment_line_id=line, quantity=pieces)]
    ship_shipments([ShipItem(shipment_id=shipment, lines=lines)], actor=build.TESTER)[0].require()
    return shipment


def _cancel(order: Any, *pieces: int) -> None:
    lines = [
        CancelLine(order_line_id=key, quantity=n)
        for key, n in zip(build.order_lines(order), pieces, strict=False)
        if n
    ]
    item = CancelItem(order_id=order, reason="x", lines=lines or None)
    cancel_orders([item], actor=build.TESTER)[0].require()


def test_a_paid_order_has_one_invoice_however_often_the_job_runs() -> None:
    world = build.world(number_prefix="NL")
    order = world.place((world.skus[0], 2), (world.skus[1], 1), shipping=SHIPPING, payments=[
        {"provider": "test", "reference": f"p{build.serial()}", "status": "paid", "amount": "34.95"}
    ])  # fmt: skip

    first, again = build.invoice(order), build.invoice(order)

    assert (len(first), again) == (1, [])
    [invoice] = build.invoices(order)
    assert invoice["number"] == "NLF2026-00001"
    assert (invoice["status"], invoice["credit_status"]) == ("paid", "none")
    assert (invoice["net_minor"], invoice["tax_minor"], invoice["gross_minor"]) == (2888, 607, 3495)
    assert build.money(order) == (3495, 0, 0)


def test_an_unpaid_order_waits_for_its_invoice_and_gets_it_with_the_payment() -> None:
    world = build.world()
    order = world.place(payments=[])
    assert build.invoice(order) == []

    _pay(order, "10.00")
    build.invoice(order)

    assert [(v["gross_minor"], v["status"]) for v in build.invoices(order)] == [(1000, "paid")]


def test_invoiced_when_placed_is_open_until_the_money_comes() -> None:
    world = build.world(invoice_when="placed")
    order = world.place((world.skus[0], 3), payments=[])
    build.invoice(order)
    assert [v["status"] for v in build.invoices(order)] == ["open"]

    _pay(order, "10.00")
    build.invoice(order)
    assert [(v["status"], v["paid_minor"]) for v in build.invoices(order)] == [("open", 1000)]

    _pay(order, "20.00")
    build.invoice(order)
    assert [(v["status"], v["paid_minor"]) for v in build.invoices(order)] == [("paid", 3000)]


def test_on_account_is_invoiced_per_shipment_and_adds_up_to_the_order() -> None:
    world = build.world(on_account_methods=["account"])
    payment = {
        "provider": "x",
        "method": "account",
        "reference": f"a{build.serial()}",
        "status": "pending",
        "amount": "34.95",
    }
    order = world.place((world.skus[0], 3), payments=[payment], shipping=SHIPPING)
    assert build.invoice(order) == []

    _ship(order, 1)
    build.invoice(order)
    _ship(order)
    build.invoice(order)

    assert [(v["gross_minor"], v["status"]) for v in build.invoices(order)] == [
        (1495, "open"),
        (2000, "open"),
    ]
    assert build.money(order)[0] == 3495


def test_an_unpaid_order_cancelled_before_any_invoice_gets_none() -> None:
    world = build.world()
    order = world.place(payments=[])
    _cancel(order)

    assert build.invoice(order) == []


def test_what_was_paid_and_cancelled_before_the_invoice_is_invoiced_and_credited() -> None:
    world = build.world()
    order = world.place((world.skus[0], 2))
    _cancel(order, 1)
    build.invoice(order)

    debit, credit = build.invoices(order)

    assert (debit["gross_minor"], debit["credit_status"]) == (2000, "partial")
    assert (credit["gross_minor"], credit["refundable_minor"], credit["cause"]) == (
        1000,
        1000,
        "cancellation",
    )


@pytest.mark.parametrize("policy", ["placed", "paid", "shipped"])
def test_a_paid_order_cancelled_whole_is_credited_whole(policy: str) -> None:
    world = build.world(invoice_when=policy)
    paid = {
        "provider": "test",
        "reference": f"p{build.serial()}",
        "status": "paid",
        "amount": "34.95",
    }
    order = world.place((world.skus[0], 3), shipping=SHIPPING, payments=[paid])
    build.invoice(order)
    _cancel(order, 1)
    build.invoice(order)
    _cancel(order)
    build.invoice(order)
    assert build.invoice(order) == []

    found = [v for v in build.invoices(order) if v["kind"] == "credit"]
    assert sum(v["refundable_minor"] for v in found) == 3495
    assert build.money(order) == (3495, 3495, 3495)


def test_a_part_of_a_line_cancelled_before_it_ships_is_credited_and_the_rest_invoiced_when_it_leaves() -> (
    None
):
    world = build.world(invoice_when="shipped")
    order = world.place((world.skus[0], 3))
    _cancel(order, 1)

    build.invoice(order)
    assert build.invoice(order) == []
    assert build.money(order) == (1000, 1000, 1000)

    _ship(order)
    build.invoice(order)
    assert build.money(order) == (3000, 1000, 1000)
    kinds = [(v["kind"], v["gross_minor"], v["cause"]) for v in build.invoices(order)]
    assert kinds == [("debit", 1000, None), ("credit", 1000, "cancellation"), ("debit", 2000, None)]


def test_a_return_before_the_job_has_run_leaves_nothing_half_invoiced() -> None:
    world = build.world(invoice_when="shipped")
    order = world.place((world.skus[0], 3))
    _ship(order, 1)
    _cancel(order, 1)

    build.give_back(order, build.back(order)).require()

    assert build.money(order) == (2000, 2000, 2000)
    assert build.invoice(order) == []


def test_what_leaves_again_before_its_first_shipment_is_credited_is_invoiced_in_the_same_run() -> (
    None
):
    world = build.world(invoice_when="shipped")
    order = world.place((world.skus[0], 3))
    shipment = _ship(order)
    build.invoice(order)
    cancel_shipments([CancelShipmentItem(shipment_id=shipment)], actor=build.TESTER)[0].require()
    _ship(order, 1)

    assert len(build.invoice(order)) == 2
    assert build.invoice(order) == []
    assert build.money(order) == (4000, 3000, 0)


def test_money_that_comes_after_the_credit_goes_back_on_it() -> None:
    world = build.world(invoice_when="placed")
    order = world.place((world.skus[0], 2), payments=[])
    build.invoice(order)
    _cancel(order)
    build.invoice(order)
    assert build.money(order) == (2000, 2000, 0)

    _pay(order, "5.00")
    assert build.invoice(order) == []
    assert build.money(order) == (2000, 2000, 500)
    _pay(order, "25.00")
    build.invoice(order)
    # What never was on an invoice cannot go back on one: 10.00 of the 30.00 stay for a person to look at.
    assert build.money(order) == (2000, 2000, 2000)
    debit, credit = build.invoices(order)
    assert (debit["paid_minor"], debit["status"]) == (2000, "paid")
    assert (credit["refundable_minor"], credit["status"]) == (2000, "open")
    kinds = sql.fetch("select kind from core_event where aggregate_id = %s order by id", (credit["id"],))  # fmt: skip
    assert [row[0] for row in kinds] == [
        "invoice.credit_issued",
        *["invoice.refundable_raised"] * 2,
    ]


def test_money_for_an_erased_order_stops_nobody_elses_invoice() -> None:
    world = build.world(invoice_when="placed")
    gone, other = world.place((world.skus[0], 1), payments=[]), world.place((world.skus[1], 1))
    _cancel(gone)
    erase_orders([EraseItem(order_id=gone)], actor=build.TESTER)[0].require()
    _pay(gone, "10.00")

    items = [IssueItem(order_id=key) for key in (gone, other)]
    outcomes = issue_invoices(items, actor=build.TESTER)

    assert [len(o.require().data["invoices"]) for o in outcomes] == [0, 1]


def test_cancelling_an_unpaid_invoice_gives_no_money_back() -> None:
    world = build.world(invoice_when="placed")
    order = world.place((world.skus[0], 2), payments=[])
    build.invoice(order)
    _cancel(order)
    build.invoice(order)

    debit, credit = build.invoices(order)

    assert (debit["status"], debit["credit_status"]) == ("paid", "full")
    assert (credit["gross_minor"], credit["refundable_minor"], credit["status"]) == (
        2000,
        0,
        "paid",
    )


def test_a_shipment_that_did_not_leave_is_credited_and_invoiced_again_when_it_does() -> None:
    world = build.world(invoice_when="shipped")
    order = world.place((world.skus[0], 2))
    shipment = _ship(order)
    build.invoice(order)
    cancel_shipments([CancelShipmentItem(shipment_id=shipment)], actor=build.TESTER)[0].require()
    build.invoice(order)
    _ship(order)
    build.invoice(order)

    found = [(v["kind"], v["gross_minor"], v["refundable_minor"]) for v in build.invoices(order)]
    assert found == [("debit", 2000, 0), ("credit", 2000, 0), ("debit", 2000, 0)]


def test_all_of_an_order_goes_back_that_was_sent_in_part_undone_and_cancelled() -> None:
    world = build.world(invoice_when="shipped")
    order = world.place((world.skus[0], 3))
    shipment = _ship(order, 1)
    build.invoice(order)
    cancel_shipments([CancelShipmentItem(shipment_id=shipment)], actor=build.TESTER)[0].require()
    _cancel(order)

    build.invoice(order)

    # What stood on no invoice comes on one first; what did not leave after all only when that is credited.
    found = [(v["kind"], v["gross_minor"]) for v in build.invoices(order)]
    assert sorted(found) == [
        ("credit", 1000),
        ("credit", 1000),
        ("credit", 2000),
        ("debit", 1000),
        ("debit", 1000),
        ("debit", 2000),
    ]
    assert sql.fetch("select refundable_minor from orders_order where id = %s", (order,)) == [
        (3000,)
    ]
    assert build.invoice(order) == []


def test_what_went_back_before_does_not_go_back_again_with_what_did_not_leave() -> None:
    world = build.world(invoice_when="shipped")
    order = world.place((world.skus[0], 2))
    _ship(order, 1)
    build.invoice(order)
    second = _ship(order)
    build.invoice(order)
    first = CreditItem(invoice_id=build.invoices(order)[0]["id"], amount="10.00", reason="kindness")
    credit_invoices([first], actor=build.TESTER)[0].require()
    cancel_shipments([CancelShipmentItem(shipment_id=second)], actor=build.TESTER)[0].require()
    build.invoice(order)

    made = [v for v in build.invoices(order) if v["kind"] == "credit"]
    assert [(v["gross_minor"], v["refundable_minor"]) for v in made] == [(1000, 1000), (1000, 0)]


def test_no_document_is_dated_before_the_one_with_the_number_before() -> None:
    world = build.world()
    with clock.told(clock.now() + timedelta(days=2)):
        ahead = world.place()
        build.invoice(ahead)
    later = world.place()
    build.invoice(later)

    (first,), (second,) = (
        sql.fetch("select issue_date from invoices_invoice where order_id = %s", (order,))[0]
        for order in (ahead, later)
    )
    assert first == second


def test_numbers_have_no_gap_and_every_hash_holds_the_one_before() -> None:
    world = build.world()
    for _ in range(5):
        build.invoice(world.place())

    rows = sql.fetch(
        "select sequence, prev_hash, content, hash, number from invoices_invoice where shop_id = %s order by sequence",
        (world.shop_id,),
    )
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5]
    before = bytes(32)
    for _, prev, content, digest, number in rows:
        assert (bytes(prev), bytes(digest)) == (
            before,
            hashlib.sha256(before + content.encode()).digest(),
        )
        assert json.loads(content)["number"] == number
        before = bytes(digest)


def test_shops_that_open_their_first_series_in_one_call_have_numbers_of_their_own() -> None:
    worlds = [build.world() for _ in range(3)]
    items = [IssueItem(order_id=world.place((world.skus[0], 1))) for world in worlds]

    outcomes = issue_invoices(items, actor=build.TESTER)

    numbers = [number for o in outcomes for number in o.require().data["invoices"]]
    assert len(set(numbers)) == 3
    assert build.invoices(items[0].order_id)[0]["number"] == numbers[0]


def test_two_shops_without_a_prefix_have_numbers_of_their_own() -> None:
    first, second = build.world(), build.world()

    numbers = [build.invoice(world.place())[0] for world in (first, second)]

    assert len(set(numbers)) == 2


@pytest.mark.parametrize(
    ("currency", "price", "rate", "included", "expected"),
    [
        ("JPY", "1000", "10.00", True, (909, 91, 1000)),
        ("KWD", "1.250", "5.00", False, (1250, 63, 1313)),
        ("GBP", "9.99", "20.00", False, (999, 200, 1199)),
        ("EUR", "10.00", "0.00", True, (1000, 0, 1000)),
    ],
)
def test_currencies_and_price_modes(
    currency: str, price: str, rate: str, included: bool, expected: tuple[int, ...]
) -> None:
    world = build.world(currency=currency, invoice_when="placed")
    line = {"sku": world.skus[0], "name": "x", "quantity": 1, "unit_price": price, "tax_rate": rate}
    order = world.place(currency=currency, prices_include_tax=included, lines=[line], payments=[])
    build.invoice(order)

    [invoice] = build.invoices(order)

    assert (invoice["net_minor"], invoice["tax_minor"], invoice["gross_minor"]) == expected
