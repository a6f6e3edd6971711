"""Reads the claims that orders hold: open allocations with the shipment line each of them stands in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orderwerk.allocations.explain import and_then
from orderwerk.core import sql
from orderwerk.core.uow import UnitOfWork
from orderwerk.picklists.locking import lock_lists_of
from orderwerk.stock.shelves import Shelf, lock_shelves


@dataclass(slots=True)
class Held:
    """One allocation as it stands under the lock of its order."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    order_line_id: UUID
    product_id: UUID
    location_id: UUID
    quantity: int
    picked: int
    status: str
    shipment_id: UUID
    shipment_status: str
    explanation: str

    @property
    def key(self) -> tuple[UUID, UUID]:
        """Product and location: the stock level it claims."""
        return self.product_id, self.location_id

    def why_then(self, code: str, location: str) -> dict[str, Any]:
        """Return why a claim that comes from this one is there."""
        return and_then(sql.from_json(self.explanation), code, location)


_SELECT = """
select a.id, a.shop_id, a.order_id, a.order_line_id, a.product_id, a.location_id, a.quantity, a.picked, a.status,
       s.id, s.status, a.explanation
from {source}
join shipments_line sl on sl.allocation_id = a.id and sl.is_live
join shipments_shipment s on s.id = sl.shipment_id
where {condition}
order by a.id
"""
_BY_ORDER = _SELECT.format(
    source="allocations_allocation a",
    condition="a.order_id = any(%s) and a.status in ('allocated', 'picking', 'picked')",
)
_BY_ID = _SELECT.format(source="allocations_allocation a", condition="a.id = any(%s)")
_BY_SHIPMENT = """
select a.id, a.shop_id, a.order_id, a.order_line_id, a.product_id, a.location_id, a.quantity, a.picked, a.status,
       s.id, s.status, a.explanation
from shipments_shipment s
join shipments_line sl on sl.shipment_id = s.id and sl.is_live
join allocations_allocation a on a.id = sl.allocation_id
where s.id = any(%s)
order by a.id
"""


def held_by_orders(order_ids: Iterable[UUID]) -> list[Held]:
    """Return the open allocations of orders."""
    return [Held(*row) for row in sql.fetch(_BY_ORDER, (list(order_ids),))]


def held_by_ids(allocation_ids: Iterable[UUID]) -> list[Held]:
    """Return allocations by id, open or shipped."""
    return [Held(*row) for row in sql.fetch(_BY_ID, (list(allocation_ids),))]


def held_by_shipments(shipment_ids: Iterable[UUID]) -> list[Held]:
    """Return the allocations whose goods stand in shipments."""
    return [Held(*row) for row in sql.fetch(_BY_SHIPMENT, (list(shipment_ids),))]


def lock_stock_of(
    unit: UnitOfWork, held: Iterable[Held], further: Iterable[tuple[UUID, UUID]] = ()
) -> dict[tuple[UUID, UUID], Shelf]:
    """Lock the pick lists that claims stand on, then the levels they claim, and `further` (product, location) pairs."""
    claims = list(held)
    lock_lists_of(unit, [h.id for h in claims if h.status == "picking"])
    return lock_shelves(unit, {h.key for h in claims} | set(further))
