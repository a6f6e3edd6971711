"""Sets how many pieces of a product a location keeps back from sale."""

from collections.abc import Sequence

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.stock.events import SAFETY_STOCK_SET
from orderwerk.stock.movements import lock_levels
from orderwerk.stock.shelves import ensure_levels, look_up


class SafetyItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The safety stock of a product at a location, in pieces."""

    sku: fields.Sku
    location: fields.Code
    safety_stock: fields.Count


def set_safety_stocks(items: Sequence[SafetyItem], *, actor: Actor) -> list[Outcome]:
    """Set safety stocks; what is already allocated stays allocated."""
    return retrying(lambda: _set(items, actor))


def _set(items: Sequence[SafetyItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        names = look_up([i.sku for i in items], [i.location for i in items], [], actor=actor)
        keys = {
            (names.products[i.sku], names.locations[i.location])
            for i in items
            if i.sku in names.products and i.location in names.locations
        }
        ensure_levels(keys)
        levels = lock_levels(unit, sorted(keys))
        outcomes: list[Outcome] = []
        wanted: dict[tuple[object, object], int] = {}
        for item in items:
            try:
                key = (names.product(item.sku), names.location(item.location))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            data = {
                "sku": item.sku,
                "location": item.location,
                "before": levels[key].safety_stock,
                "after": item.safety_stock,
            }
            unit.record(SAFETY_STOCK_SET, Subject("product", key[0]), STILL, data)
            wanted[key] = item.safety_stock
            outcomes.append(Outcome.done(key[0], safety_stock=item.safety_stock))
        sql.execute(
            "update stock_level l set safety_stock = t.n from unnest(%s::uuid[], %s::uuid[], %s::int[]) as t(p, q, n) "
            "where l.product_id = t.p and l.location_id = t.q",
            ([k[0] for k in wanted], [k[1] for k in wanted], list(wanted.values())),
        )
    return outcomes
