"""Corrects stock by a difference, with a reason."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.stock.events import STOCK_ADJUSTED
from orderwerk.stock.movements import Movement, Place, write_movements
from orderwerk.stock.shelves import (
    DEFAULT_BIN,
    BinRow,
    Names,
    Shelf,
    ensure_levels,
    lock_shelves,
    look_up,
)


class AdjustItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A difference in pieces: found (+) or gone (-)."""

    sku: fields.Sku
    location: fields.Code
    difference: fields.Difference
    reason: fields.Reason
    bin: fields.Code | None = None


def adjust_stock_levels(items: Sequence[AdjustItem], *, actor: Actor) -> list[Outcome]:
    """Change on hand by a difference.

    Refuses with LimitExceeded what would take more than lies free in the bins, or pieces promised to orders.
    """
    return retrying(lambda: _adjust(items, actor))


def _adjust(items: Sequence[AdjustItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        names = look_up(
            [i.sku for i in items],
            [i.location for i in items],
            [i.bin for i in items if i.bin],
            actor=actor,
        )
        keys = {
            (names.products[i.sku], names.locations[i.location])
            for i in items
            if i.sku in names.products and i.location in names.locations
        }
        ensure_levels(keys)
        shelves = lock_shelves(unit, keys)
        outcomes: list[Outcome] = []
        movements: list[Movement] = []
        for item in items:
            try:
                made = _decide(item, names, shelves)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            movements += made
            outcomes.append(_record(unit, item, names, shelves))
        write_movements(movements, actor=actor)
    return outcomes


def _decide(
    item: AdjustItem, names: Names, shelves: dict[tuple[UUID, UUID], Shelf]
) -> list[Movement]:
    product, location = names.product(item.sku), names.location(item.location)
    if item.difference == 0:
        raise BadInput("The difference is zero.", code="no_difference", pointer="/difference")
    bin_id = names.bin(location, item.bin or DEFAULT_BIN)
    shelf = shelves[(product, location)]
    check_promised(shelf, item.difference)
    source = ids.new_id()
    if item.difference > 0 or item.bin is not None:
        put(shelf, bin_id, item.bin or DEFAULT_BIN, item.difference)
        return [
            Movement(
                Place(product, location, bin_id),
                item.difference,
                "adjusted",
                source,
                None,
                item.reason,
            )
        ]
    taken = shelf.take_free(-item.difference)
    return [Movement(place, -part, "adjusted", source, None, item.reason) for place, part in taken]


def check_promised(shelf: Shelf, difference: int) -> None:
    """Refuse (LimitExceeded) to take pieces that are promised to orders."""
    if shelf.level.on_hand + difference < shelf.level.allocated:
        raise LimitExceeded(
            f"{shelf.level.allocated} of {shelf.level.on_hand} on hand are allocated to orders; "
            "release or move those allocations first.",
            code="stock_is_allocated",
        )


def put(shelf: Shelf, bin_id: UUID, code: str, difference: int) -> None:
    """Change what the shelf holds in one bin; refuses with LimitExceeded below what pick lines ask for."""
    row = shelf.bin(bin_id)
    if row is None:
        row = BinRow(bin_id, code, "pick", 0, "", 0, 0)
        shelf.bins.append(row)
    if row.free + difference < 0:
        raise LimitExceeded(
            f"Only {row.free} lie free in bin {code}.", code="not_enough_stock", pointer="/bin"
        )
    row.quantity += difference
    shelf.level.on_hand += difference


def _record(
    unit: UnitOfWork, item: AdjustItem, names: Names, shelves: dict[tuple[UUID, UUID], Shelf]
) -> Outcome:
    product, location = names.product(item.sku), names.location(item.location)
    unit.record(
        STOCK_ADJUSTED,
        Subject("product", product),
        STILL,
        {
            "sku": item.sku,
            "location": item.location,
            "bin": item.bin,
            "difference": item.difference,
            "reason": item.reason,
        },
    )
    level = shelves[(product, location)].level
    return Outcome.done(
        product, on_hand=level.on_hand, allocated=level.allocated, available=level.available
    )
