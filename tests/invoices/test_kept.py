"""Cancelling a paid order: all of the money goes back, a part, or nothing; what is kept stays invoiced, once and for all."""

import random
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from orderwerk.console.history import entries
from orderwerk.core import decode, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.invoices.commands.credit import CreditItem, CreditLine, credit_invoices
from orderwerk.invoices.plan import Plan
from orderwerk.invoices.retaining import Retained, keep_at_most
from orderwerk.orders.queries import order_events
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db
SHIPPING = {"name": "Standard", "price": "5.00", "tax_rate": "21.00"}


def paid(world: build.World, *lines: tuple[str, int], amount: str, **fields: Any) -> UUID:
    payment = {"provider": "test", "reference": f"p{build.serial()}", "status": "paid", "amount": amount}  # fmt: skip
    return world.place(*lines, payments=[payment], **fields)


def cancel(order: UUID, refund: str, amount: str | None = None, *pieces: int) -> Outcome:
    lines = [{"order_line_id": str(key), "quantity": n} for key, n in zip(build.order_lines(order), pieces, strict=False) if n]  # fmt: skip
    item = {"order_id": str(order), "reason": "changed his mind", "refund": refund, "refund_amount": amount}  # fmt: skip
    return cancel_orders([decode.convert(item | ({"lines": lines} if lines else {}), CancelItem)], actor=build.TESTER)[0]  # fmt: skip


def amounts(order: UUID) -> tuple[int, ...]:
    """Cancelled, kept, invoiced, credited and refundable."""
    [row] = sql.fetch("select cancelled_minor, retained_minor, invoiced_minor, credited_minor, refundable_minor from orders_order where id = %s", (order,))  # fmt: skip
    return tuple(row)


def settled(order: UUID) -> tuple[int, ...]:
    """The same after the jobs that follow every cancellation, which must change nothing more."""
    build.invoice(order)
    build.invoice(order)
    sound()
    return amounts(order)


def test_a_part_goes_back_by_a_credit_of_that_amount_and_a_refund() -> None:
    world = build.world()
    order = paid(world, (world.skus[0], 2), amount="25.00", shipping=SHIPPING)
    build.invoice(order)

    told = cancel(order, "part", "15.00").require().data

    assert (told["status"], told["kept"]) == ("cancelled", "10.00")
    assert amounts(order) == settled(order) == (1500, 1000, 2500, 1500, 1500)
    [credit] = [row for row in build.invoices(order) if row["kind"] == "credit"]
    made = create_refunds([CreateRefundItem(invoice_id=credit["id"])], actor=build.TESTER)[0].require()  # fmt: skip
    assert sql.fetch("select amount_minor from refunds_refund where order_id = %s", (order,)) == [(1500,)]  # fmt: skip
    assert made.ok
    said = entries(order_events(build.TESTER, order).items, "EUR", "Europe/Amsterdam")
    assert any("10.00 of it is kept" in one.detail.replace("€", "") for one in said)


def test_nothing_goes_back_and_no_credit_is_written() -> None:
    world = build.world()
    order = paid(world, (world.skus[0], 2), amount="25.00", shipping=SHIPPING)
    build.invoice(order)

    assert cancel(order, "none").require().data["kept"] == "25.00"

    assert amounts(order) == settled(order) == (0, 2500, 2500, 0, 0)
    assert [row["kind"] for row in build.invoices(order)] == ["debit"]
    assert build.order(order)["status"] == "cancelled"


@pytest.mark.parametrize("when", ["placed", "paid", "shipped"])
def test_what_is_kept_is_invoiced_whenever_the_shop_invoices(when: str) -> None:
    world = build.world(invoice_when=when)
    order = paid(world, (world.skus[0], 2), (world.skus[1], 3), amount="55.00", shipping=SHIPPING)

    cancel(order, "part", "4.00", 1).require()

    assert build.order(order)["status"] == "awaiting_shipment"
    got = settled(order)
    assert (got[:2], got[3:]) == ((400, 600), (400, 400))
    ship_shipments([ShipItem(shipment_id=build.shipments(order)[0])], actor=build.TESTER)[0].require()  # fmt: skip
    assert settled(order) == (400, 600, 5500, 400, 400)
    assert build.order(order)["status"] == "shipped"


def test_the_rest_is_cancelled_whole_later_and_every_cent_is_accounted_for() -> None:
    world = build.world()
    order = paid(world, (world.skus[0], 3), amount="35.00", shipping=SHIPPING)
    cancel(order, "none", None, 1).require()
    cancel(order, "part", "3.33", 1).require()

    cancel(order, "whole").require()

    assert settled(order) == (1833, 1667, 3500, 1833, 1833)


def test_prices_without_tax_give_back_exactly_the_amount() -> None:
    world = build.world()
    order = paid(
        world, (world.skus[0], 3), amount="36.30", prices_include_tax=False,
    )  # fmt: skip
    build.invoice(order)

    cancel(order, "part", "7.77", 2).require()

    assert settled(order) == (777, 1643, 3630, 777, 777)


@pytest.mark.parametrize(("price", "quantity"), [("12.50", 2), ("9.99", 3), ("19.99", 4)])
@pytest.mark.parametrize("refund", ["none", "part"])
def test_pieces_worth_a_cent_more_on_paper_are_kept_for_what_the_order_says(
    refund: str, price: str, quantity: int
) -> None:
    world = build.world()
    lines = [{"sku": world.skus[0], "name": "x", "quantity": quantity, "unit_price": price, "tax_rate": "21.00"}]  # fmt: skip
    draft = world.place(payments=[], lines=lines, prices_include_tax=False)
    [(total,)] = sql.fetch("select grand_total_minor from orders_order where id = %s", (draft,))
    order = paid(world, amount=f"{total / 100:.2f}", lines=lines, prices_include_tax=False)
    build.invoice(order)
    back = 1 if refund == "part" else 0

    for number in range(1, quantity + 1):
        cancel(order, refund, "0.01" if back else None, 1).require()
        cancelled, kept, invoiced, credited, refundable = settled(order)
        assert cancelled + kept == total * number // quantity
        assert (invoiced, credited, refundable) == (total, back * number, back * number)
        assert 0 <= cancelled <= credited + number


def test_goods_for_nothing_are_kept_with_their_delivery() -> None:
    order = build.world().place(payments=[], shipping=SHIPPING)
    book, retained = Plan([order]).books[order], Retained(shipping=500)
    book.order.shipping_retained = 500

    keep_at_most(book, 499, retained)

    assert (retained.minor, retained.shipping, book.order.shipping_retained) == (499, 499, 499)


def test_kept_pieces_that_finance_gives_back_later_leave_the_other_credits_alone() -> None:
    world = build.world()
    order = paid(world, (world.skus[0], 10), amount="100.00")
    build.invoice(order)
    cancel(order, "none", None, 5).require()
    [debit] = build.invoices(order)
    lines = [CreditLine(order_line_id=build.order_lines(order)[0], quantity=5)]
    item = CreditItem(invoice_id=debit["id"], reason="goodwill", lines=lines)
    credit_invoices([item], actor=build.TESTER)[0].require()
    assert settled(order) == (0, 5000, 10000, 5000, 5000)

    cancel(order, "whole", None, 3).require()

    assert settled(order) == (3000, 5000, 10000, 8000, 8000)


@pytest.mark.parametrize("total", [100, 200, 500])
@pytest.mark.parametrize("choices", [("none", "whole", "whole"), ("none", "whole"), ("none", "none", "whole"), ("none", "part", "none")])  # fmt: skip
def test_a_line_that_can_not_be_divided_evenly_is_credited_as_the_order_takes_it(
    total: int, choices: tuple[str, ...]
) -> None:
    world = build.world()
    lines = [{"sku": world.skus[0], "name": "x", "quantity": 3, "unit_price": "10.00", "discount": f"{30 - total / 100:.2f}", "tax_rate": "21.00"}]  # fmt: skip
    order = paid(world, amount=f"{total / 100:.2f}", lines=lines)
    build.invoice(order)

    for number, refund in enumerate(choices, start=1):
        pieces = 1 if len(choices) == 3 or number < len(choices) else 2
        cancel(order, refund, "0.10" if refund == "part" else None, pieces).require()
        cancelled, kept, _, credited, refundable = settled(order)
        assert cancelled == credited == refundable
        gone = 3 if number == len(choices) else number
        assert cancelled + kept == total * gone // 3

    assert build.order(order)["status"] == "cancelled"


def test_only_what_came_in_can_go_back() -> None:
    world = build.world(invoice_when="placed")
    order = paid(world, (world.skus[0], 3), amount="25.00")
    build.invoice(order)

    refused = cancel(order, "part", "5.01", 1).error
    assert refused is not None
    assert (refused.code, refused.pointer) == ("too_much_to_refund", "/refund_amount")
    assert "5.00" in str(refused)
    assert amounts(order)[:2] == (0, 0)
    assert build.order(order)["units_cancelled"] == 0

    cancel(order, "part", "2.00", 1).require()

    # 20.00 are left to pay, and 3.00 of the 5.00 beyond that are kept.
    assert settled(order) == (700, 300, 3000, 700, 200)


def test_an_unpaid_order_has_nothing_to_keep() -> None:
    world = build.world(invoice_when="placed")
    order = world.place((world.skus[0], 2), payments=[])
    build.invoice(order)

    assert cancel(order, "none").require().data["kept"] == "0.00"

    assert settled(order) == (2000, 0, 2000, 2000, 0)


def test_a_part_that_is_all_keeps_nothing() -> None:
    world = build.world()
    order = paid(world, (world.skus[0], 2), amount="20.00")

    assert cancel(order, "part", "20.00").require().data["kept"] == "0.00"
    assert settled(order) == (2000, 0, 2000, 2000, 2000)


@pytest.mark.parametrize(
    ("refund", "amount", "code"),
    [
        ("part", None, "refund_amount_missing"),
        ("whole", "1.00", "refund_amount_alone"),
        ("none", "1.00", "refund_amount_alone"),
        ("part", "1.001", "too_many_decimals"),
    ],
)
def test_a_choice_that_makes_no_sense_changes_nothing(
    refund: str, amount: str | None, code: str
) -> None:
    world = build.world()
    order = paid(world, (world.skus[0], 2), amount="20.00")

    error = cancel(order, refund, amount).error

    assert error is not None
    assert (error.code, error.pointer) == (code, "/refund_amount")
    assert build.order(order)["version"] == 1


def test_an_order_named_twice_chooses_nothing() -> None:
    world = build.world()
    order, other = (paid(world, (world.skus[0], 2), amount="20.00") for _ in range(2))
    items = [
        CancelItem(order_id=order, reason="x", refund="none"),
        CancelItem(order_id=order, reason="x"),
        CancelItem(order_id=other, reason="x", refund="none"),
    ]

    outcomes = cancel_orders(items, actor=build.TESTER)

    assert [o.error.code if o.error else None for o in outcomes] == ["order_twice", "order_twice", None]  # fmt: skip
    assert (build.order(order)["status"], build.order(other)["status"]) == ("awaiting_shipment", "cancelled")  # fmt: skip


def test_what_the_warehouse_is_asked_for_is_chosen_when_it_has_let_go() -> None:
    world = build.world(locations=1, cancel_while_picking="ask")
    order = paid(world, (world.skus[0], 2), amount="20.00")
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    sql.execute("update picklists_pick_list set status = 'picking' where id = %s", (made.data["pick_lists"][0]["id"],))  # fmt: skip

    error = cancel(order, "none").error

    assert error is not None
    assert error.code == "refund_choice_waits"
    free = paid(world, (world.skus[1], 2), amount="20.00")
    assert cancel(free, "none").ok


def test_an_erased_order_chooses_nothing() -> None:
    world = build.world()
    order = paid(world, (world.skus[0], 1), amount="10.00")
    ship_shipments([ShipItem(shipment_id=build.shipments(order)[0])], actor=build.TESTER)[0].require()  # fmt: skip
    build.invoice(order)
    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()

    error = cancel(order, "none").error

    assert error is not None
    assert error.code == "nothing_open"


def test_money_that_comes_late_does_not_bring_what_is_kept_back() -> None:
    world = build.world(invoice_when="placed")
    order = paid(world, (world.skus[0], 2), amount="20.00")
    cancel(order, "part", "5.00").require()
    before = settled(order)
    late = PaymentItem(order_id=order, provider="test", reference=f"p{build.serial()}", status="paid", amount="4.00")  # fmt: skip
    record_payments([late], actor=build.TESTER)[0].require()

    assert settled(order)[:2] == before[:2]


def test_the_database_refuses_more_kept_than_was_cancelled() -> None:
    world = build.world()
    order = paid(world, (world.skus[0], 2), amount="20.00")
    for statement in (
        "update orders_line set retained = 1 where order_id = %s",
        "update orders_order set retained_minor = grand_total_minor + 1 where id = %s",
        "update orders_order set shipping_retained_minor = 1 where id = %s",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            sql.execute(statement, (order,))


@pytest.mark.parametrize("seed", range(12))
def test_any_story_of_cancelling_ends_with_what_was_chosen(seed: int) -> None:
    chance = random.Random(seed)
    world = build.world(invoice_when=chance.choice(["placed", "paid", "shipped"]))
    included = chance.random() < 0.6
    lines = [
        {"sku": sku, "name": sku, "quantity": chance.randint(1, 4), "unit_price": f"{chance.randint(20, 4000) / 100:.2f}", "tax_rate": chance.choice(["21.00", "9.00", "0.00"]),
         "discount": f"{chance.randint(0, 10) / 100:.2f}"}
        for sku in world.skus
    ]  # fmt: skip
    shipping = {**SHIPPING, "price": f"{chance.randint(0, 900) / 100:.2f}"}
    fields = {"lines": lines, "shipping": shipping, "prices_include_tax": included}
    draft = world.place(payments=[], **fields)
    [(total,)] = sql.fetch("select grand_total_minor from orders_order where id = %s", (draft,))
    order = paid(world, amount=f"{total / 100:.2f}", **fields)
    expected = 0
    while build.order(order)["status"] not in {"cancelled", "shipped"}:
        if chance.random() < 0.4:
            build.invoice(order)
        open_ = [row[0] for row in sql.fetch("select quantity - cancelled - shipped from orders_line where order_id = %s order by position", (order,))]  # fmt: skip
        pieces = [chance.randint(0, n) for n in open_]
        if not any(pieces):
            continue
        before = amounts(order)
        choice = chance.choice(["whole", "part", "none"])
        if choice == "part":
            too_much = cancel(order, "part", "999999.00", *pieces).error
            most = round(float(str(too_much).split()[2]) * 100)
            back = chance.randint(0, most)
            told = cancel(order, "part", f"{back / 100:.2f}", *pieces).require()
            assert told.data["kept"] == f"{(most - back) / 100:.2f}"
            expected += back
        else:
            told = cancel(order, choice, None, *pieces).require()
            after = amounts(order)
            expected += (after[0] - before[0]) if choice == "whole" else 0
        sound()
        if chance.random() < 0.3:
            build.invoice(order)
        if chance.random() < 0.1 and build.shipments(order, "open"):
            ship_shipments([ShipItem(shipment_id=build.shipments(order, "open")[0])], actor=build.TESTER)  # fmt: skip

    got = settled(order)

    assert got[3] == got[4]
    # Where prices have no VAT in them, a part of a line may be a cent more or less on paper than on the order.
    drift = 0 if included else len(lines)
    assert abs(got[3] - expected) <= drift
    assert abs(got[0] - got[3]) <= drift
    assert got[0] + got[1] <= total
