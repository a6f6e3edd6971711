"""Reads of refunds."""

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
from orderwerk.refunds.room import FITS, ROOM
from orderwerk.refunds.statuses import RefundStatus


class RefundRow(msgspec.Struct, frozen=True):
    """One refund; the amount in minor units of `currency`."""

    id: UUID
    number: str
    status: str
    shop: str
    order_id: UUID
    order_number: str
    customer_name: str
    credit_id: UUID
    credit_number: str
    payment_id: UUID
    payment_reference: str
    provider: str
    currency: str
    amount_minor: int
    mode: str
    four_eyes: bool
    author_id: UUID | None
    author_name: str
    approver_name: str | None
    approved_at: datetime | None
    due_at: datetime | None
    attempts: int
    via: str
    as_store_credit: bool
    store_credit_id: UUID | None
    effect_status: str | None
    next_call_at: datetime | None
    account_holder: str
    account_iban: str
    batch_number: str | None
    provider_reference: str
    provider_status: str
    is_reversed: bool
    is_taken_back: bool
    is_contested: bool
    note: str
    created_at: datetime
    submitted_at: datetime | None
    finished_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFilters:
    """What a list of refunds is narrowed to; `q` begins a refund, order or credit invoice number."""

    status: str | None = None
    q: str | None = None
    order_id: UUID | None = None
    invoice_id: UUID | None = None
    shop: str | None = None
    provider: str | None = None
    mode: str | None = None


_OTHERS = {
    "shop": "s.code", "order_number": "o.number", "customer_name": "o.customer_name", "credit_number": "v.number",
    "payment_reference": "p.reference", "effect_status": "e.status", "next_call_at": "e.next_attempt_at",
    "note": "case when r.note = '' and e.status in ('intended', 'in_doubt') then e.note else r.note end",
    "batch_number": "b.number",
    "store_credit_id": "(select m.store_credit_id from refunds_credit_movement m where m.refund_id = r.id)",
    "is_reversed": "exists (select 1 from refunds_reversal x where x.refund_id = r.id)",
    "is_taken_back": f"not {FITS}",
    "is_contested": "p.is_contested",
}  # fmt: skip
_COLUMNS = ", ".join(_OTHERS.get(name, f"r.{name}") for name in RefundRow.__struct_fields__)
_SOURCE = (
    "refunds_refund r join orders_order o on o.id = r.order_id join shops_shop s on s.id = r.shop_id "
    "join invoices_invoice v on v.id = r.credit_id join payments_payment p on p.id = r.payment_id "
    "left join core_effect e on e.id = r.effect_id left join refunds_batch b on b.id = r.batch_id"
)
_CONDITIONS = {
    "status": "r.status = %s",
    "order_id": "r.order_id = %s",
    "invoice_id": "r.credit_id = %s",
    "provider": "r.provider = %s",
    "mode": "r.mode = %s",
    "shop": "r.shop_id = (select id from shops_shop where code = %s)",
}
_SORT = keyset.sortings(id=(("r.id", "uuid"),))["-id"]


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_orders(where, actor, order="r.order_id", shop="r.shop_id")
    return where


def refund_page(
    actor: Actor, filters: RefundFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[RefundRow]:
    """Return one page of refunds, newest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    text = (filters.q or "").strip()
    if text:
        parts = [prefix_range(f"{column}.number", text) for column in ("r", "o", "v")]
        condition = " or ".join(part for part, _ in parts)
        where.add(f"({condition})", *(value for _, values in parts for value in values))
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([RefundRow(*row) for row in rows], more)


def refund_tab_counts(actor: Actor, shop: str | None = None) -> dict[str, int]:
    """Return how many refunds stand in each status, exactly; one statement. Every status is there, also with 0."""
    where = _visible(actor)
    if shop is not None:
        where.add(_CONDITIONS["shop"], shop)
    rows = sql.read(
        f"select r.status, count(*) from refunds_refund r where {where.where()} group by r.status",
        where.params,
    )
    return dict.fromkeys(RefundStatus.values, 0) | dict(rows)


def refunds_by_id(actor: Actor, refund_ids: Sequence[UUID]) -> list[RefundRow]:
    """Return those of the refunds that the actor may see, oldest first; one statement."""
    return _refunds(actor, "r.id = any(%s::uuid[])", list(refund_ids))


def order_refunds(actor: Actor, order_id: UUID) -> list[RefundRow]:
    """Return all refunds of an order, oldest first; one statement."""
    return _refunds(actor, "r.order_id = %s", order_id)


def _refunds(actor: Actor, condition: str, value: object) -> list[RefundRow]:
    where = _visible(actor)
    where.add(condition, value)
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where {where.where()} order by r.id", where.params
    )
    return [RefundRow(*row) for row in rows]


class UnpaidCredit(msgspec.Struct, frozen=True):
    """A credit invoice of which something may go back that is in no refund; `waits` for the new order of an exchange.

    `has_room`: a payment of its order can still bear some of it.
    """

    id: UUID
    number: str
    left_minor: int
    waits: bool
    has_room: bool


_UNPAID = f"""
select v.id, v.number, v.refundable_minor - v.refund_reserved_minor,
  exists (select 1 from returns_exchange x where x.parent_id = v.return_id and x.status = 'open'),
  exists (select 1 from payments_payment p
    where p.order_id = v.order_id and {ROOM} > 0)
from invoices_invoice v where v.order_id = %s and v.kind = 'credit' and v.refund_reserved_minor < v.refundable_minor order by v.id
"""


def unpaid_credits(order_id: UUID) -> list[UnpaidCredit]:
    """Return the credit invoices of an order of which no refund carries the whole."""
    return [UnpaidCredit(*row) for row in sql.fetch(_UNPAID, (order_id,))]


def refund_detail(actor: Actor, refund_id: UUID) -> RefundRow:
    """Return one refund; one statement. Refuses with NotFound."""
    found = refunds_by_id(actor, [refund_id])
    if not found:
        raise NotFound(f"There is no refund {refund_id}.", code="unknown_refund")
    return found[0]
