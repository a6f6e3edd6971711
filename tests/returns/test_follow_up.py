"""An order of before, whose names are blanks or whose country is none any more, can still be followed by another."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.flows.decide_claims import DecideClaimItem, decide_claims
from orderwerk.flows.place_exchanges import ExchangeItem, place_exchanges
from tests import build

pytestmark = pytest.mark.django_db

# As it was stored when a lone blank was a name, and any two capitals were a country.
_BEFORE = """
update orders_order set customer_name = ' ', customer_company = %s,
  billing_address = billing_address || '{"name": " ", "country": "QO"}',
  delivery_address = delivery_address || '{"name": " ", "company": " "}'
where id = %s
"""


def sent_before(company: str) -> tuple[build.World, UUID]:
    world = build.world(products=2, stock=10)
    order = build.shipped(world, (world.skus[0], 3))
    sql.execute(_BEFORE, (company, order))
    sql.execute("update orders_line set name = '  ' where order_id = %s", (order,))
    return world, order


def names(order: Any) -> tuple[Any, ...]:
    [row] = sql.fetch(
        "select customer_name, billing_address ->> 'name', billing_address ->> 'country', delivery_address ->> 'name',"
        " delivery_address ->> 'country' from orders_order where id = %s",
        (order,),
    )
    return row


def test_it_is_replaced() -> None:
    world, order = sent_before("Bakker bv")
    claim = build.claim(order, 2).require()

    item = DecideClaimItem(claim_id=claim.id, outcome="replaced")
    [made] = decide_claims([item], actor=build.TESTER)

    new = made.require().data["order_id"]
    assert names(new) == ("Bakker bv", "-", "ZZ", "-", "NL")
    assert sql.fetch("select name from orders_line where order_id = %s", (new,)) == [
        (world.skus[0],)
    ]


def test_it_is_exchanged() -> None:
    world, order = sent_before("")
    sql.execute("update catalog_product set name = ' ' where sku = %s", (world.skus[1],))
    back = build.give_back(order, build.back(order, 1, wanted={"sku": world.skus[1]})).require()
    [(exchange,)] = sql.fetch("select id from returns_exchange where parent_id = %s", (back.id,))

    [placed] = place_exchanges([ExchangeItem(exchange_id=exchange)], actor=build.TESTER)

    new = placed.require().data["order_id"]
    assert placed.data["status"] == "placed"
    assert names(new) == ("-", "-", "ZZ", "-", "NL")
    assert sql.fetch("select name from orders_line where order_id = %s", (new,)) == [
        (world.skus[1],)
    ]
