"""Reads of delivery problems: what somebody has to deal with, and what was done about the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops


class ExceptionRow(msgspec.Struct, frozen=True):
    """One problem with a parcel; `note` says what was done about it."""

    id: UUID
    shipment_id: UUID
    shipment_number: str
    order_id: UUID
    order_number: str
    shop: str
    location: str
    customer_name: str
    carrier: str
    tracking_code: str
    kind: str
    status: str
    text: str
    place: str
    happened_at: datetime
    raised_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str
    version: int


_COLUMNS = (
    "e.id, e.shipment_id, h.number, e.order_id, o.number, s.code, l.code, o.customer_name, h.carrier, h.tracking_code, e.kind, "
    "e.status, e.text, e.place, e.happened_at, e.raised_at, e.closed_at, e.closed_by, e.note, e.version"
)
_SOURCE = (
    "shipments_exception e join shipments_shipment h on h.id = e.shipment_id join orders_order o on o.id = e.order_id "
    "join shops_shop s on s.id = e.shop_id join stock_location l on l.id = e.location_id"
)
_SORTS = keyset.sortings(id=(("e.id", "uuid"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionFilters:
    """What a list of delivery problems is narrowed to; `q` begins an order or shipment number."""

    status: str | None = None
    kind: str | None = None
    order_id: UUID | None = None
    shipment_id: UUID | None = None
    shop: str | None = None
    location: str | None = None
    q: str | None = None


_CONDITIONS = {
    "status": "e.status = %s",
    "kind": "e.kind = %s",
    "order_id": "e.order_id = %s",
    "shipment_id": "e.shipment_id = %s",
    "shop": "e.shop_id = (select id from shops_shop where code = %s)",
    "location": "e.location_id = (select id from stock_location where code = %s)",
}


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_shops(where, actor, "e.shop_id")
    limit_to_locations(where, actor, "e.location_id")
    return where


def exception_page(
    actor: Actor, filters: ExceptionFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[ExceptionRow]:
    """Return one page of delivery problems, newest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    if filters.q and filters.q.strip():
        text = filters.q.strip()[:200]
        order, values = keyset.prefix_range("o.number", text)
        shipment, more_values = keyset.prefix_range("h.number", text)
        where.add(f"({order} or {shipment})", *values, *more_values)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORTS["-id"], cursor, limit)
    return Page([ExceptionRow(*row) for row in rows], more)


def exceptions_to_deal_with(actor: Actor) -> int:
    """Return how many delivery problems are open; one statement."""
    where = _visible(actor)
    where.add("e.status = 'open'")
    rows = sql.read(
        f"select count(*) from shipments_exception e where {where.where()}", where.params
    )
    return int(rows[0][0])


def exception_detail(actor: Actor, exception_id: UUID) -> ExceptionRow:
    """Return one delivery problem; one statement. Refuses with NotFound."""
    where = _visible(actor)
    where.add("e.id = %s", exception_id)
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound(
            f"There is no delivery problem {exception_id}.", code="unknown_delivery_exception"
        )
    return ExceptionRow(*rows[0])


def open_exceptions(actor: Actor, order_ids: Sequence[UUID]) -> list[ExceptionRow]:
    """Return what somebody has to deal with of some orders, oldest first; one statement."""
    where = _visible(actor)
    where.add("e.status = 'open' and e.order_id = any(%s::uuid[])", list(order_ids))
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where {where.where()} order by e.id", where.params
    )
    return [ExceptionRow(*row) for row in rows]
