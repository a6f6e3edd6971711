"""Sets what was counted, at the moment it was counted."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.stock.commands.adjust import check_promised, put
from orderwerk.stock.events import STOCK_COUNTED
from orderwerk.stock.movements import Movement, Place, write_movements
from orderwerk.stock.shelves import DEFAULT_BIN, Names, Shelf, ensure_levels, lock_shelves, look_up

Key = tuple[UUID, UUID]


class CountItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A counted quantity: of one bin, or (without `bin`) of the whole location, staging included."""

    sku: fields.Sku
    location: fields.Code
    quantity: fields.Count
    bin: fields.Code | None = None
    counted_at: datetime | None = None


def count_stock_levels(items: Sequence[CountItem], *, actor: Actor) -> list[Outcome]:
    """Book counted quantities; what moved after `counted_at` stays as it moved, open demand stays allocated.

    Refuses with LimitExceeded a count below what is allocated to orders, with BadInput a count from the future.
    """
    return retrying(lambda: _count(items, actor))


def _count(items: Sequence[CountItem], actor: Actor) -> list[Outcome]:
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
        since = _moved_since(items, names)
        outcomes: list[Outcome] = []
        movements: list[Movement] = []
        for index, item in enumerate(items):
            try:
                made, before = _decide(item, names, shelves, since.get(index, 0))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            movements += made
            outcomes.append(_record(unit, item, names, shelves, before))
        write_movements(movements, actor=actor)
    return outcomes


def _moved_since(items: Sequence[CountItem], names: Names) -> dict[int, int]:
    # A count is the truth of its own moment: what moved since then is added on top, not wiped.
    rows = sql.fetch(
        """
        select t.item, coalesce(sum(m.delta), 0)
        from unnest(%s::int[], %s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[]) as t(item, product_id, location_id, bin_id, at)
        join stock_movement m on m.product_id = t.product_id and m.location_id = t.location_id
          and (t.bin_id is null or m.bin_id = t.bin_id) and m.at > t.at
        group by t.item
        """,
        list(
            map(
                list,
                zip(
                    *(
                        (
                            index,
                            names.products.get(item.sku),
                            names.locations.get(item.location),
                            names.bins.get((names.locations[item.location], item.bin or ""))
                            if item.location in names.locations
                            else None,
                            item.counted_at,
                        )
                        for index, item in enumerate(items)
                    ),
                    strict=True,
                ),
            )
        ),
    )
    return {row[0]: int(row[1]) for row in rows}


def _decide(
    item: CountItem, names: Names, shelves: dict[Key, Shelf], since: int
) -> tuple[list[Movement], int]:
    product, location = names.product(item.sku), names.location(item.location)
    if item.counted_at is not None and item.counted_at > clock.now():
        raise BadInput(
            "The count is from the future.", code="counted_in_future", pointer="/counted_at"
        )
    shelf = shelves[(product, location)]
    bin_id = names.bin(location, item.bin or DEFAULT_BIN)
    row = shelf.bin(bin_id)
    before = (row.quantity if row else 0) if item.bin else shelf.level.on_hand
    difference = item.quantity - (before - since)
    if difference == 0:
        return [], before
    check_promised(shelf, difference)
    source = ids.new_id()
    if item.bin or difference > 0:
        put(shelf, bin_id, item.bin or DEFAULT_BIN, difference)
        return [Movement(Place(product, location, bin_id), difference, "counted", source)], before
    taken = shelf.take_free(-difference)
    return [Movement(place, -part, "counted", source) for place, part in taken], before


def _record(
    unit: UnitOfWork, item: CountItem, names: Names, shelves: dict[Key, Shelf], before: int
) -> Outcome:
    product = names.product(item.sku)
    data = {
        "sku": item.sku,
        "location": item.location,
        "bin": item.bin,
        "before": before,
        "counted": item.quantity,
    }
    unit.record(STOCK_COUNTED, Subject("product", product), STILL, data)
    level = shelves[(product, names.location(item.location))].level
    return Outcome.done(
        product, on_hand=level.on_hand, allocated=level.allocated, available=level.available
    )
