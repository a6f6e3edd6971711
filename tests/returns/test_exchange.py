"""An exchange is a credit and a new sale, netted in the payment alone."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.jobs import place_asked_exchanges
from orderwerk.flows.place_exchanges import ExchangeItem, place_exchanges
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from tests import build

pytestmark = pytest.mark.django_db


def wish(order: Any, quantity: int, sku: str, index: int = 0, **fields: Any) -> dict[str, Any]:
    wanted = {"sku": sku, **{k: fields.pop(k) for k in ("unit_price", "pieces") if k in fields}}
    if "pieces" in wanted:
        wanted["quantity"] = wanted.pop("pieces")
    return build.back(order, quantity, index, wanted=wanted, **fields)


def exchange_of(outcome: Outcome) -> UUID:
    rows = sql.fetch(
        "select id from returns_exchange where parent_id = %s", (outcome.require().id,)
    )
    key: UUID = rows[0][0]
    return key


def place(outcome: Outcome) -> Outcome:
    return place_exchanges([ExchangeItem(exchange_id=exchange_of(outcome))], actor=build.TESTER)[0]


def refunds(order: Any) -> list[tuple[str, str, int, str]]:
    return [
        (r[0], r[1], r[2], r[3])
        for r in sql.fetch(
            "select via, status, amount_minor, provider_reference from refunds_refund where order_id = %s order by id",
            (order,),
        )
    ]


def payments(order: Any) -> list[tuple[str, str, str, int]]:
    return [
        (r[0], r[1], r[2], r[3])
        for r in sql.fetch(
            "select provider, method, reference, captured_minor from payments_payment where order_id = %s order by id",
            (order,),
        )
    ]


def orders_row(order: Any) -> dict[str, Any]:
    names = "grand_total_minor, tax_minor, items_minor, captured_minor, invoiced_minor, credited_minor, refunded_minor, status"
    row = sql.fetch(f"select {names} from orders_order where id = %s", (order,))[0]
    return dict(zip(names.split(", "), row, strict=True))


def test_an_even_exchange_nets_to_nothing_and_leaves_the_old_order_alone() -> None:
    world = build.world(products=2, stock=10)
    order = build.shipped(world, (world.skus[0], 3))
    before = orders_row(order)

    back = build.give_back(order, wish(order, 2, world.skus[1], restock=True))
    credit = back.require().data["credit_invoices"][0]
    # Refunding it meanwhile takes nothing: the credit waits for the new order.
    create_refunds([CreateRefundItem(invoice_id=UUID(str(credit["id"])))], actor=build.TESTER)
    assert refunds(order) == []
    placed = place(back).require()
    again = place(back).require()

    assert credit["amount"] == "20.00"
    assert (placed.data["status"], again.data["status"]) == ("placed", "placed")
    new = orders_row(placed.data["order_id"])
    assert (new["grand_total_minor"], new["captured_minor"], new["status"]) == (
        2000,
        2000,
        "awaiting_shipment",
    )
    assert payments(placed.data["order_id"]) == [("orderwerk", "exchange", credit["number"], 2000)]
    assert refunds(order) == [("exchange", "succeeded", 2000, credit["number"])]
    after = orders_row(order)
    kept = ("items_minor", "tax_minor", "grand_total_minor", "captured_minor", "status")
    assert {k: after[k] for k in kept} == {k: before[k] for k in kept}
    assert (after["credited_minor"], after["refunded_minor"]) == (2000, 2000)


def test_both_documents_carry_their_own_vat_and_add_up() -> None:
    world = build.world(products=2, stock=10)
    order = build.shipped(world, (world.skus[0], 3))

    placed = place(build.give_back(order, wish(order, 2, world.skus[1]))).require()
    build.invoice(placed.data["order_id"])

    [debit, credit] = build.invoices(order)
    [sale] = build.invoices(placed.data["order_id"])
    assert (debit["gross_minor"], debit["credited_minor"]) == (3000, 2000)
    vat = ("net_minor", "tax_minor", "gross_minor")
    assert [credit[k] for k in vat] == [sale[k] for k in vat] == [1653, 347, 2000]
    assert (credit["status"], sale["status"]) == ("paid", "paid")


def test_what_the_credit_does_not_need_goes_back_and_what_it_lacks_stays_to_be_paid() -> None:
    world = build.world(products=2, stock=20)
    cheaper, dearer = (build.shipped(world, (world.skus[0], 2)) for _ in range(2))

    less = place(
        build.give_back(cheaper, wish(cheaper, 2, world.skus[1], unit_price="7.50"))
    ).require()
    more = place(
        build.give_back(dearer, wish(dearer, 2, world.skus[1], unit_price="12.00"))
    ).require()

    assert [r[:3] for r in refunds(cheaper)] == [
        ("exchange", "succeeded", 1500),
        ("", "awaiting_approval", 500),
    ]
    row = orders_row(less.data["order_id"])
    assert (row["captured_minor"], row["status"]) == (1500, "awaiting_shipment")
    assert [r[:3] for r in refunds(dearer)] == [("exchange", "succeeded", 2000)]
    row = orders_row(more.data["order_id"])
    assert (row["grand_total_minor"], row["captured_minor"], row["status"]) == (
        2400,
        2000,
        "awaiting_payment",
    )


def test_costs_of_returning_stay_to_be_paid_and_do_not_make_the_article_cheaper() -> None:
    world = build.world(products=2, stock=20)
    order = build.shipped(world, (world.skus[0], 2))

    back = build.give_back(order, wish(order, 2, world.skus[1], correction="-2.50"))
    placed = place(back).require()

    row = orders_row(placed.data["order_id"])
    assert (row["grand_total_minor"], row["captured_minor"]) == (2000, 1750)


def test_money_that_was_given_back_before_does_not_make_the_article_cheaper() -> None:
    world = build.world(products=2, stock=20)
    order = build.shipped(world, (world.skus[0], 2))
    build.invoice(order)
    build.refund(order, "15.00")

    placed = place(build.give_back(order, wish(order, 2, world.skus[1]))).require()

    row = orders_row(placed.data["order_id"])
    assert (row["grand_total_minor"], row["captured_minor"], row["status"]) == (2000, 500, "awaiting_payment")  # fmt: skip


def test_prices_without_vat_are_exchanged_to_the_cent() -> None:
    world = build.world(products=2, stock=20)
    line = {
        "sku": world.skus[0],
        "name": "x",
        "quantity": 3,
        "unit_price": "3.33",
        "tax_rate": "21.00",
        "discount": "0.50",
    }
    paid = [
        {"provider": "test", "reference": f"n{build.serial()}", "status": "paid", "amount": "11.48"}
    ]
    order = build.shipped(world, lines=[line], prices_include_tax=False, payments=paid)

    even = place(build.give_back(order, wish(order, 1, world.skus[1]))).require()
    named = place(
        build.give_back(order, wish(order, 2, world.skus[1], unit_price="3.00"))
    ).require()

    row = orders_row(even.data["order_id"])
    assert (row["grand_total_minor"], row["captured_minor"]) == (382, 382)
    row = orders_row(named.data["order_id"])
    assert (row["grand_total_minor"], row["captured_minor"]) == (726, 726)
    assert [r[2] for r in refunds(order)] == [382, 726, 40]


def _two_payments(each: str = "10.00") -> list[dict[str, str]]:
    n = build.serial()
    return [
        {"provider": "test", "reference": f"{n}-{i}", "status": "paid", "amount": each}
        for i in (1, 2)
    ]


def test_several_payments_and_invoices_give_one_part_each() -> None:
    world = build.world(products=2, stock=20, invoice_when="shipped")
    order = build.shipped(world, (world.skus[0], 3), payments=_two_payments("15.00"))

    placed = place(build.give_back(order, wish(order, 3, world.skus[1]))).require()

    credit = build.invoices(order)[-1]["number"]
    assert [(r[2], r[3]) for r in refunds(order)] == [(1500, credit), (1500, f"{credit}-2")]
    assert [p[2:] for p in payments(placed.data["order_id"])] == [
        (credit, 1500),
        (f"{credit}-2", 1500),
    ]


def test_what_was_announced_is_exchanged_as_far_as_it_came() -> None:
    world = build.world(products=3, stock=20)
    set_return_policies([PolicyItem(shop=world.shop, outcomes=["exchange"])], actor=build.TESTER)
    order = build.shipped(world, (world.skus[0], 4), (world.skus[1], 1))
    line = build.back(order, 3, wanted={"sku": world.skus[2]})
    asked = build.request(order, line, build.back(order, 1, 1), outcome="exchange").require()

    back = build.give_back(
        order, build.back(order, 1), build.back(order, 1, disposition="dispose"), build.back(order, 1, 1),
        return_request_id=str(asked.id),
    )  # fmt: skip
    placed = place(back).require()

    lines = sql.fetch("select sku, quantity, gross_minor from orders_line where order_id = %s order by position", (placed.data["order_id"],))  # fmt: skip
    assert lines == [(world.skus[2], 1, 1000), (world.skus[2], 1, 1000)]
    # The other article was announced without a wish: it is paid back.
    assert [r[:3] for r in refunds(order)] == [
        ("exchange", "succeeded", 2000),
        ("", "awaiting_approval", 1000),
    ]


def test_fewer_wanted_than_came_are_given_once_all_are_here() -> None:
    world = build.world(products=2, stock=20)
    set_return_policies([PolicyItem(shop=world.shop, outcomes=["exchange"])], actor=build.TESTER)
    order = build.shipped(world, (world.skus[0], 3))
    line = build.back(order, 2, wanted={"sku": world.skus[1], "quantity": 1})
    asked = build.request(order, line, outcome="exchange").require()

    back = build.give_back(order, *[build.back(order, 1)] * 3, return_request_id=str(asked.id))
    placed = place(back).require()

    [(quantity, gross)] = sql.fetch("select quantity, gross_minor from orders_line where order_id = %s", (placed.data["order_id"],))  # fmt: skip
    assert (quantity, gross) == (1, 1000)


@pytest.mark.parametrize("no", [{"exchange": False}, {"credit": False}])
def test_whoever_books_the_box_can_leave_the_exchange_out(no: dict[str, bool]) -> None:
    world = build.world(products=2, stock=20)
    set_return_policies([PolicyItem(shop=world.shop, outcomes=["exchange"])], actor=build.TESTER)
    order = build.shipped(world, (world.skus[0], 1))
    line = build.back(order, 1, wanted={"sku": world.skus[1]})
    asked = build.request(order, line, outcome="exchange").require()

    back = build.give_back(order, return_request_id=str(asked.id), **no).require()

    assert sql.fetch("select 1 from returns_exchange where parent_id = %s", (back.id,)) == []


@pytest.mark.parametrize(
    ("fields", "line", "code"),
    [
        ({"credit": False}, {"wanted": {"sku": "{sku}"}}, "exchange_needs_credit"),
        ({"exchange": False}, {"wanted": {"sku": "{sku}"}}, "no_exchange"),
        ({"exchange": True}, {}, "nothing_wanted"),
        ({}, {"wanted": {"sku": "there-is-none"}}, "unknown_sku"),
        ({}, {"wanted": {"sku": "{sku}", "unit_price": "1.001"}}, "too_many_decimals"),
    ],
)
def test_an_exchange_that_makes_no_sense_is_refused(
    fields: dict[str, Any], line: dict[str, Any], code: str
) -> None:
    world = build.world(products=1, stock=20)
    order = build.shipped(world)
    if line.get("wanted", {}).get("sku") == "{sku}":
        line = {"wanted": line["wanted"] | {"sku": world.skus[0]}}

    refused = build.give_back(order, build.back(order, 1, **line), **fields)

    assert refused.error.code == code
    assert build.money(order)[1] == 0


@pytest.mark.parametrize(
    ("outcome", "sku", "code"),
    [("refund", "", "wanted_without_exchange"), ("exchange", "none", "unknown_sku")],
)
def test_a_wish_that_makes_no_sense_is_refused(outcome: str, sku: str, code: str) -> None:
    world = build.world(products=1, stock=20)
    order = build.shipped(world)

    line = build.back(order, 1, wanted={"sku": sku or world.skus[0]})
    refused = build.request(order, line, outcome=outcome, as_favour=True)

    assert refused.error.code == code


def test_what_is_not_in_stock_waits_or_is_paid_back_as_the_shop_wants() -> None:
    world = build.world(products=1, stock=20)
    patient, hasty = (build.shipped(world) for _ in range(2))
    rare = f"rare{build.serial()}"
    upsert_products([ProductItem(sku=rare, name="Rare")], actor=build.TESTER)[0].require()

    waits = place(build.give_back(patient, wish(patient, 1, rare))).require()
    set_return_policies([PolicyItem(shop=world.shop, exchange_short="refund")], actor=build.TESTER)
    back = build.give_back(hasty, wish(hasty, 1, rare))
    declined = place(back).require()

    assert orders_row(waits.data["order_id"])["status"] == "awaiting_stock"
    assert declined.data["status"] == "declined"
    assert [r[:3] for r in refunds(hasty)] == [("", "awaiting_approval", 1000)]
    assert place(back).require().data["status"] == "declined"
    note = sql.fetch("select note from returns_exchange where id = %s", (exchange_of(back),))
    assert note == [("The wanted article is not in stock.",)]


def test_an_order_that_is_refused_is_paid_back_instead() -> None:
    world = build.world(products=2, stock=20)
    order = build.shipped(world, (world.skus[0], 2), payments=_two_payments())
    taken = build.give_back(order, wish(order, 1, world.skus[1]))
    number = sql.fetch("select number from returns_return where id = %s", (taken.require().id,))[0][
        0
    ]
    world.place(external_id=f"exchange-{number}")
    dear = build.give_back(order, wish(order, 1, world.skus[1], pieces=10**6, unit_price="99999999999.99"))  # fmt: skip

    for back in (taken, dear):
        assert place(back).require().data["status"] == "declined"

    assert [r[:3] for r in refunds(order)] == [("", "awaiting_approval", 1000)] * 2


def test_cancelling_the_new_order_gives_the_money_back() -> None:
    world = build.world(products=2, stock=20)
    order = build.shipped(world, (world.skus[0], 2))
    new = place(build.give_back(order, wish(order, 2, world.skus[1]))).require().data["order_id"]
    build.invoice(new)

    cancel_orders([CancelItem(order_id=new, reason="x")], actor=build.TESTER)[0].require()
    build.invoice(new)
    credit = build.invoices(new)[-1]
    create_refunds([CreateRefundItem(invoice_id=credit["id"])], actor=build.TESTER)[0].require()

    assert [r[:3] for r in refunds(new)] == [("", "awaiting_approval", 2000)]
    assert orders_row(order)["refunded_minor"] == 2000


def test_an_exchange_that_is_not_there_is_not_found_and_an_open_one_keeps_its_order() -> None:
    world = build.world(products=2, stock=20)
    order = build.shipped(world)
    build.give_back(order, wish(order, 1, world.skus[1])).require()

    unknown = place_exchanges([ExchangeItem(exchange_id=order)], actor=build.TESTER)[0]
    erased = erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0]

    assert unknown.error is not None
    assert unknown.error.code == "unknown_exchange"
    assert erased.error is not None
    assert erased.error.code == "still_open"


def test_the_job_places_what_was_asked_for_and_no_letter_says_that_money_goes_back() -> None:
    world = build.world(products=2, stock=20)
    order = build.shipped(world)
    back = build.give_back(order, wish(order, 1, world.skus[1])).require()
    events = [str(r[0]) for r in sql.fetch("select id from core_event where kind = 'exchange.asked' and order_id = %s", (order,))]  # fmt: skip

    place_asked_exchanges(events)
    place_asked_exchanges(events)

    assert [r[0] for r in sql.fetch("select status from returns_exchange where parent_id = %s", (back.id,))] == ["placed"]  # fmt: skip
    gone = [r[0] for r in sql.fetch("select id from core_event where kind = 'refund.succeeded' and order_id = %s", (order,))]  # fmt: skip
    assert len(gone) == 1
    assert write_event_emails(gone) == []


def test_what_was_exempt_is_exempt_again_and_another_article_as_the_catalogue_says() -> None:
    world = build.world(products=2, stock=10)
    lines = [
        {"sku": world.skus[0], "name": "Used", "quantity": 2, "unit_price": "10.00", "tax_rate": "0", "vat_exemption_code": "VATEX-EU-F"}
    ]  # fmt: skip
    order = build.shipped(world, (world.skus[0], 2), lines=lines)
    known = [ProductItem(sku=sku, name="Used", vat_exemption="As of today") for sku in world.skus]
    upsert_products(known, actor=build.TESTER)
    for wanted in world.skus[:2]:
        place(build.give_back(order, wish(order, 1, wanted))).require()
    rows = sql.fetch("select sku, vat_exemption, vat_exemption_code from orders_line where order_id <> %s and shop_id = %s", (order, world.shop_id))  # fmt: skip
    assert set(rows) == {(world.skus[0], "", "VATEX-EU-F"), (world.skus[1], "As of today", "")}


def test_what_had_no_ground_has_none_when_the_same_article_goes_out_again() -> None:
    world = build.world(products=1, stock=10)
    lines = [{"sku": world.skus[0], "name": "Used", "quantity": 2, "unit_price": "10.00", "tax_rate": "0"}]  # fmt: skip
    order = build.shipped(world, (world.skus[0], 2), lines=lines)
    exempt_now = ProductItem(sku=world.skus[0], name="Used", vat_exemption="As of today")
    upsert_products([exempt_now], actor=build.TESTER)[0].require()
    placed = place(build.give_back(order, wish(order, 1, world.skus[0]))).require()
    assert sql.fetch("select vat_exemption from orders_line where order_id = %s", (placed.data["order_id"],)) == [("",)]  # fmt: skip
