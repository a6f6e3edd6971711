"""The 0 % of an exempt article is not handed on to one that is not: neither by an exchange nor by a substitute."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.jobs import propose_substitutes
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.place_exchanges import ExchangeItem, place_exchanges
from orderwerk.flows.propose_substitutions import ProposeSubstitutionItem, propose_substitutions
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build
from tests.invoices.test_documents import SELLER

pytestmark = pytest.mark.django_db
SMALL = {**SELLER, "vat_exemption": "Small business"}
EXPORT = {"name": "A", "street": "B", "house_number": "1", "postal_code": "8001", "city": "Zürich", "country": "CH"}  # fmt: skip


def used(sku: str, quantity: int = 3) -> list[dict[str, Any]]:
    """A line of a second-hand article, at 0 %."""
    return [
        {"sku": sku, "name": "Used", "quantity": quantity, "unit_price": "10.00", "tax_rate": "0", "vat_exemption_code": "VATEX-EU-F"}
    ]  # fmt: skip


def exchanged(world: build.World, **more: Any) -> tuple[UUID, Outcome]:
    """A second-hand article came back; the second article of the world is wanted for it."""
    order = build.shipped(world, (world.skus[0], 3), lines=used(world.skus[0]), **more)
    back = build.give_back(
        order, build.back(order, 2, wanted={"sku": world.skus[1]}, restock=True)
    ).require()
    [(key,)] = sql.fetch("select id from returns_exchange where parent_id = %s", (back.id,))
    return order, place_exchanges([ExchangeItem(exchange_id=key)], actor=build.TESTER)[0].require()


def test_an_exempt_article_is_not_exchanged_for_one_that_bears_vat_and_the_money_goes_back() -> (
    None
):
    world = build.world(products=2, stock=10, legal=SELLER)

    order, outcome = exchanged(world)

    assert outcome.data["status"] == "declined"
    [(note,)] = sql.fetch("select note from returns_exchange where order_id = %s", (order,))
    assert note.startswith("The wanted article bears VAT")
    refunds = sql.fetch("select via, amount_minor from refunds_refund where order_id = %s", (order,))  # fmt: skip
    assert refunds == [("", 2000)]


@pytest.mark.parametrize(
    ("legal", "more"), [(SMALL, {}), (SELLER, {"delivery_address": EXPORT})]
)  # fmt: skip
def test_where_nothing_bears_vat_the_other_article_bears_none_either(
    legal: dict[str, Any], more: dict[str, Any]
) -> None:
    world = build.world(products=2, stock=10, legal=legal)

    _, outcome = exchanged(world, **more)

    rows = sql.fetch("select sku, tax_rate, vat_exemption_code from orders_line where order_id = %s", (outcome.data["order_id"],))  # fmt: skip
    assert rows == [(world.skus[1], 0, "")]


def offer(order: UUID, sku: str, **fields: Any) -> Outcome:
    [line] = build.order_lines(order)
    item = ProposeSubstitutionItem(order_line_id=line, sku=sku, quantity=2, **fields)
    return propose_substitutions([item], actor=build.TESTER)[0]


def test_a_substitute_that_bears_vat_wants_its_rate_where_the_article_is_exempt() -> None:
    world = build.world(products=2, stock=10, legal=SELLER)
    order = world.place(lines=used(world.skus[0]))

    refused = offer(order, world.skus[1])

    assert refused.error is not None
    assert (refused.error.code, refused.error.pointer) == ("tax_rate_required", "/tax_rate")
    assert sql.fetch("select id from orders_substitution where order_id = %s", (order,)) == []
    offer(order, world.skus[1], tax_rate="21").require()
    assert sql.fetch("select tax_rate from orders_substitution where order_id = %s", (order,)) == [(21,)]  # fmt: skip


@pytest.mark.parametrize(("legal", "offered"), [(SELLER, 2), (SMALL, 1)])
def test_of_several_substitutes_the_first_whose_vat_is_known_is_offered_by_itself(
    legal: dict[str, Any], offered: int
) -> None:
    world = build.world(locations=1, products=3, stock=10, legal=legal, substitute_when_short=True)
    first, new, other = world.skus
    upsert_products(
        [
            ProductItem(sku=first, name="Used", substitutes=[new, other]),
            ProductItem(sku=other, name="Used too", vat_exemption_code="VATEX-EU-F"),
        ],
        actor=build.TESTER,
    )
    order = world.place((first, 3), lines=used(first))
    wanted = CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(order))
    made = create_pick_lists([wanted], actor=build.TESTER)[0].require().id
    assert made is not None
    [(line, _)] = build.pick_lines_of(made)
    pick_lines([PickItem(pick_line_id=line, picked=1, short=2, reason="missing")], actor=build.TESTER)[0].require()  # fmt: skip

    propose_substitutes([str(row[0]) for row in sql.fetch("select id from core_event where order_id = %s", (order,))])  # fmt: skip

    rows = sql.fetch("select p.sku from orders_substitution x join catalog_product p on p.id = x.product_id where x.order_id = %s", (order,))  # fmt: skip
    assert rows == [(world.skus[offered],)]
