"""Reads of payments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_orders


class PaymentRow(msgspec.Struct, frozen=True):
    """One payment of an order; amounts in minor units of `currency`."""

    id: UUID
    order_id: UUID
    order_number: str
    shop: str
    currency: str
    provider: str
    method: str
    reference: str
    status: str
    amount_minor: int
    authorized_minor: int
    captured_minor: int
    refunded_minor: int
    charged_back_minor: int
    is_contested: bool
    capture_before: datetime | None
    received_at: datetime | None
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilters:
    """What a list of payments is narrowed to."""

    order_id: UUID | None = None
    status: str | None = None
    provider: str | None = None
    reference: str | None = None
    shop: str | None = None


_COLUMNS = (
    "y.id, y.order_id, o.number, s.code, y.currency, y.provider, y.method, y.reference, y.status, y.amount_minor, "
    "y.authorized_minor, y.captured_minor, y.refunded_minor, y.charged_back_minor, y.is_contested, y.capture_before, y.received_at, y.created_at, y.version"
)
_SOURCE = "payments_payment y join orders_order o on o.id = y.order_id join shops_shop s on s.id = y.shop_id"
_CONDITIONS = {
    "order_id": "y.order_id = %s",
    "status": "y.status = %s",
    "provider": "y.provider = %s",
    "reference": "y.reference = %s",
    "shop": "y.shop_id = (select id from shops_shop where code = %s)",
}
_SORT = keyset.sortings(id=(("y.id", "uuid"),))["-id"]


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_orders(where, actor, order="y.order_id", shop="y.shop_id")
    return where


def payment_page(
    actor: Actor, filters: PaymentFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[PaymentRow]:
    """Return one page of payments, newest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([PaymentRow(*row) for row in rows], more)


def payments_by_id(actor: Actor, payment_ids: Sequence[UUID]) -> list[PaymentRow]:
    """Return those of the payments that the actor may see, oldest first; one statement."""
    where = _visible(actor)
    where.add("y.id = any(%s::uuid[])", list(payment_ids))
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where {where.where()} order by y.id", where.params
    )
    return [PaymentRow(*row) for row in rows]


def payment_detail(actor: Actor, payment_id: UUID) -> PaymentRow:
    """Return one payment; one statement. Refuses with NotFound."""
    found = payments_by_id(actor, [payment_id])
    if not found:
        raise NotFound(f"There is no payment {payment_id}.", code="unknown_payment")
    return found[0]


def order_payments(actor: Actor, order_id: UUID) -> list[PaymentRow]:
    """Return all payments of an order, oldest first; one statement."""
    where = _visible(actor)
    where.add("y.order_id = %s", order_id)
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where {where.where()} order by y.id", where.params
    )
    return [PaymentRow(*row) for row in rows]


def payments_of_orders_later(
    order_ids: Sequence[UUID],
) -> Callable[[], dict[UUID, list[PaymentRow]]]:
    """Ask for the payments of orders that the caller has read before; for use inside `sql.pipelined`."""
    rows = sql.fetch_later(
        f"select {_COLUMNS} from {_SOURCE} where y.order_id = any(%s::uuid[]) order by y.id",
        (list(order_ids),),
    )

    def answer() -> dict[UUID, list[PaymentRow]]:
        found: dict[UUID, list[PaymentRow]] = {order_id: [] for order_id in order_ids}
        for row in rows():
            payment = PaymentRow(*row)
            found[payment.order_id].append(payment)
        return found

    return answer


def payments_of_orders(order_ids: Sequence[UUID]) -> dict[UUID, list[PaymentRow]]:
    """Return the payments of orders that the caller has read before, oldest first; one statement."""
    return payments_of_orders_later(order_ids)()
