"""The public shapes of invoices and refunds."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core.money import format_amount
from orderwerk.invoices.queries import (
    InvoiceDetail,
    InvoiceLineRow,
    InvoiceRow,
    InvoiceTaxRow,
    invoice_lines,
    invoice_taxes,
)
from orderwerk.refunds.queries import RefundRow
from orderwerk.refunds.rules import NEXT_STEPS, next_step
from orderwerk.schemas.orders import rate


class InvoiceLine(msgspec.Struct, frozen=True):
    """A line of an invoice; the shipping has no order line. Of a debit line, `credited` pieces were given back."""

    order_line_id: UUID | None
    sku: str
    name: str
    quantity: int
    tax_rate: str
    tax_category: str
    net: str
    tax: str
    gross: str
    credited: int


class InvoiceTax(msgspec.Struct, frozen=True):
    """The VAT of a document at one rate, by category of EN 16931 (UNCL 5305: S, Z, E, AE, K, G)."""

    category: str
    rate: str
    net: str
    tax: str


class Invoice(msgspec.Struct, frozen=True):
    """A debit or credit invoice. A credit names its debit invoice; as much of it as `refundable` is paid back.

    `one_stop`: the member state whose VAT it bears, where that is declared through the one-stop shop.
    `blanked_at`: when the term of the law was over and name and address went from it.
    """

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
    net: str
    tax: str
    gross: str
    paid: str
    credited: str
    refundable: str
    refunded: str
    debit_id: UUID | None
    debit_number: str | None
    shipment_id: UUID | None
    return_id: UUID | None
    cause: str | None
    reason: str | None
    one_stop: str | None
    blanked_at: datetime | None
    taxes: list[InvoiceTax]
    lines: list[InvoiceLine]


def _line(row: InvoiceLineRow, currency: str) -> InvoiceLine:
    return InvoiceLine(
        order_line_id=row.order_line_id,
        sku=row.sku,
        name=row.name,
        quantity=row.quantity,
        tax_rate=rate(row.tax_rate),
        tax_category=row.tax_category,
        net=format_amount(row.net_minor, currency),
        tax=format_amount(row.tax_minor, currency),
        gross=format_amount(row.gross_minor, currency),
        credited=row.credited,
    )


_SAME = (
    "id", "number", "kind", "status", "credit_status", "shop", "order_id", "order_number", "currency", "issue_date",
    "issued_at", "debit_id", "debit_number", "shipment_id", "return_id", "cause",
)  # fmt: skip
_AMOUNTS = ("net", "tax", "gross", "paid", "credited", "refundable", "refunded")


def _tax(row: InvoiceTaxRow, currency: str) -> InvoiceTax:
    net, tax = (format_amount(minor, currency) for minor in (row.net_minor, row.tax_minor))
    return InvoiceTax(row.tax_category, rate(row.tax_rate), net, tax)


def _invoice(
    row: InvoiceRow, lines: Sequence[InvoiceLineRow], taxes: Sequence[InvoiceTaxRow]
) -> Invoice:
    same: dict[str, Any] = {name: getattr(row, name) for name in _SAME}
    for name in _AMOUNTS:
        same[name] = format_amount(getattr(row, f"{name}_minor"), row.currency)
    return Invoice(
        **same,
        reason=row.reason or None,
        one_stop=row.one_stop or None,
        blanked_at=row.blanked_at,
        taxes=[_tax(tax, row.currency) for tax in taxes],
        lines=[_line(line, row.currency) for line in lines],
    )


def invoices(rows: Sequence[InvoiceRow]) -> list[Invoice]:
    """Return the public shape of invoices; one statement for the lines of all and one for their VAT."""
    keys = [row.id for row in rows]
    lines, taxes = invoice_lines(keys), invoice_taxes(keys)
    return [_invoice(row, lines[row.id], taxes[row.id]) for row in rows]


def invoice(detail: InvoiceDetail) -> Invoice:
    """Return the public shape of an invoice."""
    return _invoice(detail.invoice, detail.lines, detail.taxes)


class Refund(msgspec.Struct, frozen=True):
    """Money that goes back on a credit invoice, against a payment. While failed or rejected it holds nothing back.

    `via` is who moves it: a payment provider, or `manual`; `store_credit`: it stays with the shop, as the store credit named by
    `store_credit_id`, and `as_store_credit` says that this is wanted rather than money; `next_step` what happens next as a stable word, `next` as a
    sentence. In doubt: nobody knows whether the provider took it, so it is looked up there before anything is tried again.
    """

    id: UUID
    number: str
    status: str
    shop: str
    order_id: UUID
    order_number: str
    credit_id: UUID
    credit_number: str
    payment_id: UUID
    payment_reference: str
    provider: str
    currency: str
    mode: str
    four_eyes: bool
    author_name: str
    approver_name: str | None
    approved_at: datetime | None
    due_at: datetime | None
    attempts: int
    via: str
    as_store_credit: bool
    store_credit_id: UUID | None
    account_holder: str
    account_iban: str
    batch_number: str | None
    provider_reference: str
    provider_status: str
    is_in_doubt: bool
    is_reversed: bool
    next_step: str
    next: str
    note: str
    created_at: datetime
    submitted_at: datetime | None
    finished_at: datetime | None
    amount: str


def refund(row: RefundRow) -> Refund:
    """Return the public shape of a refund."""
    step = next_step(row)
    made: dict[str, Any] = {
        "amount": format_amount(row.amount_minor, row.currency),
        "is_in_doubt": row.effect_status == "in_doubt" and row.status == "submitted",
        "next_step": step,
        "next": NEXT_STEPS[step],
    }
    same = {name: getattr(row, name) for name in Refund.__struct_fields__ if name not in made}
    return Refund(**same, **made)
