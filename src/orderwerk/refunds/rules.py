"""When refunds are sent and who has to look at them; pure."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
DEFAULT_SCHEDULE = "16:00"


def next_run(moment: datetime, schedule: str, timezone: str) -> datetime:
    """Return the next time of day (HH:MM, in the shop's zone) at which a periodic shop sends its approved refunds."""
    found = _TIME.fullmatch(schedule) or _TIME.fullmatch(DEFAULT_SCHEDULE)
    hour, minute = (int(part) for part in found.groups()) if found else (16, 0)
    local = moment.astimezone(ZoneInfo(timezone))
    run = datetime.combine(local.date(), time(hour, minute), local.tzinfo)
    return run if run > local else run + timedelta(days=1)


def needs_approval(mode: str, *, four_eyes: bool) -> bool:
    """Tell whether a person has to approve: always, unless the shop sends by itself and the amount is small enough."""
    return mode != "automatic" or four_eyes
