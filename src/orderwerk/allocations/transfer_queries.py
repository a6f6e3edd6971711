"""Reads of what travels for an order before it leaves in one shipment, and why it does not."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from uuid import UUID

import msgspec

from orderwerk.allocations.transfer_pegs import TRAVELLING
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


class TravellingPieces(msgspec.Struct, frozen=True):
    """Pieces of one order line that travel from one location to another."""

    origin_name: str
    location_name: str
    units: int


class OnTheWay(msgspec.Struct, frozen=True):
    """What travels for each line of an order, and what of each waits without being on its way (of a kit: whole kits)."""

    lines: Mapping[UUID, list[TravellingPieces]]
    waiting: Mapping[UUID, int]


_STILL_WAITING = f"""
select l.id, max(ceil(greatest(0, w.missing - t.travelling)::numeric / w.per_kit))::int
from orders_line l
cross join lateral (
  select l.product_id, l.quantity - l.allocated - l.shipped - l.cancelled as missing, 1 as per_kit
  where not exists (select 1 from orders_component c where c.order_line_id = l.id)
  union all
  select c.product_id, c.needed - c.allocated - c.shipped, c.per_kit from orders_component c where c.order_line_id = l.id) w
cross join lateral (select {TRAVELLING.format(line="l.id", product="w.product_id")} as travelling) t
where l.order_id = %s group by l.id
"""


def on_the_way(actor: Actor, order_id: UUID) -> OnTheWay:
    """Return what travels per line, as far as the actor sees where it goes; one statement where nothing does, else two."""
    where = Conditions()
    where.add("p.order_id = %s and p.quantity > p.arrived + p.dropped", order_id)
    limit_to_shops(where, actor, "p.shop_id")
    limit_to_locations(where, actor, "p.location_id")
    rows = sql.read(
        "select p.order_line_id, f.name, l.name, sum(p.quantity - p.arrived - p.dropped)::int "
        "from allocations_transfer_peg p join stock_inbound_line x on x.id = p.inbound_line_id "
        "join stock_inbound i on i.id = x.inbound_id join stock_location f on f.id = i.origin_id "
        f"join stock_location l on l.id = p.location_id where {where.where()} "
        "group by p.order_line_id, f.name, l.name order by f.name, l.name",
        where.params,
    )
    if not rows:
        return OnTheWay({}, {})
    lines: dict[UUID, list[TravellingPieces]] = defaultdict(list)
    for line_id, *pieces in rows:
        lines[line_id].append(TravellingPieces(*pieces))
    waiting = {row[0]: row[1] for row in sql.read(_STILL_WAITING, (order_id,))}
    return OnTheWay(lines, waiting)


def is_only_travelling(actor: Actor, order_id: UUID) -> bool:
    """Tell whether all that an order still lacks is on its way to the place from which it leaves; two statements at most."""
    found = on_the_way(actor, order_id)
    return bool(found.lines) and not any(found.waiting.values())


_LAST_GATHERING = """
select e.kind, e.payload ->> 'rule', e.payload ->> 'code' from core_event e
where e.order_id = %s and e.kind in ('order.to_gather', 'order.not_gathered', 'order.consolidated')
order by e.id desc limit 1
"""


def why_not_gathered(order_id: UUID) -> tuple[str, str] | None:
    """Return the rule that wants an order in one parcel and the code of why it was not gathered; one statement."""
    rows = sql.read(_LAST_GATHERING, (order_id,))
    return (rows[0][1], rows[0][2]) if rows and rows[0][0] == "order.not_gathered" else None
