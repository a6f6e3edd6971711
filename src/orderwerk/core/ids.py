"""Identifiers: time-ordered UUIDs (RFC 9562, version 7), made in Python so that any PostgreSQL will do."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a new UUIDv7; ids made by one process never go backwards."""
    return uuid7()


def new_ids(count: int) -> list[UUID]:
    """Return `count` new UUIDv7 in ascending order."""
    return [uuid7() for _ in range(count)]


def first_of(moment: datetime) -> UUID:
    """Return the lowest id that may have been made at a moment: what was made before has a lower one."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
