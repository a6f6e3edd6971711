import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from orderwerk.config import migrate, schema_mark
from orderwerk.config.health import missing_migrations
from orderwerk.core import sql

pytestmark = pytest.mark.django_db


def test_no_migration_is_missing_in_the_source() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


def test_the_settings_of_an_installation_behind_https_are_safe(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "ORDERWERK_BASE_URL": "https://orders.example.com",
        "ORDERWERK_DATA_DIR": str(tmp_path),
        "ORDERWERK_PLAIN_STATIC": "",
    }
    # The browser's tests allow this for themselves, in whatever process they run.
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    program = (
        "from orderwerk.cli.group import set_up_django; set_up_django(); "
        "from django.core.management import call_command; call_command('check', deploy=True, fail_level='WARNING')"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


def test_the_test_database_is_fully_migrated() -> None:
    assert missing_migrations() == []


def test_the_installation_answers_the_three_watchers(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
    assert client.get("/readyz").json()["ready"] is True
    assert b"orderwerk_outbox_rows 0.0" in client.get("/metrics").content


@pytest.mark.parametrize(
    "headers",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer owt_wrong"},
    ],
)
def test_strangers_do_not_read_the_numbers(client: Client, headers: dict[str, str]) -> None:
    response = client.get("/metrics", **headers)  # type: ignore[arg-type]

    assert response.status_code == 401
    assert b"orderwerk_" not in response.content


@pytest.mark.django_db(transaction=True)
def test_concurrent_migrations_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[int] = []
    most: list[int] = []

    def pretend(*_: object, **__: object) -> None:
        running.append(1)
        most.append(len(running))
        threading.Event().wait(0.1)
        running.pop()

    monkeypatch.setattr(migrate, "missing_migrations", lambda: ["core.9999_new"])
    monkeypatch.setattr(migrate, "call_command", pretend)

    def attempt() -> None:
        migrate.migrate()
        connections.close_all()

    threads = [threading.Thread(target=attempt) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1] * 6


@contextmanager
def outbox_in_use() -> Iterator[threading.Event]:
    """Somebody works with the outbox in an open transaction, until told or until the end."""
    let_go, held = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            sql.execute("lock table core_outbox in row exclusive mode")
            held.set()
            let_go.wait(20)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(20)
    yield let_go
    let_go.set()
    holder.join()


@pytest.mark.django_db(transaction=True)
def test_a_change_of_a_table_in_use_lets_others_by_and_asks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(migrate, "_ASK_MILLISECONDS", 100)
    monkeypatch.setattr(migrate, "_PAUSE_SECONDS", 0.05)
    tries: list[int] = []

    def change() -> None:
        tries.append(1)
        if len(tries) == 3:
            let_go.set()
        with transaction.atomic():
            sql.execute("lock table core_outbox in access exclusive mode")

    with outbox_in_use() as let_go:
        migrate.insist(change)

    assert len(tries) >= 3
    assert sql.fetch("show lock_timeout") == [("10s",)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["lock table no_such_table", "lock table core_outbox"])
def test_a_change_that_cannot_be_made_is_told(
    monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr(migrate, "_ASK_MILLISECONDS", 50)
    monkeypatch.setattr(migrate, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(migrate, "_MOST_TRIES", 2)

    def change() -> None:
        with transaction.atomic():
            sql.execute(statement)

    with outbox_in_use(), pytest.raises(DatabaseError):
        migrate.insist(change)
    sql.execute("reset lock_timeout")


@pytest.fixture
def address() -> Iterator[str]:
    """The address of the test database, without a mark."""
    sql.execute("comment on table django_migrations is null")
    named = connection.settings_dict
    yield f"postgresql://{named['USER']}:{named['PASSWORD']}@{named['HOST']}:{named['PORT']}/{named['NAME']}"
    sql.execute("comment on table django_migrations is null")


@pytest.mark.django_db(transaction=True)
def test_a_start_skips_the_schema_only_where_this_version_left_its_mark(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = schema_mark.is_current(address)
    migrate.migrate()
    after = schema_mark.is_current(address)
    # Somebody went back by hand: the newest row is another one.
    sql.execute("insert into django_migrations (app, name, applied) values ('core', 'x', now())")
    changed = schema_mark.is_current(address)
    sql.execute("delete from django_migrations where name = 'x'")
    monkeypatch.setattr(schema_mark, "_LIBRARIES", ("django", "psycopg"))
    other_version = schema_mark.is_current(address)

    assert (before, after, changed, other_version) == (False, True, False, False)


def test_a_database_that_does_not_answer_is_not_current() -> None:
    assert not schema_mark.is_current("postgresql://nobody@127.0.0.1:1/none")
