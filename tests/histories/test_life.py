"""Random histories of the whole life: nothing that people, programs and providers do in any order breaks an invariant."""

import os

import pytest

from tests.histories.life.cohort import walk
from tests.histories.life.shrink import shrink, told

HISTORIES = int(os.environ.get("HISTORIES", "500"))
# Two, so that two processes share them.
PARTS = 2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", range(PARTS))
def test_random_histories_of_the_whole_life_keep_every_invariant(part: int) -> None:
    size = HISTORIES // PARTS
    found = walk(range(part * size, (part + 1) * size))
    if found:
        others = "".join(f"\n{told(v)}" for v in found[1:4])
        pytest.fail(f"{len(found)} of {size} histories\n{told(shrink(found[0]))}{others}", pytrace=False)  # fmt: skip
