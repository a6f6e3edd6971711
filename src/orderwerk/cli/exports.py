"""`orderwerk export orders|invoices|vat|returns|stock FILE`: everything as a table, streamed with a server-side cursor."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from orderwerk.cli.document_exports import export_documents
from orderwerk.cli.session import connected
from orderwerk.cli.tables import CannotWrite, write_table
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.money import format_amount
from orderwerk.invoices.vat import VatRow, vat_rows
from orderwerk.orders.statuses import OrderStatus

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])
_INSTANT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"])

# Each column: its name, and where it comes from. Amounts end in _minor here and are written as decimal strings.
ORDER_COLUMNS = {
    "shop": "s.code", "number": "o.number", "external_id": "o.external_id", "status": "o.status", "placed_at": "o.placed_at",
    "currency": "o.currency", "prices_include_tax": "o.prices_include_tax", "customer_name": "o.customer_name",
    "customer_company": "o.customer_company", "customer_email": "o.customer_email", "country": "o.country",
    "postal_code": "o.postal_code", "city": "o.delivery_address ->> 'city'", "tags": "array_to_string(o.tags, ', ')",
    "items_minor": "o.items_minor", "discount_minor": "o.discount_minor", "shipping_minor": "o.shipping_minor",
    "tax_minor": "o.tax_minor", "grand_total_minor": "o.grand_total_minor", "paid_minor": "o.captured_minor",
    "line": "l.position", "sku": "l.sku", "name": "l.name", "quantity": "l.quantity", "cancelled": "l.cancelled",
    "allocated": "l.allocated", "picked": "l.picked", "shipped": "l.shipped", "returned": "l.returned",
    "unit_price_minor": "l.unit_price_minor", "line_discount_minor": "l.discount_minor", "tax_rate": "regexp_replace(l.tax_rate::text, '0$', '')",
    "line_net_minor": "l.net_minor", "line_tax_minor": "l.tax_minor", "line_gross_minor": "l.gross_minor",
}  # fmt: skip
STOCK_COLUMNS = {
    "sku": "p.sku", "name": "p.name", "location": "l.code", "on_hand": "s.on_hand", "allocated": "s.allocated",
    "safety_stock": "s.safety_stock", "blocked": "s.blocked", "available": "s.on_hand - s.allocated - s.blocked - s.safety_stock",
}  # fmt: skip
INVOICE_COLUMNS = {
    "shop": "s.code", "number": "i.number", "kind": "i.kind", "status": "i.status", "credit_status": "i.credit_status",
    "issue_date": "i.issue_date::text", "order": "o.number", "credits": "d.number", "reason": "i.reason", "currency": "i.currency",
    "customer_name": "o.customer_name", "customer_company": "o.customer_company", "net_minor": "i.net_minor",
    "tax_minor": "i.tax_minor", "gross_minor": "i.gross_minor", "paid_minor": "i.paid_minor",
    "credited_minor": "i.credited_minor", "refunded_minor": "i.refunded_minor",
    "taxes_minor": "(select coalesce(jsonb_agg(jsonb_build_array(t.tax_category, regexp_replace(t.tax_rate::text, '0$', ''), t.net_minor, t.tax_minor) "
    "order by t.tax_rate desc, t.tax_category), '[]') from invoices_tax t where t.invoice_id = i.id)",
    "one_stop": "coalesce(i.content::json ->> 'one_stop', '')",
}  # fmt: skip
INVOICES = (
    f"select {', '.join(INVOICE_COLUMNS.values())} from invoices_invoice i join shops_shop s on s.id = i.shop_id "
    "join orders_order o on o.id = i.order_id left join invoices_invoice d on d.id = i.debit_id "
    "where (%s::text is null or s.code = %s) and (%s::text is null or i.kind = %s) "
    "and (%s::date is null or i.issue_date >= %s) and (%s::date is null or i.issue_date < %s) order by i.issued_at, i.id"
)
RETURN_COLUMNS = {
    "shop": "s.code", "number": "r.number", "status": "r.status", "created_at": "r.created_at::text",
    "processed_at": "r.processed_at::text", "order": "o.number", "request": "q.number", "line": "k.position", "sku": "l.sku",
    "name": "l.name", "quantity": "k.quantity", "reason": "n.code", "disposition": "k.disposition", "location": "x.code",
    "correction_minor": "k.correction_minor", "currency": "o.currency", "is_credited": "r.is_credited",
    "refund_shipping": "r.refund_shipping", "comment": "r.comment",
}  # fmt: skip
RETURNS = (
    f"select {', '.join(RETURN_COLUMNS.values())} from returns_return r join shops_shop s on s.id = r.shop_id "
    "join orders_order o on o.id = r.order_id join returns_line k on k.parent_id = r.id "
    "join orders_line l on l.id = k.order_line_id join return_requests_reason n on n.id = k.reason_id "
    "left join return_requests_request q on q.id = r.request_id left join stock_location x on x.id = k.location_id "
    "where (%s::text is null or s.code = %s) and (%s::timestamptz is null or r.created_at >= %s) "
    "and (%s::timestamptz is null or r.created_at < %s) order by r.created_at, r.id, k.position"
)
ORDERS = (
    f"select {', '.join(ORDER_COLUMNS.values())} from orders_order o join shops_shop s on s.id = o.shop_id "
    "join orders_line l on l.order_id = o.id "
    "where (%s::text is null or s.code = %s) and (cardinality(%s::text[]) = 0 or o.status = any(%s)) "
    "and (%s::timestamptz is null or o.placed_at >= %s) and (%s::timestamptz is null or o.placed_at < %s) "
    "order by o.placed_at, o.id, l.position"
)
KNOWN = {
    "shop": "select exists (select 1 from shops_shop where code = %s)",
    "stock location": "select exists (select 1 from stock_location where code = %s)",
}
STOCK = (
    f"select {', '.join(STOCK_COLUMNS.values())} from stock_level s join catalog_product p on p.id = s.product_id "
    "join stock_location l on l.id = s.location_id where (%s::text is null or l.code = %s) order by p.sku, l.code"
)


@click.group()
def export() -> None:
    """Write orders, invoices, VAT, returns or stock to a file (CSV, NDJSON or XLSX by its ending), or documents to a folder.

    A table is of one moment of the database, whatever happens meanwhile; amounts are decimal strings. An older file is
    replaced only when the new one is whole.
    """


export.add_command(export_documents)


@export.command("orders")
@click.argument("file", type=_FILE)
@click.option("--shop", help="Only orders of this shop (its code).")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(OrderStatus.values),
    help="Only orders of this status; repeat for more.",
)
@click.option("--placed-after", type=_INSTANT, help="Only orders placed at or after this (UTC).")
@click.option("--placed-before", type=_INSTANT, help="Only orders placed before this (UTC).")
def export_orders(
    *,
    file: Path,
    shop: str | None,
    statuses: tuple[str, ...],
    placed_after: datetime | None,
    placed_before: datetime | None,
) -> None:
    """Write all orders to FILE, one row per order line."""
    chosen = list(statuses)
    # Text, so that an instant without a zone is read in that of the database session, which is UTC.
    after, before = _text(placed_after), _text(placed_before)
    parameters = (shop, shop, chosen, chosen, after, after, before, before)
    with connected():
        refuse_unknown("shop", shop)
        _write(file, ORDER_COLUMNS, ORDERS, parameters)


@export.command("invoices")
@click.argument("file", type=_FILE)
@click.option("--shop", help="Only invoices of this shop (its code).")
@click.option("--kind", type=click.Choice(["debit", "credit"]), help="Only invoices of this kind.")
@click.option("--issued-after", type=_DAY, help="Only invoices issued on or after this day.")
@click.option("--issued-before", type=_DAY, help="Only invoices issued before this day.")
def export_invoices(
    *,
    file: Path,
    shop: str | None,
    kind: str | None,
    issued_after: datetime | None,
    issued_before: datetime | None,
) -> None:
    """Write all invoices and credit invoices to FILE, one row per document.

    `taxes` is their VAT per rate: category, rate, net and VAT, such as `S 21.00 net 82.64 vat 17.36; S 9.00 net 1.00 vat 0.09`.
    """
    after, before = (day and day.date().isoformat() for day in (issued_after, issued_before))
    parameters = (shop, shop, kind, kind, after, after, before, before)
    with connected():
        refuse_unknown("shop", shop)
        _write(file, INVOICE_COLUMNS, INVOICES, parameters)


@export.command("vat")
@click.argument("file", type=_FILE)
@click.option("--shop", help="Only documents of this shop (its code).")
@click.option("--issued-after", type=_DAY, help="Only documents issued on or after this day.")
@click.option("--issued-before", type=_DAY, help="Only documents issued before this day.")
def export_vat(
    *, file: Path, shop: str | None, issued_after: datetime | None, issued_before: datetime | None
) -> None:
    """Write the VAT to declare to FILE: per month, shop, country, category and rate, credits taken off."""
    after, before = (day and day.date() for day in (issued_after, issued_before))
    with connected():
        refuse_unknown("shop", shop)
        rows = vat_rows(Actor.system("export"), shop=shop, after=after, before=before)
        names = list(VatRow.__struct_fields__)
        _put(file, names, iter(msgspec.structs.astuple(row) for row in rows))


@export.command("returns")
@click.argument("file", type=_FILE)
@click.option("--shop", help="Only returns of this shop (its code).")
@click.option("--booked-after", type=_INSTANT, help="Only returns booked at or after this (UTC).")
@click.option("--booked-before", type=_INSTANT, help="Only returns booked before this (UTC).")
def export_returns(
    *, file: Path, shop: str | None, booked_after: datetime | None, booked_before: datetime | None
) -> None:
    """Write all returns to FILE, one row per line."""
    after, before = _text(booked_after), _text(booked_before)
    with connected():
        refuse_unknown("shop", shop)
        _write(file, RETURN_COLUMNS, RETURNS, (shop, shop, after, after, before, before))


@export.command("stock")
@click.argument("file", type=_FILE)
@click.option("--location", help="Only this stock location (its code).")
def export_stock(*, file: Path, location: str | None) -> None:
    """Write all stock levels to FILE."""
    with connected():
        refuse_unknown("stock location", location)
        _write(file, STOCK_COLUMNS, STOCK, (location, location))


def refuse_unknown(kind: str, code: str | None) -> None:
    """Refuse the code of a shop or stock location that is not there: an empty file would say that it holds nothing."""
    if code is not None and not sql.fetch(KNOWN[kind], (code,))[0][0]:
        raise CannotWrite(f"There is no {kind} {code}.")


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _write(file: Path, columns: dict[str, str], statement: str, parameters: Sequence[Any]) -> None:
    _put(file, list(columns), sql.stream(statement, parameters))


def _put(file: Path, names: Sequence[str], raw: Iterator[tuple[Any, ...]]) -> None:
    rows = decimal_amounts(names, raw)
    count = write_table(file, [name.removesuffix("_minor") for name in names], rows)
    click.echo(f"{count:,} rows written: {file}")


def decimal_amounts(
    names: Sequence[str], rows: Iterator[tuple[Any, ...]]
) -> Iterator[tuple[Any, ...]]:
    """Write every column that ends in _minor as a decimal string in the currency of its row."""
    amounts = {index for index, name in enumerate(names) if name.endswith("_minor")}
    if not amounts:
        yield from rows
        return
    currency = names.index("currency")
    for row in rows:
        yield tuple(
            _amount(value, row[currency]) if index in amounts else value
            for index, value in enumerate(row)
        )


def _amount(value: Any, currency: str) -> str:  # noqa: ANN401 - minor units, or JSON of VAT per rate
    if isinstance(value, int):
        return format_amount(value, currency)
    return "; ".join(
        f"{category} {rate} net {format_amount(net, currency)} vat {format_amount(tax, currency)}"
        for category, rate, net, tax in sql.from_json(value)
    )
