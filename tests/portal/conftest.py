"""What tests of the portal share: an hour of the clock in which nothing ends."""

from collections.abc import Iterator

import pytest

from orderwerk.core import clock


@pytest.fixture
def within_an_hour() -> Iterator[None]:
    """Tries are counted anew in every quarter, hour and day of the clock: none of them ends during the test."""
    with clock.told(clock.now().replace(minute=1, second=0)):
        yield
