"""What lies in which bin: of one product, or in one bin."""

from datetime import date
from uuid import UUID

import msgspec

from orderwerk.core import keyset
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions, Page, Select, Sorting
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
_COLUMNS = (
    f"l.code, b.code, b.kind, x.lot, p.sku, x.quantity, x.planned, {_WAITS}, t.expires_on, "
    "coalesce(t.blocked_reason, '')"
)
_SOURCE = (
    "stock_bin_stock x left join stock_lot t on x.lot <> '' and t.product_id = x.product_id and t.code = x.lot "
    "join stock_bin b on b.id = x.bin_id join stock_location l on l.id = x.location_id join catalog_product p on p.id = x.product_id"
)
# A lot without a day is the last of its bin.
_LOTS = (("coalesce(t.expires_on, '9999-12-31')", "date"), ("x.lot", "text"))
_WALK = keyset.sortings(
    walk=(
        ("l.priority", "int"),
        ("l.code", "text"),
        ("b.position", "int"),
        ("b.code", "text"),
        *_LOTS,
    )
)["walk"]
_SKUS = keyset.sortings(sku=(("p.sku", "text"), *_LOTS))["sku"]


def bin_page_of_product(
    actor: Actor, product_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[BinStockRow]:
    """Return one page of the bins that hold a product, or should be counted, by location and walking order; one statement."""
    return _page(_of_product(actor, product_id), _WALK, cursor, limit)


def stock_of_bin(
    actor: Actor, bin_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[BinStockRow]:
    """Return one page of what lies in a bin, or should be counted there, by sku; one statement."""
    where = limit_to_places(actor, "x.location_id")
    where.add(f"x.bin_id = %s and (x.quantity > 0 or {_WAITS})", bin_id)
    return _page(where, _SKUS, cursor, limit)


def _of_product(actor: Actor, product_id: UUID) -> Conditions:
    where = limit_to_places(actor, "x.location_id")
    where.add(f"x.product_id = %s and (x.quantity > 0 or {_WAITS})", product_id)
    return where


def _page(where: Conditions, sorting: Sorting, cursor: str | None, limit: int) -> Page[BinStockRow]:
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), sorting, cursor, limit)
    return Page([BinStockRow(*row) for row in rows], more)
