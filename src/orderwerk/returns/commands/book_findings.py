"""Books what lay in a box that came back and never was of its order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.orders.counters import lock_orders_of
from orderwerk.returns.events import RETURN_FOUND
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock


class FindingItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces in a return's box that are nothing of its order: an article by `sku`, or `text` for what is none.

    With a `location` they go into stock there (in `bin`); without one they do not. What is kept by lot is received with its lot instead.
    """

    return_id: UUID
    quantity: fields.Quantity
    sku: fields.Sku | None = None
    text: fields.LongLine = ""
    location: fields.Code | None = None
    bin: fields.Code | None = None


@dataclass(frozen=True, slots=True)
class _Return:
    id: UUID
    number: str
    order_id: UUID
    shop_id: UUID


_RETURNS = "select id, number, order_id, shop_id from returns_return where id = any(%s) and order_id = any(%s)"
_PRODUCTS = "select sku, id from catalog_product where sku = any(%s)"
_COLUMNS = (
    "id uuid, shop_id uuid, order_id uuid, parent_id uuid, product_id uuid, text text, quantity int, receipt_id uuid, "
    "found_at timestamptz, found_by text"
)


def book_findings(items: Sequence[FindingItem], *, actor: Actor) -> list[Outcome]:
    """Book what lay in boxes beside their orders' goods; the orders and their credits stay as they are.

    Refuses with NotFound, with BadInput neither article nor words, and stock for what is no article; and what
    receive_stock refuses of what goes into stock.
    """
    return retrying(lambda: _book(items, actor))


def _book(items: Sequence[FindingItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        keys = [item.return_id for item in items]
        orders = lock_orders_of(unit, "returns_return", keys)
        returns = {row[0]: _Return(*row) for row in sql.fetch(_RETURNS, (keys, list(orders)))}
        products: dict[str, UUID] = dict(sql.fetch(_PRODUCTS, ([i.sku for i in items if i.sku],)))
        refused: dict[int, Refusal] = {}
        for n, item in enumerate(items):
            try:
                _check(item, returns, products)
            except Refusal as refusal:
                refused[n] = refusal
        stored = [n for n, item in enumerate(items) if item.location and n not in refused]
        received = receive_stock([_receipt(items[n], returns) for n in stored], actor=actor)
        receipts: dict[int, UUID | None] = {}
        for n, outcome in zip(stored, received, strict=True):
            receipts[n] = outcome.id
            if outcome.error is not None:
                refused[n] = outcome.error
        outcomes = []
        rows: list[dict[str, Any]] = []
        for n, item in enumerate(items):
            if n in refused:
                outcomes.append(Outcome.refused(refused[n]))
                continue
            rows.append(_row(unit, item, returns[item.return_id], products, receipts.get(n)))
            outcomes.append(Outcome.done(rows[-1]["id"], number=returns[item.return_id].number))
        sql.insert_rows("returns_finding", _COLUMNS, rows)
    return outcomes


def _check(item: FindingItem, returns: dict[UUID, _Return], products: dict[str, UUID]) -> None:
    if item.return_id not in returns:
        raise NotFound("There is no such return.", code="unknown_return", pointer="/return_id")
    if item.sku is None and not item.text.strip():
        raise BadInput("Say what it is: an article, or words.", code="finding_unnamed", pointer="/text")  # fmt: skip
    if item.sku is not None and item.sku not in products:
        raise NotFound(f"The catalogue has no article {item.sku}.", code="unknown_sku", pointer="/sku")  # fmt: skip
    if item.location is not None and item.sku is None:
        raise BadInput("Only an article goes into stock.", code="finding_not_stock", pointer="/location")  # fmt: skip


def _receipt(item: FindingItem, returns: dict[UUID, _Return]) -> ReceiveItem:
    return ReceiveItem(
        sku=item.sku or "", location=item.location or "", quantity=item.quantity, bin=item.bin,
        reference=returns[item.return_id].number,
    )  # fmt: skip


def _row(
    unit: UnitOfWork,
    item: FindingItem,
    found: _Return,
    products: dict[str, UUID],
    receipt: UUID | None,
) -> dict[str, Any]:
    data = {"number": found.number, "sku": item.sku or "", "text": item.text, "quantity": item.quantity}  # fmt: skip
    subject = Subject("return", found.id, None, found.order_id, found.shop_id)
    unit.record(RETURN_FOUND, subject, STILL, data)
    return {
        "id": ids.new_id(), "shop_id": found.shop_id, "order_id": found.order_id, "parent_id": found.id,
        "product_id": products[item.sku] if item.sku is not None else None, "text": item.text, "quantity": item.quantity,
        "receipt_id": receipt, "found_at": clock.now(), "found_by": unit.actor.name,
    }  # fmt: skip
