"""Reads of substitutions: what customers are asked, and what they answered."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_orders


class SubstitutionRow(msgspec.Struct, frozen=True):
    """One question to a customer; amounts in minor units of `currency`, `gross_minor` is what all pieces come to, VAT and all."""

    id: UUID
    order_id: UUID
    order_number: str
    shop: str
    currency: str
    status: str
    order_line_id: UUID
    instead_of_sku: str
    instead_of_name: str
    sku: str
    name: str
    image_url: str | None
    quantity: int
    unit_price_minor: int
    gross_minor: int
    tax_rate: Decimal
    proposed_by: str
    created_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    via: str
    new_line_id: UUID | None
    version: int


_OTHERS = {
    "order_number": "o.number", "shop": "s.code", "currency": "o.currency", "instead_of_sku": "l.sku",
    "instead_of_name": "l.name", "sku": "p.sku", "name": "p.name", "image_url": "p.image_url",
}  # fmt: skip
_COLUMNS = ", ".join(_OTHERS.get(name, f"x.{name}") for name in SubstitutionRow.__struct_fields__)
_SOURCE = (
    "orders_substitution x join orders_order o on o.id = x.order_id join shops_shop s on s.id = x.shop_id "
    "join orders_line l on l.id = x.order_line_id join catalog_product p on p.id = x.product_id"
)
_SORTS = keyset.sortings(id=(("x.id", "uuid"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstitutionFilters:
    """What a list of substitutions is narrowed to."""

    status: str | None = None
    order_id: UUID | None = None
    shop: str | None = None


_CONDITIONS = {
    "status": "x.status = %s",
    "order_id": "x.order_id = %s",
    "shop": "x.shop_id = (select id from shops_shop where code = %s)",
}


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_orders(where, actor, order="x.order_id", shop="x.shop_id")
    return where


def substitution_page(
    actor: Actor, filters: SubstitutionFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[SubstitutionRow]:
    """Return one page of substitutions, newest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORTS["-id"], cursor, limit)
    return Page([SubstitutionRow(*row) for row in rows], more)


def substitution_detail(actor: Actor, substitution_id: UUID) -> SubstitutionRow:
    """Return one substitution; one statement. Refuses with NotFound."""
    where = _visible(actor)
    where.add("x.id = %s", substitution_id)
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There is no substitution {substitution_id}.", code="unknown_substitution")
    return SubstitutionRow(*rows[0])


def order_substitutions(actor: Actor, order_id: UUID) -> list[SubstitutionRow]:
    """Return all substitutions of an order, oldest first; one statement."""
    where = _visible(actor)
    where.add("x.order_id = %s", order_id)
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where {where.where()} order by x.id", where.params
    )
    return [SubstitutionRow(*row) for row in rows]
