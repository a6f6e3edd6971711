"""The migration of an empty database is killed again and again until it is through, and the schema is what one in peace makes.

    python -m lab.migrations [--seed 0] [--longest 6]

`orderwerk migrate` is killed (-9) after a moment of chance, up to so many seconds, and simply run again: nobody repairs anything
by hand in between. In the end the schema is compared, statement by statement, with that of a database which was migrated in one
go; an index that was half built when the program died would show, and so would a table that is there twice. Exit status 1 when
they differ.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from bench.bounds import parsed
from orderwerk.config.pgbin import find_binaries, find_client
from orderwerk.config.postgres import Cluster, throw_away

_MIGRATE = (sys.executable, "-m", "orderwerk", "migrate")


def main() -> None:
    """Kill, migrate, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=6.0)
    options = parsed(parser, minutes=30)
    with tempfile.TemporaryDirectory(prefix="orderwerk-migrations-") as folder, throw_away() as cluster:  # fmt: skip
        environment = {
            **os.environ,
            "ORDERWERK_DATA_DIR": folder,
            "ORDERWERK_SECRET_KEY": "lab-only-" * 5,
        }
        peace, war = (_database(cluster, name) for name in ("peace", "war"))
        subprocess.run(_MIGRATE, env={**environment, "DATABASE_URL": peace}, check=True)
        kills = _kill_until_through({**environment, "DATABASE_URL": war}, options)
        broken = _half_built(war)
        differ = sorted(set(_schema(peace, folder)) ^ set(_schema(war, folder)))
    print(f"killed {kills} times; indexes half built: {broken or 'none'}; statements that differ: {len(differ)}")  # fmt: skip
    for statement in differ[:20]:
        print(f"  {statement}")
    sys.exit(int(bool(broken or differ)))


def _database(cluster: Cluster, name: str) -> str:
    url = cluster.account.superuser_url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return url.rsplit("/", 1)[0] + f"/{name}"


def _kill_until_through(environment: dict[str, str], options: argparse.Namespace) -> int:
    dice = random.Random(options.seed)
    kills = 0
    while True:
        process = subprocess.Popen(_MIGRATE, env=environment)
        time.sleep(dice.uniform(1.0, options.longest))
        if process.poll() is not None:
            if process.returncode:
                raise SystemExit(f"the run after kill {kills} failed")
            return kills
        process.kill()
        process.wait()
        kills += 1


def _half_built(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("select indexrelid::regclass::text from pg_index where not indisvalid").fetchall()  # fmt: skip
    return [row[0] for row in rows]


def _schema(url: str, folder: str) -> list[str]:
    """Return the schema as statements, without what differs from dump to dump."""
    with psycopg.connect(url) as connection:
        major = connection.info.server_version // 10_000
    file = Path(folder) / "schema.sql"
    program = find_client(find_binaries(None).folder, major, "pg_dump")
    subprocess.run([program, "--schema-only", "--no-owner", f"--file={file}", f"--dbname={url}"], check=True)  # fmt: skip
    text = re.sub(r"^(--|\\).*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [statement.strip() for statement in text.split(";\n") if statement.strip()]


if __name__ == "__main__":
    main()
