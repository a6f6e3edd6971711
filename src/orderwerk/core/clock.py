"""The one reader of the time: instants are aware UTC, business dates belong to a shop's zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return the present instant, aware and in UTC."""
    return datetime.now(tz=UTC)  # noqa: TID251 - this is the one reader


def business_date(instant: datetime, timezone: str) -> date:
    """Return the calendar date of an instant in a shop's own zone (an IANA name)."""
    return instant.astimezone(ZoneInfo(timezone)).date()
