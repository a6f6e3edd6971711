"""Reads of the ledger of money."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_orders


class EntryRow(msgspec.Struct, frozen=True):
    """One line of the ledger: an amount from one account to another, in minor units of `currency`."""

    id: UUID
    at: datetime
    shop: str
    order_id: UUID
    order_number: str
    payment_id: UUID
    provider: str
    payment_reference: str
    kind: str
    source_id: UUID
    debit: str
    credit: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilters:
    """What the ledger is narrowed to."""

    shop: str | None = None
    kind: str | None = None
    order_id: UUID | None = None
    payment_id: UUID | None = None


KINDS = ("captured", "charge_back", "refund", "reversal")
_OTHERS = {"shop": "s.code", "order_number": "o.number", "provider": "p.provider", "payment_reference": "p.reference"}  # fmt: skip
_COLUMNS = ", ".join(_OTHERS.get(name, f"e.{name}") for name in EntryRow.__struct_fields__)
_SOURCE = (
    "payments_entry e join payments_payment p on p.id = e.payment_id join orders_order o on o.id = e.order_id "
    "join shops_shop s on s.id = e.shop_id"
)
_CONDITIONS = {
    "shop": "e.shop_id = (select id from shops_shop where code = %s)",
    "kind": "e.kind = %s",
    "order_id": "e.payment_id in (select id from payments_payment where order_id = %s)",
    "payment_id": "e.payment_id = %s",
}
_SORT = keyset.sortings(at=(("e.at", "timestamptz"), ("e.id", "uuid")))["-at"]


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_orders(where, actor, order="e.order_id", shop="e.shop_id")
    return where


def entry_page(
    actor: Actor, filters: EntryFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[EntryRow]:
    """Return one page of the ledger, newest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([EntryRow(*row) for row in rows], more)


def entry_detail(actor: Actor, entry_id: UUID) -> EntryRow:
    """Return one line of the ledger; one statement. Refuses with NotFound."""
    where = _visible(actor)
    where.add("e.id = %s", entry_id)
    rows, _ = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no ledger entry {entry_id}.", code="unknown_entry")
    return EntryRow(*rows[0])
