"""Waiting for what a page does by itself: scans are sent after the click that caused them, so a test reads until they are booked."""

import time
from collections.abc import Callable

PATIENCE = 20.0


def eventually(read: Callable[[], object], expected: object) -> None:
    """Read until the expected answer comes; one that never comes fails as a plain comparison does."""
    until = time.monotonic() + PATIENCE
    while read() != expected and time.monotonic() < until:
        time.sleep(0.05)
    assert read() == expected
