"""When something happened, by our own clock: a device tells it by its own, and with it how that clock stands as it sends.

What a device says of the past is believed as far as its own clock measures it: so long ago. It is never after now, and
never older than a scan is kept.
"""

from datetime import datetime, timedelta

# So far apart two clocks may be: the way of a message is no fault of a clock.
_AS_GOOD_AS_ONE = timedelta(seconds=5)
OLDEST = timedelta(days=30)


def by_our_clock(at: datetime | None, sent: datetime | None, now: datetime) -> datetime | None:
    """Return when it was `at` on a device whose clock stands at `sent` (None: as ours); None where nothing is told."""
    if at is None:
        return None
    theirs = now if sent is None or abs(now - sent) <= _AS_GOOD_AS_ONE else sent
    return now - min(max(theirs - at, timedelta(0)), OLDEST)
