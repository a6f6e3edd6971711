"""The same new thing made by many at the same moment: one thing, one that made it, and the same id for all."""

from functools import partial

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.return_requests.commands.upsert_reasons import (
    ReasonItem,
    ReasonNames,
    upsert_return_reasons,
)
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.upsert_inbounds import InboundItem, InboundLineItem, upsert_inbounds
from tests import build
from tests.races.test_shipments import _healthy, _outcomes
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_make_the_same_product_shop_and_reason_once() -> None:
    product = [ProductItem(sku="NEW-1", name="New")]
    shop = [ShopItem(code="new", name="New", currency="EUR", locale="nl-NL")]
    reason = [ReasonItem(code="new", names=ReasonNames(nl="Nieuw"))]
    build.world()

    for command, item, table, name in (
        (upsert_products, product, "catalog_product", "sku = 'NEW-1'"),
        (upsert_shops, shop, "shops_shop", "code = 'new'"),
        (upsert_return_reasons, reason, "return_requests_reason", "code = 'new'"),
    ):
        _made_once(_outcomes(together([partial(command, item, actor=build.TESTER)] * 10)))  # type: ignore[operator]
        made = _outcomes([command(item, actor=build.TESTER)])[0]  # type: ignore[operator]
        assert sql.fetch(f"select id from {table} where {name}") == [(made.id,)]
    _healthy()


def test_many_make_the_same_location_bin_and_purchase_order_once() -> None:
    world = build.world(locations=1)
    place = LocationItem(code="new", name="New", shops=[world.shop])
    shelf = BinItem(location=world.locations[0], bin="A-1", position=7)
    line = InboundLineItem(sku=world.skus[0], quantity=5)
    coming = InboundItem(location=world.locations[0], lines=[line], number="PO-1")

    places = _outcomes(together([partial(set_up_locations, [place], actor=build.TESTER)] * 10))
    bins = _outcomes(together([partial(set_bins, [shelf], actor=build.TESTER)] * 10))
    inbounds = _outcomes(together([partial(upsert_inbounds, [coming], actor=build.TESTER)] * 10))

    _made_once(places)
    _made_once(inbounds)
    assert sql.fetch("select count(*) from stock_bin where location_id = %s", (places[0].id,)) == [(2,)]  # fmt: skip
    assert sql.fetch("select id from stock_bin where code = 'A-1'") == [(i,) for i in {o.require().id for o in bins}]  # fmt: skip
    assert sql.fetch("select expected from stock_inbound_line") == [(5,)]
    _healthy()


def _made_once(outcomes: list[Outcome]) -> None:
    assert [o.error for o in outcomes if o.error] == []
    assert sorted(o.data["created"] for o in outcomes) == [False] * 9 + [True]
    assert len({o.id for o in outcomes}) == 1
