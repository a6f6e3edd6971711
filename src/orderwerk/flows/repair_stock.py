"""Sets the counters of stock levels to what their ledger, claims and pick lists say, and keeps what they said before."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import LimitExceeded, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.flows.check_stock import forget_differences
from orderwerk.stock.events import STOCK_REPAIRED
from orderwerk.stock.movements import lock_levels
from orderwerk.stock.shelves import look_up

Key = tuple[UUID, UUID]


class RepairItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stock level whose counters are to follow its ledger."""

    sku: fields.Sku
    location: fields.Code


def repair_stock_levels(items: Sequence[RepairItem], *, actor: Actor) -> list[Outcome]:
    """Repair stock levels; one that is right is left alone (`repaired` is false).

    Refuses with NotFound, with LimitExceeded a level whose movements leave less than is claimed, or in a bin less than pick
    lists ask of it: it has to be counted.
    """
    return retrying(lambda: _repair(items, actor))


# The level is locked, so claims and pick lines on it stand still.
_TRUTH = """
select l.product_id, l.location_id, l.on_hand, l.allocated,
  coalesce((select sum(m.delta) from stock_movement m where m.product_id = l.product_id and m.location_id = l.location_id), 0)::int,
  coalesce((select sum(a.quantity) from allocations_allocation a where a.product_id = l.product_id
    and a.location_id = l.location_id and a.status in ('allocated', 'picking', 'picked')), 0)::int,
  (select jsonb_agg(jsonb_build_array(c.code, x.was, x.ledger, x.planned, x.listed) order by c.code)
   from (
     select coalesce(b.bin_id, g.bin_id) as bin_id, coalesce(b.quantity, 0) as was, coalesce(g.n, 0) as ledger,
       coalesce(b.planned, 0) as planned, coalesce((select sum(k.quantity - k.picked - k.short - k.cancelled)
         from picklists_line k where k.is_open and k.product_id = l.product_id and k.location_id = l.location_id
           and k.bin_id = coalesce(b.bin_id, g.bin_id) and k.lot = coalesce(b.lot, g.lot)), 0) as listed
     from (select * from stock_bin_stock where product_id = l.product_id and location_id = l.location_id) b
     full join (select bin_id, lot, sum(delta) as n from stock_movement
       where product_id = l.product_id and location_id = l.location_id group by bin_id, lot) g using (bin_id, lot)) x
   join stock_bin c on c.id = x.bin_id where x.was <> x.ledger or x.planned <> x.listed)
, l.blocked, coalesce((select sum(m.delta) from stock_movement m join stock_lot t on t.product_id = m.product_id and t.code = m.lot
    and t.is_blocked join stock_bin k on k.id = m.bin_id and k.kind = 'pick'
    where m.lot <> '' and m.product_id = l.product_id and m.location_id = l.location_id), 0)::int
from stock_level l join unnest(%s::uuid[], %s::uuid[]) as t(product_id, location_id) using (product_id, location_id)
"""
_COLUMNS = "id uuid, at timestamptz, product_id uuid, location_id uuid, actor_name text, before jsonb, after jsonb"


def _repair(items: Sequence[RepairItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        names = look_up([i.sku for i in items], [i.location for i in items], [], actor=actor)
        keys = {
            (names.products[i.sku], names.locations[i.location])
            for i in items
            if i.sku in names.products and i.location in names.locations
        }
        lock_levels(unit, sorted(keys))
        truth = {
            (row[0], row[1]): row[2:]
            for row in sql.fetch(_TRUTH, ([k[0] for k in keys], [k[1] for k in keys]))
        }
        repairs: dict[Key, dict[str, Any]] = {}
        right: set[Key] = set()
        outcomes: list[Outcome] = []
        for item in items:
            try:
                key = (names.product(item.sku), names.location(item.location))
                found = _difference(key, truth)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            right.add(key)
            outcomes.append(
                Outcome.done(key[0], repaired=bool(found) and key not in repairs, **found)
            )
            if found and key not in repairs:
                repairs[key] = found
                data = {"sku": item.sku, "location": item.location, **found}
                unit.record(STOCK_REPAIRED, Subject("product", key[0]), STILL, data)
        rows = [
            {
                "id": ids.new_id(), "at": clock.now(), "product_id": key[0], "location_id": key[1], "actor_name": actor.name, **found,
            }
            for key, found in repairs.items()
        ]  # fmt: skip
        # The counters follow by trigger, as they follow movements.
        sql.insert_rows("stock_repair", _COLUMNS, rows)
        forget_differences(sorted(right))
    return outcomes


def _difference(key: Key, truth: dict[Key, sql.Row]) -> dict[str, Any]:
    """Return what a level says and what it should say; empty where both are the same."""
    if key not in truth:
        return {}
    on_hand, allocated, ledger, claimed, bins, blocked, kept = truth[key]
    wrong = sql.from_json(bins) or []
    if (on_hand, allocated, blocked) == (ledger, claimed, kept) and not wrong:
        return {}
    if ledger < claimed + kept:
        raise LimitExceeded(
            f"By its movements {ledger} lie here and {claimed} are claimed; count it instead.",
            code="repair_needs_count",
        )
    if short := [name for name, _, lies, _, listed in wrong if lies < listed]:
        raise LimitExceeded(
            f"By its movements {', '.join(short[:5])} holds less than pick lists ask of it; count it instead.",
            code="repair_needs_count",
        )
    return {
        "before": {"on_hand": on_hand, "allocated": allocated, "blocked": blocked, "bins": {b[0]: [b[1], b[3]] for b in wrong}},
        "after": {"on_hand": ledger, "allocated": claimed, "blocked": kept, "bins": {b[0]: [b[2], b[4]] for b in wrong}},
    }  # fmt: skip
