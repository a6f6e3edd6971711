"""Writes regroupings of open shipments: further parts at a location, and lines that change their shipment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.shipments.commands.fill import Claimed
from orderwerk.shipments.events import SHIPMENT_LINES_CHANGED
from orderwerk.shipments.packing import taken_out


@dataclass(frozen=True, slots=True)
class NewPart:
    """A further shipment of an order at a location, beside one that is open there."""

    id: UUID
    beside: UUID


# The new one takes over how its goods travel; its part is the next free number at that place.
_OPEN = """
with wanted as (
  select t.id, s.order_id, s.shop_id, s.location_id, s.carrier, s.service,
    row_number() over (partition by s.order_id, s.location_id order by t.id) as n
  from unnest(%s::uuid[], %s::uuid[]) as t(id, beside) join shipments_shipment s on s.id = t.beside
), opened as (
  insert into shipments_shipment (id, shop_id, order_id, location_id, number, status, carrier, service, tracking_code,
    tracking_url, created_at, version, part)
  select w.id, w.shop_id, w.order_id, w.location_id, 'S' || nextval('shipments_number'), 'open', w.carrier, w.service, '', '', %s, 1,
    w.n + (select max(o.part) from shipments_shipment o where o.order_id = w.order_id and o.location_id = w.location_id)
  from wanted w
  returning id, number, part
), packed as (
  insert into shipments_package (id, shipment_id, position, tracking_code) select gen_random_uuid(), id, 1, '' from opened
)
select id, number from opened
"""


def open_parts(parts: Sequence[NewPart]) -> dict[UUID, str]:
    """Open further shipments; the orders are locked. Returns their numbers."""
    rows = sql.fetch(_OPEN, ([p.id for p in parts], [p.beside for p in parts], clock.now()))
    return {row[0]: row[1] for row in rows}


_PUT = f"""
with moved as (
  update shipments_line l set shipment_id = t.shipment_id, packed = 0
  from unnest(%s::uuid[], %s::uuid[]) as t(allocation_id, shipment_id)
  where l.allocation_id = t.allocation_id and l.is_live
  returning l.id
), {taken_out("moved")}
delete from shipments_package_line p using moved m where p.shipment_line_id = m.id
"""


def put_lines(shipments: Mapping[UUID, UUID]) -> None:
    """Let whole claims travel with other shipments of the same order and place; what was packed is unpacked.

    `shipments`: per allocation the shipment that it goes with from now on.
    """
    sql.execute(_PUT, (list(shipments), list(shipments.values())))


_LINE = (
    "id uuid, shop_id uuid, order_id uuid, location_id uuid, shipment_id uuid, allocation_id uuid, order_line_id uuid, "
    "product_id uuid, quantity int, is_live boolean"
)


def add_lines(claims: Mapping[UUID, tuple[Claimed, UUID]]) -> None:
    """Put new claims into the shipments named with them."""
    rows = [
        {
            "id": ids.new_id(), "shop_id": a.shop_id, "order_id": a.order_id, "location_id": a.location_id,
            "shipment_id": shipment_id, "allocation_id": a.id, "order_line_id": a.order_line_id, "product_id": a.product_id,
            "quantity": a.quantity, "is_live": True,
        }
        for a, shipment_id in claims.values()
    ]  # fmt: skip
    sql.insert_rows("shipments_line", _LINE, rows)


def touch(shipment_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Give shipments whose contents changed their next version; returns it. One event each is the caller's."""
    rows = sql.fetch(
        "update shipments_shipment s set version = s.version + 1 where s.id = any(%s) returning s.id, s.version",
        (list(shipment_ids),),
    )
    return {row[0]: row[1] for row in rows}


def tell_cut(unit: UnitOfWork, shipment_ids: Sequence[UUID]) -> None:
    """Tell of shipments that they hold the same pieces in other lines: a line was cut in two."""
    rows = sql.fetch(
        "update shipments_shipment s set version = s.version + 1 where s.id = any(%s) "
        "returning s.id, s.version, s.order_id, s.shop_id, s.number",
        (list(shipment_ids),),
    )
    for *subject, number in rows:
        unit.record(
            SHIPMENT_LINES_CHANGED, Subject("shipment", *subject), STILL, {"number": number}
        )
