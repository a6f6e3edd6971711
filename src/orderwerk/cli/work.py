"""The supervisor's job worker child."""

import click

from orderwerk.config.orphans import leave_with_parent
from orderwerk.config.worker import run_worker


@click.command(hidden=True)
def work() -> None:
    """Work off jobs; started by `orderwerk serve` and `orderwerk worker`."""
    leave_with_parent()
    run_worker()
