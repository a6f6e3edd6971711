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
from orderwerk.shipments.queries import ShipmentRow


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


# What lay in a parcel that was cancelled lies in none since.
_ALONE = "not exists (select 1 from shipments_shipment b where b.id = h.combined_into_id and b.status <> 'cancelled')"


def with_their_parcels(shipment_ids: Sequence[UUID]) -> list[UUID]:
    """Return shipments without those that lie in the parcel of another one among them, whose deed is theirs too; one statement."""
    rows = sql.read(
        "select h.id from shipments_shipment h join shipments_shipment b on b.id = h.combined_into_id "
        "where h.id = any(%s::uuid[]) and b.id = any(%s::uuid[]) and b.status <> 'cancelled'",
        (list(shipment_ids), list(shipment_ids)),
    )
    inside = {row[0] for row in rows}
    return [key for key in shipment_ids if key not in inside]


def shipments_for_the_same_door(actor: Actor, shipment_id: UUID) -> list[ChosenShipment]:
    """Return other open shipments that could lie in the parcel of this one, oldest first; one statement."""
    where = Conditions()
    limit_to_shops(where, actor, "h.shop_id")
    limit_to_locations(where, actor, "h.location_id")
    rows = sql.read(
        f"""
        with mine as (
          select h.id, h.shop_id, h.location_id, o.customer_email,
            jsonb_strip_nulls(coalesce(h.delivery_address, o.delivery_address))::text as address
          from shipments_shipment h join orders_order o on o.id = h.order_id
          where h.id = %s and h.status in ('open', 'announced') and {_ALONE}
        )
        select h.id, h.number, l.code
        from mine m join orders_order o on o.customer_email = m.customer_email
        join shipments_shipment h on h.order_id = o.id and h.location_id = m.location_id and h.shop_id = m.shop_id
        join stock_location l on l.id = h.location_id
        where h.id <> m.id and h.status in ('open', 'announced') and {_ALONE}
          and not exists (select 1 from shipments_shipment f where f.combined_into_id = h.id and f.status in ('open', 'announced'))
          and jsonb_strip_nulls(coalesce(h.delivery_address, o.delivery_address))::text = m.address and {where.where()}
        order by h.id limit 20
        """,
        [shipment_id, *where.params],
    )
    return [ChosenShipment(*row) for row in rows]


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
