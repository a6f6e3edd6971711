"""The `orderwerk` command: turns every failure into a sentence and an exit code (0 done, 1 wrong, 2 wrong usage)."""

import os
import sys
import traceback

import click
import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from orderwerk.cli.group import orderwerk
from orderwerk.config.assets import AssetsFailed
from orderwerk.config.env import EnvProblems
from orderwerk.config.pgbin import NoPostgres
from orderwerk.config.supervisor import StartFailed
from orderwerk.core.errors import Refusal


def _sentence(error: Exception) -> str:
    match error:
        case EnvProblems():
            sentence = "\n".join(f"- {problem}" for problem in error.problems)
        case Refusal() | NoPostgres() | StartFailed() | AssetsFailed():
            sentence = str(error)
        case psycopg.Error() | DatabaseError():
            sentence = (
                f"The database refused or could not be reached: {str(error).strip()}\n"
                "Check DATABASE_URL and run `orderwerk doctor`; after an upgrade run `orderwerk migrate`."
            )
        case ImproperlyConfigured():
            sentence = f"The configuration cannot be used: {error} Correct it and start again."
        case OSError():
            sentence = (
                f"The system refused: {error}. "
                "Check the path, its permissions and the free space, and try again."
            )
        case _:
            sentence = (
                f"This is a fault in orderwerk ({type(error).__name__}: {error}). "
                "Run the command again with ORDERWERK_DEBUG=1 and report what it prints."
            )
    return sentence


def main() -> None:
    """Run the command line; no traceback reaches a user unless ORDERWERK_DEBUG=1 asks for it."""
    try:
        code = orderwerk.main(prog_name="orderwerk", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last line of defence before the user
        if os.environ.get("ORDERWERK_DEBUG") == "1":
            traceback.print_exc()
        click.echo(_sentence(error), err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
