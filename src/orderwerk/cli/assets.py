"""`orderwerk assets`: build and collect the static files."""

import click
from django.conf import settings
from django.core.management import call_command

from orderwerk.config.assets import build_assets
from orderwerk.config.collected import note_collected, up_to_date


@click.command()
@click.option("--force", is_flag=True, help="Build also when nothing changed.")
def assets(*, force: bool) -> None:
    """Fetch styles, icons and fonts, and collect all static files under hashed, compressed names."""
    built = build_assets(force=force)
    if not force and up_to_date(settings.STATIC_ROOT):
        click.echo("Static files are up to date.")
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    note_collected(settings.STATIC_ROOT)
    click.echo("Static files built and collected." if built else "Static files collected.")
