"""Reads of claims: what arrived damaged, or never, and what became of it."""

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
from orderwerk.returns.claim_statuses import ClaimStatus


class ClaimRow(msgspec.Struct, frozen=True):
    """One claim without its lines; the value of its credits in minor units of `currency`."""

    id: UUID
    number: str
    order_id: UUID
    order_number: str
    shop: str
    customer_name: str
    currency: str
    kind: str
    status: str
    shipment_id: UUID | None
    shipment_number: str | None
    new_order_id: UUID | None
    new_order_number: str | None
    created_at: datetime
    created_by: str
    decided_at: datetime | None
    decided_by: str
    version: int
    units: int
    credited_minor: int
    carrier: str
    tracking_code: str
    return_request_id: UUID | None


class ClaimLineRow(msgspec.Struct, frozen=True):
    """So many claimed pieces of an order line."""

    id: UUID
    claim_id: UUID
    order_line_id: UUID
    sku: str
    name: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFilters:
    """What a list of claims is narrowed to; `q` begins a number of a claim or an order."""

    status: str | None = None
    q: str | None = None
    kind: str | None = None
    order_id: UUID | None = None
    shipment_id: UUID | None = None
    return_request_id: UUID | None = None
    shop: str | None = None


_COLUMNS = (
    "c.id, c.number, c.order_id, o.number, s.code, o.customer_name, o.currency, c.kind, c.status, c.shipment_id, h.number, "
    "c.new_order_id, n.number, c.created_at, c.created_by, c.decided_at, c.decided_by, c.version, "
    "coalesce((select sum(k.quantity) from returns_claim_line k where k.claim_id = c.id), 0)::int, "
    "coalesce((select sum(v.gross_minor) from invoices_invoice v where v.order_id = c.order_id and v.trigger_key like 'claim:' || c.id || ':%'), 0)::bigint, "
    "c.carrier, c.tracking_code, c.request_id"
)
_SOURCE = (
    "returns_claim c join orders_order o on o.id = c.order_id join shops_shop s on s.id = c.shop_id "
    "left join shipments_shipment h on h.id = c.shipment_id left join orders_order n on n.id = c.new_order_id"
)
_SORT = keyset.sortings(id=(("c.id", "uuid"),))["-id"]
_CONDITIONS = {
    "status": "c.status = %s",
    "kind": "c.kind = %s",
    "order_id": "c.order_id = %s",
    "shipment_id": "c.shipment_id = %s",
    "return_request_id": "c.request_id = %s",
    "shop": "c.shop_id = (select id from shops_shop where code = %s)",
}


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_orders(where, actor, order="c.order_id", shop="c.shop_id")
    return where


def claim_page(
    actor: Actor, filters: ClaimFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[ClaimRow]:
    """Return one page of claims, newest first; one statement."""
    select = Select(_COLUMNS.replace("%", "%%"), _SOURCE, _visible(actor))
    select.where.narrow(filters, _CONDITIONS)
    text = (filters.q or "").strip()
    if text:
        number, values = prefix_range("c.number", text.upper())
        order, others = prefix_range("o.number", text)
        select.where.add(f"({number} or {order})", *values, *others)
    rows, more = keyset.fetch_page(select, _SORT, cursor, limit)
    return Page([ClaimRow(*row) for row in rows], more)


def claim_detail(actor: Actor, claim_id: UUID) -> ClaimRow:
    """Return one claim; one statement. Refuses with NotFound."""
    select = Select(_COLUMNS.replace("%", "%%"), _SOURCE, _visible(actor))
    select.where.add("c.id = %s", claim_id)
    rows, _ = keyset.fetch_page(select, _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no claim {claim_id}.", code="unknown_claim")
    return ClaimRow(*rows[0])


def repair_of(actor: Actor, order_id: UUID, request_id: UUID) -> ClaimRow | None:
    """Return the repair that came of an order's return request, if its goods came; one statement."""
    # The order is what claims are found by.
    filters = ClaimFilters(order_id=order_id, return_request_id=request_id, kind="repair")
    return next(iter(claim_page(actor, filters, limit=1).items), None)


_LINES = """
select k.id, k.claim_id, k.order_line_id, l.sku, l.name, k.quantity
from returns_claim_line k join orders_line l on l.id = k.order_line_id
where k.claim_id = any(%s::uuid[]) order by k.claim_id, l.position
"""


def claim_lines(claim_ids: Sequence[UUID]) -> dict[UUID, list[ClaimLineRow]]:
    """Return the lines of claims that the caller has read before; one statement."""
    found: dict[UUID, list[ClaimLineRow]] = {key: [] for key in claim_ids}
    for row in sql.read(_LINES, (list(claim_ids),)):
        found[row[1]].append(ClaimLineRow(*row))
    return found


def claim_tab_counts(actor: Actor) -> dict[str, int]:
    """Return how many claims stand in each status; one statement."""
    where = _visible(actor)
    rows = sql.read(
        f"select c.status, count(*) from returns_claim c where {where.where()} group by c.status",
        where.params,
    )
    return dict.fromkeys(ClaimStatus.values, 0) | dict(rows)


def claim_photo_positions(claim_ids: Sequence[UUID]) -> dict[UUID, list[int]]:
    """Return the positions of the pictures of claims that the caller has read before; one statement."""
    found: dict[UUID, list[int]] = {key: [] for key in claim_ids}
    rows = sql.read(
        "select claim_id, position from returns_claim_photo where claim_id = any(%s::uuid[]) order by 1, 2",
        (list(claim_ids),),
    )
    for key, position in rows:
        found[key].append(position)
    return found


def claim_photo(claim_id: UUID, position: int) -> tuple[str, bytes]:
    """Return the type and the bytes of a picture. Refuses with NotFound."""
    rows = sql.read(
        "select media_type, content from returns_claim_photo where claim_id = %s and position = %s",
        (claim_id, position),
    )
    if not rows:
        raise NotFound("There is no such picture.", code="unknown_photo")
    return rows[0][0], bytes(rows[0][1])
