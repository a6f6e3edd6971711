"""Sets how often the bins of a location are counted."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.stock.events import COUNT_PLAN_SET
from orderwerk.stock.shelves import look_up

Days = Annotated[int, msgspec.Meta(ge=1, le=730)]


class CountPlanItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A location's plan: every so many days for classes A, B and C (null: never); all three null: no cycle counts.

    `basis`: what left in the last `look_back_days`, in pieces, visits (how often) or value (what it was sold for).
    """

    location: fields.Code
    a_days: Days | None = None
    b_days: Days | None = None
    c_days: Days | None = None
    basis: Literal["pieces", "visits", "value"] = "pieces"
    look_back_days: Days = 90
    most_a_day: Annotated[int, msgspec.Meta(ge=1, le=2000)] = 50


_COLUMNS = (
    "id uuid, location_id uuid, a_days int, b_days int, c_days int, basis text, look_back_days int, most_a_day int, "
    "updated_at timestamptz, version int"
)
_OVERWRITE = (
    "on conflict (location_id) do update set a_days = excluded.a_days, b_days = excluded.b_days, c_days = excluded.c_days, "
    "basis = excluded.basis, look_back_days = excluded.look_back_days, most_a_day = excluded.most_a_day, "
    "updated_at = excluded.updated_at, version = stock_count_plan.version + 1 returning location_id, id, version"
)


def set_count_plans(items: Sequence[CountPlanItem], *, actor: Actor) -> list[Outcome]:
    """Set plans; what is asked for already stays asked for. Refuses with NotFound a location that is not there."""
    return retrying(lambda: _set(items, actor))


def _set(items: Sequence[CountPlanItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        codes = sorted({item.location for item in items})
        unit.claim_locks("settings", [("count_plan", code) for code in codes])
        names = look_up([], codes, [], actor=actor)
        last = {item.location: item for item in items}
        rows = [
            {**msgspec.to_builtins(last[code]), "id": ids.new_id(), "location_id": key, "updated_at": clock.now(), "version": 1}
            for code, key in sorted(names.locations.items(), key=lambda pair: pair[1])
        ]  # fmt: skip
        written = sql.insert_rows("stock_count_plan", _COLUMNS, rows, tail=_OVERWRITE)
        plans = {place: plan for place, plan, _version in written}
        for code, key in names.locations.items():
            data = msgspec.to_builtins(last[code])
            unit.record(COUNT_PLAN_SET, Subject("location", key), STILL, data)
    outcomes: list[Outcome] = []
    for item in items:
        try:
            place = names.location(item.location)
            outcomes.append(Outcome.done(plans[place], location=item.location))
        except Refusal as refusal:
            outcomes.append(Outcome.refused(refusal))
    return outcomes
