"""Reads of cancel requests: what the warehouse has to decide, and what became of the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_orders


class CancelRequestRow(msgspec.Struct, frozen=True):
    """One cancel request; `units` are all its pieces, `note` says why it was rejected."""

    id: UUID
    order_id: UUID
    order_number: str
    shop: str
    customer_name: str
    status: str
    reason: str
    requested_by: str
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str
    version: int
    units: int


class CancelRequestLineRow(msgspec.Struct, frozen=True):
    """So many pieces of a line that a cancel request asks for."""

    cancel_request_id: UUID
    order_line_id: UUID
    sku: str
    name: str
    quantity: int


class CancelRequestDetail(msgspec.Struct, frozen=True):
    """A cancel request with its lines."""

    request: CancelRequestRow
    lines: list[CancelRequestLineRow]


_COLUMNS = (
    "r.id, r.order_id, o.number, s.code, o.customer_name, r.status, r.reason, r.requested_by, r.created_at, r.decided_by, "
    "r.decided_at, r.note, r.version, (select sum(x.quantity) from orders_cancel_request_line x where x.cancel_request_id = r.id)"
)
_SOURCE = "orders_cancel_request r join orders_order o on o.id = r.order_id join shops_shop s on s.id = r.shop_id"
_SORTS = keyset.sortings(id=(("r.id", "uuid"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequestFilters:
    """What a list of cancel requests is narrowed to; `q` is an order number or begins one."""

    status: str | None = None
    order_id: UUID | None = None
    shop: str | None = None
    q: str | None = None


_CONDITIONS = {
    "status": "r.status = %s",
    "order_id": "r.order_id = %s",
    "shop": "r.shop_id = (select id from shops_shop where code = %s)",
}


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_orders(where, actor, order="r.order_id", shop="r.shop_id")
    return where


def _row(row: sql.Row) -> CancelRequestRow:
    return CancelRequestRow(*(*row[:-1], int(row[-1])))


def cancel_request_page(
    actor: Actor, filters: CancelRequestFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[CancelRequestRow]:
    """Return one page of cancel requests, newest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    if filters.q and filters.q.strip():
        condition, params = keyset.prefix_range("o.number", filters.q.strip()[:200])
        where.add(condition, *params)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORTS["-id"], cursor, limit)
    return Page([_row(row) for row in rows], more)


def cancel_requests_to_decide(actor: Actor) -> int:
    """Return how many cancel requests wait for a decision; one statement."""
    where = _visible(actor)
    where.add("r.status = 'requested'")
    rows = sql.read(
        f"select count(*) from orders_cancel_request r where {where.where()}", where.params
    )
    return int(rows[0][0])


_LINES = """
select x.cancel_request_id, x.order_line_id, l.sku, l.name, x.quantity
from orders_cancel_request_line x join orders_line l on l.id = x.order_line_id
where x.cancel_request_id = any(%s::uuid[]) order by x.cancel_request_id, l.position
"""


def cancel_request_lines(request_ids: list[UUID]) -> dict[UUID, list[CancelRequestLineRow]]:
    """Return the lines of cancel requests that the caller has read before; one statement."""
    found: dict[UUID, list[CancelRequestLineRow]] = {key: [] for key in request_ids}
    for row in sql.read(_LINES, (request_ids,)):
        found[row[0]].append(CancelRequestLineRow(*row))
    return found


def cancel_request_detail(actor: Actor, request_id: UUID) -> CancelRequestDetail:
    """Return one cancel request with its lines; two statements. Refuses with NotFound."""
    where = _visible(actor)
    where.add("r.id = %s", request_id)
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There is no cancel request {request_id}.", code="unknown_cancel_request")
    return CancelRequestDetail(_row(rows[0]), cancel_request_lines([request_id])[request_id])


def open_cancel_requests(actor: Actor, order_ids: Sequence[UUID]) -> list[CancelRequestDetail]:
    """Return what is to be decided of some orders, oldest first; one statement where there is nothing."""
    where = _visible(actor)
    where.add("r.status = 'requested' and r.order_id = any(%s::uuid[])", list(order_ids))
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where {where.where()} order by r.id", where.params
    )
    if not rows:
        return []
    lines = cancel_request_lines([row[0] for row in rows])
    return [CancelRequestDetail(_row(row), lines[row[0]]) for row in rows]
