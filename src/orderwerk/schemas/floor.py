"""The public shapes of work between the dock and the shelves."""

from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.stock.count_plan_queries import CountPlanRow


class CountPlan(msgspec.Struct, frozen=True):
    """How often the bins of a location are counted, by class; `open`: cycle counts that are asked for and not done."""

    id: UUID | None
    location: str
    a_days: int | None
    b_days: int | None
    c_days: int | None
    basis: str
    look_back_days: int
    most_a_day: int
    updated_at: datetime | None
    version: int
    open: int


def count_plan(row: CountPlanRow) -> CountPlan:
    """Return the public shape of a plan for cycle counts."""
    return CountPlan(
        id=row.id,
        location=row.location,
        a_days=row.a_days,
        b_days=row.b_days,
        c_days=row.c_days,
        basis=row.basis,
        look_back_days=row.look_back_days,
        most_a_day=row.most_a_day,
        updated_at=row.updated_at,
        version=row.version,
        open=row.open_count,
    )
