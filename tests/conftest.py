"""The ground of every test: a throw-away PostgreSQL for the run, no network beyond this machine, nothing left behind.

ORDERWERK_TEST_DATABASE_URL names a server to use instead (its role must be allowed to create databases);
PG_BIN names other PostgreSQL programs for the throw-away one.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import psycopg
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.db.transaction import atomic
from hypothesis import HealthCheck, settings

from orderwerk.config.schema_mark import made_from
from orderwerk.core import uow
from orderwerk.core.errors import ensure

_FOREIGN = (
    "EMAIL_URL", "ORDERWERK_ALLOWED_HOSTS", "ORDERWERK_BASE_URL", "ORDERWERK_DEBUG", "ORDERWERK_JOB_THREADS",
    "ORDERWERK_PG_USER", "ORDERWERK_TRUSTED_PROXY", "ORDERWERK_WEB_THREADS",
)  # fmt: skip
_stack = contextlib.ExitStack()
# A busy machine is slow; that says nothing of what is tested. Every run draws the same, or a change would be refused for what
# chance found in another; ORDERWERK_RANDOM=1 looks for what is new.
settings.register_profile(
    "orderwerk",
    deadline=None,
    derandomize="ORDERWERK_RANDOM" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("orderwerk")


def _start_cluster() -> str:
    # Imported late on purpose: nothing of ours may be imported before the environment below is set.
    from orderwerk.config.postgres import throw_away  # noqa: PLC0415

    named = os.environ.get("PG_BIN")
    cluster = _stack.enter_context(throw_away(Path(named) if named else None))
    return cluster.account.superuser_url()


def _prepare() -> None:
    """Set the environment of the tests; with xdist once, in the process that starts the others."""
    if "ORDERWERK_TEST_READY" in os.environ:
        return
    folder = _stack.enter_context(tempfile.TemporaryDirectory(prefix="orderwerk-tests-"))
    # Blank, not absent: an absent one would be looked up in a developer's `.env`.
    for name in _FOREIGN:
        os.environ[name] = ""
    os.environ.update(
        ORDERWERK_DATA_DIR=folder,
        ORDERWERK_SECRET_KEY="tests-only-" * 5,
        ORDERWERK_PLAIN_STATIC="1",
        DATABASE_URL=os.environ.get("ORDERWERK_TEST_DATABASE_URL") or _start_cluster(),
        ORDERWERK_TEST_READY="1",
    )


# At import, and the settings named here and not in pyproject.toml: pytest-django reads settings that are named
# there before it comes to this file.
_prepare()
os.environ["DJANGO_SETTINGS_MODULE"] = "orderwerk.config.settings"
# Here and not in pytest_configure: the conftest files of folders import models and come before that hook.
django.setup()


_TEMPLATE = "orderwerk_template"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Let every process copy one database that was migrated once, by a process that is not traced for coverage.

    A server of ORDERWERK_TEST_DATABASE_URL keeps it for the next run, until a migration changes.
    """
    address = os.environ["DATABASE_URL"]
    with psycopg.connect(address, autocommit=True) as session:
        # Whoever comes first makes it; the others wait here.
        session.execute("select pg_advisory_lock(hashtext(%s))", (_TEMPLATE,))
        made = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"
        if session.execute(made, (_TEMPLATE,)).fetchone() != (made_from(),):
            session.execute(f"drop database if exists {_TEMPLATE}")
            session.execute(f"create database {_TEMPLATE}")
            url = urlsplit(address)._replace(path=f"/{_TEMPLATE}").geturl()
            command = [sys.executable, "-m", "orderwerk", "migrate", "--quiet"]
            subprocess.run(command, check=True, env={**os.environ, "DATABASE_URL": url})
            session.execute(f"comment on database {_TEMPLATE} is '{made_from()}'")
    connection.settings_dict["TEST"]["TEMPLATE"] = _TEMPLATE


# What says nothing about the version of PostgreSQL: documents, words, shapes, counts of statements, static rules, and what pages
# and answers look like. That each statement behind them is understood, those tests say that open every page and resource.
_ONCE = (
    "accounts/", "api/", "architecture/", "bulk/", "cli/", "config/test_front.py", "config/test_guard.py", "config/test_routes.py",
    "console/", "demo/", "documents/", "emails/test_texts.py", "emails/test_writing.py", "invoices/test_documents.py",
    "doubles/", "invoices/test_archival.py", "invoices/test_hard_texts.py", "invoices/test_nlcius.py", "invoices/test_norm.py", "invoices/test_peppol",
    "portal/", "stock/test_walking.py",
)  # fmt: skip
# Here the cases of one test differ in what is decided, not in what PostgreSQL is asked: the first goes to each version.
_FIRST_CASE = (
    "allocations/", "core/", "emails/", "flows/", "imports/", "invoices/", "providers/", "refunds/", "returns/", "shops/", "stock/",
)  # fmt: skip
_ON_EACH = (
    "api/test_access.py", "api/test_every_resource.py", "api/test_idempotency.py", "architecture/test_schema.py",
    "cli/test_backups.py", "console/test_every_page.py", "portal/test_announce.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs to run on one version of PostgreSQL only."""
    here = Path(__file__).parent
    seen: set[str] = set()
    for item in items:
        name, test = item.path.relative_to(here).as_posix(), item.nodeid.partition("[")[0]
        is_other_case = name.startswith(_FIRST_CASE) and test in seen
        if (name.startswith(_ONCE) and not name.startswith(_ON_EACH)) or is_other_case:
            item.add_marker(pytest.mark.once)
        seen.add(test)


@pytest.fixture(autouse=True, scope="session")
def _cheap_passwords() -> Iterator[None]:
    """Hash passwords in a millisecond: almost every test lets somebody in, and none of them is about the hash."""
    patch = pytest.MonkeyPatch()
    for name in ("time_cost", "memory_cost", "parallelism"):
        patch.setattr(Argon2PasswordHasher, name, 8 if name == "memory_cost" else 1)
    yield
    patch.undo()


def pytest_unconfigure() -> None:
    """Stop what was started."""
    _stack.close()


def _is_loopback(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    if host in {"localhost", ""} or not isinstance(host, str):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: tuple[object, ...]) -> None:
        if self.family != socket.AF_UNIX and not _is_loopback(address[0]):
            raise AssertionError(f"a test wants to reach {address[0]}: use a fake")
        connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


_FAILED_JOBS = "select distinct task_name from procrastinate_jobs where status = 'failed'"
# Few rows are gone sooner than a hundred empty tables are made anew. What the migrations wrote of the models themselves stays.
_EMPTY = """
do $$ declare name text; filled boolean; begin
  for name in select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
      and relname not in ('django_migrations', 'django_content_type', 'auth_permission') loop
    execute format('select exists (select 1 from %I)', name) into filled;
    if filled and pg_relation_size(name::regclass) > 1000000 then
      execute format('truncate %I cascade', name);
    elsif filled then
      execute format('delete from %I', name);
    end if;
  end loop;
end $$
"""


@pytest.fixture(autouse=True)
def _no_unit_of_work_stays_open() -> Iterator[None]:
    """A test that ends inside a unit of work would lend its transaction to the next one."""
    yield
    ensure(uow.current() is None, "a unit of work was left open")


@pytest.fixture(autouse=True, scope="session")
def _flush_empties_everything() -> Iterator[None]:
    """Let tests with real commits clean up: past the guards of append-only tables, and the queue's tables too."""

    def flush(self: Any, _statements: list[str]) -> None:
        with atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            cursor.execute(_FAILED_JOBS)
            failed = [row[0] for row in cursor.fetchall()]
            cursor.execute("set local session_replication_role = replica")
            cursor.execute(_EMPTY)
        ensure(not failed, f"these jobs failed during the test: {failed}")

    patch = pytest.MonkeyPatch()
    patch.setattr(
        "django.db.backends.base.operations.BaseDatabaseOperations.execute_sql_flush", flush
    )
    patch.setattr("django.core.management.commands.flush.emit_post_migrate_signal", lambda *_: None)
    yield
    patch.undo()
