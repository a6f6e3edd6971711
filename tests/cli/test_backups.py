import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from orderwerk.config.postgres import Cluster, throw_away

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    named = os.environ.get("PG_BIN")
    with throw_away(Path(named) if named else None) as cluster:
        yield cluster


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def run(url: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orderwerk", *arguments],
        env={**os.environ, "DATABASE_URL": url, "ORDERWERK_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_a_backup_is_restored_whole_and_only_where_it_may(cluster: Cluster, folder: Path) -> None:
    with psycopg.connect(cluster.account.superuser_url(), autocommit=True) as connection:
        connection.execute("create database second owner orderwerk")
    first, second = cluster.account.url(), cluster.account.url("second")
    file = folder / "backup.ow"
    assert run(first, folder, "migrate").returncode == 0
    assert run(first, folder, "user", "create", "jan", "--role", "owner").returncode == 0

    assert run(first, folder, "backup", str(file)).returncode == 0
    refused = run(first, folder, "restore", str(file))
    restored = run(second, folder, "restore", str(file))

    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir() if path.suffix == ".ow"] == ["backup.ow"]
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert restored.returncode == 0, restored.stderr
    with psycopg.connect(second) as connection:
        assert connection.execute("select username from accounts_user").fetchall() == [("jan",)]

    with psycopg.connect(second, autocommit=True) as connection:
        connection.execute("create table left_over (n int)")
    forced = run(second, folder, "restore", "--force", str(file))
    assert forced.returncode == 0, forced.stderr
    with psycopg.connect(second) as connection:
        assert connection.execute("select to_regclass('left_over')").fetchone() == (None,)
        assert connection.execute("select username from accounts_user").fetchall() == [("jan",)]


def test_a_broken_backup_changes_nothing(cluster: Cluster, folder: Path) -> None:
    url = cluster.account.url()
    file = folder / "backup.ow"
    run(url, folder, "migrate")
    assert run(url, folder, "backup", str(file)).returncode == 0
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])

    answer = run(url, folder, "restore", "--force", str(file))

    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) > 50 from django_migrations").fetchone() == (
            True,
        )


def test_the_doctor_reports_and_says_what_to_do(cluster: Cluster, folder: Path) -> None:
    with psycopg.connect(cluster.account.superuser_url(), autocommit=True) as connection:
        connection.execute("create database third owner orderwerk")

    answer = run(cluster.account.url("third"), folder, "doctor")

    assert answer.returncode == 1
    assert "run `orderwerk migrate`" in answer.stdout
    assert cluster.account.owner_password not in json.dumps(answer.stdout)
