"""`orderwerk backup` and `restore`: one consistent file, made and read by PostgreSQL's own programs."""

import os
import subprocess
from pathlib import Path

import click
from django.conf import settings
from django.db import connection

from orderwerk.cli.session import connected
from orderwerk.config.migrate import migrate
from orderwerk.config.pgbin import find_client
from orderwerk.core import sql


class Failed(click.ClickException):
    """One of PostgreSQL's programs did not do its part."""


def _run(program: str, *arguments: str) -> None:
    [(version,)] = sql.fetch("select current_setting('server_version_num')::int")
    database = connection.settings_dict
    done = subprocess.run(  # noqa: S603 - a program we found, with arguments of our own
        [
            find_client(settings.ENV.pg_bin, version // 10_000, program),
            "--no-password", "--dbname", _address(), *arguments,
        ],
        env={**os.environ, "PGPASSWORD": database["PASSWORD"]},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise Failed(
            f"{program} failed: {done.stderr.strip()[-800:]}\nCorrect that and run the command again."
        )


def _address() -> str:
    """Return how to reach the database, without its password: arguments can be read by others."""
    database = connection.settings_dict
    parts = {
        "host": database["HOST"], "port": database["PORT"], "user": database["USER"], "dbname": database["NAME"],
        **{name: value for name, value in database["OPTIONS"].items() if name.startswith("ssl")},
    }  # fmt: skip
    return " ".join(f"{name}='{_quoted(str(value))}'" for name, value in parts.items() if value)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything to FILE; work may go on meanwhile. An older FILE is replaced only by a whole new one."""
    if not file.absolute().parent.is_dir():
        raise Failed(f"The folder {file.absolute().parent} does not exist: make it first.")
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with connected():
            _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={draft}")
        draft.chmod(0o600)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    click.echo(f"Written: {file} ({file.stat().st_size:,} bytes).")
    click.echo(
        f"Keep the secret key ({settings.ENV.data_dir / 'secret_key'}, or ORDERWERK_SECRET_KEY) as well: "
        "stored credentials can be read with it only."
    )


def _is_empty() -> bool:
    return not sql.fetch(
        "select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'S') limit 1"
    )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Throw away what the database holds now.")
def restore(file: Path, *, force: bool) -> None:
    """Fill the empty database from FILE: all of it or, when something is wrong, nothing."""
    with connected():
        if not _is_empty():
            if not force:
                raise Failed(
                    "The database is not empty: restore into a new one (another DATABASE_URL or ORDERWERK_DATA_DIR), "
                    "or throw away what it holds with --force."
                )
            _run("pg_restore", "--list", "--file=/dev/null", str(file))
            _empty()
        connection.close()
        _run("pg_restore", "--single-transaction", "--no-owner", "--no-privileges", str(file))
        connection.close()
        migrate()
    click.echo("Restored.")


def _empty() -> None:
    sql.execute("drop schema public cascade")
    sql.execute("create schema public")
