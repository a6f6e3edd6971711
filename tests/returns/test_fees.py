"""What returning costs the customer: in the shop's currency alone, and taken off the credit wherever it is booked."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic
from django.test import Client
from django.urls import reverse

from orderwerk.core import sql
from orderwerk.flows.return_letters import returns_for_letters
from orderwerk.portal.words import WORDS
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.returns.queries import return_by_number
from orderwerk.schemas.returns import returns as shapes
from tests import build
from tests.portal.tokens import own_token

pytestmark = pytest.mark.django_db


def charging(fee: str = "2.50", **shop: Any) -> build.World:
    """A shop that charges for returns."""
    world = build.world(products=2, **shop)
    policy = PolicyItem(shop=world.shop, fee=fee, approve_at_once=True)
    set_return_policies([policy], actor=build.TESTER)[0].require()
    return world


def fee_of(request: UUID) -> int:
    [(fee,)] = sql.fetch("select fee_minor from return_requests_request where id = %s", (request,))
    return int(fee)


@pytest.mark.parametrize(("currency", "fee"), [("EUR", 250), ("SEK", 0)])
def test_the_fee_says_nothing_of_an_order_in_another_currency(
    client: Client, currency: str, fee: int
) -> None:
    world = charging()
    order = build.shipped(world, (world.skus[0], 2), currency=currency)

    request = build.request(order).require().id

    assert request is not None
    assert fee_of(request) == fee
    letter = returns_for_letters([request])[request]["return_request"]
    assert bool(letter["fee"]) is bool(fee)
    page = client.get(f"/track/{own_token(order)}/return?lang=en").content.decode()
    assert (WORDS["en"]["fee"] in page) is bool(fee)


LINES = [("19.99", 3, "21.00"), ("7.35", 2, "9.00"), ("0.01", 1, "0.00")]


def mixed(world: build.World, *, included: bool) -> UUID:
    """An order of several rates that has left and was invoiced."""
    lines = [
        {"sku": world.skus[n % 2], "name": f"Article {n}", "quantity": quantity, "unit_price": price, "tax_rate": rate}
        for n, (price, quantity, rate) in enumerate(LINES)
    ]  # fmt: skip
    pay = {"provider": "test", "reference": f"fee-{build.serial()}", "status": "paid", "amount": "74.68" if included else "88.59"}  # fmt: skip
    order = build.shipped(world, lines=lines, prices_include_tax=included, payments=[pay])
    build.invoice(order)
    return order


def pieces(order: UUID) -> list[dict[str, Any]]:
    """Two, one and one piece of the three lines."""
    return [build.back(order, n, index) for index, n in enumerate((2, 1, 1))]


def credited(order: UUID) -> list[int]:
    """What the credit invoices of an order come to."""
    return [v["gross_minor"] for v in build.invoices(order) if v["kind"] == "credit"]


def taken(order: UUID) -> list[int]:
    """What was taken off the credits of an order's returns."""
    return [row[0] for row in sql.fetch("select fee_minor from returns_return where order_id = %s order by id", (order,))]  # fmt: skip


@pytest.mark.parametrize("included", [True, False])
@pytest.mark.parametrize("fee", ["2.50", "0.01", "17.77"])
def test_desk_and_api_take_the_same_fee_off_to_the_cent(
    enter: Callable[..., Client],
    included: bool,
    fee: str,
) -> None:
    world, minor = charging(fee), int(fee.replace(".", ""))
    free, by_api, by_desk = (mixed(world, included=included) for _ in range(3))
    requests = {key: build.request(key, *pieces(key)).require() for key in (by_api, by_desk)}
    build.give_back(free, *pieces(free)).require()
    [worth] = credited(free)

    build.give_back(by_api, *pieces(by_api), return_request_id=str(requests[by_api].id)).require()
    desk, number = enter("customer_service"), build.order(by_desk)["number"]
    address = reverse("return_new", args=[number])
    asked = {"request": requests[by_desk].data["number"]}
    page = desk.get(address, asked).content.decode()
    form = {"fee": fee.replace(".", ","), "credit": "1", **asked}
    for line in pieces(by_desk):
        key = line["order_line_id"]
        form |= {f"quantity-{key}": line["quantity"], f"reason-{key}": "damaged", f"fate-{key}": ""}

    assert f'name="fee" value="{fee}"' in page
    assert desk.post(address, form).status_code == 302
    assert credited(by_api) == credited(by_desk) == [worth - minor]
    assert taken(by_api) == taken(by_desk) == [minor]
    back = sql.fetch("select number from returns_return where order_id = %s", (by_desk,))[0][0]
    assert shapes([return_by_number(build.TESTER, back)])[0].fee == fee
    shown = desk.get(reverse("return_one", args=[back])).content.decode()
    assert fee in shown


def test_whoever_books_may_take_another_fee_or_none() -> None:
    world = charging("2.50")
    for fee, rest in [("0", 1000), ("4.00", 600), (None, 750)]:
        order = build.shipped(world, (world.skus[0], 2))
        build.invoice(order)
        request = build.request(order).require().id
        build.give_back(order, return_request_id=str(request), fee=fee).require()
        assert credited(order) == [rest]
    # Without an announcement none is known, and one may be named.
    order = build.shipped(world, (world.skus[0], 2))
    build.give_back(order).require()
    build.give_back(order, fee="1.00").require()
    assert credited(order) == [1000, 900]


def test_a_fee_takes_no_more_than_is_credited() -> None:
    world = charging("10.00")
    order = build.shipped(world, (world.skus[0], 3))
    build.invoice(order)
    # Two pieces were announced, one came.
    request = build.request(order, build.back(order, 2)).require().id

    booked = build.give_back(order, return_request_id=str(request)).require()
    build.give_back(order, fee="999.00").require()
    build.give_back(order, build.back(order, correction="-9.00"), fee="2.00").require()

    assert booked.data["credit_invoices"] == []
    assert credited(order) == []
    assert taken(order) == [1000, 1000, 100]


def test_a_fee_is_borne_by_the_shipping_costs_too_and_by_the_next_invoice() -> None:
    # Two parcels and an invoice for each: the second piece stands on the second one.
    world = charging("12.00", invoice_when="shipped", stock=1)
    shipping = {"method": "post", "price": "5.00", "tax_rate": "21.00"}
    pay = {"provider": "test", "reference": f"fee-{build.serial()}", "status": "paid", "amount": "25.00"}  # fmt: skip
    order = build.shipped(world, (world.skus[0], 2), shipping=shipping, payments=[pay])
    build.invoice(order)

    build.give_back(order, build.back(order, 2), refund_shipping=True, fee="17.00").require()

    assert sum(credited(order)) == 800
    assert len(build.invoices(order)) == 3
    assert taken(order) == [1700]


def test_no_credit_takes_no_fee_and_none_is_asked_for() -> None:
    world = charging("2.50")
    order = build.shipped(world, (world.skus[0], 3))
    request = build.request(order).require().id

    refused = build.give_back(order, credit=False, fee="1.00").error
    assert refused is not None
    assert (refused.code, refused.pointer) == ("fee_needs_credit", "/fee")
    wrong = build.give_back(order, fee="-1.00").error
    assert wrong is not None
    assert (wrong.code, wrong.pointer) == ("negative_amount", "/fee")

    build.give_back(order, credit=False, fee="0").require()
    build.give_back(order, credit=False, return_request_id=str(request)).require()
    assert taken(order) == [0, 0]


@pytest.mark.parametrize("change", ["fee_minor = 100", "fee_minor = -1", "is_credited = false, fee_minor = 100"])  # fmt: skip
def test_the_database_refuses_another_fee(change: str) -> None:
    world = charging("2.50")
    order = build.shipped(world, (world.skus[0], 3))
    build.give_back(order).require()
    with pytest.raises(IntegrityError), atomic():
        sql.execute(f"update returns_return set {change} where order_id = %s", (order,))  # type: ignore[arg-type]
