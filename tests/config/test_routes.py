from procrastinate.contrib.django import app

from orderwerk import routes
from orderwerk.core import routing
from orderwerk.core.events import KINDS


def test_the_table_is_installed_and_names_declared_events() -> None:
    assert set(routes.ROUTES) <= set(KINDS)
    for kind, jobs in routes.ROUTES.items():
        assert routing.jobs_for(kind) == jobs


def test_every_job_in_the_table_exists() -> None:
    app.perform_import_paths()

    named = {job for jobs in routes.ROUTES.values() for job in jobs}
    assert named - set(app.tasks) == set()
