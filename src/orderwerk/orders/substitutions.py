"""Writes substitutions, what became of them, and the line that an accepted one adds; the orders are locked by the caller."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.events import EventKind
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.orders.commands.components import insert_components
from orderwerk.orders.events import (
    SUBSTITUTION_ACCEPTED,
    SUBSTITUTION_DECLINED,
    SUBSTITUTION_EXPIRED,
    SUBSTITUTION_PROPOSED,
    SUBSTITUTION_WITHDRAWN,
)
from orderwerk.orders.pricing import PricedLine
from orderwerk.orders.substitution_rules import Replaced

_KINDS: Mapping[str, EventKind] = {
    "accepted": SUBSTITUTION_ACCEPTED,
    "declined": SUBSTITUTION_DECLINED,
    "expired": SUBSTITUTION_EXPIRED,
    "withdrawn": SUBSTITUTION_WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class KnownSubstitution:
    """A substitution as it stands under the lock of its order, with what its line says of the price."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    order_line_id: UUID
    product_id: UUID
    sku: str
    instead_of: str
    status: str
    version: int
    quantity: int
    unit_price: int
    gross: int
    rate: Decimal
    expires_at: datetime
    line: tuple[int, int, int, int, int]
    prices_include_tax: bool

    @property
    def replaced(self) -> Replaced:
        """The pieces in whose place it comes."""
        quantity, cancelled, unit, net, gross = self.line
        return Replaced(
            quantity, cancelled, self.quantity, unit, net, gross, self.prices_include_tax
        )

    def told(self) -> dict[str, Any]:
        """Return what every event of it says."""
        return {"units": self.quantity, "sku": self.sku, "instead_of": self.instead_of}


_READ = """
select x.id, x.shop_id, x.order_id, x.order_line_id, x.product_id, p.sku, l.sku, x.status, x.version, x.quantity,
  x.unit_price_minor, x.gross_minor, x.tax_rate, x.expires_at, l.quantity, l.cancelled, l.unit_price_minor, l.net_minor,
  l.gross_minor, o.prices_include_tax
from orders_substitution x join catalog_product p on p.id = x.product_id join orders_line l on l.id = x.order_line_id
join orders_order o on o.id = x.order_id where x.id = any(%s) order by x.id
"""


def read_substitutions(substitution_ids: Iterable[UUID]) -> dict[UUID, KnownSubstitution]:
    """Return substitutions; those of locked orders stand still."""
    rows = sql.fetch(_READ, (list(substitution_ids),))
    return {row[0]: KnownSubstitution(*(*row[:14], row[14:19], row[19])) for row in rows}


@dataclass(frozen=True, slots=True)
class NewSubstitution:
    """A question to be put to a customer; amounts in minor units, `gross` is what all of it comes to, VAT and all."""

    shop_id: UUID
    order_id: UUID
    order_line_id: UUID
    product_id: UUID
    sku: str
    instead_of: str
    quantity: int
    unit_price: int
    gross: int
    rate: Decimal
    expires_at: datetime


_COLUMNS = (
    "id uuid, shop_id uuid, order_id uuid, order_line_id uuid, product_id uuid, quantity int, unit_price_minor bigint, "
    "gross_minor bigint, tax_rate numeric, status text, proposed_by text, created_at timestamptz, expires_at timestamptz, "
    "via text, version int"
)


def insert_substitutions(unit: UnitOfWork, wanted: Sequence[NewSubstitution]) -> list[UUID]:
    """Write questions to customers; returns their ids. PostgreSQL refuses a second open one of the same line."""
    made = ids.new_ids(len(wanted))
    rows = [
        {
            "id": key, "shop_id": x.shop_id, "order_id": x.order_id, "order_line_id": x.order_line_id, "product_id": x.product_id,
            "quantity": x.quantity, "unit_price_minor": x.unit_price, "gross_minor": x.gross, "tax_rate": str(x.rate),
            "status": "proposed", "proposed_by": unit.actor.name, "created_at": clock.now(), "expires_at": x.expires_at,
            "via": "", "version": 1,
        }
        for key, x in zip(made, wanted, strict=True)
    ]  # fmt: skip
    sql.insert_rows("orders_substitution", _COLUMNS, rows)
    for key, x in zip(made, wanted, strict=True):
        subject = Subject("substitution", key, 1, x.order_id, x.shop_id)
        data = {"units": x.quantity, "sku": x.sku, "instead_of": x.instead_of}
        unit.record(SUBSTITUTION_PROPOSED, subject, Move(None, "proposed"), data)
    return made


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one open substitution; `via` where somebody answered, `added` where a line was."""

    known: KnownSubstitution
    status: str
    via: str = ""
    added: "AddedLine | None" = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AddedLine:
    """The line that an accepted substitution adds to its order."""

    id: UUID
    priced: PricedLine


_CLOSE = """
update orders_substitution x
set status = t.status, via = t.via, new_line_id = t.line_id, decided_by = %s, decided_at = %s, version = x.version + 1
from unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[]) as t(id, status, via, line_id) where x.id = t.id
returning x.id, x.version
"""


def close_substitutions(unit: UnitOfWork, decisions: Sequence[Decision]) -> None:
    """Write what became of open substitutions of locked orders, with one event each."""
    by_id = {d.known.id: d for d in decisions}
    parameters = (
        unit.actor.name, clock.now(), list(by_id), [d.status for d in by_id.values()], [d.via for d in by_id.values()],
        [d.added.id if d.added else None for d in by_id.values()],
    )  # fmt: skip
    for key, version in sql.fetch(_CLOSE, parameters):
        decision = by_id[key]
        known = decision.known
        data = known.told()
        if decision.via:
            data["via"] = decision.via
        if decision.added:
            data["amount_minor"] = decision.added.priced.gross
        if decision.reason:
            data["reason"] = decision.reason
        subject = Subject("substitution", key, version, known.order_id, known.shop_id)
        unit.record(_KINDS[decision.status], subject, Move("proposed", decision.status), data)


NO_LONGER_OPEN = "no longer open"
_LAPSE = """
update orders_substitution x
set status = 'withdrawn', decided_by = %s, decided_at = %s, version = x.version + 1
from orders_line l, catalog_product p
where x.order_id = any(%s) and x.status = 'proposed' and l.id = x.order_line_id and p.id = x.product_id
  and x.quantity > l.quantity - l.cancelled - l.shipped
returning x.id, x.version, x.order_id, x.shop_id, x.quantity, p.sku, l.sku
"""


def lapse_substitutions(unit: UnitOfWork, order_ids: Iterable[UUID]) -> None:
    """Withdraw what asks for more of a line than is still open, after pieces of these locked orders left or were cancelled.

    So no question stands that could no longer be answered with yes; one statement.
    """
    rows = sql.fetch(_LAPSE, (unit.actor.name, clock.now(), list(order_ids)))
    for key, version, order_id, shop_id, quantity, sku, instead_of in rows:
        data = {"units": quantity, "sku": sku, "instead_of": instead_of, "reason": NO_LONGER_OPEN}
        subject = Subject("substitution", key, version, order_id, shop_id)
        unit.record(SUBSTITUTION_WITHDRAWN, subject, Move("proposed", "withdrawn"), data)


_ADD = """
with wanted as (
  select * from jsonb_to_recordset(%s::jsonb) as t(id uuid, order_id uuid, product_id uuid, nth int, quantity int, unit bigint,
    discount bigint, rate numeric, net bigint, tax bigint)
), added as (
  insert into orders_line (id, shop_id, order_id, position, sku, name, product_id, quantity, unit_price_minor, discount_minor,
    order_discount_minor, tax_rate, vat_exemption, vat_exemption_code, net_minor, tax_minor, gross_minor, cancelled, allocated, picked, shipped, returned, credited)
  select w.id, o.shop_id, w.order_id, (select max(position) from orders_line l where l.order_id = w.order_id) + w.nth, p.sku,
    p.name, p.id, w.quantity, w.unit, w.discount, 0, w.rate,
    case w.rate when 0 then coalesce(p.vat_exemption, '') else '' end, case w.rate when 0 then coalesce(p.vat_exemption_code, '') else '' end,
    w.net, w.tax, w.net + w.tax, 0, 0, 0, 0, 0, 0
  from wanted w join orders_order o on o.id = w.order_id join catalog_product p on p.id = w.product_id
)
update orders_order o
set units_ordered = o.units_ordered + g.units, tax_minor = o.tax_minor + g.tax,
  items_minor = o.items_minor + g.net + case when o.prices_include_tax then g.tax else 0 end,
  grand_total_minor = o.grand_total_minor + g.net + g.tax
from (select order_id, sum(quantity) as units, sum(net) as net, sum(tax) as tax from wanted group by order_id) g
where o.id = g.order_id
"""


def add_lines(lines: Sequence[tuple[KnownSubstitution, AddedLine]]) -> None:
    """Add the lines of accepted substitutions to their locked orders, whose totals and units grow by them.

    A kit's line gets the components of the kit as it is now. The cancellation that follows in the same unit of work gives the
    orders their next version and tells of it.
    """
    counted: dict[UUID, int] = {}
    rows = []
    for known, line in lines:
        counted[known.order_id] = nth = counted.get(known.order_id, 0) + 1
        priced = line.priced
        rows.append(
            {
                "id": line.id, "order_id": known.order_id, "product_id": known.product_id, "nth": nth,
                "quantity": known.quantity, "unit": priced.unit_price, "discount": priced.discount,
                "rate": str(priced.rate), "net": priced.net, "tax": priced.tax,
            }
        )  # fmt: skip
    sql.execute(_ADD, (sql.to_json(rows),))
    insert_components([line.id for _, line in lines])
