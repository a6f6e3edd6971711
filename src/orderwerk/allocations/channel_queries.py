"""Reads of what is kept for channels, and what each of them may have."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_shops
from orderwerk.stock.visibility import limit_to_places


class ChannelStockRow(msgspec.Struct, frozen=True):
    """What is kept for a shop at one level; `held` by its open claims, `available` to it now."""

    id: UUID
    shop: str
    shop_name: str
    sku: str
    location: str
    location_name: str
    reserved: int
    safety_stock: int
    held: int
    available: int
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStockFilters:
    """What a list of channels is narrowed to."""

    shop: str | None = None
    sku: str | None = None
    location: str | None = None


_COLUMNS = (
    "c.id, s.code, s.name, p.sku, l.code, l.name, c.reserved, c.safety_stock, coalesce((select sum(a.quantity) "
    "from allocations_allocation a where a.product_id = c.product_id and a.location_id = c.location_id and a.shop_id = c.shop_id "
    "and a.status in ('allocated', 'picking', 'picked')), 0)::int, "
    "greatest(0, v.on_hand - v.allocated - v.blocked - v.safety_stock - channel_withheld(c.product_id, c.location_id, c.shop_id)), c.updated_at"
)
_SOURCE = (
    "allocations_channel c join shops_shop s on s.id = c.shop_id join catalog_product p on p.id = c.product_id "
    "join stock_location l on l.id = c.location_id join stock_level v on v.product_id = c.product_id and v.location_id = c.location_id"
)
_CONDITIONS = {"shop": "s.code = %s", "sku": "p.sku = %s", "location": "l.code = %s"}
_SORT = keyset.sortings(sku=(("p.sku", "text"), ("l.code", "text"), ("s.code", "text")))["sku"]


def _visible(actor: Actor) -> Conditions:
    where = limit_to_places(actor, "c.location_id")
    limit_to_shops(where, actor, "c.shop_id")
    return where


def channel_stock_page(
    actor: Actor, filters: ChannelStockFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[ChannelStockRow]:
    """Return one page of what is kept, by sku, location and shop; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([ChannelStockRow(*row) for row in rows], more)


def channel_stock_detail(actor: Actor, channel_id: UUID) -> ChannelStockRow:
    """Return what is kept for one shop at one level; one statement. Refuses with NotFound."""
    where = _visible(actor)
    where.add("c.id = %s", channel_id)
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There is no channel stock {channel_id}.", code="unknown_channel_stock")
    return ChannelStockRow(*rows[0])


def channels_of_product(actor: Actor, sku: str) -> list[ChannelStockRow]:
    """Return what is kept of a product, where anything is; one statement."""
    found = channel_stock_page(actor, ChannelStockFilters(sku=sku), limit=keyset.MOST_ROWS).items
    return [row for row in found if row.reserved or row.safety_stock]
