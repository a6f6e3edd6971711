"""The process tree as people start it: on its own database, several on one, killed and started again."""

import contextlib
import os
import resource
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from orderwerk.config.postgres import recorded
from tests.cli.processes import free_port, is_ready, run, started, tree, wait_for

pytestmark = pytest.mark.slow
_JOB = "builtin:procrastinate.builtin_tasks.remove_old_jobs"


def users(url: str) -> list[tuple[str, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("select username from accounts_user").fetchall()


def test_a_killed_tree_comes_back_with_its_data(folder: Path) -> None:
    port = free_port()
    with started(folder, "", "serve", "--port", str(port), "--web", "1") as first:
        wait_for(port)
        made = run(folder, "", "user", "create", "jan", "--role", "owner")
        for pid in tree(first.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    with started(folder, "", "serve", "--port", str(port), "--web", "1") as second:
        wait_for(port)
        account = recorded(folder / "postgres.json")
        assert account is not None
        kept = users(account.url())
        everybody = tree(second.pid)
        second.send_signal(signal.SIGINT)
        code = second.wait(60)

    assert made.returncode == 0, made.stderr
    assert kept == [("jan",)]
    assert code == 0
    assert len(everybody) > 5
    assert [pid for pid in everybody if Path(f"/proc/{pid}").exists()] == []


def test_children_leave_when_their_supervisor_was_killed(folder: Path) -> None:
    port = free_port()
    with started(folder, "", "serve", "--port", str(port), "--web", "1") as process:
        wait_for(port)
        process.kill()

    until = time.monotonic() + 300
    while is_ready(port):
        assert time.monotonic() < until, "the web outlives its supervisor"
        time.sleep(0.2)
    with started(folder, "", "serve", "--port", str(port), "--web", "1"):
        wait_for(port)


_STARTS = (
    b"",
    b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    b"POST /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nabc",
)


@pytest.fixture
def _many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("_many_files")
def test_a_thousand_idle_and_slow_connections_keep_nobody_out(folder: Path, migrated: str) -> None:
    """Idle ones, headers that never end, bodies that never come: attack 16 of the list of attacks."""
    port = free_port()
    arguments = ("serve", "--port", str(port), "--web", "1", "--jobs", "0")
    with started(folder, migrated, *arguments), contextlib.ExitStack() as stack:
        wait_for(port)
        for number in range(1000):
            peer = socket.create_connection(("127.0.0.1", port), timeout=60)
            stack.enter_context(peer)
            peer.sendall(_STARTS[number % len(_STARTS)])

        # Whoever is kept out waits for ever: the connections before stay.
        for _ in range(5):
            assert is_ready(port, 60)


def test_two_webs_and_two_workers_run_on_one_database(folder: Path, migrated: str) -> None:
    ports = free_port(), free_port()
    with psycopg.connect(migrated, autocommit=True) as connection, contextlib.ExitStack() as stack:
        connection.execute("delete from procrastinate_jobs")
        connection.execute("delete from procrastinate_workers")
        for port in ports:
            arguments = ("serve", "--port", str(port), "--web", "1", "--jobs", "0")
            stack.enter_context(started(folder, migrated, *arguments))
        for port in ports:
            wait_for(port)
        defer = ("manage", "procrastinate", "defer", _JOB, '{"max_hours": 1}')
        deferred = run(folder, migrated, *defer)
        count = "select count(*) from procrastinate_jobs where status <> 'succeeded'"
        assert connection.execute(count).fetchone() == (1,), deferred.stderr
        workers = [stack.enter_context(started(folder, migrated, "worker")) for _ in range(2)]
        until = time.monotonic() + 300
        while connection.execute(count).fetchone() != (0,):
            assert time.monotonic() < until, "the job is not run"
            time.sleep(0.1)
        registered = "select count(*) from procrastinate_workers"
        while connection.execute(registered).fetchone() != (2,):
            assert time.monotonic() < until, "the second worker does not come up"
            time.sleep(0.1)
        for worker in workers:
            worker.terminate()

        assert [worker.wait(60) for worker in workers] == [0, 0]
