"""What lies in which bin: of one product, or in one bin."""

from datetime import date
from uuid import UUID

import msgspec

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.stock.visibility import limit_to_places


class BinStockRow(msgspec.Struct, frozen=True):
    """What lies in one bin of one product."""

    location: str
    bin: str
    kind: str
    lot: str
    sku: str
    quantity: int
    planned: int
    to_count: bool
    expires_on: date | None
    blocked_reason: str


_WAITS = (
    "exists (select 1 from stock_count_request r where r.product_id = x.product_id "
    "and r.bin_id = x.bin_id and r.closed_at is null)"
)
_ORDER = "l.priority, l.code, b.position, b.code, t.expires_on, x.lot"


def bins_of_product(actor: Actor, product_id: UUID) -> list[BinStockRow]:
    """Return which bins hold a product, or should be counted, by location and walking order; one statement."""
    where = limit_to_places(actor, "x.location_id")
    where.add(f"x.product_id = %s and (x.quantity > 0 or {_WAITS})", product_id)
    return _read(where, _ORDER)


def stock_of_bin(actor: Actor, bin_id: UUID, *, limit: int) -> list[BinStockRow]:
    """Return what lies in a bin, or should be counted there, by sku; one statement."""
    where = limit_to_places(actor, "x.location_id")
    where.add(f"x.bin_id = %s and (x.quantity > 0 or {_WAITS})", bin_id)
    return _read(where, "p.sku, t.expires_on, x.lot", limit)


def _read(where: Conditions, order: str, limit: int | None = None) -> list[BinStockRow]:
    rows = sql.read(
        f"select l.code, b.code, b.kind, x.lot, p.sku, x.quantity, x.planned, {_WAITS}, t.expires_on, "
        "coalesce(t.blocked_reason, '') from stock_bin_stock x "
        "left join stock_lot t on x.lot <> '' and t.product_id = x.product_id and t.code = x.lot "
        "join stock_bin b on b.id = x.bin_id join stock_location l on l.id = x.location_id "
        f"join catalog_product p on p.id = x.product_id where {where.where()} order by {order} limit %s",
        (*where.params, limit),
    )
    return [BinStockRow(*row) for row in rows]
