"""Reads of counts that were asked for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page, Select
from orderwerk.stock.visibility import limit_to_places


class CountRequestRow(msgspec.Struct, frozen=True):
    """A product in a bin that somebody should count; `quantity` is what the books say lies there now."""

    id: UUID
    product_id: UUID
    sku: str
    name: str
    image_url: str | None
    location: str
    location_name: str
    bin: str
    reason: str
    cause: str
    quantity: int
    requested_at: datetime
    requested_by: str
    closed_at: datetime | None
    closed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRequestFilters:
    """What a list of requests is narrowed to; `open`: not counted yet."""

    open: bool | None = None
    location: str | None = None
    sku: str | None = None
    shop: str | None = None
    cause: str | None = None


_COLUMNS = (
    "r.id, r.product_id, p.sku, p.name, p.image_url, l.code, l.name, b.code, r.reason, r.cause, "
    "(select coalesce(sum(x.quantity), 0)::int from stock_bin_stock x where x.product_id = r.product_id "
    "and x.location_id = r.location_id and x.bin_id = r.bin_id), r.requested_at, r.requested_by, r.closed_at, r.closed_by"
)
_SOURCE = (
    "stock_count_request r join catalog_product p on p.id = r.product_id "
    "join stock_location l on l.id = r.location_id join stock_bin b on b.id = r.bin_id"
)
_CONDITIONS = {
    "location": "l.code = %s",
    "sku": "p.sku = %s",
    "cause": "r.cause = %s",
    "shop": "r.location_id in (select x.location_id from shops_shop_location x join shops_shop s on s.id = x.shop_id where s.code = %s)",
}
_SORTS = keyset.sortings(id=(("r.id", "uuid"),))


def count_request_page(
    actor: Actor, filters: CountRequestFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[CountRequestRow]:
    """Return one page of requests, newest first; one statement."""
    where = limit_to_places(actor, "r.location_id")
    where.narrow(filters, _CONDITIONS)
    if filters.open is not None:
        where.add(f"r.closed_at is {'' if filters.open else 'not '}null")
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORTS["-id"], cursor, limit)
    return Page([CountRequestRow(*row) for row in rows], more)


def count_request_detail(actor: Actor, request_id: UUID) -> CountRequestRow:
    """Return one request; one statement. Refuses with NotFound."""
    where = limit_to_places(actor, "r.location_id")
    where.add("r.id = %s", request_id)
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There is no count request {request_id}.", code="unknown_count_request")
    return CountRequestRow(*rows[0])


def open_count_requests(actor: Actor, *, location: str | None = None) -> int:
    """Return how many bins wait to be counted, at one location or at all; one statement."""
    where = limit_to_places(actor, "r.location_id")
    where.add("r.closed_at is null")
    if location is not None:
        where.add("r.location_id = (select l.id from stock_location l where l.code = %s)", location)
    rows = sql.read(
        f"select count(*) from stock_count_request r where {where.where()}", where.params
    )
    return int(rows[0][0])
