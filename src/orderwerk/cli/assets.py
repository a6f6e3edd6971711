"""`orderwerk assets`: build and collect the static files."""

import click
from django.core.management import call_command

from orderwerk.cli.group import set_up_django
from orderwerk.config.assets import build_assets
from orderwerk.config.collected import note_collected, up_to_date

# Collected files are compressed one by one: leave out what no page asks for.
_NOT_SERVED = ["fonts", "htmx-4*", "htmax-4*"]


@click.command()
@click.option("--force", is_flag=True, help="Build also when nothing changed.")
def assets(*, force: bool) -> None:
    """Fetch styles, icons and fonts, and collect all static files under hashed, compressed names."""
    built = build_assets(force=force)
    if not force and up_to_date():
        click.echo("Static files are up to date.")
        return
    set_up_django()
    call_command(
        "collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=_NOT_SERVED
    )
    note_collected()
    click.echo("Static files built and collected." if built else "Static files collected.")
