"""Identifiers: time-ordered UUIDs (RFC 9562, version 7), made in Python so that any PostgreSQL will do."""

from datetime import UTC, datetime, timedelta
from random import getrandbits
from time import time_ns
from uuid import UUID

from uuid_utils.compat import uuid7

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Microseconds of now, as many bits as fit in front of 32 random ones: 12 before the variant, 30 after it.
_LOW = 30
_TICKS = (1 << 42) - 1
_last_tick = 0


def new_id() -> UUID:
    """Return a new UUIDv7; ids made by one process never go backwards."""
    return uuid7()


def new_ids(count: int) -> list[UUID]:
    """Return `count` new UUIDv7 in ascending order."""
    return [uuid7() for _ in range(count)]


def new_id_at(moment: datetime) -> UUID:
    """Return a new UUIDv7 that begins with a moment other than now: an index over such ids is in the order of those moments.

    Of one millisecond, ids of one process are in the order in which they were made: the microseconds of now follow (RFC 9562, 6.2).
    """
    global _last_tick  # noqa: PLW0603 - threads that meet here make ids that differ in their random part alone
    _last_tick = max(_last_tick + 1, time_ns() // 1000)
    begins = max(0, (moment - _EPOCH) // timedelta(milliseconds=1))
    tick = _last_tick & _TICKS
    high, low = tick >> _LOW, tick & ((1 << _LOW) - 1)
    return UUID(int=begins << 80 | 7 << 76 | high << 64 | 2 << 62 | low << 32 | getrandbits(32))


def moment_of(identifier: UUID) -> datetime:
    """Return the millisecond that an identifier of ours begins with."""
    return _EPOCH + timedelta(milliseconds=identifier.int >> 80)


def first_of(moment: datetime) -> UUID:
    """Return the lowest id that may have been made at a moment: what was made before has a lower one."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
