"""Sends goods to another location: they leave here, are in transit, and come in there when they are received."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.stock.commands.upsert_inbounds import (
    HEADER,
    LINE,
    MOST_LINES,
    About,
    InboundLineItem,
    new_header,
    new_lines,
)
from orderwerk.stock.events import INBOUND_CREATED, STOCK_TRANSFERRED
from orderwerk.stock.inbounds import fresh_numbers
from orderwerk.stock.movements import Movement, write_movements
from orderwerk.stock.shelves import Key, Names, Shelf, ensure_levels, lock_shelves, look_up


class SendItem(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"origin": "from"}
):
    """Goods that leave one location for another."""

    origin: fields.Code
    to: fields.Code
    lines: Annotated[list[InboundLineItem], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    expected_on: date | None = None
    reference: fields.Line = ""


def send_transfers(items: Sequence[SendItem], *, actor: Actor) -> list[Outcome]:
    """Take pieces that nobody has claimed and put them on their way; all lines of a transfer leave, or none.

    Refuses with NotFound, with BadInput the same place twice or a product that stands twice, with LimitExceeded more
    than is free at the origin.
    """
    return retrying(lambda: _send(items, actor))


def _send(items: Sequence[SendItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        names = look_up(
            [line.sku for i in items for line in i.lines],
            [code for i in items for code in (i.origin, i.to)],
            [],
            actor=actor,
        )
        keys = {
            (names.products[line.sku], names.locations[i.origin])
            for i in items
            for line in i.lines
            if line.sku in names.products and i.origin in names.locations
        }
        ensure_levels(keys)
        shelves = lock_shelves(unit, keys)
        numbers = fresh_numbers(len(items))
        headers: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        movements: list[Movement] = []
        outcomes: list[Outcome] = []
        for item in items:
            try:
                wanted = _wanted(item, names, shelves)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            header, rows = _leave(item, next(numbers), names, wanted)
            headers.append(header)
            lines += rows
            movements += _movements(header, rows, shelves)
            _record(unit, item, header, names)
            outcomes.append(Outcome.done(header["id"], number=header["number"]))
        sql.insert_rows("stock_inbound", HEADER, headers)
        sql.insert_rows("stock_inbound_line", LINE, lines)
        write_movements(movements, actor=actor)
    return outcomes


def _wanted(item: SendItem, names: Names, shelves: dict[Key, Shelf]) -> dict[UUID, int]:
    origin, to = names.location(item.origin, "/from"), names.location(item.to, "/to")
    if origin == to:
        raise BadInput(
            "Origin and destination are the same location.", code="same_location", pointer="/to"
        )
    wanted: dict[UUID, int] = {}
    for index, line in enumerate(item.lines):
        pointer = f"/lines/{index}"
        try:
            product = names.product(line.sku)
        except Refusal as refusal:
            refusal.pointer = f"{pointer}/sku"
            raise
        if product in wanted:
            raise BadInput(
                f"{line.sku} stands twice.", code="duplicate_line", pointer=f"{pointer}/sku"
            )
        # Safety stock guards sales, not transfers: what is neither allocated nor picked may move.
        free = max(0, shelves[(product, origin)].level.free)
        if line.quantity > free:
            raise LimitExceeded(
                f"Only {free} of {line.quantity} are free at {item.origin}.",
                code="not_enough_stock",
                pointer=f"{pointer}/quantity",
            )
        wanted[product] = line.quantity
    return wanted


def _leave(
    item: SendItem, number: str, names: Names, wanted: dict[UUID, int]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    about = About("", item.reference, item.expected_on)
    header = new_header(
        number, "transfer", names.location(item.to), about, names.location(item.origin)
    )
    return header, new_lines(header, wanted, may_exceed=False)


def _movements(
    header: dict[str, Any], lines: Sequence[dict[str, Any]], shelves: dict[Key, Shelf]
) -> list[Movement]:
    return [
        Movement(place, -part, "transferred_out", line["id"], None, header["number"])
        for line in lines
        for place, part in shelves[(line["product_id"], header["origin_id"])].take_free(
            line["expected"]
        )
    ]


def _record(unit: UnitOfWork, item: SendItem, header: dict[str, Any], names: Names) -> None:
    units = sum(line.quantity for line in item.lines)
    data = {"number": header["number"], "kind": "transfer", "location": item.to, "units": units}
    unit.record(INBOUND_CREATED, Subject("inbound", header["id"], 1), Move(None, "open"), data)
    for line in item.lines:
        told = {"sku": line.sku, "from": item.origin, "to": item.to, "quantity": line.quantity}
        unit.record(STOCK_TRANSFERRED, Subject("product", names.product(line.sku)), STILL, told)
