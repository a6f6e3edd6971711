"""Who runs the embedded PostgreSQL: ourselves, or, since it refuses root, an unprivileged user that exists already."""

import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from orderwerk.config.env import remembered
from orderwerk.config.pgbin import Binaries, NoPostgres, inspect

_CANDIDATES = ("postgres", "nobody")
_HOMES = (Path("/var/lib/orderwerk"), Path("/var/tmp/orderwerk"))  # noqa: S108 - made 0711 and checked for its owner


class _As(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Runner:
    """The user that PostgreSQL's own programs run as; no uid means: as ourselves."""

    uid: int | None = None
    gid: int | None = None

    def switch(self) -> _As:
        """Return the arguments that make subprocess start a program as this user."""
        if self.uid is None or self.gid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_use(self, path: Path) -> bool:
        """Say whether this user may enter a folder or run a program."""
        if self.uid is None:
            return os.access(path, os.X_OK)
        asked = subprocess.run(
            ["/bin/sh", "-c", 'test -x "$0"', str(path)], cwd="/", check=False, **self.switch()
        )
        return asked.returncode == 0

    def own(self, path: Path) -> None:
        """Make a folder (or find it) that belongs to this user and opens for nobody else."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)


def choose_runner(named: str | None) -> Runner:
    """Return who runs the server; refuses with NoPostgres when root finds nobody to run it as."""
    if os.geteuid() != 0:
        return Runner()
    for name in [named] if named else _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Runner(entry.pw_uid, entry.pw_gid)
    raise NoPostgres(
        "PostgreSQL does not run as root, and no user to run it as was found: "
        "start orderwerk as an ordinary user, or name an existing one in ORDERWERK_PG_USER."
    )


def choose_home(data_dir: Path, runner: Runner) -> Path:
    """Return the folder for the cluster: in the data directory, or elsewhere when the runner cannot go there."""
    if runner.can_use(data_dir):
        return data_dir / "postgres"
    # A name of its own: a data directory made anew at the same path must not meet the old one's cluster.
    mark = remembered(data_dir / "postgres.home", secrets.token_hex(6))
    for base in _HOMES:
        try:
            base.mkdir(mode=0o711, exist_ok=True)
        except OSError:
            continue
        if base.stat().st_uid == os.geteuid() and not base.is_symlink() and runner.can_use(base):
            return base / mark
    raise NoPostgres(
        f"The user that runs PostgreSQL cannot enter {data_dir}: set ORDERWERK_DATA_DIR to a folder outside private homes, such as /srv/orderwerk."
    )


def reachable(binaries: Binaries, runner: Runner, home: Path) -> Binaries:
    """Return binaries that the runner may execute: these, or a copy of them (and of their libraries) beside the cluster."""
    if runner.can_use(binaries.folder / "postgres"):
        return binaries
    install, package = binaries.folder.parent, binaries.folder.parent.parent
    server = (binaries.folder / "postgres").stat()
    mark = f"program-{binaries.major}-{server.st_size}-{int(server.st_mtime)}"
    target = home.parent / f"{home.name}-{mark}"
    if not target.is_dir():
        _copy_program(install, package, target)
    copied = inspect(target / package.name / install.name / "bin")
    if copied is None:
        raise NoPostgres(
            f"The copy of PostgreSQL in {target} does not run: remove that folder and start again."
        )
    return copied


def _copy_program(install: Path, package: Path, target: Path) -> None:
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copytree(install, draft / package.name / install.name, symlinks=True)
    # The programs look for their libraries in the sibling folder, by a relative path.
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    for path in draft.rglob("bin/*"):
        path.chmod(0o755)
    draft.rename(target)
