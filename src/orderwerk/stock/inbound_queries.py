"""Reads of goods on their way: what is expected where, what of it has come, and what is in transit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page, Select
from orderwerk.stock.visibility import limit_to_places


class InboundRow(msgspec.Struct, frozen=True):
    """Goods on their way to one location; `origin` is a location of ours for a transfer."""

    id: UUID
    number: str
    kind: str
    status: str
    location: str
    location_name: str
    origin: str | None
    origin_name: str | None
    supplier: str
    reference: str
    expected_on: date | None
    created_at: datetime
    finished_at: datetime | None
    version: int
    line_count: int
    units_expected: int
    units_received: int
    units_closed: int
    units_open: int


class InboundLineRow(msgspec.Struct, frozen=True):
    """One product on its way; `open` is what is still to come."""

    id: UUID
    inbound_id: UUID
    sku: str
    name: str
    image_url: str | None
    expected: int
    received: int
    closed: int
    open: int
    tracking: str


class IncomingRow(msgspec.Struct, frozen=True):
    """What is still to come of one product: from where, to where, when."""

    number: str
    kind: str
    location_name: str
    origin_name: str | None
    supplier: str
    expected_on: date | None
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFilters:
    """What a list of inbounds is narrowed to; `q` is a part of a number, supplier or reference."""

    status: str | None = None
    kind: str | None = None
    location: str | None = None
    number: str | None = None
    shop: str | None = None
    sku: str | None = None
    q: str | None = None


_COLUMNS = (
    "i.id, i.number, i.kind, i.status, l.code, l.name, f.code, f.name, i.supplier, i.reference, i.expected_on, "
    "i.created_at, i.finished_at, i.version, n.lines, n.expected, n.received, n.closed, n.open"
)
_SOURCE = (
    "stock_inbound i join stock_location l on l.id = i.location_id left join stock_location f on f.id = i.origin_id "
    "cross join lateral (select count(*) as lines, coalesce(sum(expected), 0) as expected, coalesce(sum(received), 0) as received, "
    "coalesce(sum(closed), 0) as closed, coalesce(sum(greatest(0, expected - received - closed)), 0) as open "
    "from stock_inbound_line x where x.inbound_id = i.id) n"
)
_CONDITIONS = {
    "status": "i.status = %s",
    "kind": "i.kind = %s",
    "location": "l.code = %s",
    "number": "i.number = %s",
    "shop": "i.location_id in (select x.location_id from shops_shop_location x join shops_shop s on s.id = x.shop_id where s.code = %s)",
    "sku": "i.id in (select x.inbound_id from stock_inbound_line x join catalog_product p on p.id = x.product_id where p.sku = %s)",
    "q": "strpos(lower(concat_ws(chr(10), i.number, i.supplier, i.reference)), lower(%s)) > 0",
}
_SORTS = keyset.sortings(id=(("i.id", "uuid"),))


def inbound_page(
    actor: Actor, filters: InboundFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[InboundRow]:
    """Return one page of inbounds, newest first; one statement."""
    where = limit_to_places(actor, "i.location_id")
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORTS["-id"], cursor, limit)
    return Page([InboundRow(*row) for row in rows], more)


def open_inbound_count(actor: Actor) -> int:
    """Return how many inbounds are still expected; one statement."""
    where = limit_to_places(actor, "i.location_id")
    where.add("i.status = %s", "open")
    rows = sql.read(f"select count(*) from stock_inbound i where {where.where()}", where.params)
    return int(rows[0][0])


def _one(actor: Actor, condition: str, value: object) -> InboundRow:
    where = limit_to_places(actor, "i.location_id")
    where.add(condition, value)
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There is no inbound {value}.", code="unknown_inbound")
    return InboundRow(*rows[0])


def inbound_detail(actor: Actor, inbound_id: UUID) -> InboundRow:
    """Return one inbound; one statement. Refuses with NotFound."""
    return _one(actor, "i.id = %s", inbound_id)


def inbound_by_number(actor: Actor, number: str) -> InboundRow:
    """Return one inbound by its number; one statement. Refuses with NotFound."""
    return _one(actor, "i.number = %s", number)


def inbound_lines(inbound_ids: Sequence[UUID]) -> dict[UUID, list[InboundLineRow]]:
    """Return the lines of inbounds that the caller may see, in their order; one statement."""
    rows = sql.read(
        "select x.id, x.inbound_id, p.sku, p.name, p.image_url, x.expected, x.received, x.closed, "
        "greatest(0, x.expected - x.received - x.closed), p.tracking from stock_inbound_line x join catalog_product p on p.id = x.product_id "
        "where x.inbound_id = any(%s::uuid[]) order by x.position, p.sku",
        [list(inbound_ids)],
    )
    found: dict[UUID, list[InboundLineRow]] = {key: [] for key in inbound_ids}
    for row in rows:
        found[row[1]].append(InboundLineRow(*row))
    return found


def incoming_of_product(actor: Actor, product_id: UUID) -> list[IncomingRow]:
    """Return what is still to come of a product, soonest first; one statement."""
    where = limit_to_places(actor, "i.location_id")
    where.add(
        "x.product_id = %s and x.expected > x.received + x.closed and i.status = 'open'", product_id
    )
    rows = sql.read(
        "select i.number, i.kind, l.name, f.name, i.supplier, i.expected_on, x.expected - x.received - x.closed "
        "from stock_inbound_line x join stock_inbound i on i.id = x.inbound_id join stock_location l on l.id = i.location_id "
        f"left join stock_location f on f.id = i.origin_id where {where.where()} order by i.expected_on nulls last, i.id",
        where.params,
    )
    return [IncomingRow(*row) for row in rows]
