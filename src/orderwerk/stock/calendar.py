"""Weekdays and single days on which a stock location takes other parcels than usual, or none."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import msgspec

from orderwerk.core import fields
from orderwerk.core.errors import BadInput, Refusal

# A time of day in the shop's zone.
CutOff = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](?![\s\S])")]
MOST_SPECIAL_DAYS = 400


class _Day(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    capacity: fields.Count | None = None
    cut_off: CutOff | None = None
    is_closed: bool = False


class WeekDay(_Day, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A weekday, 1 (Monday) to 7: `capacity` parcels until `cut_off`, what is left out is the location's own; or closed."""

    day: Annotated[int, msgspec.Meta(ge=1, le=7)]


class SpecialDay(_Day, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One day, such as a holiday: what is left out is its weekday's, save that a day that stands here is open unless it says closed."""

    on: date


Week = Annotated[list[WeekDay], msgspec.Meta(max_length=7)]
SpecialDays = Annotated[list[SpecialDay], msgspec.Meta(max_length=MOST_SPECIAL_DAYS)]


def wrong_days(
    week: Sequence[WeekDay] | msgspec.UnsetType, special: Sequence[SpecialDay] | msgspec.UnsetType
) -> Refusal | None:
    """Return what is wrong with a location's days: one that is named twice, or no weekday that is open."""
    days = week if week is not msgspec.UNSET else []
    single = special if special is not msgspec.UNSET else []
    if len({day.day for day in days}) < len(days):
        return BadInput("A weekday is named twice.", code="day_named_twice", pointer="/week")
    if len({day.on for day in single}) < len(single):
        return BadInput("A day is named twice.", code="day_named_twice", pointer="/special_days")
    if sum(day.is_closed for day in days) == 7:
        return BadInput("A location is open on one weekday at least.", code="never_open", pointer="/week")  # fmt: skip
    return None
