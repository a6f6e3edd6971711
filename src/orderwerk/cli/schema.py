"""`orderwerk migrate`: apply the schema. `orderwerk manage`: Django's own commands, for developers."""

import sys

import click
from django.core.management import execute_from_command_line

from orderwerk.cli.session import connected
from orderwerk.config.migrate import migrate as apply_migrations


@click.command()
@click.option("--quiet", is_flag=True, help="Say nothing when it went well.")
def migrate(*, quiet: bool) -> None:
    """Apply the schema to the database; safe while others do so too."""
    with connected(as_owner=True):
        applied = apply_migrations()
    if not quiet:
        click.echo(f"{len(applied)} migrations applied." if applied else "Nothing to apply.")


@click.command(
    hidden=True, context_settings={"ignore_unknown_options": True, "help_option_names": []}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run one of Django's management commands."""
    with connected(as_owner=True):
        execute_from_command_line([f"{sys.argv[0]} manage", *arguments])
