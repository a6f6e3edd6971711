"""Reads of pick lists: which walks there are, and what each takes from which bin."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select, prefix_range
from orderwerk.orders.visibility import limit_to_locations, uuid_list


class PickListRow(msgspec.Struct, frozen=True):
    """One walk through a location; the counts are of its lines and pieces."""

    id: UUID
    number: str
    location: str
    location_name: str
    kind: str
    method: str
    wave: str | None
    status: str
    assigned_to: UUID | None
    assigned_name: str
    created_at: datetime
    finished_at: datetime | None
    version: int
    line_count: int
    open_line_count: int
    order_count: int
    units: int
    units_picked: int
    units_short: int


class PickLineRow(msgspec.Struct, frozen=True):
    """Take so many of a product from a bin, for one allocation."""

    id: UUID
    pick_list_id: UUID
    order_id: UUID
    order_number: str
    shipment_id: UUID
    shipment_number: str
    allocation_id: UUID
    product_id: UUID
    sku: str
    name: str
    gtin: str | None
    image_url: str | None
    bin: str
    lot: str
    position: int
    tote: int
    quantity: int
    picked: int
    short: int
    short_reason: str
    cancelled: int
    is_open: bool

    @property
    def left(self) -> int:
        """Pieces still to be collected."""
        return self.quantity - self.picked - self.short - self.cancelled


class PickListDetail(msgspec.Struct, frozen=True):
    """A pick list with its lines in walking order."""

    pick_list: PickListRow
    lines: list[PickLineRow]


_COLUMNS = (
    "w.id, w.number, l.code, l.name, w.kind, w.method, v.number, w.status, w.assigned_to, w.assigned_name, w.created_at, w.finished_at, "
    "w.version, c.lines, c.open, c.orders, coalesce(c.units, 0), coalesce(c.picked, 0), coalesce(c.short, 0)"
)
_SOURCE = (
    "picklists_pick_list w join stock_location l on l.id = w.location_id left join picklists_wave v on v.id = w.wave_id "
    "cross join lateral ("
    "select count(*) as lines, count(*) filter (where k.is_open) as open, count(distinct k.order_id) as orders, "
    "sum(k.quantity) as units, sum(k.picked) as picked, sum(k.short) as short "
    "from picklists_line k where k.pick_list_id = w.id) c"
)
_SORTS = keyset.sortings(id=(("w.id", "uuid"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class PickListFilters:
    """What a list of pick lists is narrowed to; `q` begins a pick list's number or is an order's number.

    `finished`: False for what is still to be done. `assigned_to` is a person's id, `wave` a wave's number.
    """

    status: str | None = None
    finished: bool | None = None
    location: str | None = None
    order_id: UUID | None = None
    shipment_id: UUID | None = None
    assigned_to: UUID | None = None
    shop: str | None = None
    sku: str | None = None
    method: str | None = None
    wave: str | None = None
    q: str | None = None


_CONDITIONS = {
    "status": "w.status = %s",
    "method": "w.method = %s",
    "wave": "v.number = %s",
    "location": "w.location_id = (select id from stock_location where code = %s)",
    "order_id": "w.id in (select pick_list_id from picklists_line where order_id = %s)",
    "shipment_id": "w.id in (select pick_list_id from picklists_line where shipment_id = %s)",
    "assigned_to": "w.assigned_to = %s",
    "shop": "w.id in (select k.pick_list_id from picklists_line k join shops_shop s on s.id = k.shop_id where s.code = %s)",
    "sku": "w.id in (select k.pick_list_id from picklists_line k join catalog_product p on p.id = k.product_id where p.sku = %s)",
}
_UNFINISHED = "w.status in ('open', 'picking')"


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_locations(where, actor, "w.location_id")
    if actor.shop_ids is not None:
        where.add(
            "exists (select 1 from picklists_line own where own.pick_list_id = w.id and own.shop_id = any(%s::uuid[]))",
            uuid_list(actor.shop_ids),
        )
    return where


def pick_list_page(
    actor: Actor, filters: PickListFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[PickListRow]:
    """Return one page of pick lists, newest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    if filters.finished is not None:
        where.add(f"not {_UNFINISHED}" if filters.finished else _UNFINISHED)
    if filters.q and filters.q.strip():
        condition, params = prefix_range("w.number", filters.q.strip()[:200])
        where.add(
            f"({condition} or w.id in (select k.pick_list_id from picklists_line k "
            "join orders_order o on o.id = k.order_id where o.number = %s))",
            *params,
            filters.q.strip()[:200],
        )
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORTS["-id"], cursor, limit)
    return Page([PickListRow(*row) for row in rows], more)


def pick_list_tab_counts(actor: Actor, location: str | None = None) -> dict[str, int]:
    """Return how many pick lists are `open` and `picking`, exactly; one statement."""
    where = _visible(actor)
    where.add(_UNFINISHED)
    if location is not None:
        where.add(_CONDITIONS["location"], location)
    rows = sql.read(
        f"select w.status, count(*) from picklists_pick_list w where {where.where()} group by w.status",
        where.params,
    )
    return {"open": 0, "picking": 0} | dict(rows)


_LINES = """
select k.id, k.pick_list_id, k.order_id, o.number, k.shipment_id, h.number, k.allocation_id, k.product_id, p.sku, p.name,
  p.gtin, p.image_url, b.code, k.lot, k.position, k.tote, k.quantity, k.picked, k.short, k.short_reason, k.cancelled, k.is_open
from picklists_line k join orders_order o on o.id = k.order_id join shipments_shipment h on h.id = k.shipment_id
join catalog_product p on p.id = k.product_id join stock_bin b on b.id = k.bin_id
where
"""


def pick_lines(actor: Actor, pick_list_ids: list[UUID]) -> dict[UUID, list[PickLineRow]]:
    """Return the lines of pick lists in walking order, without those of shops that the actor may not see."""
    where = Conditions()
    where.add("k.pick_list_id = any(%s::uuid[])", pick_list_ids)
    if actor.shop_ids is not None:
        where.add("k.shop_id = any(%s::uuid[])", uuid_list(actor.shop_ids))
    found: dict[UUID, list[PickLineRow]] = {key: [] for key in pick_list_ids}
    for row in sql.read(
        f"{_LINES} {where.where()} order by k.pick_list_id, k.position", where.params
    ):
        found[row[1]].append(PickLineRow(*row))
    return found


def _detail(actor: Actor, condition: str, value: UUID | str) -> PickListDetail:
    where = _visible(actor)
    where.add(condition, value)
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There is no pick list {str(value)[:60]}.", code="unknown_pick_list")
    pick_list = PickListRow(*rows[0])
    return PickListDetail(pick_list, pick_lines(actor, [pick_list.id])[pick_list.id])


def pick_list_detail(actor: Actor, pick_list_id: UUID) -> PickListDetail:
    """Return one pick list with its lines; two statements. Refuses with NotFound."""
    return _detail(actor, "w.id = %s", pick_list_id)


def pick_list_detail_by_number(actor: Actor, number: str) -> PickListDetail:
    """Return the pick list of a number; see pick_list_detail."""
    return _detail(actor, "w.number = %s", number)
