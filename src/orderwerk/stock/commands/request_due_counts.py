"""Asks for the counts that are due by the plan of a location."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import UnitOfWork, retrying, unit_of_work
from orderwerk.stock.count_plans import Due, due_counts
from orderwerk.stock.count_requests import ToCount, request_counts
from orderwerk.stock.shelves import Shelf, lock_shelves, look_up

_MOST = 2000


class DueCountItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A location that has a plan."""

    location: fields.Code


def request_due_counts(items: Sequence[DueCountItem], *, actor: Actor) -> list[Outcome]:
    """Ask for what is due, the most overdue first, not more in a day (UTC) than the plan says; doing it again asks for no more.

    Refuses with NotFound, also a location without a plan.
    """
    return retrying(lambda: _request(items, actor))


_PLANS = """
select p.location_id, p.most_a_day from stock_count_plan p where p.location_id = any(%s)
order by p.location_id for no key update
"""
# Read after the plans are locked: two runs at once then do not both see room for the same day.
_TODAY = """
select r.location_id, count(*)::int from stock_count_request r
where r.location_id = any(%s) and r.cause = 'cycle' and r.requested_at >= %s group by 1
"""


def _request(items: Sequence[DueCountItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        names = look_up([], [item.location for item in items], [], actor=actor)
        unit.claim_locks("settings", [("count_plan", code) for code in names.locations])
        places = list(names.locations.values())
        most: dict[UUID, int] = dict(sql.fetch(_PLANS, (places,)))
        midnight = clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        today: dict[UUID, int] = dict(sql.fetch(_TODAY, (places, midnight)))
        room = {place: max(0, n - today.get(place, 0)) for place, n in most.items()}
        made = _ask(unit, due_counts(list(most), most=_MOST), room)
    outcomes: list[Outcome] = []
    for item in items:
        try:
            place = names.location(item.location)
            if place not in most:
                raise NotFound(
                    f"{item.location} has no plan for cycle counts.",
                    code="no_count_plan",
                    pointer="/location",
                )
        except Refusal as refusal:
            outcomes.append(Outcome.refused(refusal))
            continue
        outcomes.append(Outcome.done(place, requested=made[place]))
    return outcomes


def _ask(unit: UnitOfWork, due: Sequence[Due], room: dict[UUID, int]) -> dict[UUID, int]:
    chosen: list[Due] = []
    left = dict(room)
    for each in due:
        if left[each.location_id] > 0:
            left[each.location_id] -= 1
            chosen.append(each)
    shelves = lock_shelves(unit, {(each.product_id, each.location_id) for each in chosen})
    wanted = [
        ToCount(each.product_id, each.location_id, each.bin_id, f"cycle count {each.abc}", "cycle")
        for each in chosen
        if _is_still_due(each, shelves[(each.product_id, each.location_id)])
    ]
    made: dict[UUID, int] = defaultdict(int)
    for place in request_counts(unit, wanted):
        made[place] += 1
    return made


def _is_still_due(due: Due, shelf: Shelf) -> bool:
    # Somebody may have counted it, or taken the last piece, before the level was locked.
    rows = [row for row in shelf.bins if row.bin_id == due.bin_id and row.quantity]
    counted = [row.counted_at for row in rows if row.counted_at] + (
        [shelf.level.counted_at] if shelf.level.counted_at else []
    )
    return bool(rows) and (not counted or max(counted) == due.last_at)
