"""Reads shipments under the lock of their orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.uow import UnitOfWork
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.shipments.statuses import NOT_SHIPPED


@dataclass(slots=True)
class ShipmentState:
    """A shipment as it stands under the lock of its order."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    location_id: UUID
    number: str
    status: str
    version: int
    carrier: str
    service: str
    tracking_code: str
    tracking_url: str
    use_pick_lists: bool
    location: str


_READ = """
select s.id, s.shop_id, s.order_id, s.location_id, s.number, s.status, s.version, s.carrier, s.service,
  s.tracking_code, s.tracking_url, p.use_pick_lists, l.code
from shipments_shipment s join shops_shop p on p.id = s.shop_id join stock_location l on l.id = s.location_id
where s.id = any(%s)
"""


def lock_shipments(
    unit: UnitOfWork, shipment_ids: Sequence[UUID]
) -> tuple[dict[UUID, ShipmentState], dict[UUID, OrderState]]:
    """Lock the orders of shipments and read both; those outside the actor's shops or locations are left out."""
    rows = sql.fetch(
        "select order_id from shipments_shipment where id = any(%s)", (list(shipment_ids),)
    )
    orders = lock_orders(unit, [row[0] for row in rows])
    found = [ShipmentState(*row) for row in sql.fetch(_READ, (list(shipment_ids),))]
    mine = {
        s.id: s
        for s in found
        if s.order_id in orders and unit.actor.may_see_location(s.location_id)
    }
    return mine, orders


def check_known(found: ShipmentState | None) -> ShipmentState:
    """Return a shipment that is there; refuses with NotFound."""
    if found is None:
        raise NotFound(
            "There is no such shipment.", code="unknown_shipment", pointer="/shipment_id"
        )
    return found


def check_not_shipped(found: ShipmentState | None) -> ShipmentState:
    """Return a shipment that has not left; refuses with NotFound or WrongState."""
    shipment = check_known(found)
    if shipment.status not in NOT_SHIPPED:
        raise WrongState(
            f"Shipment {shipment.number} is {shipment.status} already.",
            code=f"shipment_{shipment.status}",
        )
    return shipment
