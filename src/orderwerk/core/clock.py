"""The one reader of the time: instants are aware UTC, business dates belong to a shop's zone."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, available_timezones

_told: ContextVar[datetime | None] = ContextVar("told_time", default=None)


def now() -> datetime:
    """Return the present instant, aware and in UTC."""
    return _told.get() or datetime.now(tz=UTC)  # noqa: TID251 - this is the one reader


@contextmanager
def told(instant: datetime) -> Generator[None, None, None]:
    """Let it be another moment inside the block; only the demo's past is written this way."""
    token = _told.set(instant)
    try:
        yield
    finally:
        _told.reset(token)


def business_date(instant: datetime, timezone: str) -> date:
    """Return the calendar date of an instant in a shop's own zone (an IANA name)."""
    return instant.astimezone(ZoneInfo(timezone)).date()


def start_of_day(day: date, timezone: str) -> datetime:
    """Return the instant at which a calendar day begins in a shop's own zone (an IANA name)."""
    return datetime.combine(day, time.min, ZoneInfo(timezone)).astimezone(UTC)


def time_zones() -> set[str]:
    """Return the names of the time zones that there are; not those that mean another one on each machine, or none."""
    return available_timezones() - {"localtime", "Factory"}
