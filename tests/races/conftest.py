"""Races can be run many times over: ORDERWERK_RACE_TIMES says how often each test; `lab.races` sets it."""

import os
from collections.abc import Generator

import pytest

from tests.races.threads import MOMENTS

_TIMES = int(os.environ.get("ORDERWERK_RACE_TIMES", "1"))


@pytest.fixture(autouse=True)
def _turn(request: pytest.FixtureRequest) -> int:
    """Which time it is that this test is run."""
    return int(getattr(request, "param", 1))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if _TIMES > 1:
        metafunc.parametrize("_turn", range(1, _TIMES + 1), indirect=True)


@pytest.fixture(scope="session", autouse=True)
def _told() -> Generator[None]:
    """Write down how many moments there were, for whoever asked."""
    yield
    if file := os.environ.get("ORDERWERK_RACE_MOMENTS"):
        with open(file, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a plain name from the environment
            stream.writelines(f"{width} {count}\n" for width, count in sorted(MOMENTS.items()))
