"""Credits: by lines, shipping and amount; never more than is left; together exactly the invoice."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderwerk.core import sql
from orderwerk.core.errors import LimitExceeded
from orderwerk.core.uow import unit_of_work
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.invoices.commands.credit import CreditItem, CreditLine, credit_invoices
from orderwerk.invoices.returned import ReturnCredits, ReturnedGoods, ReturnedLine
from orderwerk.orders.counters import lock_orders
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db
PAID_TWO_CENTS = {"provider": "test", "reference": "two-cents", "status": "paid", "amount": "0.02"}


def _order(
    world: build.World,
    lines: list[tuple[int, str, str, str]],
    *,
    included: bool = True,
    **fields: Any,
) -> Any:
    currency = fields.pop("currency", "EUR")
    document = {
        "currency": currency,
        "prices_include_tax": included,
        "lines": [
            {
                "sku": world.skus[0],
                "name": "x",
                "quantity": n,
                "unit_price": price,
                "discount": discount,
                "tax_rate": rate,
            }
            for n, price, discount, rate in lines
        ],
        "payments": [],
        **fields,
    }
    order = world.place(**document)
    total = sql.fetch("select grand_total_minor from orders_order where id = %s", (order,))[0][0]
    sql.execute("set constraints all immediate")
    sql.execute("set constraints all deferred")
    return order, total


def _paid(lines: list[tuple[int, str, str, str]], **fields: Any) -> Any:
    world = build.world(invoice_when="placed")
    order, _ = _order(world, lines, **fields)
    build.invoice(order)
    return order, build.invoices(order)[0]["id"]


def _credit(invoice: Any, **item: Any) -> Any:
    return credit_invoices(
        [CreditItem(invoice_id=invoice, reason="because", **item)], actor=build.TESTER
    )[0]


def test_pieces_shipping_and_the_rest_by_amount_end_at_zero() -> None:
    world = build.world()
    paid = [
        {"provider": "test", "reference": f"p{build.serial()}", "status": "paid", "amount": "34.95"}
    ]
    order = world.place(
        (world.skus[0], 3),
        shipping={"name": "S", "price": "4.95", "tax_rate": "9.00"},
        payments=paid,
    )
    build.invoice(order)
    debit = build.invoices(order)[0]["id"]
    [line] = build.order_lines(order)

    one = _credit(debit, lines=[CreditLine(order_line_id=line, quantity=1)]).require()
    two = _credit(debit, shipping=True).require()
    three = _credit(debit, amount="20.00").require()

    assert [o.data["amount"] for o in (one, two, three)] == ["10.00", "4.95", "20.00"]
    assert [o.data["refundable"] for o in (one, two, three)] == ["10.00", "4.95", "20.00"]
    assert build.money(order) == (3495, 3495, 3495)
    assert build.invoices(order)[0]["credit_status"] == "full"
    rest = sql.fetch(
        "select net_minor - credited_net_minor, tax_minor - credited_tax_minor from invoices_tax where invoice_id = %s",
        (debit,),
    )
    assert set(rest) == {(0, 0)}
    assert _credit(debit, amount="0.01").error.code == "too_much_to_credit"


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({}, "nothing_to_credit"),
        ({"amount": "0.00"}, "nothing_to_credit"),
        ({"amount": "-1.00"}, "negative_amount"),
        ({"amount": "1.005"}, "too_many_decimals"),
        ({"amount": "20.01"}, "too_much_to_credit"),
        ({"amount": "1.00", "shipping": True}, "amount_goes_alone"),
        ({"shipping": True}, "no_shipping_to_credit"),
        ({"lines": [CreditLine(order_line_id=uuid4(), quantity=1)]}, "unknown_order_line"),
    ],
)
def test_a_credit_that_cannot_be_is_refused_and_changes_nothing(
    item: dict[str, Any], code: str
) -> None:
    order, debit = _paid([(2, "10.00", "0.00", "21.00")])

    assert _credit(debit, **item).error.code == code
    assert len(build.invoices(order)) == 1
    assert build.money(order) == (2000, 0, 0)


def test_more_pieces_than_are_left_are_refused_and_a_credit_is_not_credited() -> None:
    order, debit = _paid([(2, "10.00", "0.00", "21.00")])
    [line] = build.order_lines(order)
    first = _credit(debit, lines=[CreditLine(order_line_id=line, quantity=2)]).require()

    assert (
        _credit(debit, lines=[CreditLine(order_line_id=line, quantity=1)]).error.code
        == "too_many_to_credit"
    )
    assert _credit(first.id, amount="1.00").error.code == "is_credit_invoice"
    assert _credit(uuid4(), amount="1.00").error.code == "unknown_invoice"


LINES = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.integers(0, 3000),
        st.integers(0, 100),
        st.sampled_from(["0.00", "5.00", "9.00", "21.00", "7.700"]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    lines=LINES,
    included=st.booleans(),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    discount=st.integers(0, 100),
    shipping=st.integers(0, 900),
    data=st.data(),
)
def test_any_sequence_of_credits_ends_at_exactly_zero(
    lines: Any, included: bool, currency: str, discount: int, shipping: int, data: st.DataObject
) -> None:
    places = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]

    def text(minor: int) -> str:
        return f"{Decimal(minor).scaleb(-places):.{places}f}"

    items = sum(n * price - n * price * off // 100 for n, price, off, _ in lines)
    document = [
        (n, text(price), text(n * price * off // 100), rate) for n, price, off, rate in lines
    ]
    order, debit = _paid(
        document, included=included, currency=currency,
        discount={"code": "", "amount": text(items * discount // 100)},
        shipping={"name": "s", "price": text(shipping), "tax_rate": "21.00"},
    )  # fmt: skip
    keys = build.order_lines(order)

    for _ in range(data.draw(st.integers(0, 5))):
        rest = sql.fetch(
            "select gross_minor - credited_minor from invoices_invoice where id = %s", (debit,)
        )[0][0]
        kind = data.draw(st.sampled_from(["lines", "shipping", "amount"]))
        if kind == "lines":
            index = data.draw(st.integers(0, len(keys) - 1))
            quantity = data.draw(st.integers(1, lines[index][0]))
            _credit(debit, lines=[CreditLine(order_line_id=keys[index], quantity=quantity)])
        elif kind == "shipping":
            _credit(debit, shipping=True)
        elif rest:
            _credit(debit, amount=text(data.draw(st.integers(1, rest)))).require()
    rest = sql.fetch(
        "select gross_minor - credited_minor from invoices_invoice where id = %s", (debit,)
    )[0][0]
    if rest:
        _credit(debit, amount=text(rest)).require()

    sql.execute("set constraints all immediate")
    sql.execute("set constraints all deferred")
    rates = sql.fetch(
        "select t.net_minor - t.credited_net_minor, t.tax_minor - t.credited_tax_minor from invoices_tax t where t.invoice_id = %s",
        (debit,),
    )
    assert set(rates) <= {(0, 0)}
    sums = sql.fetch(
        "select tax_rate, tax_category, sum(case when kind = 'debit' then t.tax_minor else -t.tax_minor end) from invoices_tax t "
        "join invoices_invoice v on v.id = t.invoice_id where v.order_id = %s group by 1, 2", (order,),
    )  # fmt: skip
    assert {row[2] for row in sums} <= {0}
    lines_left = sql.fetch(
        "select sum(base_minor - credited_base_minor) from invoices_line where invoice_id = %s",
        (debit,),
    )
    assert lines_left[0][0] == 0


def _return(order: Any, *lines: ReturnedLine, shipping: bool = False) -> int:
    with unit_of_work(build.TESTER) as unit:
        lock_orders(unit, [order])
        plan = ReturnCredits([order])
        value = plan.add(
            ReturnedGoods(uuid4(), order, "Too small", lines, refund_shipping=shipping)
        )
        made = plan.write(unit)
    assert sum(x.gross for documents in made.values() for x in documents) == value
    return value


def test_a_return_is_credited_with_its_correction_even_before_the_invoice_was_issued() -> None:
    world = build.world()
    order = world.place((world.skus[0], 2), (world.skus[1], 1))
    first, second = build.order_lines(order)

    assert _return(order, ReturnedLine(first, 1, -500), ReturnedLine(second, 1)) == 1500

    debit, credit = build.invoices(order)
    assert (debit["gross_minor"], credit["gross_minor"], credit["cause"]) == (3000, 1500, "return")
    assert credit["refundable_minor"] == 1500
    assert _return(order, ReturnedLine(first, 1, -1000)) == 0


def test_a_return_beyond_what_is_left_is_refused_and_another_in_the_same_plan_goes_on() -> None:
    world = build.world()
    order = world.place((world.skus[0], 2))
    [line] = build.order_lines(order)
    with unit_of_work(build.TESTER) as unit:
        lock_orders(unit, [order])
        plan = ReturnCredits([order])
        with pytest.raises(LimitExceeded):
            plan.add(ReturnedGoods(uuid4(), order, "x", [ReturnedLine(line, 3)]))
        with pytest.raises(LimitExceeded):
            plan.add(ReturnedGoods(uuid4(), order, "x", [ReturnedLine(line, 1, 1001)]))
        assert plan.add(ReturnedGoods(uuid4(), order, "x", [ReturnedLine(line, 2)])) == 2000
        plan.write(unit)

    assert build.money(order) == (2000, 2000, 2000)


@pytest.mark.parametrize("refund", ["whole", "none"])
def test_a_piece_that_is_worth_less_than_a_cent_is_credited_with_the_next_one(refund: Any) -> None:
    order, _ = _paid([(3, "0.01", "0.01", "21.00")], payments=[PAID_TWO_CENTS])
    [line] = build.order_lines(order)

    for _ in range(2):
        piece = [CancelLine(order_line_id=line, quantity=1)]
        item = CancelItem(order_id=order, reason="x", lines=piece, refund=refund)
        cancel_orders([item], actor=build.TESTER)[0].require()
        build.invoice(order)

    credited = 0 if refund == "none" else 1
    assert build.money(order) == (2, credited, credited)
    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    build.invoice(order)
    assert build.money(order)[0] == 2
    assert build.money(order)[1] - credited == 1
    sound()
