"""Reads what the dock needs to know of order lines: what may still come back, and where it left from."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.errors import NotFound, WrongState


@dataclass(slots=True)
class Line:
    """An order line under the order's lock; `left` pieces may still come back, `origin` is where its last pieces left."""

    id: UUID
    order_id: UUID
    name: str
    sku: str
    product_id: UUID | None
    left: int
    currency: str
    origin_id: UUID | None
    origin: str | None


_LINES = """
select l.id, l.order_id, l.name, l.sku, l.product_id, l.shipped - l.returned - l.claimed, o.currency, p.id, p.code
from orders_line l join orders_order o on o.id = l.order_id
left join lateral (
  select c.id, c.code from shipments_line s join shipments_shipment h on h.id = s.shipment_id
  join stock_location c on c.id = h.location_id
  where s.order_line_id = l.id and s.is_live and h.status in ('shipped', 'delivered')
  order by h.shipped_at desc, h.id desc limit 1) p on true
where l.order_id = any(%s)
"""


def lines_of(order_ids: Sequence[UUID]) -> dict[UUID, Line]:
    """Return the lines of orders by id; one statement."""
    return {row[0]: Line(*row) for row in sql.fetch(_LINES, (list(order_ids),))}


def line_of(lines: dict[UUID, Line], order_id: UUID, line_id: UUID, pointer: str) -> Line:
    """Return a line of an order; refuses with NotFound."""
    line = lines.get(line_id)
    if line is None or line.order_id != order_id:
        raise NotFound(
            "The order has no such line.",
            code="unknown_order_line",
            pointer=f"{pointer}/order_line_id",
        )
    return line


def product_of(product_id: UUID | None, name: str, pointer: str) -> UUID:
    """Return the product that goes back into stock; refuses with WrongState while the catalogue does not know it."""
    if product_id is None:
        raise WrongState(
            f"{name} is not in the catalogue, so it cannot go into stock; add the product first.",
            code="unmapped_line",
            pointer=pointer,
        )
    return product_id
