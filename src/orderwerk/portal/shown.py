"""Days and instants as shoppers read them: in their language, in the shop's zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from orderwerk.portal.page import Visitor


def day(moment: datetime, visitor: Visitor) -> str:
    """Return the day of an instant."""
    return plain_day(moment.astimezone(ZoneInfo(visitor.shop.timezone)).date(), visitor.language)


def plain_day(value: date, language: str) -> str:
    """Return a day."""
    return format_date(value, "long", locale=language)


def instant(moment: datetime, visitor: Visitor) -> str:
    """Return an instant to the second, with its zone: what a receipt has to prove."""
    zone = ZoneInfo(visitor.shop.timezone)
    return format_datetime(moment, "d MMMM y, HH:mm:ss zzzz", tzinfo=zone, locale=visitor.language)
