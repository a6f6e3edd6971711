"""The ledger's writer: movements go in, levels and bins follow by trigger in the same statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Place:
    """Where something lies: product, location, bin and lot."""

    product_id: UUID
    location_id: UUID
    bin_id: UUID
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of what lies in one place, with its one cause: kind and source; `at` is when it came true (None: now)."""

    place: Place
    delta: int
    kind: str
    source_id: UUID
    order_id: UUID | None = None
    reason: str = ""
    at: datetime | None = None


_WRITE = """
insert into stock_movement (id, at, product_id, location_id, bin_id, lot, delta, kind, source_id, order_id, reason, actor_name)
select t.id, t.at, t.product_id, t.location_id, t.bin_id, t.lot, t.delta, t.kind, t.source_id, t.order_id, t.reason, %s
from unnest(%s::timestamptz[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::int[], %s::text[], %s::uuid[], %s::uuid[], %s::text[])
  as t(at, id, product_id, location_id, bin_id, lot, delta, kind, source_id, order_id, reason)
"""


def write_movements(movements: Sequence[Movement], *, actor: Actor) -> None:
    """Write movements in one statement; levels and bins of them must be locked before.

    A CHECK refuses the whole statement when a bin would go below zero or on hand below what is allocated.
    """
    if not movements:
        return
    moment = clock.now()
    sql.execute(
        _WRITE,
        (
            actor.name,
            [m.at or moment for m in movements],
            ids.new_ids(len(movements)),
            [m.place.product_id for m in movements],
            [m.place.location_id for m in movements],
            [m.place.bin_id for m in movements],
            [m.place.lot for m in movements],
            [m.delta for m in movements],
            [m.kind for m in movements],
            [m.source_id for m in movements],
            [m.order_id for m in movements],
            [m.reason for m in movements],
        ),
    )


@dataclass(slots=True)
class Level:
    """A locked stock level; `available` is what may still be promised, `counted_at` when it was last counted whole."""

    on_hand: int
    allocated: int
    safety_stock: int
    counted_at: datetime | None = None
    blocked: int = 0

    @property
    def free(self) -> int:
        """What nobody has claimed and no blocked lot holds; safety stock included."""
        return self.on_hand - self.allocated - self.blocked

    @property
    def available(self) -> int:
        """What can be allocated now: never below zero."""
        return max(0, self.free - self.safety_stock)

    @property
    def over(self) -> int:
        """How many more pieces are claimed than can leave."""
        return max(0, -self.free)


_READ = """
select l.product_id, l.location_id, l.on_hand, l.allocated, l.safety_stock, l.counted_at, l.blocked
from stock_level l
join unnest(%s::uuid[], %s::uuid[]) as t(product_id, location_id) using (product_id, location_id)
order by l.product_id, l.location_id
"""
_LOCK = f"{_READ} for no key update of l"


def lock_levels(
    unit: UnitOfWork, keys: Sequence[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], Level]:
    """Lock the levels of (product, location) pairs, always in that order, and return what they hold."""
    wanted = sorted(set(keys))
    unit.claim_locks("stock", wanted)
    return _levels(_LOCK, wanted)


def read_levels(keys: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Level]:
    """Return the levels of (product, location) pairs without a lock: for a first look, or under a lock that is held."""
    return _levels(_READ, keys)


def _levels(statement: str, keys: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Level]:
    rows = sql.fetch(statement, ([key[0] for key in keys], [key[1] for key in keys]))
    return {(row[0], row[1]): Level(*row[2:]) for row in rows}


_CLAIM = """
update stock_level l set allocated = l.allocated + t.delta
from unnest(%s::uuid[], %s::uuid[], %s::int[]) as t(product_id, location_id, delta)
where l.product_id = t.product_id and l.location_id = t.location_id
"""


def change_allocated(deltas: dict[tuple[UUID, UUID], int]) -> None:
    """Raise or lower what is allocated, per (product, location), in one statement; the CHECK is the last guard."""
    keys = sorted(key for key, delta in deltas.items() if delta)
    if keys:
        sql.execute(_CLAIM, ([k[0] for k in keys], [k[1] for k in keys], [deltas[k] for k in keys]))
