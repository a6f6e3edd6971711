"""Identifiers: time-ordered UUIDs (RFC 9562, version 7), made in Python so that any PostgreSQL will do."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id() -> UUID:
    """Return a new UUIDv7; ids made by one process never go backwards."""
    return uuid7()


def new_ids(count: int) -> list[UUID]:
    """Return `count` new UUIDv7 in ascending order."""
    return [uuid7() for _ in range(count)]


def new_id_at(moment: datetime) -> UUID:
    """Return a new UUIDv7 that lies where one made at that moment would: an index over it is in the order of such moments."""
    return uuid7(nanoseconds=max(0, (moment - _EPOCH) // timedelta(microseconds=1)) * 1000)


def moment_of(identifier: UUID) -> datetime:
    """Return the millisecond that an identifier of ours begins with."""
    return _EPOCH + timedelta(milliseconds=identifier.int >> 80)


def first_of(moment: datetime) -> UUID:
    """Return the lowest id that may have been made at a moment: what was made before has a lower one."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
