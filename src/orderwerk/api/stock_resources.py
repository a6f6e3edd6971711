"""What can be read of stock: articles, locations, bins, levels, lots, and what is expected."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orderwerk.allocations.channel_queries import (
    ChannelStockFilters,
    channel_stock_detail,
    channel_stock_page,
)
from orderwerk.api.resource import Asked, Resource, each, one
from orderwerk.catalog.queries import ProductFilters, product_detail, product_page
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Page
from orderwerk.schemas import floor, stock
from orderwerk.stock.bin_queries import BinFilters, bin_detail, bin_page
from orderwerk.stock.count_plan_queries import CountPlanFilters, count_plan_detail, count_plan_page
from orderwerk.stock.count_queries import (
    CountRequestFilters,
    count_request_detail,
    count_request_page,
)
from orderwerk.stock.inbound_queries import (
    InboundFilters,
    inbound_detail,
    inbound_lines,
    inbound_page,
)
from orderwerk.stock.lot_queries import LotFilters, lot_detail, lot_page
from orderwerk.stock.postal_queries import (
    PostalPlaceFilters,
    postal_place_detail,
    postal_place_page,
)
from orderwerk.stock.queries import (
    LevelFilters,
    MovementFilters,
    level_detail,
    level_page,
    location_detail,
    location_page,
    movement_detail,
    movement_page,
)
from orderwerk.stock.statuses import InboundStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationFilters:
    """What the list of stock locations is narrowed to."""

    code: str | None = None
    shop: str | None = None


def _locations(asked: Asked) -> Page[Any]:
    filters: LocationFilters = asked.filters
    page = location_page(asked.actor, code=filters.code, shop=filters.shop, **asked.place)
    return Page([stock.stock_location(row) for row in page.items], page.next)


def _inbounds(asked: Asked) -> Page[Any]:
    page = inbound_page(asked.actor, asked.filters, **asked.place)
    lines = inbound_lines([row.id for row in page.items])
    return Page([stock.inbound(row, lines[row.id]) for row in page.items], page.next)


def _inbound(actor: Actor, key: UUID) -> stock.Inbound:
    return stock.inbound(inbound_detail(actor, key), inbound_lines([key])[key])


def _postal_places(asked: Asked) -> Page[Any]:
    page = postal_place_page(asked.filters, **asked.place)
    return Page([floor.postal_place(row) for row in page.items], page.next)


def _postal_place(_actor: Actor, key: UUID) -> floor.PostalPlace:
    return floor.postal_place(postal_place_detail(key))


READ_STOCK = ("stock:read",)

STOCK_RESOURCES = (
    Resource(
        "products", READ_STOCK, stock.Product, ProductFilters, each(product_page, stock.product),
        one(product_detail, stock.product),
    ),
    Resource(
        "stock-locations", READ_STOCK, stock.StockLocation, LocationFilters, _locations,
        one(location_detail, stock.stock_location),
    ),
    Resource(
        "bins", READ_STOCK, stock.Bin, BinFilters, each(bin_page, stock.bin_shape), one(bin_detail, stock.bin_shape),
        {"use": ["face", "bulk", "receiving"]},
    ),
    Resource(
        "stock-levels", READ_STOCK, stock.StockLevel, LevelFilters, each(level_page, stock.stock_level),
        one(level_detail, stock.stock_level),
    ),
    Resource(
        "stock-movements", READ_STOCK, stock.StockMovement, MovementFilters, each(movement_page, stock.stock_movement),
        one(movement_detail, stock.stock_movement),
    ),
    Resource(
        "count-requests", READ_STOCK, stock.CountRequest, CountRequestFilters,
        each(count_request_page, stock.count_request), one(count_request_detail, stock.count_request),
        {"cause": ["asked", "cycle"]},
    ),
    Resource(
        "channel-stocks", READ_STOCK, floor.ChannelStock, ChannelStockFilters,
        each(channel_stock_page, floor.channel_stock), one(channel_stock_detail, floor.channel_stock),
    ),
    Resource(
        "count-plans", READ_STOCK, floor.CountPlan, CountPlanFilters,
        each(count_plan_page, floor.count_plan), one(count_plan_detail, floor.count_plan),
    ),
    Resource(
        "postal-places", ("settings:read",), floor.PostalPlace, PostalPlaceFilters, _postal_places, _postal_place,
    ),
    Resource("lots", READ_STOCK, floor.Lot, LotFilters, each(lot_page, floor.lot), one(lot_detail, floor.lot)),
    Resource(
        "inbounds", READ_STOCK, stock.Inbound, InboundFilters, _inbounds, _inbound,
        {"status": InboundStatus.values, "kind": ["purchase", "transfer"]},
    ),
)  # fmt: skip
