"""Reads of captures and releases of authorised payments."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_orders


class CaptureRow(msgspec.Struct, frozen=True):
    """One capture or release; the amount in minor units of `currency`."""

    id: UUID
    shop: str
    order_id: UUID
    order_number: str
    payment_id: UUID
    payment_reference: str
    provider: str
    currency: str
    is_release: bool
    status: str
    amount_minor: int
    attempts: int
    effect_status: str
    next_call_at: datetime | None
    provider_reference: str
    note: str
    created_at: datetime
    finished_at: datetime | None
    version: int

    @property
    def is_in_doubt(self) -> bool:
        """Whether nobody knows if the provider took it."""
        return self.status == "submitted" and self.effect_status == "in_doubt"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureFilters:
    """What the list of captures is narrowed to."""

    status: str | None = None
    shop: str | None = None
    order_id: UUID | None = None
    payment_id: UUID | None = None


_OTHERS = {
    "shop": "s.code", "order_number": "o.number", "payment_reference": "p.reference", "provider": "p.provider",
    "effect_status": "e.status", "next_call_at": "e.next_attempt_at",
    "note": "case when c.note = '' and e.status in ('intended', 'in_doubt') then e.note else c.note end",
}  # fmt: skip
_COLUMNS = ", ".join(_OTHERS.get(name, f"c.{name}") for name in CaptureRow.__struct_fields__)
_SOURCE = (
    "payments_capture c join payments_payment p on p.id = c.payment_id join orders_order o on o.id = c.order_id "
    "join shops_shop s on s.id = c.shop_id join core_effect e on e.id = c.effect_id"
)
_CONDITIONS = {
    "status": "c.status = %s",
    "shop": "c.shop_id = (select id from shops_shop where code = %s)",
    "order_id": "c.order_id = %s",
    "payment_id": "c.payment_id = %s",
}
_SORT = keyset.sortings(id=(("c.id", "uuid"),))["-id"]


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_orders(where, actor, order="c.order_id", shop="c.shop_id")
    return where


def capture_page(
    actor: Actor, filters: CaptureFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[CaptureRow]:
    """Return one page of captures, newest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([CaptureRow(*row) for row in rows], more)


def capture_detail(actor: Actor, capture_id: UUID) -> CaptureRow:
    """Return one capture; one statement. Refuses with NotFound."""
    where = _visible(actor)
    where.add("c.id = %s", capture_id)
    rows, _ = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no capture {capture_id}.", code="unknown_capture")
    return CaptureRow(*rows[0])


def order_captures(actor: Actor, order_id: UUID) -> list[CaptureRow]:
    """Return all captures of an order, oldest first; one statement."""
    where = _visible(actor)
    where.add("c.order_id = %s", order_id)
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where {where.where()} order by c.id", where.params
    )
    return [CaptureRow(*row) for row in rows]
