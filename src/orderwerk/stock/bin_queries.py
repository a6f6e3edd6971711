"""Reads of bins: the shelf positions of locations in walking order, and what lies in each."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page, Select
from orderwerk.stock.visibility import limit_to_places


class BinRow(msgspec.Struct, frozen=True):
    """One bin of a location, with how many products and pieces lie in it."""

    id: UUID
    location: str
    code: str
    kind: str
    position: int
    zone: str
    use: str
    aisle: int
    depth: int | None
    product_count: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BinFilters:
    """What a list of bins is narrowed to."""

    location: str | None = None
    zone: str | None = None
    use: str | None = None


_COLUMNS = "b.id, l.code, b.code, b.kind, b.position, b.zone, b.use, b.aisle, b.depth, c.products, coalesce(c.quantity, 0)"
_SOURCE = (
    "stock_bin b join stock_location l on l.id = b.location_id cross join lateral ("
    "select count(*) filter (where quantity > 0) as products, sum(quantity) as quantity "
    "from stock_bin_stock x where x.bin_id = b.id) c"
)
_CONDITIONS = {"location": "l.code = %s", "zone": "b.zone = %s", "use": "b.use = %s"}
_SORT = keyset.sortings(position=(("l.code", "text"), ("b.position", "int"), ("b.code", "text")))[
    "position"
]


def bin_page(
    actor: Actor, filters: BinFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[BinRow]:
    """Return one page of bins by location and walking order; one statement."""
    where = limit_to_places(actor, "l.id")
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([BinRow(*row) for row in rows], more)


def bin_detail(actor: Actor, bin_id: UUID) -> BinRow:
    """Return one bin; one statement. Refuses with NotFound."""
    where = limit_to_places(actor, "l.id")
    where.add("b.id = %s", bin_id)
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There is no bin {bin_id}.", code="unknown_bin")
    return BinRow(*rows[0])


def zone_names(actor: Actor) -> list[str]:
    """Return the names of all zones that the actor may see; one statement."""
    where = limit_to_places(actor, "b.location_id")
    where.add("b.zone <> ''")
    rows = sql.read(
        f"select distinct b.zone from stock_bin b where {where.where()} order by 1 limit 200",
        where.params,
    )
    return [row[0] for row in rows]
