"""Who got a lot, and which lots a shipment holds: what left is told by the ledger, what is picked by what lies in staging."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops


class LotShipmentRow(msgspec.Struct, frozen=True):
    """So many pieces of a lot that left with one shipment; `id` is the movement's with which they left."""

    id: UUID
    shipment_id: UUID
    number: str
    order_id: UUID
    order_number: str
    shop: str
    customer_name: str
    customer_email: str
    location: str
    product_id: UUID
    sku: str
    name: str
    lot: str
    expires_on: date | None
    quantity: int
    shipped_at: datetime


class ShippedLotRow(msgspec.Struct, frozen=True):
    """So many pieces of a lot in a shipment."""

    product_id: UUID
    sku: str
    lot: str
    expires_on: date | None
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LotShipmentFilters:
    """What the list of who got which lot is narrowed to."""

    sku: str | None = None
    lot: str | None = None
    order_id: UUID | None = None
    shop: str | None = None
    location: str | None = None


_LEFT = (
    "(select (array_agg(m.id order by m.id))[1] as id, m.source_id as shipment_id, m.product_id, m.lot, -sum(m.delta)::int as quantity from stock_movement m "
    "where m.lot <> '' and m.kind in ('shipped', 'unshipped') group by m.source_id, m.product_id, m.lot having sum(m.delta) < 0) x"
)
_SOURCE = (
    f"{_LEFT} join shipments_shipment h on h.id = x.shipment_id join orders_order o on o.id = h.order_id "
    "join shops_shop s on s.id = h.shop_id join stock_location l on l.id = h.location_id "
    "join catalog_product p on p.id = x.product_id join stock_lot t on t.product_id = x.product_id and t.code = x.lot"
)
_COLUMNS = (
    "x.id, h.id, h.number, o.id, o.number, s.code, o.customer_name, coalesce(o.customer_email, ''), l.code, p.id, p.sku, p.name, x.lot, "
    "t.expires_on, x.quantity, h.shipped_at"
)
_CONDITIONS = {
    "sku": "x.product_id = (select id from catalog_product where sku = %s)",
    "lot": "x.lot = %s",
    "order_id": "h.order_id = %s",
    "shop": "s.code = %s",
    "location": "l.code = %s",
}
_SORT = keyset.sortings(
    shipped_at=(("h.shipped_at", "timestamptz"), ("h.id", "uuid"), ("p.id", "uuid"), ("x.lot", "text"))
)["-shipped_at"]  # fmt: skip


def lot_shipment_page(
    actor: Actor, filters: LotShipmentFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[LotShipmentRow]:
    """Return one page of what left of lots, the latest first; one statement."""
    where = Conditions()
    limit_to_shops(where, actor, "h.shop_id")
    limit_to_locations(where, actor, "h.location_id")
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([LotShipmentRow(*row) for row in rows], more)


def lot_shipment_detail(actor: Actor, movement_id: UUID) -> LotShipmentRow:
    """Return what left of a lot with one shipment, by its movement; one statement. Refuses with NotFound."""
    where = Conditions()
    limit_to_shops(where, actor, "h.shop_id")
    limit_to_locations(where, actor, "h.location_id")
    for column in ("source_id", "product_id", "lot"):
        mine = "shipment_id" if column == "source_id" else column
        where.add(
            f"x.{mine} = (select m.{column} from stock_movement m where m.id = %s)", movement_id
        )
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound("Nothing left with that movement.", code="unknown_lot_shipment")
    return LotShipmentRow(*rows[0])


# What left with a shipment; while it waits, what lies in staging for its order at its location.
_OF = """
select m.source_id, p.id, p.sku, m.lot, t.expires_on, -sum(m.delta)::int
from stock_movement m join catalog_product p on p.id = m.product_id
join stock_lot t on t.product_id = m.product_id and t.code = m.lot
where m.lot <> '' and m.kind in ('shipped', 'unshipped') and m.source_id = any(%s::uuid[])
group by m.source_id, p.id, p.sku, m.lot, t.expires_on having sum(m.delta) < 0
union all
select h.id, p.id, p.sku, m.lot, t.expires_on, sum(m.delta)::int
from shipments_shipment h join stock_movement m on m.order_id = h.order_id and m.location_id = h.location_id and m.lot <> ''
join stock_bin b on b.id = m.bin_id and b.kind = 'staging'
join catalog_product p on p.id = m.product_id join stock_lot t on t.product_id = m.product_id and t.code = m.lot
where h.id = any(%s::uuid[]) and h.status in ('open', 'announced')
  and exists (select from shipments_line k where k.shipment_id = h.id and k.is_live and k.product_id = m.product_id)
group by h.id, p.id, p.sku, m.lot, t.expires_on having sum(m.delta) > 0
order by 3, 5 nulls last, 4
"""


def lots_of_shipments(shipment_ids: Sequence[UUID]) -> dict[UUID, list[ShippedLotRow]]:
    """Return the lots in shipments that the caller has read before; one statement.

    Of one that waits: what was picked for its order at its location, which another waiting part of that order may share.
    """
    found: dict[UUID, list[ShippedLotRow]] = {key: [] for key in shipment_ids}
    for row in sql.read(_OF, [list(shipment_ids), list(shipment_ids)]):
        found[row[0]].append(ShippedLotRow(*row[1:]))
    return found
