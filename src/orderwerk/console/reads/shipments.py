"""What the pages of shipments need beside the shipments themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.http import HttpResponseBase

from orderwerk.console.downloads import Read, download
from orderwerk.console.lists import Asked
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions, Page
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops
from orderwerk.shipments.queries import ShipmentFilters, ShipmentRow, shipment_page


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


# One door: the same customer and the same address, from the same shop and location. Equal texts mean equal doors.
_DOOR = (
    "lower(coalesce(o.customer_email, o.customer_external_id, o.customer_name)), "
    "jsonb_strip_nulls(coalesce(h.delivery_address, o.delivery_address))::text"
)


def with_their_parcels(shipment_ids: Sequence[UUID]) -> list[UUID]:
    """Return shipments without those that lie in the parcel of another one among them, whose deed is theirs too; one statement."""
    rows = sql.read(
        "select h.id from shipments_shipment h join shipments_shipment b on b.id = h.combined_into_id "
        "where h.id = any(%s::uuid[]) and b.id = any(%s::uuid[]) and b.status <> 'cancelled'",
        (list(shipment_ids), list(shipment_ids)),
    )
    inside = {row[0] for row in rows}
    return [key for key in shipment_ids if key not in inside]


def shipments_for_the_same_door(actor: Actor, shipment_id: UUID) -> list[ShipmentRow]:
    """Return other open shipments that could lie in the parcel of this one, the newest twenty; one statement."""
    return shipment_page(actor, ShipmentFilters(same_door=shipment_id), limit=20).items


def doors(actor: Actor, shipment_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return per shipment who gets it, where, and from where: equal ones can be combined; one statement."""
    where = Conditions()
    where.add("h.id = any(%s::uuid[])", list(shipment_ids))
    limit_to_shops(where, actor, "h.shop_id")
    limit_to_locations(where, actor, "h.location_id")
    rows = sql.read(
        f"select h.id, h.shop_id::text, h.location_id::text, {_DOOR} from shipments_shipment h "
        f"join orders_order o on o.id = h.order_id where {where.where()}",
        where.params,
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def shipments_file(name: str, asked: Asked, read: Read) -> HttpResponseBase:
    """Answer a list of shipments as a file; its link is where the parcel is followed, typed or made, as on the pages."""

    def linked(asked: Asked) -> Page[ShipmentRow]:
        page = read(asked)
        rows = [msgspec.structs.replace(row, tracking_url=row.tracking_link) for row in page.items]
        return Page(rows, page.next)

    return download(name, ShipmentRow, asked, linked, without=("link_template",))
