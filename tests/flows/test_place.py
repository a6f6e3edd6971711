"""Orders come in: priced to the cent, paid, claimed, and once."""

import itertools
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwerk.core import decode, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput
from orderwerk.core.money import format_amount
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.orders.document import OrderDocument
from orderwerk.orders.pricing import cancelled_value, price_order
from tests import build

pytestmark = pytest.mark.django_db


def _total(order_id: Any) -> tuple[int, int, int]:
    return sql.fetch(
        "select items_minor, tax_minor, grand_total_minor from orders_order where id = %s",
        (order_id,),
    )[0]  # type: ignore[return-value]


def test_the_contract_example_comes_out_to_the_cent() -> None:
    world = build.world()
    lines = [
        {
            "sku": world.skus[0],
            "name": "T-shirt",
            "quantity": 2,
            "unit_price": "19.95",
            "discount": "2.00",
            "tax_rate": "21.00",
        }
    ]
    order = world.place(
        lines=lines,
        shipping={"method": "standard", "name": "Standard", "price": "4.95", "tax_rate": "21.00"},
        payments=[
            {
                "provider": "mollie",
                "method": "ideal",
                "reference": "tr_1",
                "status": "paid",
                "amount": "42.85",
            }
        ],
    )

    assert _total(order) == (3790, 744, 4285)
    assert build.order(order)["status"] == "awaiting_shipment"


def test_prices_without_tax_get_it_on_top() -> None:
    world = build.world()
    lines = [
        {"sku": world.skus[0], "name": "x", "quantity": 3, "unit_price": "0.33", "tax_rate": "21"}
    ]

    assert _total(world.place(lines=lines, prices_include_tax=False, payments=[])) == (99, 21, 120)


@pytest.mark.parametrize(
    ("currency", "price", "minor"),
    [("JPY", "500", 500), ("EUR", "5.00", 500), ("KWD", "0.500", 500)],
)
def test_currencies_have_their_own_decimals(currency: str, price: str, minor: int) -> None:
    world = build.world(currency=currency)
    lines = [
        {"sku": world.skus[0], "name": "x", "quantity": 1, "unit_price": price, "tax_rate": "0"}
    ]

    assert _total(world.place(lines=lines, currency=currency, payments=[]))[2] == minor


@given(
    data=st.data(),
    included=st.booleans(),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    count=st.integers(1, 8),
)
def test_lines_rates_and_document_always_add_up(
    data: st.DataObject, included: bool, currency: str, count: int
) -> None:
    lines = []
    for i in range(count):
        price, quantity = data.draw(st.integers(0, 10**6)), data.draw(st.integers(1, 50))
        discount = data.draw(st.integers(0, price * quantity))
        lines.append({
            "sku": f"s{i}", "name": "x", "quantity": quantity, "unit_price": format_amount(price, currency),
            "discount": format_amount(discount, currency), "tax_rate": data.draw(st.sampled_from(["0", "9", "21", "8.875"])),
        })  # fmt: skip
    document = build.World("s", [], ["x"]).json() | {
        "lines": lines, "currency": currency, "prices_include_tax": included,
        "shipping": {"price": format_amount(data.draw(st.integers(0, 5000)), currency), "tax_rate": "21"},
    }  # fmt: skip
    items = price_order(decode.convert(document, OrderDocument)).items
    document["discount"] = {"amount": format_amount(data.draw(st.integers(0, items)), currency)}

    priced = price_order(decode.convert(document, OrderDocument))

    parts = [*priced.lines, priced.shipping]
    assert sum(x.gross for x in parts) == priced.grand_total
    assert sum(x.tax for x in parts) == priced.tax
    assert sum(x.order_discount for x in priced.lines) == priced.discount
    assert all(x.net >= 0 and x.tax >= 0 for x in parts)
    for rate in {x.rate for x in parts}:
        base = sum((x.gross if included else x.net) for x in parts if x.rate == rate)
        exact = Decimal(base) * rate / (100 + rate if included else 100)
        assert abs(sum(x.tax for x in parts if x.rate == rate) - exact) <= Decimal("0.5")


@given(gross=st.integers(0, 10**9), quantity=st.integers(1, 1000), data=st.data())
def test_cancelling_all_pieces_in_any_steps_is_worth_exactly_the_line(
    gross: int, quantity: int, data: st.DataObject
) -> None:
    steps = sorted({0, quantity, *data.draw(st.lists(st.integers(0, quantity), max_size=6))})
    parts = [
        cancelled_value(gross, quantity, b) - cancelled_value(gross, quantity, a)
        for a, b in itertools.pairwise(steps)
    ]

    assert sum(parts) == gross
    assert all(part >= 0 for part in parts)


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"shop": "nowhere"}, "unknown_shop", "/shop"),
        ({"discount": {"amount": "10.01"}}, "discount_too_large", "/discount/amount"),
        ({"currency": "JPY"}, "too_many_decimals", "/lines/0/unit_price"),
        ({"currency": "XXQ"}, "unknown_currency", "/currency"),
        (
            {
                "payments": [
                    {"provider": "a", "reference": "b", "status": "paid", "amount": "0.001"}
                ]
            },
            "too_many_decimals",
            "/payments/0/amount",
        ),
    ],
)
def test_a_wrong_document_is_refused_and_leaves_nothing(
    change: dict[str, Any], code: str, pointer: str
) -> None:
    world = build.world()
    before = sql.fetch("select count(*) from core_event")

    good, bad = world.document(), decode.convert(world.json() | change, OrderDocument)
    outcomes = place_orders([bad, good], actor=build.TESTER)

    assert [o.ok for o in outcomes] == [False, True]
    assert outcomes[0].error is not None
    assert (outcomes[0].error.code, outcomes[0].error.pointer) == (code, pointer)
    assert sql.fetch("select count(*) from orders_order where shop_id = %s", (world.shop_id,)) == [
        (1,)
    ]
    assert sql.fetch("select count(*) from core_event where kind = 'order.placed'")[0][0] == 1
    assert before[0][0] < sql.fetch("select count(*) from core_event")[0][0]


def test_the_same_document_again_is_the_same_order_and_another_one_a_conflict() -> None:
    world = build.world()
    document = world.json()
    first = place_orders([decode.convert(document, OrderDocument)] * 2, actor=build.TESTER)
    other = decode.convert(document | {"comment": "changed"}, OrderDocument)

    again = place_orders([decode.convert(document, OrderDocument), other], actor=build.TESTER)

    assert [o.data["created"] for o in first] == [True, False]
    assert first[0].id == first[1].id == again[0].id
    assert again[0].data["number"] == first[0].data["number"] == first[1].data["number"]
    assert again[1].error is not None
    assert again[1].error.code == "external_id_exists"
    assert str(first[0].data["number"]) in again[1].error.message


def test_two_documents_under_one_external_id_in_one_call_are_told_apart() -> None:
    document = build.world().json()
    pair = [document, document | {"comment": "changed"}]

    placed = place_orders([decode.convert(d, OrderDocument) for d in pair], actor=build.TESTER)

    assert placed[0].ok
    assert placed[1].error is not None
    assert placed[1].error.message.startswith("An order earlier in this call has this external id")


def test_an_unknown_sku_is_taken_in_unmapped() -> None:
    world = build.world()
    order = world.place(("NOBODY-KNOWS", 1), (world.skus[0], 1))

    assert build.order(order)["status"] == "awaiting_stock"
    assert sql.fetch("select sku, product_id is null from orders_line where order_id = %s order by position", (order,)) == [
        ("NOBODY-KNOWS", True), (world.skus[0], False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("payments", "status"),
    [
        ([], "awaiting_payment"),
        ([("pending", "10.00")], "awaiting_payment"),
        ([("failed", "10.00")], "awaiting_payment"),
        ([("paid", "9.99")], "awaiting_payment"),
        ([("paid", "4.00"), ("authorized", "6.00")], "awaiting_shipment"),
        ([("authorized", "10.00")], "awaiting_shipment"),
        ([("paid", "12.00")], "awaiting_shipment"),
    ],
)
def test_money_decides_whether_it_may_be_shipped(
    payments: list[tuple[str, str]], status: str
) -> None:
    world = build.world()
    given_payments = [
        {"provider": "p", "reference": f"r{build.serial()}", "status": s, "amount": amount}
        for s, amount in payments
    ]

    order = world.place(payments=given_payments)

    assert build.order(order)["status"] == status
    assert bool(build.allocations(order)) is (status == "awaiting_shipment")


def test_on_account_needs_no_money() -> None:
    world = build.world(on_account_methods=["invoice"])
    payments = [
        {
            "provider": "p",
            "method": "invoice",
            "reference": f"r{build.serial()}",
            "status": "pending",
            "amount": "10.00",
        }
    ]

    assert build.order(world.place(payments=payments))["status"] == "awaiting_shipment"


def test_a_failed_payment_puts_nothing_on_account() -> None:
    world = build.world(on_account_methods=["invoice"])
    failed = {"provider": "p", "method": "invoice", "reference": f"r{build.serial()}", "status": "failed", "amount": "0.00"}  # fmt: skip

    order = world.place(payments=[failed])
    again = PaymentItem(order_id=order, **{**failed, "reference": f"r{build.serial()}"})  # type: ignore[arg-type]
    refused = PaymentItem(order_id=order, **{**failed, "status": "pending", "amount": "x"})  # type: ignore[arg-type]
    record_payments([again, refused], actor=build.TESTER)

    assert build.order(order)["status"] == "awaiting_payment"
    record_payments([msgspec.structs.replace(again, reference="r", status="pending")], actor=build.TESTER)[0].require()  # fmt: skip
    assert build.order(order)["status"] == "awaiting_shipment"


@pytest.mark.parametrize("length", [60, 61])
def test_a_method_is_as_long_as_its_column(length: int) -> None:
    world = build.world()
    paid = {"provider": "p", "method": "m" * length, "reference": f"r{build.serial()}", "status": "paid", "amount": "10.00"}  # fmt: skip

    if length > 60:
        with pytest.raises(BadInput):
            world.document(payments=[paid])
    else:
        assert build.order(world.place(payments=[paid]))["status"] == "awaiting_shipment"


def test_a_caller_of_another_shop_sees_no_shop() -> None:
    world, other = build.world(), build.world()
    stranger = Actor("token", "other", shop_ids=frozenset({other.shop_id}))

    outcome = place_orders([world.document()], actor=stranger)[0]

    assert outcome.error is not None
    assert outcome.error.code == "unknown_shop"
    assert sql.fetch("select count(*) from orders_order") == [(0,)]


def _next_number() -> int:
    return int(sql.fetch("select nextval('orders_number')")[0][0]) + 1


def test_generated_numbers_step_over_given_ones() -> None:
    world = build.world(number_prefix="")
    n = _next_number()
    for number in (n, n + 1, n + 3):
        world.place(number=str(number))
    documents = [world.document(), world.document(number=str(n + 4)), world.document()]

    outcomes = place_orders(documents, actor=build.TESTER)

    assert [o.data["number"] for o in outcomes] == [str(n + 2), str(n + 4), str(n + 5)]
