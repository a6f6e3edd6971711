"""Reads of invoices: lists, one whole, the lines of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select, prefix_range
from orderwerk.orders.visibility import limit_to_orders


class InvoiceRow(msgspec.Struct, frozen=True):
    """One document without its lines; amounts in minor units of `currency`. `one_stop`: whose VAT it is, if declared so."""

    id: UUID
    number: str
    kind: str
    status: str
    credit_status: str
    shop: str
    order_id: UUID
    order_number: str
    currency: str
    issue_date: date
    issued_at: datetime
    prices_include_tax: bool
    net_minor: int
    tax_minor: int
    gross_minor: int
    paid_minor: int
    credited_minor: int
    refundable_minor: int
    refund_reserved_minor: int
    refunded_minor: int
    shipment_id: UUID | None
    debit_id: UUID | None
    debit_number: str | None
    return_id: UUID | None
    cause: str | None
    reason: str
    customer_name: str
    customer_company: str | None
    version: int
    blanked_at: datetime | None
    one_stop: str

    @property
    def open_minor(self) -> int:
        """What has still to come in (debit) or to go back (credit)."""
        if self.kind == "credit":
            return self.refundable_minor - self.refunded_minor
        return self.gross_minor - self.paid_minor - (self.credited_minor - self.refundable_minor)

    @property
    def left_to_refund_minor(self) -> int:
        """What of a credit invoice may go back and is in no refund."""
        return self.refundable_minor - self.refund_reserved_minor

    @property
    def rest_minor(self) -> int:
        """What of a debit invoice is left to credit."""
        return self.gross_minor - self.credited_minor if self.kind == "debit" else 0


class InvoiceLineRow(msgspec.Struct, frozen=True):
    """One line of a document; no order line: the shipping. `base_minor` is the amount in the price mode."""

    id: UUID
    invoice_id: UUID
    position: int
    order_line_id: UUID | None
    sku: str
    name: str
    quantity: int
    tax_category: str
    tax_rate: Decimal
    base_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    credited: int
    credited_base_minor: int


class InvoiceTaxRow(msgspec.Struct, frozen=True):
    """The VAT of a document at one rate."""

    tax_category: str
    tax_rate: Decimal
    net_minor: int
    tax_minor: int


class InvoiceDetail(msgspec.Struct, frozen=True):
    """A document with its lines, its VAT per rate, and the credits of it."""

    invoice: InvoiceRow
    lines: list[InvoiceLineRow]
    taxes: list[InvoiceTaxRow]
    credits: list[InvoiceRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilters:
    """What a list of invoices is narrowed to; `q` begins an invoice or order number, `invoice_id` names the debit invoice.

    Issued on `issued_after` or later, and before `issued_before`.
    """

    kind: str | None = None
    status: str | None = None
    credit_status: str | None = None
    q: str | None = None
    number: str | None = None
    order_id: UUID | None = None
    invoice_id: UUID | None = None
    shop: str | None = None
    issued_after: date | None = None
    issued_before: date | None = None


_OTHERS = {
    "shop": "s.code",
    "order_number": "o.number",
    "debit_number": "(select d.number from invoices_invoice d where d.id = v.debit_id)",
    "customer_name": "o.customer_name",
    "customer_company": "o.customer_company",
    # A read of its own: then PostgreSQL works it out for the rows of the page, and not for all that it sorts first.
    "one_stop": "(select coalesce(x.content::json ->> 'one_stop', '') from invoices_invoice x where x.id = v.id)",
}
_COLUMNS = ", ".join(_OTHERS.get(name, f"v.{name}") for name in InvoiceRow.__struct_fields__)
_SOURCE = "invoices_invoice v join orders_order o on o.id = v.order_id join shops_shop s on s.id = v.shop_id"
_CONDITIONS = {
    "kind": "v.kind = %s",
    "status": "v.status = %s",
    "credit_status": "v.credit_status = %s",
    "number": "v.number = %s",
    "order_id": "v.order_id = %s",
    "invoice_id": "v.debit_id = %s",
    "issued_after": "v.issue_date >= %s",
    "issued_before": "v.issue_date < %s",
    "shop": "v.shop_id = (select id from shops_shop where code = %s)",
}
INVOICE_SORTS = keyset.sortings(
    issue_date=(("v.issue_date", "date"), ("v.id", "uuid")),
    number=(("v.number", "text"),),
    gross=(("v.gross_minor", "bigint"), ("v.id", "uuid")),
)


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_orders(where, actor, order="v.order_id", shop="v.shop_id")
    return where


def _search(where: Conditions, text: str) -> None:
    number, values = prefix_range("v.number", text)
    order, others = prefix_range("x.number", text)
    where.add(
        f"({number} or v.order_id in (select x.id from orders_order x where {order}))",
        *values,
        *others,
    )


def invoice_page(
    actor: Actor,
    filters: InvoiceFilters,
    *,
    sort: str = "-issue_date",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[InvoiceRow]:
    """Return one page of invoices, newest first unless sorted otherwise; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    if filters.q and filters.q.strip():
        _search(where, filters.q.strip())
    sorting = keyset.chosen(INVOICE_SORTS, sort)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), sorting, cursor, limit)
    return Page([InvoiceRow(*row) for row in rows], more)


def invoice_open_counts(actor: Actor, shop: str | None = None) -> dict[str, int]:
    """Return how many debit and credit invoices are open, exactly; one statement."""
    where = _visible(actor)
    where.add("v.status = 'open'")
    if shop is not None:
        where.add(_CONDITIONS["shop"], shop)
    rows = sql.read(
        f"select v.kind, count(*) from invoices_invoice v where {where.where()} group by v.kind",
        where.params,
    )
    return {"debit": 0, "credit": 0} | dict(rows)


def _invoices(actor: Actor, condition: str, value: object) -> list[InvoiceRow]:
    where = _visible(actor)
    where.add(condition, value)
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where {where.where()} order by v.issued_at, v.id",
        where.params,
    )
    return [InvoiceRow(*row) for row in rows]


def order_invoices(actor: Actor, order_id: UUID) -> list[InvoiceRow]:
    """Return all invoices of an order, oldest first; one statement."""
    return _invoices(actor, "v.order_id = %s", order_id)


def invoices_by_id(actor: Actor, invoice_ids: Sequence[UUID]) -> list[InvoiceRow]:
    """Return those of the invoices that the actor may see, oldest first; one statement."""
    return _invoices(actor, "v.id = any(%s::uuid[])", list(invoice_ids))


_LINES = """
select i.id, i.invoice_id, i.position, i.order_line_id, coalesce(l.sku, ''), coalesce(l.name, o.shipping_name), i.quantity,
  i.tax_category, i.tax_rate, i.base_minor, i.net_minor, i.tax_minor, i.gross_minor, i.credited, i.credited_base_minor
from invoices_line i join orders_order o on o.id = i.order_id left join orders_line l on l.id = i.order_line_id
where i.invoice_id = any(%s::uuid[]) order by i.invoice_id, i.position
"""


def invoice_lines(invoice_ids: Sequence[UUID]) -> dict[UUID, list[InvoiceLineRow]]:
    """Return the lines of invoices that the caller has read before; one statement."""
    found: dict[UUID, list[InvoiceLineRow]] = {key: [] for key in invoice_ids}
    for row in sql.read(_LINES, (list(invoice_ids),)):
        found[row[1]].append(InvoiceLineRow(*row))
    return found


def credited_by_order_line(order_id: UUID) -> dict[UUID, int]:
    """Return what was credited of each line of an order, in its price mode, for a caller that has read the order; one statement."""
    rows = sql.read(
        "select order_line_id, sum(base_minor)::bigint from invoices_line "
        "where order_id = %s and debit_line_id is not null and order_line_id is not null group by order_line_id",
        (order_id,),
    )
    return dict(rows)


def invoice_taxes(invoice_ids: Sequence[UUID]) -> dict[UUID, list[InvoiceTaxRow]]:
    """Return the VAT per rate of invoices that the caller has read before, highest rate first; one statement."""
    found: dict[UUID, list[InvoiceTaxRow]] = {key: [] for key in invoice_ids}
    rows = sql.read(
        "select invoice_id, tax_category, tax_rate, net_minor, tax_minor from invoices_tax where invoice_id = any(%s::uuid[]) "
        "order by tax_rate desc, tax_category",
        (list(invoice_ids),),
    )
    for key, *values in rows:
        found[key].append(InvoiceTaxRow(*values))
    return found


def _detail(actor: Actor, condition: str, value: object, named: str) -> InvoiceDetail:
    found = _invoices(actor, condition, value)
    if not found:
        raise NotFound(f"There is no invoice {named}.", code="unknown_invoice")
    [invoice] = found
    return InvoiceDetail(
        invoice,
        invoice_lines([invoice.id])[invoice.id],
        invoice_taxes([invoice.id])[invoice.id],
        _invoices(actor, "v.debit_id = %s", invoice.id),
    )


def invoice_detail(actor: Actor, invoice_id: UUID) -> InvoiceDetail:
    """Return one invoice with its lines, rates and credits; four statements. Refuses with NotFound."""
    return _detail(actor, "v.id = %s", invoice_id, str(invoice_id))


def invoice_detail_by_number(actor: Actor, number: str) -> InvoiceDetail:
    """Return the invoice of a number; see invoice_detail."""
    return _detail(actor, "v.number = %s", number, number[:60])


def invoice_contents(invoice_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the frozen documents of invoices that the caller has read before, as JSON; one statement."""
    rows = sql.read(
        "select id, content from invoices_invoice where id = any(%s)", (list(invoice_ids),)
    )
    return {row[0]: str(row[1]) for row in rows}
