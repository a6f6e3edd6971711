import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from orderwerk.config import pgbin
from orderwerk.config.database import database, django_database, kept_cluster, known_url
from orderwerk.config.env import Env, load
from orderwerk.config.pgbin import NoPostgres, find_binaries
from orderwerk.config.postgres import Cluster, plan_for


@pytest.fixture
def env() -> Iterator[Env]:
    """A data directory that PostgreSQL's own user may enter also when the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="orderwerk-test-") as folder:
        Path(folder).chmod(0o711)
        yield load({"ORDERWERK_DATA_DIR": f"{folder}/data"})


def _plan(env: Env) -> Cluster:
    return Cluster(plan_for(env.data_dir, env.pg_bin))


def test_data_survive_stop_and_kill(env: Env) -> None:
    cluster = _plan(env)
    cluster.start()
    with psycopg.connect(cluster.account.url(), autocommit=True) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (1)")
    cluster.stop()

    again = _plan(env)
    again.start()
    with psycopg.connect(again.account.url(), autocommit=True) as connection:
        connection.execute("insert into kept values (2)")
    assert again.process is not None
    again.process.kill()
    again.process.wait()

    last = _plan(env)
    last.start()
    with psycopg.connect(last.account.url()) as connection:
        assert connection.execute("select n from kept order by n").fetchall() == [(1,), (2,)]
    last.stop()


def test_a_server_whose_supervisor_was_killed_is_replaced(env: Env) -> None:
    orphaned = _plan(env)
    orphaned.start()
    assert orphaned.process is not None

    fresh = _plan(env)
    fresh.start()

    assert orphaned.process.wait(10) == 0
    assert fresh.alive()
    fresh.stop()


def test_the_owner_is_no_superuser_and_a_wrong_password_is_refused(env: Env) -> None:
    cluster = _plan(env)
    cluster.start()
    with psycopg.connect(cluster.account.url()) as connection:
        [role] = connection.execute(
            "select rolsuper or rolcreaterole or rolcreatedb or rolbypassrls from pg_roles where rolname = current_user"
        ).fetchall()
        assert role == (False,)
        connection.execute("create extension pg_trgm")
        locale = connection.execute("select lower('ÄÉ')").fetchone()
        assert locale == ("äé",)

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(replace(cluster.account, owner_password="wrong").url())
    assert env.data_dir.joinpath("postgres.json").stat().st_mode & 0o777 == 0o600
    cluster.stop()


def test_one_process_looks_after_the_cluster_and_others_join(env: Env) -> None:
    with kept_cluster(env) as cluster:
        with database(env) as url:
            assert url == cluster.account.program_url() == known_url(env)
        with pytest.raises(NoPostgres, match="already runs"), kept_cluster(env):
            pass
        assert cluster.alive()


def test_a_command_starts_and_stops_the_sleeping_database(env: Env) -> None:
    with database(env, as_owner=True) as url, psycopg.connect(url) as connection:
        assert connection.execute("select current_user").fetchone() == ("orderwerk",)
    with database(env) as url, psycopg.connect(url) as connection:
        assert connection.execute("select current_user").fetchone() == ("orderwerk_app",)

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)


def test_a_named_folder_is_used_or_refused(tmp_path: Path) -> None:
    with pytest.raises(NoPostgres, match="PG_BIN"):
        find_binaries(tmp_path)

    assert find_binaries().major >= 15


def test_nothing_found_names_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgbin, "_from_wheels", lambda: iter(()))
    monkeypatch.setattr(pgbin, "_from_system", lambda: iter(()))

    with pytest.raises(NoPostgres, match="DATABASE_URL"):
        find_binaries()


def test_an_address_becomes_django_settings() -> None:
    settings = django_database("postgresql://me:p%40ss@db.example:6543/oms?sslmode=require")

    assert settings["NAME"] == "oms"
    assert settings["PASSWORD"] == "p@ss"
    assert settings["PORT"] == "6543"
    assert settings["OPTIONS"]["sslmode"] == "require"
    assert "plan_cache_mode=force_generic_plan" in settings["OPTIONS"]["options"]
