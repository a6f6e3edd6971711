"""Reads of what travels for an order before it leaves in one shipment."""

from datetime import date
from uuid import UUID

import msgspec

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops


class TravellingRow(msgspec.Struct, frozen=True):
    """Pieces of one order that travel with one transfer."""

    transfer: str
    origin_name: str
    location_name: str
    expected_on: date | None
    units: int


def travelling_for(actor: Actor, order_id: UUID) -> list[TravellingRow]:
    """Return what travels for an order to locations that the actor sees, the soonest first; one statement."""
    where = Conditions()
    where.add("p.order_id = %s and p.quantity > p.arrived + p.dropped", order_id)
    limit_to_shops(where, actor, "p.shop_id")
    limit_to_locations(where, actor, "p.location_id")
    rows = sql.read(
        "select i.number, f.name, l.name, i.expected_on, sum(p.quantity - p.arrived - p.dropped)::int "
        "from allocations_transfer_peg p join stock_inbound_line x on x.id = p.inbound_line_id "
        "join stock_inbound i on i.id = x.inbound_id join stock_location f on f.id = i.origin_id "
        f"join stock_location l on l.id = p.location_id where {where.where()} "
        "group by i.number, f.name, l.name, i.expected_on order by i.expected_on nulls last, i.number",
        where.params,
    )
    return [TravellingRow(*row) for row in rows]
