"""Writes cancel requests and what became of them; the orders are locked by the caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.orders.events import (
    CANCEL_REQUEST_ACCEPTED,
    CANCEL_REQUEST_MADE,
    CANCEL_REQUEST_REJECTED,
)


@dataclass(frozen=True, slots=True)
class NewCancelRequest:
    """Pieces per line of one order that the warehouse is asked to let go, and why."""

    order_id: UUID
    shop_id: UUID
    reason: str
    lines: Mapping[UUID, int]


@dataclass(slots=True)
class KnownCancelRequest:
    """A cancel request as it stands under the lock of its order."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    status: str
    version: int
    reason: str
    lines: dict[UUID, int] = field(default_factory=dict)


_REQUEST = (
    "id uuid, shop_id uuid, order_id uuid, reason text, status text, requested_by text, created_at timestamptz, note text, "
    "version int"
)
_LINE = (
    "id uuid, shop_id uuid, order_id uuid, cancel_request_id uuid, order_line_id uuid, quantity int"
)
_COUNT = """
update orders_line l set cancel_requested = l.cancel_requested + t.n
from unnest(%s::uuid[], %s::int[]) as t(id, n) where l.id = t.id
"""


def insert_cancel_requests(
    unit: UnitOfWork, requests: Sequence[NewCancelRequest]
) -> dict[UUID, UUID]:
    """Write cancel requests and count their pieces at the lines; returns the request per order.

    The CHECK of the line refuses what has left or is cancelled already.
    """
    if not requests:
        return {}
    made = dict(zip([r.order_id for r in requests], ids.new_ids(len(requests)), strict=True))
    rows = [
        {
            "id": made[r.order_id], "shop_id": r.shop_id, "order_id": r.order_id, "reason": r.reason, "status": "requested",
            "requested_by": unit.actor.name, "created_at": clock.now(), "note": "", "version": 1,
        }
        for r in requests
    ]  # fmt: skip
    lines = [
        {
            "id": ids.new_id(), "shop_id": r.shop_id, "order_id": r.order_id, "cancel_request_id": made[r.order_id],
            "order_line_id": line_id, "quantity": n,
        }
        for r in requests
        for line_id, n in r.lines.items()
    ]  # fmt: skip
    sql.insert_rows("orders_cancel_request", _REQUEST, rows)
    sql.insert_rows("orders_cancel_request_line", _LINE, lines)
    sql.execute(_COUNT, ([x["order_line_id"] for x in lines], [x["quantity"] for x in lines]))
    for r in requests:
        subject = Subject("cancel_request", made[r.order_id], 1, r.order_id, r.shop_id)
        data = {"units": sum(r.lines.values()), "reason": r.reason}
        unit.record(CANCEL_REQUEST_MADE, subject, Move(None, "requested"), data)
    return made


_READ = """
select r.id, r.shop_id, r.order_id, r.status, r.version, r.reason, l.order_line_id, l.quantity
from orders_cancel_request r join orders_cancel_request_line l on l.cancel_request_id = r.id
where r.id = any(%s) order by r.id, l.id
"""


def read_cancel_requests(request_ids: Sequence[UUID]) -> dict[UUID, KnownCancelRequest]:
    """Return cancel requests with their pieces per line; those of locked orders stand still."""
    found: dict[UUID, KnownCancelRequest] = {}
    for row in sql.fetch(_READ, (list(request_ids),)):
        known = found.setdefault(row[0], KnownCancelRequest(*row[:6]))
        known.lines[row[6]] = row[7]
    return found


def lines_asked_back(order_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return the lines of orders of which an open cancel request wants pieces: nothing of them may leave."""
    rows = sql.fetch(
        "select l.id from orders_line l where l.order_id = any(%s) and l.cancel_requested > 0",
        (list(order_ids),),
    )
    return frozenset(row[0] for row in rows)


_CLOSE = """
with closed as (
  update orders_cancel_request r
  set status = t.status, note = t.note, decided_by = %s, decided_at = %s, version = r.version + 1
  from unnest(%s::uuid[], %s::text[], %s::text[]) as t(id, status, note) where r.id = t.id
  returning r.id, r.version
), counted as (
  update orders_line l set cancel_requested = l.cancel_requested - p.n
  from (select order_line_id, sum(quantity) as n from orders_cancel_request_line
        where cancel_request_id = any(%s) group by order_line_id) p
  where l.id = p.order_line_id
)
select id, version from closed
"""


def close_cancel_requests(
    unit: UnitOfWork, requests: Sequence[KnownCancelRequest], status: str, notes: Mapping[UUID, str]
) -> None:
    """Accept or reject open cancel requests of locked orders: their pieces no longer count as asked for.

    `notes`: per request why it was decided so.
    """
    if not requests:
        return
    known = {r.id: r for r in requests}
    keys = list(known)
    parameters = (
        unit.actor.name, clock.now(), keys, [status] * len(keys), [notes.get(key, "") for key in keys], keys,
    )  # fmt: skip
    kind = CANCEL_REQUEST_ACCEPTED if status == "accepted" else CANCEL_REQUEST_REJECTED
    for key, version in sql.fetch(_CLOSE, parameters):
        r = known[key]
        subject = Subject("cancel_request", key, version, r.order_id, r.shop_id)
        data = {"units": sum(r.lines.values()), "reason": notes.get(key) or r.reason}
        unit.record(kind, subject, Move(r.status, status), data)
