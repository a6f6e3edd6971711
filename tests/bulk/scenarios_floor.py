"""Scenarios of work between the dock and the shelves; they register themselves in the same table."""

from collections.abc import Sequence
from typing import Any

from orderwerk.allocations.commands.set_channels import ChannelStockItem, set_channel_stocks
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.core.ids import new_id
from orderwerk.flows.close_transfers import close_expected
from orderwerk.flows.consolidate_orders import ConsolidateItem, consolidate_orders
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.receive_goods import receive_goods
from orderwerk.flows.record_stock_scans import StockScanItem, record_stock_scans
from orderwerk.flows.set_lots import LotItem, set_lots
from orderwerk.shipments.commands.record_serials import RecordSerialsItem, record_serials
from orderwerk.shipments.serials import SerialPiece
from orderwerk.stock.commands.close_inbounds import CloseInboundItem
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.relocate import RelocateItem, relocate_stock
from orderwerk.stock.commands.request_due_counts import DueCountItem, request_due_counts
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.set_count_plans import CountPlanItem, set_count_plans
from tests import build
from tests.bulk.scenarios import ALL, _shipments, scenario

__all__ = ["ALL"]


def shelved(n: int) -> build.World:
    """A world of n products with a bin A-1 beside the default one."""
    world = build.world(products=n)
    set_bins([BinItem(location=world.locations[0], bin="A-1")], actor=build.TESTER)[0].require()
    return world


@scenario(relocate_stock)
def _relocate(n: int) -> Sequence[Any]:
    world = shelved(n)
    return [
        RelocateItem(sku=sku, location=world.locations[0], origin="DEFAULT", to="A-1", quantity=3)
        for sku in world.skus
    ]


@scenario(record_stock_scans)
def _scans(n: int) -> Sequence[Any]:
    world = shelved(n)
    place = world.locations[0]
    made: list[StockScanItem] = []
    for sku in world.skus:
        made += [
            StockScanItem(key=new_id(), flow="receive", location=place, sku=sku, bin="DEFAULT", quantity=2),
            StockScanItem(key=new_id(), flow="move", location=place, code="x", expected="A-1"),
            StockScanItem(key=new_id(), flow="put_away", location=place, sku=sku, origin="DEFAULT", bin="A-1", quantity=2),
            StockScanItem(key=new_id(), flow="count", location=place, sku=sku, bin="A-1", quantity=2),
        ]  # fmt: skip
    return made


@scenario(set_lots)
def _lots(n: int) -> Sequence[Any]:
    world = build.world(products=n, stock=0)
    kept = [ProductItem(sku=sku, name=sku, tracking="lot") for sku in world.skus]
    came = [
        ReceiveItem(sku=sku, location=world.locations[0], quantity=3, lot="L1")
        for sku in world.skus
    ]
    for outcome in [
        *upsert_products(kept, actor=build.TESTER),
        *receive_stock(came, actor=build.TESTER),
    ]:
        outcome.require()
    world.place(*[(sku, 1) for sku in world.skus])
    return [LotItem(sku=sku, lot="L1", blocked=True, reason="recalled") for sku in world.skus]


@scenario(record_serials)
def _serials(n: int) -> Sequence[Any]:
    world, shipments = _shipments(n)
    sku = world.skus[0]
    by_serial = ProductItem(sku=sku, name="Phone", tracking="serial")
    upsert_products([by_serial], actor=build.TESTER)[0].require()
    return [
        RecordSerialsItem(shipment_id=key, add=[SerialPiece(sku=sku, serial=f"SN{index}")])
        for index, key in enumerate(shipments)
    ]


@scenario(set_count_plans)
def _plans(n: int) -> Sequence[Any]:
    return [
        CountPlanItem(location=code, a_days=30, c_days=90)
        for code in build.world(locations=n).locations
    ]


@scenario(request_due_counts)
def _due(n: int) -> Sequence[Any]:
    world = build.world(locations=n)
    set_count_plans(
        [CountPlanItem(location=code, c_days=1) for code in world.locations], actor=build.TESTER
    )
    places = list(world.location_ids.values())
    sql.execute(
        "update stock_level set counted_at = counted_at - interval '9 days' where location_id = any(%s)",
        (places,),
    )
    sql.execute(
        "update stock_bin_stock set counted_at = counted_at - interval '9 days' where location_id = any(%s)",
        (places,),
    )
    return [DueCountItem(location=code) for code in world.locations]


@scenario(set_channel_stocks)
def _channels(n: int) -> Sequence[Any]:
    world = build.world(products=n)
    return [
        ChannelStockItem(
            sku=sku, location=world.locations[0], shop=world.shop, reserved=3, safety_stock=1
        )
        for sku in world.skus
    ]


def _split(n: int) -> tuple[build.World, list[ConsolidateItem]]:
    """Orders that lie at two locations."""
    world = build.world(products=2, stock=0)
    for place, sku in zip(world.locations, world.skus, strict=True):
        world.count(place, {sku: 1000})
    documents = [world.document((world.skus[0], 1), (world.skus[1], 2)) for _ in range(n)]
    orders = [o.require().id for o in place_orders(documents, actor=build.TESTER)]
    return world, [ConsolidateItem(order_id=key, to=world.locations[0]) for key in orders if key]


def _travelling(n: int) -> tuple[build.World, list[Any]]:
    world, items = _split(n)
    made = consolidate_orders(items, actor=build.TESTER)
    return world, [o.require().data["transfers"][0] for o in made]


@scenario(consolidate_orders)
def _gather(n: int) -> Sequence[Any]:
    return _split(n)[1]


@scenario(receive_goods)
def _receive_for_orders(n: int) -> Sequence[Any]:
    world, transfers = _travelling(n)
    return [
        ReceiveItem(sku=world.skus[1], location=world.locations[0], quantity=2, inbound=t["number"])
        for t in transfers
    ]


@scenario(close_expected)
def _close_for_orders(n: int) -> Sequence[Any]:
    _, transfers = _travelling(n)
    return [
        CloseInboundItem(inbound_id=t["id"], reason="x", back_to_origin=True) for t in transfers
    ]
