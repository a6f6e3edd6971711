"""Reads of stock: what lies where, what of it is promised, and how it came to be so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.catalog.queries import search_products
from orderwerk.core import clock, keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page, Select
from orderwerk.core.structs import read_json
from orderwerk.stock.calendar import SpecialDay, WeekDay
from orderwerk.stock.visibility import limit_to_places


class LocationRow(msgspec.Struct, frozen=True):
    """One stock location and the codes of the shops that draw from it."""

    id: UUID
    code: str
    name: str
    priority: int
    country: str | None
    is_active: bool
    version: int
    shops: list[str]
    daily_capacity: int | None
    cut_off: str | None
    handling_cost_minor: int
    handling_cost_currency: str | None
    latitude: float | None
    longitude: float | None
    address: dict[str, Any] | None
    week: list[WeekDay]
    special_days: list[SpecialDay]


class LevelRow(msgspec.Struct, frozen=True):
    """One product at one location; available is what can be promised yet."""

    id: UUID
    product_id: UUID
    sku: str
    name: str
    image_url: str | None
    location: str
    location_name: str
    on_hand: int
    allocated: int
    safety_stock: int
    blocked: int
    available: int
    incoming: int


class MovementRow(msgspec.Struct, frozen=True):
    """One change of what lies in a bin, with its cause."""

    id: UUID
    at: datetime
    sku: str
    name: str
    location: str
    bin: str
    lot: str
    delta: int
    kind: str
    source_id: UUID
    order_id: UUID | None
    order_number: str | None
    reason: str
    actor_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFilters:
    """What a list of levels is narrowed to; `q` as for products, `short`: nothing can be promised any more."""

    sku: str | None = None
    location: str | None = None
    shop: str | None = None
    short: bool | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementFilters:
    """What a list of movements is narrowed to."""

    sku: str | None = None
    location: str | None = None
    order_id: UUID | None = None
    kind: str | None = None


_LOCATION_COLUMNS = (
    "l.id, l.code, l.name, l.priority, l.country, l.is_active, l.version, "
    "array(select s.code from shops_shop_location x join shops_shop s on s.id = x.shop_id where x.location_id = l.id "
    "and (%s::uuid[] is null or s.id = any(%s::uuid[])) order by s.code), "
    "l.daily_capacity, to_char(l.cut_off, 'HH24:MI'), l.handling_cost_minor, l.handling_cost_currency, l.latitude, l.longitude, l.address, l.week::text, l.special_days::text"
)
_LOCATION_SORT = keyset.sortings(priority=(("l.priority", "int"), ("l.code", "text")))["priority"]


def _location_row(row: sql.Row) -> LocationRow:
    *plain, address, week, special = row
    days = read_json(week, list[WeekDay]), read_json(special, list[SpecialDay])
    return LocationRow(*(*plain, sql.from_json(address), *days))


def location_page(
    actor: Actor,
    *,
    code: str | None = None,
    shop: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[LocationRow]:
    """Return one page of stock locations by priority; one statement."""
    where = limit_to_places(actor, "l.id")
    if code is not None:
        where.add("l.code = %s", code)
    if shop is not None:
        where.add(
            "l.id in (select x.location_id from shops_shop_location x join shops_shop s on s.id = x.shop_id where s.code = %s)",
            shop,
        )
    shops = None if actor.shop_ids is None else sorted(actor.shop_ids)
    # The limits on shops stand in the columns, whose values come before those of the conditions.
    select = Select(_LOCATION_COLUMNS, "stock_location l", where, "", [shops, shops])
    rows, more = keyset.fetch_page(select, _LOCATION_SORT, cursor, limit)
    return Page([_location_row(row) for row in rows], more)


def all_locations(actor: Actor) -> list[LocationRow]:
    """Return all stock locations that the actor may see, by priority, for choices; two hundred at most, one statement."""
    return location_page(actor, limit=keyset.MOST_ROWS).items


def location_detail(actor: Actor, location_id: UUID) -> LocationRow:
    """Return one stock location; one statement. Refuses with NotFound."""
    where = limit_to_places(actor, "l.id")
    where.add("l.id = %s", location_id)
    shops = None if actor.shop_ids is None else sorted(actor.shop_ids)
    rows = sql.read(
        f"select {_LOCATION_COLUMNS} from stock_location l where {where.where()}",
        [shops, shops, *where.params],
    )
    if not rows:
        raise NotFound(f"There is no stock location {location_id}.", code="unknown_location")
    return _location_row(rows[0])


class KitPartRow(msgspec.Struct, frozen=True):
    """One component of a kit, and how many pieces of it can be promised yet."""

    sku: str
    name: str
    image_url: str | None
    quantity: int
    available: int

    @property
    def kits(self) -> int:
        """For how many kits this component is enough."""
        return self.available // self.quantity


def parts_of_kit(actor: Actor, product_id: UUID) -> list[KitPartRow]:
    """Return what a kit consists of, with what the visible locations can promise of it; one statement."""
    where = limit_to_places(actor, "v.location_id")
    rows = sql.read(
        "select p.sku, p.name, p.image_url, c.quantity, "
        "(select coalesce(sum(greatest(0, v.on_hand - v.allocated - v.blocked - v.safety_stock)), 0) from stock_level v "
        f"where v.product_id = c.product_id and {where.where()}) from catalog_component c "
        "join catalog_product p on p.id = c.product_id where c.kit_id = %s order by p.sku",
        [*where.params, product_id],
    )
    return [KitPartRow(*(*row[:4], int(row[4]))) for row in rows]


_LEVEL_COLUMNS = (
    "v.id, v.product_id, p.sku, p.name, p.image_url, l.code, l.name, v.on_hand, v.allocated, v.safety_stock, v.blocked, "
    "greatest(0, v.on_hand - v.allocated - v.blocked - v.safety_stock), "
    "(select coalesce(sum(x.expected - x.received - x.closed), 0)::int from stock_inbound_line x where x.product_id = v.product_id "
    "and x.location_id = v.location_id and x.expected > x.received + x.closed)"
)
_LEVEL_SOURCE = "stock_level v join catalog_product p on p.id = v.product_id join stock_location l on l.id = v.location_id"
_LEVEL_CONDITIONS = {
    "sku": "p.sku = %s",
    "location": "l.code = %s",
    "shop": "v.location_id in (select x.location_id from shops_shop_location x join shops_shop s on s.id = x.shop_id where s.code = %s)",
}
# For one shop: less what is kept for the others, and what is not offered to it.
_AVAILABLE = "greatest(0, v.on_hand - v.allocated - v.blocked - v.safety_stock)"
_AVAILABLE_TO = (
    "greatest(0, v.on_hand - v.allocated - v.blocked - v.safety_stock - coalesce("
    "(select channel_withheld(v.product_id, v.location_id, s.id) from shops_shop s where s.code = %s), 0))"
)
_LEVEL_SORT = keyset.sortings(sku=(("p.sku", "text"), ("l.code", "text")))["sku"]


def level_page(
    actor: Actor, filters: LevelFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[LevelRow]:
    """Return one page of stock levels by sku and location; one statement.

    With a shop, `available` is what that shop may have.
    """
    where = limit_to_places(actor, "v.location_id")
    where.narrow(filters, _LEVEL_CONDITIONS)
    if filters.short is not None:
        sign = "<=" if filters.short else ">"
        where.add(f"v.on_hand - v.allocated - v.blocked - v.safety_stock {sign} 0")
    if filters.q and filters.q.strip():
        search_products(where, filters.q.strip()[:200])
    columns, before = _LEVEL_COLUMNS, []
    if filters.shop is not None:
        columns, before = columns.replace(_AVAILABLE, _AVAILABLE_TO), [filters.shop]
    select = Select(columns, _LEVEL_SOURCE, where, "", before)
    rows, more = keyset.fetch_page(select, _LEVEL_SORT, cursor, limit)
    return Page([LevelRow(*row) for row in rows], more)


def levels_by_id(actor: Actor, level_ids: Sequence[UUID]) -> list[LevelRow]:
    """Return those of the levels that the actor may see; one statement."""
    where = limit_to_places(actor, "v.location_id")
    where.add("v.id = any(%s::uuid[])", list(level_ids))
    rows = sql.read(
        f"select {_LEVEL_COLUMNS} from {_LEVEL_SOURCE} where {where.where()} order by p.sku, l.code",
        where.params,
    )
    return [LevelRow(*row) for row in rows]


def level_detail(actor: Actor, level_id: UUID) -> LevelRow:
    """Return one stock level; one statement. Refuses with NotFound."""
    found = levels_by_id(actor, [level_id])
    if not found:
        raise NotFound(f"There is no stock level {level_id}.", code="unknown_stock_level")
    return found[0]


def levels_of_product(actor: Actor, product_id: UUID) -> list[LevelRow]:
    """Return a product's levels at all locations that the actor may see; one statement."""
    where = limit_to_places(actor, "v.location_id")
    where.add("v.product_id = %s", product_id)
    rows = sql.read(
        f"select {_LEVEL_COLUMNS} from {_LEVEL_SOURCE} where {where.where()} order by l.priority, l.code",
        where.params,
    )
    return [LevelRow(*row) for row in rows]


_MOVEMENT_COLUMNS = "m.id, m.at, p.sku, p.name, l.code, b.code, m.lot, m.delta, m.kind, m.source_id, m.order_id, o.number, m.reason, m.actor_name"
_MOVEMENT_CONDITIONS = {
    "sku": "m.product_id = (select id from catalog_product where sku = %s)",
    "location": "m.location_id = (select id from stock_location where code = %s)",
    "order_id": "m.order_id = %s",
    "kind": "m.kind = %s",
}
_MOVEMENT_SORT = keyset.sortings(id=(("m.id", "uuid"),))["-id"]


def _movement_select(actor: Actor) -> Select:
    # The order is named only to those who may see it.
    shops = None if actor.shop_ids is None else sorted(actor.shop_ids)
    source = (
        "stock_movement m join catalog_product p on p.id = m.product_id join stock_location l on l.id = m.location_id "
        "join stock_bin b on b.id = m.bin_id cross join mine "
        "left join orders_order o on o.id = m.order_id and (mine.shops is null or o.shop_id = any(mine.shops))"
    )
    return Select(
        _MOVEMENT_COLUMNS,
        source,
        limit_to_places(actor, "m.location_id"),
        "with mine as (select %s::uuid[] as shops)",
        [shops],
    )


def _movement_row(row: sql.Row) -> MovementRow:
    movement = MovementRow(*row)
    return movement if movement.order_number else msgspec.structs.replace(movement, order_id=None)


def movement_page(
    actor: Actor, filters: MovementFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[MovementRow]:
    """Return one page of stock movements, newest first; one statement."""
    select = _movement_select(actor)
    select.where.narrow(filters, _MOVEMENT_CONDITIONS)
    rows, more = keyset.fetch_page(select, _MOVEMENT_SORT, cursor, limit)
    return Page([_movement_row(row) for row in rows], more)


def movement_detail(actor: Actor, movement_id: UUID) -> MovementRow:
    """Return one stock movement; one statement. Refuses with NotFound."""
    select = _movement_select(actor)
    select.where.add("m.id = %s", movement_id)
    rows, _ = keyset.fetch_page(select, _MOVEMENT_SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no stock movement {movement_id}.", code="unknown_stock_movement")
    return _movement_row(rows[0])


class HistoryDay(msgspec.Struct, frozen=True):
    """What lay there at the end of a day (UTC), and how much came and went on it."""

    day: date
    on_hand: int
    came: int
    went: int


_HISTORY = """
with places as (
  select v.location_id, v.on_hand from stock_level v where {where}
), now as (
  select coalesce(sum(on_hand), 0) as on_hand from places
), moved as (
  select (m.at at time zone 'UTC')::date as day, sum(m.delta) filter (where m.delta > 0) as came,
    -sum(m.delta) filter (where m.delta < 0) as went, sum(m.delta) as delta
  from stock_movement m where m.product_id = %s and m.location_id in (select location_id from places)
    and m.kind not in ('picked', 'unpicked', 'moved') and m.at >= %s
  group by 1
)
select d.day::date, now.on_hand - coalesce(sum(moved.delta) over (order by d.day desc rows between unbounded preceding and 1 preceding), 0),
  coalesce(moved.came, 0), coalesce(moved.went, 0)
from now cross join generate_series(%s::date, %s::date, interval '1 day') as d(day)
left join moved on moved.day = d.day::date
order by d.day
"""


def stock_history(actor: Actor, product_id: UUID, days: int = 90) -> list[HistoryDay]:
    """Return what lay of a product at the end of each of the last days, all visible locations together; one statement."""
    where = limit_to_places(actor, "v.location_id")
    where.add("v.product_id = %s", product_id)
    today = clock.now().date()
    first = today - timedelta(days=days - 1)
    begin = datetime.combine(first, time(), UTC)
    rows = sql.read(
        _HISTORY.format(where=where.where()), [*where.params, product_id, begin, first, today]
    )
    return [HistoryDay(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows]
