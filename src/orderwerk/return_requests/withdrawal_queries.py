"""Reads of statements of withdrawal, and of the pictures of return requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.core.outcome import Outcome
from orderwerk.orders.visibility import limit_to_orders


class WithdrawalRow(msgspec.Struct, frozen=True):
    """One statement as it was confirmed; `lines` empty: from the whole contract."""

    id: UUID
    number: str
    shop: str
    order_id: UUID
    order_number: str
    name: str
    email: str
    language: str
    lines: list[dict[str, Any]]
    in_time: bool
    received_at: datetime
    return_request_id: UUID | None
    return_request_number: str | None


_COLUMNS = (
    "w.id, w.number, s.code, w.order_id, o.number, w.name, w.email, w.language, w.lines, w.in_time, w.received_at, "
    "w.request_id, q.number"
)
_SOURCE = (
    "return_requests_withdrawal w join orders_order o on o.id = w.order_id join shops_shop s on s.id = w.shop_id "
    "left join return_requests_request q on q.id = w.request_id"
)
_LINES = 8
_SORT = keyset.sortings(id=(("w.id", "uuid"),))["-id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalFilters:
    """What a list of statements is narrowed to."""

    order_id: UUID | None = None
    shop: str | None = None


_CONDITIONS = {
    "order_id": "w.order_id = %s",
    "shop": "w.shop_id = (select id from shops_shop where code = %s)",
}


def _row(row: sql.Row) -> WithdrawalRow:
    return WithdrawalRow(*(*row[:_LINES], sql.from_json(row[_LINES]), *row[_LINES + 1 :]))


def withdrawal_page(
    actor: Actor, filters: WithdrawalFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[WithdrawalRow]:
    """Return one page of statements, newest first; one statement."""
    where = Conditions()
    limit_to_orders(where, actor, order="w.order_id", shop="w.shop_id")
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([_row(row) for row in rows], more)


def withdrawal_detail(actor: Actor, withdrawal_id: UUID) -> WithdrawalRow:
    """Return one statement; one statement of SQL. Refuses with NotFound."""
    where = Conditions()
    limit_to_orders(where, actor, order="w.order_id", shop="w.shop_id")
    where.add("w.id = %s", withdrawal_id)
    rows, _ = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no withdrawal {withdrawal_id}.", code="unknown_withdrawal")
    return _row(rows[0])


def withdrawal_by_number(order_id: UUID, number: str) -> WithdrawalRow | None:
    """Return the statement of an order with this number, for whoever may see the order."""
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where w.order_id = %s and w.number = %s",
        (order_id, number[:60]),
    )
    return _row(rows[0]) if rows else None


def photo_positions(request_id: UUID) -> list[int]:
    """Return the positions of a request's pictures."""
    rows = sql.read(
        "select position from return_requests_photo where request_id = %s order by 1", (request_id,)
    )
    return [row[0] for row in rows]


def photo(request_id: UUID, position: int) -> tuple[str, bytes]:
    """Return the type and the bytes of a picture. Refuses with NotFound."""
    rows = sql.read(
        "select media_type, content from return_requests_photo where request_id = %s and position = %s",
        (request_id, position),
    )
    if not rows:
        raise NotFound("There is no such picture.", code="unknown_photo")
    return rows[0][0], bytes(rows[0][1])


# What makes two statements the same: order, name, address, and pieces by line.
Words = tuple[UUID, str, str, frozenset[tuple[UUID, int]]]


def earlier_withdrawals(order_ids: Sequence[UUID]) -> dict[Words, Outcome]:
    """Return what was stated of orders before, by its words, as its command answered; for whoever has locked them."""
    found: dict[Words, Outcome] = {}
    rows = sql.fetch(
        f"select {_COLUMNS} from {_SOURCE} where w.order_id = any(%s)", (list(order_ids),)
    )
    for row in map(_row, rows):
        lines = frozenset((UUID(line["order_line_id"]), line["quantity"]) for line in row.lines)
        found[row.order_id, row.name, row.email, lines] = Outcome.done(
            row.id, number=row.number, received_at=row.received_at, return_request=row.return_request_number
        )  # fmt: skip
    return found
