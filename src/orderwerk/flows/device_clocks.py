"""When something happened, by our own clock: a device tells it by its own, and with it how that clock stands.

A device measures how far its clock is from ours whenever it gets an answer, and tells that with each scan (`off`); as it sends,
it tells how its clock stands then (`now`). Where both say the same, the scan's moment is put right by it. Where they differ, somebody
set the clock in between, and nobody knows of which moment the scan is. A moment is never after now, and never older than a scan is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

# So far apart two clocks may be: the way of a message is no fault of a clock.
_AS_GOOD_AS_ONE = timedelta(seconds=5)
# A clock that was set is off by more than a slow request or the rounding of what was measured.
_SET = timedelta(seconds=15)
OLDEST = timedelta(days=30)

# Milliseconds by which our clock is ahead of the device's, as it was last measured when the scan was made.
Off = Annotated[int, msgspec.Meta(ge=-(10**13), le=10**13)]


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened, by our clock, as well as it is known; `is_doubtful`: it may have been any time."""

    at: datetime
    is_doubtful: bool = False


def by_our_clock(
    at: datetime | None, sent: datetime | None, now: datetime, off: int | None = None
) -> Moment | None:
    """Return when it was `at` on a device whose clock stood at `sent` (None: as ours) as it sent this; None where nothing is told."""
    if at is None:
        return None
    measured = timedelta(0) if sent is None else now - sent
    known = measured if off is None else timedelta(milliseconds=off)
    shift = known if abs(known) > _AS_GOOD_AS_ONE else timedelta(0)
    ours = _sum(at, shift, now)
    was_set = off is not None and sent is not None and abs(measured - known) > _SET
    # What lies after the sending was scanned before the clock was set back.
    is_ahead = sent is not None and ours > now + _AS_GOOD_AS_ONE
    # A request that was long under way looks like a slow clock: of two moments so close the earlier one asks for a count too many.
    if off is None and abs(shift) < timedelta(minutes=1):
        ours = min(ours, at)
    # A clock that lost its battery tells a day long ago: that is no moment at all.
    is_ancient = ours <= now - OLDEST
    return Moment(min(max(ours, now - OLDEST), now), is_doubtful=was_set or is_ahead or is_ancient)


def _sum(at: datetime, shift: timedelta, now: datetime) -> datetime:
    """Return their sum, kept within what a moment can be."""
    ago = now - at - shift
    return now - min(max(ago, -OLDEST), OLDEST)
