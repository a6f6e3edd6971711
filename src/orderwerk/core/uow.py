"""The unit of work: one transaction with locks in the one declared order, its events and its outbox row."""

import random
import threading
import time
import zlib
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db import OperationalError, connection, transaction

from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Again, ensure
from orderwerk.core.events import KINDS, EventKind

# The one lock order of the program. A unit of work that holds a later one never asks for an earlier one.
LOCK_ORDER = (
    "settings",
    "order",
    "store_credit",
    "pick_list",
    "inbound",
    "stock",
    "room",
    "payment",
    "credit_invoice",
    "series",
)
_RANK = {name: rank for rank, name in enumerate(LOCK_ORDER)}
_RETRYABLE = ("40001", "40P01")  # serialization failure, deadlock detected
_MOST_ATTEMPTS = 4

T = TypeVar("T")
_open = threading.local()


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about: an object, and the order and shop it belongs to; `seq` is its new version."""

    type: str
    id: UUID
    seq: int | None = None
    order_id: UUID | None = None
    shop_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """The change of status that an event tells of."""

    origin: str | None = None
    to: str | None = None


STILL = Move()


@dataclass
class UnitOfWork:
    """One open transaction: who acts, what is locked, which events it will write."""

    actor: Actor
    _events: list[tuple[Any, ...]] = field(default_factory=list)
    _locked: dict[str, set[Any]] = field(default_factory=dict)

    def claim_locks(self, name: str, keys: Iterable[Any]) -> list[Any]:
        """Return the keys still to be locked, sorted; refuse (a bug) to go back in the lock order."""
        wanted = sorted(set(keys))
        held = self._locked.setdefault(name, set())
        fresh = [key for key in wanted if key not in held]
        if not fresh:
            return fresh
        later = [other for other in LOCK_ORDER[_RANK[name] + 1 :] if self._locked.get(other)]
        ensure(not later, f"lock order: {name} asked for while holding {later}")
        ensure(
            not held or fresh[0] > max(held),
            f"lock order: {name} locked in two steps, not ascending",
        )
        held.update(fresh)
        return fresh

    def lock_settings(self, keys: Iterable[tuple[str, ...]]) -> None:
        """Hold what is known by a name until the end, whether its row is there or not; one statement, before rows are read.

        The first part of a key is its kind. A row lock holds only what exists: two that make one thing at once would
        both find nothing, and the later one would answer with an id that is not the thing's.
        """
        fresh = self.claim_locks("settings", keys)
        if fresh:
            sql.execute(_HOLD, (sorted({_slot(key) for key in fresh}),))

    def lock_room(self, places: Iterable[UUID]) -> None:
        """Let nobody else count what leaves these locations until the end; at most one statement."""
        fresh = self.claim_locks("room", places)
        if fresh:
            sql.execute(_HOLD, (sorted({_slot(("room", str(place))) for place in fresh}),))

    def record(
        self,
        kind: EventKind,
        subject: Subject,
        move: Move = STILL,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Add one event; all are written in one statement when the unit of work ends."""
        ensure(KINDS.get(kind.name) is kind, f"event kind {kind.name} is not declared")
        self._events.append((ids.new_id(), kind.name, subject, move, sql.to_json(data or {})))

    def flush(self) -> None:
        """Write the events and one outbox row; called once, at the end."""
        if not self._events:
            return
        event_ids, kinds, subjects, moves, payloads = (
            list(column) for column in zip(*self._events, strict=True)
        )
        moment, actor = clock.now(), self.actor
        sql.execute(
            _WRITE_EVENTS,
            (
                moment, actor.kind, actor.id, actor.name,
                event_ids, kinds,
                [s.type for s in subjects], [s.id for s in subjects], [s.seq for s in subjects],
                [s.order_id for s in subjects], [s.shop_id for s in subjects],
                [m.origin for m in moves], [m.to for m in moves],
                # One text: as an array, each quote in it would have to be written with a backslash, which took longer than the rest.
                f"[{','.join(payloads)}]",
                moment, event_ids,
            ),
        )  # fmt: skip
        self._events.clear()


# The server keeps room for some thousands of locks in all, and a call may name a thousand things: names share slots.
_SLOTS = 256
# Where they lie among the numbers that transactions lock; `core.idempotency` spreads its own over all of them.
_SETTINGS_SPACE = 0x5E77 << 47
_HOLD = "select pg_advisory_xact_lock(t.slot) from unnest(%s::bigint[]) as t(slot)"


def _slot(key: tuple[str, ...]) -> int:
    kind, *name = (part.encode("utf-8", "surrogatepass") for part in key)
    return _SETTINGS_SPACE | zlib.crc32(kind) << 8 | zlib.crc32(b"\0".join(name)) % _SLOTS


_WRITE_EVENTS = """
with written as (
  insert into core_event (id, at, kind, aggregate_type, aggregate_id, seq, order_id, shop_id,
                          from_status, to_status, actor_kind, actor_id, actor_name, payload)
  select e.id, a.at, e.kind, e.type, e.aggregate_id, e.seq, e.order_id, e.shop_id,
         e.origin, e.target, a.kind, a.id, a.name, e.payload
  from (select %s::timestamptz as at, %s::text as kind, %s::uuid as id, %s::text as name) a,
    rows from (
      unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::int[], %s::uuid[], %s::uuid[], %s::text[], %s::text[]),
      jsonb_array_elements(%s::jsonb)
    ) as e(id, kind, type, aggregate_id, seq, order_id, shop_id, origin, target, payload)
)
insert into core_outbox (created_at, event_ids) values (%s, %s::uuid[])
"""


def current() -> UnitOfWork | None:
    """Return the unit of work that is open on this thread, if any."""
    return getattr(_open, "unit", None)


@contextmanager
def unit_of_work(actor: Actor) -> Generator[UnitOfWork, None, None]:
    """Open one transaction, or join the one that is open on this thread; an error inside undoes all of it."""
    outer = current()
    if outer is not None:
        yield outer
        return
    with transaction.atomic():
        unit = UnitOfWork(actor)
        _open.unit = unit
        try:
            yield unit
            unit.flush()
        finally:
            _open.unit = None


@contextmanager
def all_or_nothing() -> Generator[None, None, None]:
    """Keep several units of work together or none of them; for filling an empty database, where nobody waits."""
    with transaction.atomic():
        yield


def retrying(work: Callable[[], T], *, also: tuple[type[Exception], ...] = ()) -> T:
    """Run a whole unit of work again after a deadlock, a serialization failure or `Again`, at most three times more.

    Inside an open unit of work it runs once: only the outermost transaction can be run again. `also` names
    further errors worth another run, such as the unique violation of a concurrent duplicate.
    """
    if current() is not None:
        return work()
    passing: tuple[type[Exception], ...] = (Again, *also)
    try:
        return _repeated(work, passing)
    finally:
        _open.repeat = False


def is_repeat() -> bool:
    """Say whether the unit of work of this thread runs again, after its first run met somebody else's."""
    return bool(getattr(_open, "repeat", False))


def _repeated(work: Callable[[], T], passing: tuple[type[Exception], ...]) -> T:
    for attempt in range(1, _MOST_ATTEMPTS):
        try:
            return work()
        except OperationalError as error:
            if (
                getattr(error.__cause__, "sqlstate", None) not in _RETRYABLE
                or connection.in_atomic_block
            ):
                raise
        except passing:
            if connection.in_atomic_block:
                raise
        _open.repeat = True
        time.sleep(random.uniform(0, 0.02 * attempt))  # noqa: S311 - jitter, no secret
    return work()
