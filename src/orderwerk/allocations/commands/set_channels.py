"""Reserves stock for a shop, and sets what is not offered to it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.allocations.events import CHANNEL_STOCK_SET
from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.stock.movements import lock_levels
from orderwerk.stock.shelves import Names, ensure_levels, look_up


class ChannelStockItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of one product at one location: `reserved` pieces are kept for the shop's orders, `safety_stock` not offered to it."""

    sku: fields.Sku
    location: fields.Code
    shop: fields.Code
    reserved: fields.Count = 0
    safety_stock: fields.Count = 0


def set_channel_stocks(items: Sequence[ChannelStockItem], *, actor: Actor) -> list[Outcome]:
    """Set what is kept for shops; what is allocated already stays allocated, and zero for both keeps nothing.

    More may be reserved than lies there: what comes in is kept then. Refuses with NotFound, with BadInput a location that
    the shop does not draw from.
    """
    return retrying(lambda: _set(items, actor))


_COLUMNS = "id uuid, shop_id uuid, product_id uuid, location_id uuid, reserved int, safety_stock int, updated_at timestamptz"
_OVERWRITE = (
    "on conflict (product_id, location_id, shop_id) do update set reserved = excluded.reserved, "
    "safety_stock = excluded.safety_stock, updated_at = excluded.updated_at returning product_id, location_id, shop_id, id"
)
_SHOPS = (
    "select s.code, s.id, array(select x.location_id from shops_shop_location x where x.shop_id = s.id) "
    "from shops_shop s where s.code = any(%s)"
)


def _set(items: Sequence[ChannelStockItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        names = look_up([i.sku for i in items], [i.location for i in items], [], actor=actor)
        shops = {
            code: (key, frozenset(places))
            for code, key, places in sql.fetch(_SHOPS, (list({i.shop for i in items}),))
            if actor.may_see_shop(key)
        }
        keys = {
            (names.products[i.sku], names.locations[i.location])
            for i in items
            if i.sku in names.products and i.location in names.locations
        }
        ensure_levels(keys)
        lock_levels(unit, sorted(keys))
        rows: dict[tuple[UUID, UUID, UUID], dict[str, Any]] = {}
        chosen: list[tuple[UUID, UUID, UUID] | Refusal] = []
        for item in items:
            try:
                key = _key(item, names, shops)
            except Refusal as refusal:
                chosen.append(refusal)
                continue
            rows[key] = {
                "id": ids.new_id(), "shop_id": key[2], "product_id": key[0], "location_id": key[1],
                "reserved": item.reserved, "safety_stock": item.safety_stock, "updated_at": clock.now(),
            }  # fmt: skip
            unit.record(
                CHANNEL_STOCK_SET, Subject("product", key[0]), STILL, msgspec.to_builtins(item)
            )
            chosen.append(key)
        ordered = [rows[key] for key in sorted(rows)]
        made = {
            (row[0], row[1], row[2]): row[3]
            for row in sql.insert_rows("allocations_channel", _COLUMNS, ordered, tail=_OVERWRITE)
        }
    return [
        Outcome.refused(key)
        if isinstance(key, Refusal)
        else Outcome.done(made[key], reserved=rows[key]["reserved"], safety_stock=rows[key]["safety_stock"])
        for key in chosen
    ]  # fmt: skip


def _key(
    item: ChannelStockItem, names: Names, shops: dict[str, tuple[UUID, frozenset[UUID]]]
) -> tuple[UUID, UUID, UUID]:
    product, location = names.product(item.sku), names.location(item.location)
    if item.shop not in shops:
        raise NotFound(f"There is no shop {item.shop}.", code="unknown_shop", pointer="/shop")
    shop, places = shops[item.shop]
    if location not in places:
        raise BadInput(
            f"The shop does not draw stock from {item.location}.",
            code="location_not_linked",
            pointer="/location",
        )
    return product, location, shop
