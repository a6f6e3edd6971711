"""Sends goods to another location: they leave here, are in transit, and come in there when they are received."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import fields
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.stock.commands.upsert_inbounds import MOST_LINES, InboundLineItem
from orderwerk.stock.shelves import Key, Names, Shelf, ensure_levels, lock_shelves, look_up
from orderwerk.stock.transfers import Leaving, Transfer, may_go, send_off, take


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
        leaving: list[Leaving] = []
        refused: dict[int, Refusal] = {}
        for index, item in enumerate(items):
            try:
                leaving.append(take(_transfer(item, names, shelves), shelves))
            except Refusal as refusal:
                refused[index] = refusal
        sent = iter(send_off(unit, leaving))
    return [
        Outcome.refused(refused[index])
        if index in refused
        else Outcome.done((made := next(sent)).id, number=made.number)
        for index in range(len(items))
    ]


def _transfer(item: SendItem, names: Names, shelves: Mapping[Key, Shelf]) -> Transfer:
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
        free = may_go(shelves[(product, origin)])
        if line.quantity > free:
            raise LimitExceeded(
                f"Only {free} of {line.quantity} are free at {item.origin}.",
                code="not_enough_stock",
                pointer=f"{pointer}/quantity",
            )
        wanted[product] = line.quantity
    skus = {names.products[line.sku]: line.sku for line in item.lines}
    return Transfer(
        (origin, item.origin), (to, item.to), wanted, skus, item.expected_on, item.reference
    )
