"""Random histories of kits: nothing that people do in any order breaks an invariant."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.kits import KitsJob

HISTORIES = int(os.environ.get("KIT_HISTORIES", "20"))
# In parts, because one part is one transaction, and the event feed waits for the oldest that is open.
PARTS = 4
# Shrinking a failed history takes minutes; SHRINK=1 asks for it.
PHASES = tuple(Phase) if os.environ.get("SHRINK") else (Phase.generate,)


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_random_histories_of_kits_keep_every_invariant(part: int) -> None:
    run_state_machine_as_test(
        KitsJob,
        settings=settings(
            max_examples=max(1, HISTORIES // PARTS),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            phases=PHASES,
        ),
    )
