"""Credits debit invoices: by lines, by shipping, or by amount, each with a reason."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from django.db import IntegrityError

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal, WrongState
from orderwerk.core.money import format_amount, parse_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.invoices.book import Debit
from orderwerk.invoices.crediting import Pieces, Wish
from orderwerk.invoices.drafts import Draft
from orderwerk.invoices.issuing import Issued
from orderwerk.invoices.plan import Plan
from orderwerk.orders.counters import lock_orders
from orderwerk.orders.document import MAX_LINES


class CreditLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces of one order line."""

    order_line_id: UUID
    quantity: fields.Quantity


class CreditItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to credit of a debit invoice: lines and shipping, or an amount (VAT included) alone."""

    invoice_id: UUID
    reason: fields.Reason
    lines: Annotated[list[CreditLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)] | None = (
        None
    )
    shipping: bool = False
    amount: fields.Amount | None = None


def credit_invoices(items: Sequence[CreditItem], *, actor: Actor) -> list[Outcome]:
    """Issue credit invoices; of each, as much as came in beyond what is owed may be paid back (`refundable`).

    Refuses with NotFound, with WrongState a credit invoice, with BadInput what names nothing or an amount beside lines,
    with LimitExceeded more pieces, shipping or money than is left of the invoice.
    """
    return retrying(lambda: _credit(items, actor), also=(IntegrityError,))


def _credit(items: Sequence[CreditItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        owners = _orders_of([item.invoice_id for item in items])
        states = lock_orders(unit, [owner for owner, _ in owners.values()])
        plan = Plan(states)
        decided: list[Draft | Refusal] = []
        for item in items:
            try:
                decided.append(_draft(item, owners, plan))
            except Refusal as refusal:
                decided.append(refusal)
        issued = {document.id: document for document in plan.write(unit)}
    return [
        Outcome.refused(d) if isinstance(d, Refusal) else _done(d, issued[d.id]) for d in decided
    ]


def _done(draft: Draft, issued: Issued) -> Outcome:
    currency = draft.order.currency
    return Outcome.done(
        issued.id,
        number=issued.number,
        amount=format_amount(issued.gross, currency),
        refundable=format_amount(issued.refundable, currency),
    )


def _orders_of(invoice_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, str]]:
    rows = sql.fetch(
        "select id, order_id, kind from invoices_invoice where id = any(%s)", (list(invoice_ids),)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _draft(item: CreditItem, owners: dict[UUID, tuple[UUID, str]], plan: Plan) -> Draft:
    order_id, kind = owners.get(item.invoice_id, (None, ""))
    if order_id is None or order_id not in plan.books:
        raise NotFound(
            f"There is no invoice {item.invoice_id}.", code="unknown_invoice", pointer="/invoice_id"
        )
    if kind == "credit":
        raise WrongState(
            "This is a credit invoice; credit its debit invoice.",
            code="is_credit_invoice",
            pointer="/invoice_id",
        )
    book = plan.books[order_id]
    debit = next(debit for debit in book.debits if debit.id == item.invoice_id)
    if item.amount is not None and (item.lines or item.shipping):
        raise BadInput(
            "An amount goes alone; lines and shipping have their own.",
            code="amount_goes_alone",
            pointer="/amount",
        )
    if item.amount is None and not item.lines and not item.shipping:
        raise BadInput(
            "Say what to credit: lines, shipping or an amount.", code="nothing_to_credit"
        )
    wish = Wish(debit, f"request:{ids.new_id()}", "request", item.reason, shipping=item.shipping)
    wish.pieces = _pieces(debit, item.lines or [])
    if item.amount is not None:
        wish.amount = _amount(item.amount, book.order.currency)
    return plan.credit(book, wish)


def _amount(text: str, currency: str) -> int:
    try:
        amount = parse_amount(text, currency)
    except Refusal as refusal:
        refusal.pointer = "/amount"
        raise
    if amount == 0:
        raise BadInput("An amount of nothing.", code="nothing_to_credit", pointer="/amount")
    return amount


def _pieces(debit: Debit, lines: Sequence[CreditLine]) -> list[Pieces]:
    known = {line.order_line_id: line for line in debit.lines if line.order_line_id is not None}
    pieces: list[Pieces] = []
    for index, asked in enumerate(lines):
        pointer = f"/lines/{index}"
        line = known.get(asked.order_line_id)
        if line is None:
            raise NotFound(
                f"Invoice {debit.number} has no such line.",
                code="unknown_order_line",
                pointer=f"{pointer}/order_line_id",
            )
        if any(line is other.line for other in pieces):
            raise BadInput(
                "The line is named twice.",
                code="duplicate_line",
                pointer=f"{pointer}/order_line_id",
            )
        pieces.append(Pieces(line, asked.quantity, 0, pointer))
    return pieces
