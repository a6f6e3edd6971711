"""Reads of exchanges: what the customer gets instead, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import sql


class ExchangeLineRow(msgspec.Struct, frozen=True):
    """So many pieces of an article that is given for goods that came back; the price in minor units, if one was named."""

    sku: str
    name: str
    image_url: str | None
    quantity: int
    unit_price_minor: int | None


class ExchangeRow(msgspec.Struct, frozen=True):
    """One exchange; amounts in minor units of the order's currency. `open_minor` is what the new order still waits for."""

    id: UUID
    return_id: UUID
    status: str
    new_order_id: UUID | None
    new_order_number: str | None
    credit_minor: int
    netted_minor: int
    open_minor: int
    note: str
    created_at: datetime
    decided_at: datetime | None
    lines: list[ExchangeLineRow]


_EXCHANGES = """
select x.id, x.parent_id, x.status, n.id, n.number, x.credit_minor, x.netted_minor,
  coalesce(greatest(0, n.grand_total_minor - n.cancelled_minor - n.captured_minor - n.authorized_minor), 0), x.note, x.created_at, x.decided_at,
  (select jsonb_agg(jsonb_build_array(p.sku, p.name, p.image_url, k.quantity, k.unit_price_minor) order by t.position)
   from returns_exchange_line k join catalog_product p on p.id = k.product_id join returns_line t on t.id = k.return_line_id
   where k.exchange_id = x.id)
from returns_exchange x left join orders_order n on n.id = x.new_order_id where x.parent_id = any(%s::uuid[])
"""


def exchanges_of(return_ids: Sequence[UUID]) -> dict[UUID, ExchangeRow]:
    """Return the exchanges of returns that the caller has read before, by return; one statement."""
    found: dict[UUID, ExchangeRow] = {}
    for row in sql.read(_EXCHANGES, (list(return_ids),)):
        lines = [ExchangeLineRow(*line) for line in sql.from_json(row[11])]
        found[row[1]] = ExchangeRow(*(*row[:11], lines))
    return found
