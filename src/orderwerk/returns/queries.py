"""Reads of returns: what came back, what somebody still has to look at, and the credits that were made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select, prefix_range
from orderwerk.orders.visibility import limit_to_orders
from orderwerk.returns.statuses import ReturnStatus


class ReturnRow(msgspec.Struct, frozen=True):
    """One return without its lines; the value of its credits in minor units of the order's currency."""

    id: UUID
    number: str
    order_id: UUID
    order_number: str
    shop: str
    customer_name: str
    country: str
    currency: str
    status: str
    request_id: UUID | None
    request_number: str | None
    is_credited: bool
    refund_shipping: bool
    notify: bool
    as_store_credit: bool
    fee_minor: int
    comment: str
    created_at: datetime
    processed_at: datetime | None
    processed_by: str
    version: int
    units: int
    line_count: int
    credited_minor: int


class ReturnLineRow(msgspec.Struct, frozen=True):
    """Pieces of an order line that came back; `announced` of it stood on the request."""

    id: UUID
    return_id: UUID
    order_line_id: UUID
    product_id: UUID | None
    sku: str
    name: str
    image_url: str | None
    quantity: int
    announced: int
    reason: str
    reason_names: dict[str, str]
    correction_minor: int
    disposition: str | None
    location: str | None
    location_name: str | None
    decided_at: datetime | None
    decided_by: str | None
    serials: list[str]


class ReturnCredit(msgspec.Struct, frozen=True):
    """A credit invoice that was made for a return."""

    id: UUID
    return_id: UUID
    number: str
    gross_minor: int


_COLUMNS = (
    "r.id, r.number, r.order_id, o.number, s.code, o.customer_name, o.country, o.currency, r.status, r.request_id, q.number, "
    "r.is_credited, r.refund_shipping, r.notify, r.as_store_credit, r.fee_minor, r.comment, r.created_at, r.processed_at, r.processed_by, r.version, "
    "coalesce(c.units, 0)::int, c.lines::int, "
    "coalesce((select sum(v.gross_minor) from invoices_invoice v where v.return_id = r.id and v.order_id = r.order_id), 0)::bigint"
)
_SOURCE = (
    "returns_return r join orders_order o on o.id = r.order_id join shops_shop s on s.id = r.shop_id "
    "left join return_requests_request q on q.id = r.request_id cross join lateral ("
    "select sum(k.quantity) as units, count(*) as lines from returns_line k where k.parent_id = r.id) c"
)
_SORT = keyset.sortings(id=(("r.id", "uuid"),))["-id"]
_CONDITIONS = {
    "status": "r.status = %s",
    "order_id": "r.order_id = %s",
    "return_request_id": "r.request_id = %s",
    "shop": "r.shop_id = (select id from shops_shop where code = %s)",
    "sku": "r.id in (select k.parent_id from returns_line k join orders_line l on l.id = k.order_line_id where l.sku = %s)",
    "location": "r.id in (select k.parent_id from returns_line k join stock_location x on x.id = k.location_id where x.code = %s)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFilters:
    """What a list of returns is narrowed to; `q` begins a number of a return or an order."""

    status: str | None = None
    q: str | None = None
    order_id: UUID | None = None
    return_request_id: UUID | None = None
    shop: str | None = None
    sku: str | None = None
    location: str | None = None


def _select(actor: Actor) -> Select:
    where = Conditions()
    limit_to_orders(where, actor, order="r.order_id", shop="r.shop_id")
    return Select(_COLUMNS, _SOURCE, where)


def return_page(
    actor: Actor, filters: ReturnFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[ReturnRow]:
    """Return one page of returns, newest first; one statement."""
    select = _select(actor)
    select.where.narrow(filters, _CONDITIONS)
    text = (filters.q or "").strip()
    if text:
        number, values = prefix_range("r.number", text.upper())
        order, others = prefix_range("o.number", text)
        select.where.add(f"({number} or {order})", *values, *others)
    rows, more = keyset.fetch_page(select, _SORT, cursor, limit)
    return Page([ReturnRow(*row) for row in rows], more)


def _one(actor: Actor, condition: str, value: UUID | str) -> ReturnRow:
    select = _select(actor)
    select.where.add(condition, value)
    rows, _ = keyset.fetch_page(select, _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no return {value}.", code="unknown_return")
    return ReturnRow(*rows[0])


def return_detail(actor: Actor, return_id: UUID) -> ReturnRow:
    """Return one return; one statement. Refuses with NotFound."""
    return _one(actor, "r.id = %s", return_id)


def return_by_number(actor: Actor, number: str) -> ReturnRow:
    """Return the return of a number; see return_detail."""
    return _one(actor, "r.number = %s", number[:60])


_LINES = """
select k.id, k.parent_id, k.order_line_id, k.product_id, l.sku, l.name, p.image_url, k.quantity, coalesce(a.quantity, 0),
  n.code, n.names, k.correction_minor, k.disposition, x.code, x.name, k.decided_at, k.decided_by,
  coalesce((select array_agg(s.serial order by s.serial) from shipments_serial s where s.return_line_id = k.id), '{}')
from returns_line k join returns_return r on r.id = k.parent_id join orders_line l on l.id = k.order_line_id
left join catalog_product p on p.id = l.product_id join return_requests_reason n on n.id = k.reason_id
left join stock_location x on x.id = k.location_id
left join return_requests_line a on a.request_id = r.request_id and a.order_line_id = k.order_line_id
where k.parent_id = any(%s::uuid[]) order by k.parent_id, k.position
"""


def return_lines(return_ids: Sequence[UUID]) -> dict[UUID, list[ReturnLineRow]]:
    """Return the lines of returns that the caller has read before; one statement."""
    found: dict[UUID, list[ReturnLineRow]] = {key: [] for key in return_ids}
    for row in sql.read(_LINES, (list(return_ids),)):
        found[row[1]].append(ReturnLineRow(*(*row[:10], sql.from_json(row[10]), *row[11:])))
    return found


_CREDITS = """
select v.id, v.return_id, v.number, v.gross_minor from invoices_invoice v
where v.return_id = any(%s::uuid[]) and v.order_id = any(%s::uuid[]) order by v.number
"""


def return_credits(returns: Sequence[ReturnRow]) -> dict[UUID, list[ReturnCredit]]:
    """Return the credit invoices of returns that the caller has read before; one statement."""
    found: dict[UUID, list[ReturnCredit]] = {row.id: [] for row in returns}
    rows = sql.read(_CREDITS, ([row.id for row in returns], [row.order_id for row in returns]))
    for row in rows:
        found[row[1]].append(ReturnCredit(*row))
    return found


def return_tab_counts(actor: Actor) -> dict[str, int]:
    """Return how many returns stand in each status; one statement."""
    where = Conditions()
    limit_to_orders(where, actor, order="r.order_id", shop="r.shop_id")
    rows = sql.read(
        f"select r.status, count(*) from returns_return r where {where.where()} group by r.status",
        where.params,
    )
    return dict.fromkeys(ReturnStatus.values, 0) | dict(rows)


class FindingRow(msgspec.Struct, frozen=True):
    """So many pieces that lay in a box and were nothing of its order; `location` where they went into stock."""

    id: UUID
    return_id: UUID
    sku: str | None
    name: str
    quantity: int
    location: str | None
    found_at: datetime
    found_by: str


_FINDINGS = """
select f.id, f.parent_id, p.sku, coalesce(nullif(f.text, ''), p.name), f.quantity, l.code, f.found_at, f.found_by
from returns_finding f left join catalog_product p on p.id = f.product_id
left join stock_receipt r on r.id = f.receipt_id left join stock_location l on l.id = r.location_id
where f.parent_id = any(%s::uuid[]) order by f.parent_id, f.id
"""


def return_findings(return_ids: Sequence[UUID]) -> dict[UUID, list[FindingRow]]:
    """Return what else lay in the boxes of returns that the caller has read before; one statement."""
    found: dict[UUID, list[FindingRow]] = {key: [] for key in return_ids}
    for row in sql.read(_FINDINGS, (list(return_ids),)):
        found[row[1]].append(FindingRow(*row))
    return found
