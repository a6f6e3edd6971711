"""The `orderwerk` command itself: finds the verb's module when it is asked for."""

import os
from importlib import import_module
from keyword import iskeyword

import click
import django
from typing_extensions import override

from orderwerk import __version__
from orderwerk.cli import COMMANDS


def set_up_django() -> None:
    """Make settings and models usable; needs no running database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orderwerk.config.settings")
    django.setup()


class VerbGroup(click.Group):
    """A group whose commands lie in the modules that `COMMANDS` names, as attributes called like the verb.

    A verb that is a word of Python has an underscore behind it there: `import_`.
    """

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the table."""
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load and return the command of a verb."""
        if cmd_name not in COMMANDS:
            return None
        module_name, needs_django = COMMANDS[cmd_name]
        if needs_django:
            set_up_django()
        name = cmd_name.replace("-", "_") + ("_" if iskeyword(cmd_name) else "")
        command = getattr(import_module(module_name), name)
        return command if isinstance(command, click.Command) else None


@click.group(
    cls=VerbGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="orderwerk")
def orderwerk() -> None:
    """Order management for webshops."""
