"""Runs the self-check of stock over every level by itself, and keeps what it finds until it is right again."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.flows.self_check import LevelCheck, checks_of
from orderwerk.stock.events import STOCK_DIFFERENCE_FOUND
from orderwerk.stock.movements import lock_levels

Key = tuple[UUID, UUID]

STEP = 500
FEW = 50

_FIRST: Key = (UUID(int=0), UUID(int=0))
_START = "insert into stock_check (id, started_at, levels, wrong) values (%s, %s, 0, 0)"
# A run takes minutes: what is unfinished after a day never ends.
_BROKEN_OFF = "delete from stock_check where finished_at is null and started_at < %s"
_LEVELS = """
select product_id, location_id from stock_level where (product_id, location_id) > (%s, %s)
order by product_id, location_id limit %s
"""
_GO_ON = "update stock_check set levels = levels + %s, wrong = wrong + %s where id = %s"
_END = "update stock_check set finished_at = %s where id = %s"
_NOTED = "select product_id, location_id from stock_difference where (product_id, location_id) > (%s, %s) and (product_id, location_id) <= (%s, %s)"
_STANDING = "select product_id, location_id from stock_difference where (product_id, location_id) > (%s, %s) order by product_id, location_id limit %s"
_NOTE = """
insert into stock_difference (id, product_id, location_id, found_at)
select t.id, t.product_id, t.location_id, %s from unnest(%s::uuid[], %s::uuid[], %s::uuid[]) as t(id, product_id, location_id)
on conflict (product_id, location_id) do nothing returning product_id, location_id
"""
_RIGHT_AGAIN = """
delete from stock_difference d using unnest(%s::uuid[], %s::uuid[]) as t(product_id, location_id)
where d.product_id = t.product_id and d.location_id = t.location_id
"""


def check_stock_levels(*, actor: Actor, step: int = STEP) -> UUID:
    """Compare every level with its ledger, its claims and its pick lists, `step` levels at a time; return the run's id.

    Each step runs the same few statements whatever it finds. What is wrong and was not known gets an event, once for as
    long as it stands; what is right again is forgotten. A run that is broken off does harm to nothing: the next looks at all,
    and forgets it.
    """
    run, after, now = ids.new_id(), _FIRST, clock.now()
    sql.execute(_BROKEN_OFF, (now - timedelta(days=1),))
    sql.execute(_START, (run, now))
    while keys := sql.fetch(_LEVELS, (*after, step)):
        last: Key = (keys[-1][0], keys[-1][1])
        # Named one by one: of a range of pairs the planner expects a quarter of all levels, and reads the whole ledger.
        named = [(row[0], row[1]) for row in keys]
        suspects = {(c.product_id, c.location_id) for c in checks_of(actor, named)}
        suspects |= {(row[0], row[1]) for row in sql.fetch(_NOTED, (*after, *last))}
        wrong = _settle(sorted(suspects), actor)
        sql.execute(_GO_ON, (len(keys), wrong, run))
        after = last
    sql.execute(_END, (clock.now(), run))
    return run


def look_again(*, actor: Actor, step: int = FEW) -> int:
    """Look at the levels that were found wrong, forget those that are right again, and return how many are still wrong.

    Every one of them, `step` at a time: so few are locked while they are looked at.
    """
    wrong, after = 0, _FIRST
    while keys := [(row[0], row[1]) for row in sql.fetch(_STANDING, (*after, step))]:
        wrong += _settle(keys, actor)
        after = keys[-1]
    return wrong


def _settle(keys: Sequence[Key], actor: Actor) -> int:
    # Levels that look wrong are few: they are locked and looked at again, so that nothing is noted that was just repaired.
    return retrying(lambda: _write(keys, actor)) if keys else 0


def _write(keys: Sequence[Key], actor: Actor) -> int:
    with unit_of_work(actor) as unit:
        lock_levels(unit, keys)
        wrong = {(c.product_id, c.location_id): c for c in checks_of(actor, keys)}
        forget_differences([key for key in keys if key not in wrong])
        new = sql.fetch(
            _NOTE,
            (clock.now(), ids.new_ids(len(wrong)), [k[0] for k in wrong], [k[1] for k in wrong]),
        )
        for product_id, location_id in new:
            unit.record(
                STOCK_DIFFERENCE_FOUND,
                Subject("product", product_id),
                STILL,
                _told(wrong[(product_id, location_id)]),
            )
    return len(wrong)


def forget_differences(keys: Sequence[Key]) -> None:
    """Forget that levels were wrong; they are locked and right."""
    sql.execute(_RIGHT_AGAIN, ([k[0] for k in keys], [k[1] for k in keys]))


def _told(check: LevelCheck) -> dict[str, object]:
    return {
        "sku": check.sku,
        "location": check.location,
        "differences": check.differences,
        "bins_wrong": check.bins_wrong,
    }
