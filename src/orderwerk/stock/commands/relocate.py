"""Moves goods from one bin to another of the same location: put away, replenish, tidy up."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.stock.count_requests import ToCount, count_again, request_counts
from orderwerk.stock.events import STOCK_RELOCATED
from orderwerk.stock.movements import Movement, Place, write_movements
from orderwerk.stock.shelves import (
    STAGING_BIN,
    BinRow,
    Names,
    Shelf,
    ensure_levels,
    lock_shelves,
    look_up,
)


class RelocateItem(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"origin": "from"}
):
    """So many pieces of a product from one bin to another; `moved_at` is when somebody did it (left out: now).

    `lot` may be left out where only one lies in the bin.
    """

    sku: fields.Sku
    location: fields.Code
    origin: fields.Code
    to: fields.Code
    quantity: fields.Quantity
    lot: fields.Lot | None = None
    moved_at: datetime | None = None
    reference: fields.Line = ""


def relocate_stock(items: Sequence[RelocateItem], *, actor: Actor) -> list[Outcome]:
    """Move pieces that no pick list asks for; on hand and what is available stay as they are.

    Where a bin was counted after `moved_at`, nobody can tell whether that count saw these pieces: a count of it is asked
    for. Refuses with NotFound, with BadInput the same bin twice, the staging bin, or no lot
    where several lie in the bin, with LimitExceeded more than lies free.
    """
    return retrying(lambda: _relocate(items, actor))


def _relocate(items: Sequence[RelocateItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        bins = [code for item in items for code in (item.origin, item.to)]
        names = look_up([i.sku for i in items], [i.location for i in items], bins, actor=actor)
        keys = {
            (names.products[i.sku], names.locations[i.location])
            for i in items
            if i.sku in names.products and i.location in names.locations
        }
        ensure_levels(keys)
        shelves = lock_shelves(unit, keys)
        outcomes: list[Outcome] = []
        movements: list[Movement] = []
        again: list[ToCount] = []
        for item in items:
            try:
                key = (names.product(item.sku), names.location(item.location))
                made = _decide(item, names, shelves[key])
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            movements += made
            moved = {movement.place.bin_id for movement in made}
            again += count_again(shelves[key], moved, item.moved_at)
            data = msgspec.to_builtins(item)
            unit.record(STOCK_RELOCATED, Subject("product", key[0]), STILL, data)
            outcomes.append(Outcome.done(made[0].source_id, quantity=item.quantity))
        write_movements(movements, actor=actor)
        request_counts(unit, again)
    return outcomes


def _decide(item: RelocateItem, names: Names, shelf: Shelf) -> list[Movement]:
    origin = names.bin(shelf.location_id, item.origin, "/from")
    target = names.bin(shelf.location_id, item.to, "/to")
    if origin == target:
        raise BadInput("These are the same bin.", code="same_bin", pointer="/to")
    for code, pointer in ((item.origin, "/from"), (item.to, "/to")):
        if code == STAGING_BIN:
            raise BadInput(
                "What is picked lies in the staging bin until it leaves.",
                code="staging_not_moved",
                pointer=pointer,
            )
    rows = [
        row
        for row in shelf.bins
        if row.bin_id == origin and (item.lot is None or row.lot == item.lot)
    ]
    if item.lot is not None or len({row.lot for row in rows if row.quantity}) > 1:
        names.check_lot(shelf.product_id, item.lot)
    free = sum(row.free for row in rows)
    if item.quantity > free:
        raise LimitExceeded(
            f"Only {free} lie free in bin {item.origin}; pick lists ask for {sum(r.planned for r in rows)}.",
            code="not_enough_stock",
            pointer="/quantity",
        )
    return _move(item, shelf, rows, target)


def _move(item: RelocateItem, shelf: Shelf, rows: Sequence[BinRow], target: UUID) -> list[Movement]:
    source, missing = ids.new_id(), item.quantity
    at = min(item.moved_at or clock.now(), clock.now())
    made: list[Movement] = []
    for row in rows:
        part = min(row.free, missing)
        if part <= 0:
            continue
        missing -= part
        row.quantity -= part
        shelf.lay(target, item.to, part, row.lot)
        for bin_id, delta in ((row.bin_id, -part), (target, part)):
            place = Place(shelf.product_id, shelf.location_id, bin_id, row.lot)
            made.append(Movement(place, delta, "moved", source, None, item.reference, at))
    return made
