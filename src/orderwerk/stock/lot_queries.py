"""Reads of lots: which there are, how long they may be used, and what lies of them where."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page, Select
from orderwerk.stock.visibility import limit_to_places


class LotRow(msgspec.Struct, frozen=True):
    """One lot of a product; `on_hand` lies at locations that the reader may see, `picked` of it waits to leave."""

    id: UUID
    product_id: UUID
    sku: str
    name: str
    image_url: str | None
    lot: str
    expires_on: date | None
    is_blocked: bool
    blocked_reason: str
    created_at: datetime
    on_hand: int
    picked: int


class LotPlaceRow(msgspec.Struct, frozen=True):
    """What lies of a lot in one bin."""

    location: str
    location_name: str
    bin: str
    kind: str
    quantity: int
    planned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LotFilters:
    """What a list of lots is narrowed to; `in_stock`: some lies where the reader may see it; `q` begins a lot or is a sku."""

    sku: str | None = None
    lot: str | None = None
    blocked: bool | None = None
    in_stock: bool | None = None
    expires_before: date | None = None
    q: str | None = None


_CONDITIONS = {
    "sku": "p.sku = %s",
    "lot": "t.code = %s",
    "blocked": "t.is_blocked = %s",
    "expires_before": "t.expires_on < %s",
}
_SORT = keyset.sortings(
    expires_on=(("coalesce(t.expires_on, date '9999-12-31')", "date"), ("t.id", "uuid"))
)["expires_on"]


def _select(actor: Actor) -> Select:
    places = limit_to_places(actor, "b.location_id")
    source = (
        "stock_lot t join catalog_product p on p.id = t.product_id cross join lateral ("
        "select coalesce(sum(b.quantity), 0)::bigint as on_hand, "
        "coalesce(sum(b.quantity) filter (where k.kind = 'staging'), 0)::bigint as picked "
        "from stock_bin_stock b join stock_bin k on k.id = b.bin_id "
        f"where b.product_id = t.product_id and b.lot = t.code and {places.where()}) n"
    )
    columns = (
        "t.id, t.product_id, p.sku, p.name, p.image_url, t.code, t.expires_on, t.is_blocked, t.blocked_reason, t.created_at, "
        "n.on_hand, n.picked"
    )
    where = keyset.Conditions()
    # The limits on places stand in the source, whose values come before those of the conditions.
    return Select(columns, source, where, "", places.params)


def lot_page(
    actor: Actor, filters: LotFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[LotRow]:
    """Return one page of lots, what expires first in front; one statement."""
    select = _select(actor)
    select.where.narrow(filters, _CONDITIONS)
    if filters.in_stock is not None:
        select.where.add(f"n.on_hand {'>' if filters.in_stock else '='} 0")
    if filters.q and filters.q.strip():
        text = filters.q.strip()[:200]
        condition, values = keyset.prefix_range("t.code", text)
        select.where.add(f"({condition} or p.sku = %s)", *values, text)
    rows, more = keyset.fetch_page(select, _SORT, cursor, limit)
    return Page([LotRow(*row) for row in rows], more)


def lot_detail(actor: Actor, lot_id: UUID) -> LotRow:
    """Return one lot; one statement. Refuses with NotFound."""
    select = _select(actor)
    select.where.add("t.id = %s", lot_id)
    rows = sql.read(
        f"select {select.columns} from {select.source} where {select.where.where()}",
        [*select.before_params, *select.where.params],
    )
    if not rows:
        raise NotFound(f"There is no lot {lot_id}.", code="unknown_lot")
    return LotRow(*rows[0])


def places_of_lot(actor: Actor, lot: LotRow) -> list[LotPlaceRow]:
    """Return what lies of a lot where, by location and walking order; one statement."""
    where = limit_to_places(actor, "b.location_id")
    where.add("b.product_id = %s and b.lot = %s and b.quantity > 0", lot.product_id, lot.lot)
    rows = sql.read(
        "select l.code, l.name, k.code, k.kind, b.quantity, b.planned from stock_bin_stock b "
        "join stock_location l on l.id = b.location_id join stock_bin k on k.id = b.bin_id "
        f"where {where.where()} order by l.priority, l.code, k.position, k.code",
        where.params,
    )
    return [LotPlaceRow(*row) for row in rows]
