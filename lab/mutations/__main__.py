"""Breaks each invariant once, in the code or in the schema, and runs the tests that have to notice.

    python -m lab.mutations [--only 21,30] [--by tests/histories] [--list]

The tree is copied, one mutation is made in the copy (or in the copied database), its tests run until the first failure, and
the copy is put right again. A mutation that no test notices is printed as it stands; exit status 1. Before them the same tests run
on what is not broken: they have to pass, or their failing would say nothing.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench.bounds import parsed
from lab.mutations.in_code import IN_CODE
from lab.mutations.in_schema import IN_SCHEMA
from lab.mutations.mutation import Code, Mutation, Schema

_ROOT = Path(__file__).parents[2]
_MADE, _WHOLE = "orderwerk_template", "orderwerk_whole"
_LONGEST_SECONDS = 3600
# As many random histories as find what is broken here; ./test walks more.
_HISTORIES = 100
# What pytest ends with when tests ran and some failed; anything else is no answer.
FAILED = 1


class Bench:
    """A copy of the tree beside a server of its own, on which tests run as they do in `./test`."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._url = folder, url
        unwanted = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", ".hypothesis", "var")  # fmt: skip
        shutil.copytree(_ROOT, folder, ignore=unwanted, dirs_exist_ok=True)

    def tests(self, *files: str) -> int:
        """Run tests until one fails; returns how pytest ended."""
        environment = os.environ | {
            "ORDERWERK_TEST_DATABASE_URL": self._url,
            "PYTHONPATH": f"{self._folder / 'src'}{os.pathsep}{self._folder}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HISTORIES": str(_HISTORIES),
        }
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *files]  # fmt: skip
        done = subprocess.run(
            command, cwd=self._folder, env=environment, capture_output=True, text=True, check=False, timeout=_LONGEST_SECONDS,
        )  # fmt: skip
        self.said = done.stdout
        return done.returncode

    def keep_whole(self) -> None:
        """Set the migrated database aside, to begin from it again each time."""
        self._copy(_MADE, _WHOLE)

    def apply(self, mutation: Mutation) -> None:
        """Make it wrong."""
        if isinstance(mutation, Code):
            path = self._folder / "src" / "orderwerk" / mutation.file
            path.write_text(changed(mutation, path.read_text(encoding="utf-8")), encoding="utf-8")
            return
        with psycopg.connect(self._at(_MADE), autocommit=True) as session:
            session.execute(mutation.statement())  # type: ignore[arg-type]

    def undo(self, mutation: Mutation) -> None:
        """Put it right again."""
        if isinstance(mutation, Schema):
            self._copy(_WHOLE, _MADE)
            return
        shutil.copy(_ROOT / "src" / "orderwerk" / mutation.file, self._folder / "src" / "orderwerk" / mutation.file)  # fmt: skip

    def _copy(self, origin: str, target: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as session:
            mark = session.execute("select shobj_description(oid, 'pg_database') from pg_database where datname = %s", (origin,)).fetchone()  # fmt: skip
            session.execute(f"drop database if exists {target}")  # type: ignore[arg-type]
            session.execute(f"create database {target} template {origin}")  # type: ignore[arg-type]
            session.execute(f"comment on database {target} is '{mark[0] if mark else ''}'")  # type: ignore[arg-type]

    def _at(self, name: str) -> str:
        return urlsplit(self._url)._replace(path=f"/{name}").geturl()


def changed(mutation: Code, source: str) -> str:
    """Return a source with the mutation in it; stops where what it changes does not stand there exactly once."""
    if source.count(mutation.before) != 1:
        raise SystemExit(f"{mutation.file} has {mutation.before!r} {source.count(mutation.before)} times; the mutation is out of date")  # fmt: skip
    return source.replace(mutation.before, mutation.after)


def main() -> None:
    """Break, look, mend; say what went unnoticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--only", default="", help="numbers of invariants")
    parser.add_argument("--by", default="", help="only what tests below this path have to notice")
    parser.add_argument("--list", action="store_true", help="say what would be broken, and by which tests that is seen")  # fmt: skip
    options = parsed(parser, minutes=360)
    wanted = {int(n) for n in options.only.split(",") if n}
    chosen = sorted(
        (m for m in (*IN_CODE, *IN_SCHEMA) if (not wanted or m.invariant in wanted) and any(t.startswith(options.by) for t in m.tests)),
        key=lambda m: m.invariant,
    )  # fmt: skip
    if options.list:
        for mutation in chosen:
            print(
                f"{mutation.invariant:3d} {mutation.says}: {mutation.where}; {', '.join(mutation.tests)}"
            )
        return
    # What the environment says of a server must not reach the tests of the copy.
    from orderwerk.config.postgres import throw_away

    with tempfile.TemporaryDirectory(prefix="orderwerk-mutations-") as folder, throw_away() as cluster:  # fmt: skip
        sys.exit(_run(Bench(Path(folder), cluster.account.superuser_url()), chosen))


def _run(bench: Bench, chosen: list[Mutation]) -> int:
    began = time.monotonic()
    every = sorted({file for mutation in chosen for file in mutation.tests})
    if bench.tests(*every) != 0:
        print(bench.said[-3000:])
        print("the tests fail without anything broken")
        return 1
    bench.keep_whole()
    print(f"{len(every)} files of tests pass while nothing is broken", flush=True)
    missed = []
    for mutation in chosen:
        bench.apply(mutation)
        ended = bench.tests(*mutation.tests)
        bench.undo(mutation)
        seen = ended == FAILED
        if not seen:
            missed.append(mutation)
        said = "caught" if seen else f"NOT CAUGHT (pytest ended with {ended})"
        print(f"{mutation.invariant:3d} {mutation.says} ({mutation.where}): {said}", flush=True)
    broken = len({mutation.invariant for mutation in chosen})
    print(f"{len(chosen) - len(missed)} of {len(chosen)} caught, {broken} invariants, {(time.monotonic() - began) / 60:.1f} minutes")  # fmt: skip
    return int(bool(missed))


if __name__ == "__main__":
    main()
