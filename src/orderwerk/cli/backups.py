"""`orderwerk backup` and `restore`: one consistent file, made and read by PostgreSQL's own programs."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import IO

import click
from django.conf import settings
from django.db import connection

from orderwerk.cli.session import connected
from orderwerk.config.migrate import migrate
from orderwerk.config.pgbin import find_client
from orderwerk.core import sql


class Failed(click.ClickException):
    """One of PostgreSQL's programs did not do its part."""


def _call(program: str, *arguments: str, output: int | None = None) -> subprocess.Popen[bytes]:
    [(version,)] = sql.fetch("select current_setting('server_version_num')::int")
    return subprocess.Popen(  # noqa: S603 - a program we found, with arguments of our own
        [find_client(settings.ENV.pg_bin, version // 10_000, program), *arguments],
        env={**os.environ, "PGPASSWORD": connection.settings_dict["PASSWORD"]},
        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE,
    )  # fmt: skip


def _finish(name: str, process: subprocess.Popen[bytes]) -> None:
    _, complaint = process.communicate()
    if process.returncode != 0:
        raise Failed(
            f"{name} failed: {complaint.decode(errors='replace').strip()[-800:]}\n"
            "Correct that and run the command again; nothing was changed."
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
            arguments = ("--format=custom", "--no-owner", "--no-privileges", f"--file={draft}")
            _finish("pg_dump", _call("pg_dump", f"--dbname={_address()}", *arguments))
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
    with (
        connected(as_owner=True),
        tempfile.NamedTemporaryFile(dir=settings.ENV.data_dir, suffix=".sql") as script,
    ):
        if not force and not _is_empty():
            raise Failed(
                "The database is not empty: restore into a new one (another DATABASE_URL or ORDERWERK_DATA_DIR), "
                "or throw away what it holds with --force."
            )
        _unpack(file, script)
        connection.close()
        # One transaction around throwing away and filling: a failure leaves what was there.
        clearing = ("--command=drop owned by current_user cascade",) if force else ()
        _finish(
            "psql",
            _call(
                "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
                f"--dbname={_address()}", *clearing, f"--file={script.name}", output=subprocess.DEVNULL,
            ),
        )  # fmt: skip
        connection.close()
        migrate()
    click.echo("Restored.")


def _suited(line: bytes) -> bytes:
    """Return a line of the script's head as this database wants it."""
    # Newer programs set what older servers do not know.
    if line.startswith(b"SET transaction_timeout"):
        return b""
    # Every name in the script is qualified, except inside our own functions that CHECKs call.
    return line.replace(
        b"set_config('search_path', '', false)", b"set_config('search_path', 'public', false)"
    )


def _unpack(file: Path, script: IO[bytes]) -> None:
    """Write the backup as SQL; whole, before anything is touched, so that a broken file changes nothing."""
    process = _call(
        "pg_restore", "--no-owner", "--no-privileges", "--file=-", str(file), output=subprocess.PIPE
    )
    if process.stdout is not None:
        for number, line in enumerate(process.stdout):
            script.write(_suited(line) if number < 100 else line)
    script.flush()
    _finish("pg_restore", process)
