"""When the self-check of stock last looked at everything, and how many differences stand."""

from datetime import datetime

import msgspec

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.stock.visibility import limit_to_places


class LastCheck(msgspec.Struct, frozen=True):
    """The last whole run: when it ended, over how many levels, and how many of them were wrong."""

    finished_at: datetime
    levels: int
    wrong: int


def last_check() -> LastCheck | None:
    """Return the last run that looked at every level, or None before the first; one statement."""
    rows = sql.read(
        "select finished_at, levels, wrong from stock_check where finished_at is not null "
        "order by finished_at desc limit 1"
    )
    return LastCheck(*rows[0]) if rows else None


def open_differences(actor: Actor) -> int:
    """Return how many levels were found wrong and are not right again, where the actor may look; one statement."""
    where = limit_to_places(actor, "d.location_id")
    rows = sql.read(f"select count(*) from stock_difference d where {where.where()}", where.params)
    return int(rows[0][0])
