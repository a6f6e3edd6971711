"""Reads of store credits: what customers still have with a shop, and how it came and went."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select, prefix_range
from orderwerk.orders.visibility import limit_to_orders
from orderwerk.refunds.credit_statuses import StoreCreditStatus
from orderwerk.refunds.store_credits import plain_code


class StoreCreditRow(msgspec.Struct, frozen=True):
    """One store credit; amounts in minor units of `currency`. `order_*` is the order whose refund it is."""

    id: UUID
    number: str
    code: str
    status: str
    shop: str
    order_id: UUID
    order_number: str
    customer_name: str
    refund_id: UUID
    refund_number: str
    currency: str
    amount_minor: int
    remaining_minor: int
    expires_on: date | None
    is_contested: bool
    issued_at: datetime
    version: int


class CreditMovementRow(msgspec.Struct, frozen=True):
    """One line of a store credit: what was given, spent, went back or expired, and with which order."""

    id: UUID
    store_credit_id: UUID
    at: datetime
    kind: str
    delta_minor: int
    order_id: UUID
    order_number: str
    payment_id: UUID | None
    refund_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCreditFilters:
    """What a list of store credits is narrowed to.

    `q` is a code, or begins a number of a credit or of the order that it came from; `order_id` also finds what the order
    was paid with.
    """

    status: str | None = None
    q: str | None = None
    code: str | None = None
    order_id: UUID | None = None
    shop: str | None = None
    is_contested: bool | None = None


_OTHERS = {"shop": "s.code", "order_number": "o.number", "customer_name": "o.customer_name", "refund_number": "r.number"}  # fmt: skip
_COLUMNS = ", ".join(_OTHERS.get(name, f"c.{name}") for name in StoreCreditRow.__struct_fields__)
_SOURCE = (
    "refunds_store_credit c join orders_order o on o.id = c.order_id join shops_shop s on s.id = c.shop_id "
    "join refunds_refund r on r.id = c.refund_id"
)
_CONDITIONS = {
    "status": "c.status = %s",
    "code": "c.code = %s",
    "order_id": "c.id in (select m.store_credit_id from refunds_credit_movement m where m.order_id = %s)",
    "shop": "c.shop_id = (select id from shops_shop where code = %s)",
    "is_contested": "c.is_contested = %s",
}
_SORT = keyset.sortings(id=(("c.id", "uuid"),))["-id"]


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_orders(where, actor, order="c.order_id", shop="c.shop_id")
    return where


def store_credit_page(
    actor: Actor, filters: StoreCreditFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[StoreCreditRow]:
    """Return one page of store credits, newest first; one statement."""
    where = _visible(actor)
    if filters.code is not None:
        filters = replace(filters, code=plain_code(filters.code))
    where.narrow(filters, _CONDITIONS)
    text = (filters.q or "").strip()
    if text:
        number, values = prefix_range("c.number", text.upper())
        order, others = prefix_range("o.number", text)
        where.add(f"(c.code = %s or {number} or {order})", plain_code(text), *values, *others)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([StoreCreditRow(*row) for row in rows], more)


def order_store_credits(actor: Actor, order_id: UUID) -> list[StoreCreditRow]:
    """Return what an order's refunds gave as store credit, and what it was paid with; one statement."""
    return store_credit_page(actor, StoreCreditFilters(order_id=order_id), limit=200).items


def store_credit_detail(actor: Actor, store_credit_id: UUID) -> StoreCreditRow:
    """Return one store credit; one statement. Refuses with NotFound."""
    where = _visible(actor)
    where.add("c.id = %s", store_credit_id)
    rows, _ = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no store credit {store_credit_id}.", code="unknown_store_credit")
    return StoreCreditRow(*rows[0])


def store_credit_tab_counts(actor: Actor, shop: str | None = None) -> dict[str, int]:
    """Return how many store credits stand in each status; one statement."""
    where = _visible(actor)
    if shop is not None:
        where.add(_CONDITIONS["shop"], shop)
    rows = sql.read(
        f"select c.status, count(*) from refunds_store_credit c where {where.where()} group by c.status",
        where.params,
    )
    return dict.fromkeys(StoreCreditStatus.values, 0) | dict(rows)


_STOPS = (
    "select payload ->> 'note' from core_event where order_id = %s and aggregate_id = %s and kind = 'store_credit.stopped' "
    "and payload ? 'note' order by id"
)


def stop_reasons(row: StoreCreditRow) -> list[str]:
    """Return why a store credit was ended early, each time; nothing of what was erased; one statement."""
    return [note for (note,) in sql.read(_STOPS, (row.order_id, row.id))]


_MOVEMENTS = """
select m.id, m.store_credit_id, m.at, m.kind, m.delta_minor, m.order_id, o.number, m.payment_id, m.refund_id
from refunds_credit_movement m join orders_order o on o.id = m.order_id
where m.store_credit_id = any(%s::uuid[]) order by m.store_credit_id, m.id
"""


def credit_movements(store_credit_ids: Sequence[UUID]) -> dict[UUID, list[CreditMovementRow]]:
    """Return the lines of store credits that the caller has read before, oldest first; one statement."""
    found: dict[UUID, list[CreditMovementRow]] = {key: [] for key in store_credit_ids}
    for row in sql.read(_MOVEMENTS, (list(store_credit_ids),)):
        found[row[1]].append(CreditMovementRow(*row))
    return found
