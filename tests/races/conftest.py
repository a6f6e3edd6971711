"""Races can be run many times over: ORDERWERK_RACE_TIMES says how often, ORDERWERK_RACE_SECONDS how long at most; `lab.races` sets them."""

import json
import os
import time
from collections import Counter
from collections.abc import Generator
from itertools import pairwise

import pytest

from tests.races.threads import MOMENTS

_TIMES = int(os.environ.get("ORDERWERK_RACE_TIMES", "1"))
_SECONDS = float(os.environ.get("ORDERWERK_RACE_SECONDS", "inf"))
_ROUNDS: Counter[str] = Counter()


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run every race once, then every race again, until it was often or long enough; None: pytest's own way, once."""
    if _TIMES == 1:
        return None
    until = time.monotonic() + _SECONDS
    for item, following in pairwise([*session.items * _TIMES, session.items[0]]):
        if time.monotonic() > until or session.shouldfail:
            break
        # What the next one shares with it stays; where that is the same again, what belongs to its file.
        after = item.parent if following is item else following
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        _ROUNDS[item.nodeid] += 1
    return True


@pytest.fixture(scope="session", autouse=True)
def _told() -> Generator[None]:
    """Write down how many rounds and moments there were, for whoever asked."""
    yield
    if file := os.environ.get("ORDERWERK_RACE_MOMENTS"):
        with open(file, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a plain name from the environment
            json.dump({"rounds": _ROUNDS, "moments": MOMENTS}, stream)
