from typing import Any

from django.db import OperationalError
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from orderwerk import routes
from orderwerk.core import clock, routing
from orderwerk.core.events import KINDS


def test_the_table_is_installed_and_names_declared_events() -> None:
    assert set(routes.ROUTES) <= set(KINDS)
    for kind, jobs in routes.ROUTES.items():
        assert routing.jobs_for(kind) == jobs


def test_every_job_in_the_table_exists() -> None:
    app.perform_import_paths()

    named = {job for jobs in routes.ROUTES.values() for job in jobs}
    assert named - set(app.tasks) == set()


def test_every_job_that_an_event_sets_off_is_tried_again_for_hours() -> None:
    app.perform_import_paths()
    named = {job for jobs in routes.ROUTES.values() for job in jobs}
    trouble = OperationalError("the database restarts")

    for name in named:
        waits = [
            (decision.retry_at - clock.now()).total_seconds()
            for attempts in range(12)
            if (decision := decision_of(name, attempts, trouble)) is not None
        ]
        assert len(waits) == 12, name
        assert sum(waits) > 2 * 60 * 60 - 60, name
        assert decision_of(name, 12, trouble) is None, name


def decision_of(name: str, attempts: int, error: Exception) -> Any:
    strategy = app.tasks[name].retry_strategy
    assert strategy is not None, name
    job = Job(id=1, queue="x", lock=None, queueing_lock=None, task_name=name, attempts=attempts)
    return strategy.get_retry_decision(exception=error, job=job)
