"""Who got a piece: serial numbers by shipment and by return, and the search for one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select, prefix_range
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops


class SerialRow(msgspec.Struct, frozen=True):
    """One piece that went with a shipment, or lies in one that waits; `returned_at` once it came back."""

    id: UUID
    product_id: UUID
    sku: str
    name: str
    serial: str
    shipment_id: UUID
    number: str
    shipment_status: str
    order_id: UUID
    order_number: str
    shop: str
    customer_name: str
    customer_email: str
    location: str
    recorded_at: datetime
    recorded_by: str
    shipped_at: datetime | None
    returned_at: datetime | None
    return_id: UUID | None
    return_number: str


class ShippedSerialRow(msgspec.Struct, frozen=True):
    """One piece in a shipment."""

    product_id: UUID
    sku: str
    serial: str
    is_returned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialFilters:
    """What the list of serial numbers is narrowed to; `q` begins a number, capitals or not."""

    q: str | None = None
    serial: str | None = None
    sku: str | None = None
    order_id: UUID | None = None
    shipment_id: UUID | None = None
    shop: str | None = None
    location: str | None = None
    out: bool | None = None


_COLUMNS = (
    "s.id, p.id, p.sku, p.name, s.serial, h.id, h.number, h.status, o.id, o.number, c.code, o.customer_name, "
    "coalesce(o.customer_email, ''), l.code, s.recorded_at, s.recorded_by, h.shipped_at, s.returned_at, r.id, coalesce(r.number, '')"
)
_SOURCE = (
    "shipments_serial s join shipments_shipment h on h.id = s.shipment_id join orders_order o on o.id = s.order_id "
    "join shops_shop c on c.id = s.shop_id join stock_location l on l.id = s.location_id join catalog_product p on p.id = s.product_id "
    "left join returns_line k on k.id = s.return_line_id left join returns_return r on r.id = k.parent_id"
)
_CONDITIONS = {
    "serial": "upper(s.serial) = upper(%s)",
    "sku": "s.product_id = (select id from catalog_product where sku = %s)",
    "order_id": "s.order_id = %s",
    "shipment_id": "s.shipment_id = %s",
    "shop": "c.code = %s",
    "location": "l.code = %s",
    "out": "(s.returned_at is null and h.status in ('shipped', 'delivered')) = %s",
}
_SORT = keyset.sortings(id=(("s.id", "uuid"),))["-id"]


def _select(actor: Actor) -> Select:
    where = Conditions()
    limit_to_shops(where, actor, "s.shop_id")
    limit_to_locations(where, actor, "s.location_id")
    return Select(_COLUMNS, _SOURCE, where)


def serial_page(
    actor: Actor, filters: SerialFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[SerialRow]:
    """Return one page of serial numbers, the latest recorded first; one statement."""
    select = _select(actor)
    select.where.narrow(filters, _CONDITIONS)
    text = (filters.q or "").strip()
    if text:
        condition, values = prefix_range("upper(s.serial)", text.upper())
        select.where.add(condition, *values)
    rows, more = keyset.fetch_page(select, _SORT, cursor, limit)
    return Page([SerialRow(*row) for row in rows], more)


def serial_detail(actor: Actor, key: UUID) -> SerialRow:
    """Return one recorded serial number; one statement. Refuses with NotFound."""
    select = _select(actor)
    select.where.add("s.id = %s", key)
    rows, _ = keyset.fetch_page(select, _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no serial number {key}.", code="unknown_serial")
    return SerialRow(*rows[0])


def serials_of_shipments(shipment_ids: Sequence[UUID]) -> dict[UUID, list[ShippedSerialRow]]:
    """Return the serial numbers in shipments that the caller has read before; one statement."""
    found: dict[UUID, list[ShippedSerialRow]] = {key: [] for key in shipment_ids}
    for row in sql.read(
        "select s.shipment_id, p.id, p.sku, s.serial, s.returned_at is not null from shipments_serial s "
        "join catalog_product p on p.id = s.product_id where s.shipment_id = any(%s::uuid[]) order by p.sku, s.serial",
        (list(shipment_ids),),
    ):
        found[row[0]].append(ShippedSerialRow(*row[1:]))
    return found


class SerialArticle(msgspec.Struct, frozen=True):
    """An article in a shipment whose pieces leave by serial number: how many, and which are recorded."""

    sku: str
    name: str
    pieces: int
    serials: list[str]


def articles_by_serial(*shipment_ids: UUID) -> list[SerialArticle]:
    """Return the articles of a parcel that are recorded piece by piece; its shipments the caller has read before. One statement."""
    rows = sql.read(
        "select p.sku, p.name, sum(l.quantity)::int, coalesce((select array_agg(s.serial order by s.serial) from shipments_serial s "
        "where s.shipment_id = any(%s) and s.product_id = p.id), '{}') "
        "from shipments_line l join catalog_product p on p.id = l.product_id where l.shipment_id = any(%s) and l.is_live "
        "and (p.tracking = 'serial' or exists (select from shipments_serial s where s.shipment_id = any(%s) and s.product_id = p.id)) "
        "group by p.id order by p.sku",
        [list(shipment_ids)] * 3,
    )
    return [SerialArticle(*row) for row in rows]
