"""Random histories: nothing that people do in any order breaks an invariant."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.machine import MainJob

HISTORIES = int(os.environ.get("HISTORIES", "40"))
# Shrinking a failed history takes minutes; SHRINK=1 asks for it.
PHASES = tuple(Phase) if os.environ.get("SHRINK") else (Phase.generate,)


@pytest.mark.django_db
def test_random_histories_keep_every_invariant() -> None:
    run_state_machine_as_test(
        MainJob,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            phases=PHASES,
        ),
    )
