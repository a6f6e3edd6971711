"""What packing slips say is kept when their parcels leave, so that a slip that is printed later says the same."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from orderwerk.core import sql

# As a slip is set while a shipment waits: one row for each order line and article, in the order of the order.
_KEEP = """
insert into shipments_slip (shipment_id, sender_name, sender_address, sender_email, lines, more)
select h.id, coalesce(nullif(s.sender_name, ''), nullif(s.legal ->> 'name', ''), s.name), coalesce(s.legal ->> 'address', ''), s.sender_email,
  x.lines, o.units_ordered - o.units_cancelled > x.pieces
from shipments_shipment h join orders_order o on o.id = h.order_id join shops_shop s on s.id = h.shop_id
join lateral (
  select jsonb_agg(jsonb_build_object('product_id', g.product_id, 'sku', g.sku, 'name', g.name, 'quantity', g.pieces)
    order by g.position, g.sku) as lines, sum(g.pieces) as pieces
  from (
    select k.product_id, p.sku, i.position, case when k.product_id = i.product_id then i.name else p.name end as name, sum(k.quantity) as pieces
    from shipments_line k join orders_line i on i.id = k.order_line_id join catalog_product p on p.id = k.product_id
    where k.shipment_id = h.id and k.is_live
    group by i.id, i.position, i.name, i.product_id, k.product_id, p.sku, p.name
  ) g
) x on x.lines is not null
where h.id = any(%s)
"""
# With the sku of today: lots and serial numbers are told by that.
_KEPT = """
select s.shipment_id, s.sender_name, s.sender_address, s.sender_email, s.more, x.sku, x.name, x.quantity, p.sku
from shipments_slip s
cross join lateral rows from (jsonb_to_recordset(s.lines) as (product_id uuid, sku text, name text, quantity bigint))
  with ordinality as x(product_id, sku, name, quantity, place)
join catalog_product p on p.id = x.product_id
where s.shipment_id = any(%s) order by s.shipment_id, x.place
"""


class SlipLine(NamedTuple):
    """So many pieces of an article on a slip; `today` is what its sku is now."""

    sku: str
    name: str
    quantity: int
    today: str


class KeptSlip(NamedTuple):
    """What a slip said when its parcel left."""

    sender_name: str
    sender_address: str
    sender_email: str
    more: bool
    lines: list[SlipLine]


def keep_slips(shipment_ids: Sequence[UUID]) -> None:
    """Keep what the slips of shipments say that leave in this transaction; their lines are settled."""
    sql.execute(_KEEP, (list(shipment_ids),))


def kept_slips(shipment_ids: Sequence[UUID]) -> dict[UUID, KeptSlip]:
    """Return the slips that were kept of these shipments."""
    found: dict[UUID, KeptSlip] = {}
    for key, name, address, email, more, *line in sql.read(_KEPT, (list(shipment_ids),)):
        found.setdefault(key, KeptSlip(name, address, email, more, [])).lines.append(SlipLine(*line))  # fmt: skip
    return found
