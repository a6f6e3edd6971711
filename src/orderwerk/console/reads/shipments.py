"""What the pages of shipments need beside the shipments themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops


@dataclass(frozen=True, slots=True)
class ChosenShipment:
    """A shipment as an action on many needs it."""

    id: UUID
    number: str
    location: str


def shipments_by_id(actor: Actor, shipment_ids: Sequence[UUID]) -> list[ChosenShipment]:
    """Return those of the shipments that the actor may see, by number; one statement."""
    where = Conditions()
    where.add("h.id = any(%s::uuid[])", list(shipment_ids))
    limit_to_shops(where, actor, "h.shop_id")
    limit_to_locations(where, actor, "h.location_id")
    rows = sql.read(
        "select h.id, h.number, l.code from shipments_shipment h join stock_location l on l.id = h.location_id "
        f"where {where.where()} order by h.number",
        where.params,
    )
    return [ChosenShipment(*row) for row in rows]
