"""Moves goods from one location to another."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.stock.events import STOCK_TRANSFERRED
from orderwerk.stock.movements import Movement, Place, write_movements
from orderwerk.stock.shelves import DEFAULT_BIN, Names, Shelf, ensure_levels, lock_shelves, look_up

Key = tuple[UUID, UUID]


class TransferItem(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"origin": "from"}
):
    """So many pieces of a product from one location to another."""

    sku: fields.Sku
    origin: fields.Code
    to: fields.Code
    quantity: fields.Quantity


def transfer_stock_levels(items: Sequence[TransferItem], *, actor: Actor) -> list[Outcome]:
    """Move pieces that nobody has claimed; refuses with LimitExceeded when fewer are available at the origin."""
    return retrying(lambda: _transfer(items, actor))


def _transfer(items: Sequence[TransferItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        places = [code for item in items for code in (item.origin, item.to)]
        names = look_up([i.sku for i in items], places, [], actor=actor)
        keys = {
            (names.products[i.sku], names.locations[code])
            for i in items
            for code in (i.origin, i.to)
            if i.sku in names.products and code in names.locations
        }
        ensure_levels(keys)
        shelves = lock_shelves(unit, keys)
        outcomes: list[Outcome] = []
        movements: list[Movement] = []
        for item in items:
            try:
                movements += _decide(item, names, shelves)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            product = names.product(item.sku)
            data = {"sku": item.sku, "from": item.origin, "to": item.to, "quantity": item.quantity}
            unit.record(STOCK_TRANSFERRED, Subject("product", product), STILL, data)
            outcomes.append(Outcome.done(product, sku=item.sku))
        write_movements(movements, actor=actor)
    return outcomes


def _decide(item: TransferItem, names: Names, shelves: dict[Key, Shelf]) -> list[Movement]:
    product = names.product(item.sku)
    origin, target = names.location(item.origin, "/from"), names.location(item.to, "/to")
    if origin == target:
        raise BadInput(
            "Origin and destination are the same location.", code="same_location", pointer="/to"
        )
    shelf = shelves[(product, origin)]
    # Safety stock guards sales, not transfers: what is neither allocated nor picked may move.
    free = max(0, shelf.level.free)
    if item.quantity > free:
        raise LimitExceeded(
            f"Only {free} of {item.quantity} are free at {item.origin}.", code="not_enough_stock"
        )
    source, default = ids.new_id(), names.bin(target, DEFAULT_BIN)
    taken = shelf.take_free(item.quantity)
    lots: Counter[str] = Counter()
    for place, part in taken:
        lots[place.lot] += part
    for lot, part in lots.items():
        shelves[(product, target)].put(default, DEFAULT_BIN, part, lot)
    return [
        *(Movement(place, -part, "transferred_out", source) for place, part in taken),
        *(
            Movement(Place(product, target, default, lot), part, "transferred_in", source)
            for lot, part in lots.items()
        ),
    ]
