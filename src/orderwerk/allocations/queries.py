"""Reads of allocations: which line claims how many pieces where, and why there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.allocations.explain import in_words
from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops


class AllocationRow(msgspec.Struct, frozen=True):
    """One claim of an order line on stock at a location."""

    id: UUID
    order_id: UUID
    order_number: str
    shop: str
    order_line_id: UUID
    sku: str
    name: str
    product_id: UUID
    location: str
    location_name: str
    quantity: int
    picked: int
    status: str
    created_at: datetime
    shipment_id: UUID | None
    shipment_number: str | None
    explanation: dict[str, Any]

    @property
    def why(self) -> str:
        """Say in the reader's language why this location was chosen."""
        return in_words(self.explanation)


_COLUMNS = (
    "a.id, a.order_id, o.number, s.code, a.order_line_id, p.sku, p.name, a.product_id, l.code, l.name, a.quantity, "
    "a.picked, a.status, a.created_at, h.id, h.number, a.explanation"
)
_SOURCE = (
    "allocations_allocation a join orders_order o on o.id = a.order_id join shops_shop s on s.id = a.shop_id "
    "join catalog_product p on p.id = a.product_id join stock_location l on l.id = a.location_id "
    "left join shipments_line k on k.allocation_id = a.id and k.is_live "
    "left join shipments_shipment h on h.id = k.shipment_id"
)
_SORTS = keyset.sortings(id=(("a.id", "uuid"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationFilters:
    """What a list of allocations is narrowed to; `location` and `shop` are codes, `q` an order number or sku."""

    status: str | None = None
    location: str | None = None
    order_id: UUID | None = None
    shipment_id: UUID | None = None
    sku: str | None = None
    shop: str | None = None
    q: str | None = None


_CONDITIONS = {
    "status": "a.status = %s",
    "location": "a.location_id = (select id from stock_location where code = %s)",
    "order_id": "a.order_id = %s",
    "shipment_id": "a.id in (select allocation_id from shipments_line where shipment_id = %s and is_live)",
    "sku": "a.product_id = (select id from catalog_product where sku = %s)",
    "shop": "a.shop_id = (select id from shops_shop where code = %s)",
    "q": "a.id in (select id from allocations_allocation where order_id = (select id from orders_order where number = %s)"
    " union all select id from allocations_allocation where order_line_id in"
    " (select id from orders_line where sku = %s order by order_id desc limit 2000))",
}


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_shops(where, actor, "a.shop_id")
    limit_to_locations(where, actor, "a.location_id")
    return where


def _row(row: sql.Row) -> AllocationRow:
    return AllocationRow(*(*row[:-1], sql.from_json(row[-1])))


def allocation_page(
    actor: Actor, filters: AllocationFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[AllocationRow]:
    """Return one page of allocations, newest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORTS["-id"], cursor, limit)
    return Page([_row(row) for row in rows], more)


def allocation_tab_counts(actor: Actor, location: str | None = None) -> dict[str, int]:
    """Return how many claims stand in each status that is not finished, exactly; one statement."""
    where = _visible(actor)
    where.add("a.status in ('allocated', 'picking', 'picked')")
    if location is not None:
        where.add(_CONDITIONS["location"], location)
    rows = sql.read(
        f"select a.status, count(*) from allocations_allocation a where {where.where()} group by a.status",
        where.params,
    )
    return dict.fromkeys(("allocated", "picking", "picked"), 0) | dict(rows)


def allocation_detail(actor: Actor, allocation_id: UUID) -> AllocationRow:
    """Return one allocation; one statement. Refuses with NotFound."""
    found = allocations_by_id(actor, [allocation_id])
    if not found:
        raise NotFound(f"There is no allocation {allocation_id}.", code="unknown_allocation")
    return found[0]


def allocations_by_id(actor: Actor, allocation_ids: Sequence[UUID]) -> list[AllocationRow]:
    """Return those of the allocations that the actor may see; one statement."""
    where = _visible(actor)
    where.add("a.id = any(%s::uuid[])", list(allocation_ids))
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where {where.where()} order by a.id", where.params
    )
    return [_row(row) for row in rows]


def order_allocations(actor: Actor, order_id: UUID) -> list[AllocationRow]:
    """Return all allocations of an order, oldest first; one statement."""
    where = _visible(actor)
    where.add("a.order_id = %s", order_id)
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where {where.where()} order by a.id", where.params
    )
    return [_row(row) for row in rows]
