"""The process tree as people start it: on its own database, several on one, killed and started again."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest

from orderwerk.config.postgres import recorded, throw_away

pytestmark = pytest.mark.slow
_JOB = "builtin:procrastinate.builtin_tasks.remove_old_jobs"


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="orderwerk-serve-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, url: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": url, "ORDERWERK_DATA_DIR": str(folder)}


def run(folder: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orderwerk", *arguments],
        env=environment(folder, url),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@contextlib.contextmanager
def started(folder: Path, url: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "orderwerk", *arguments], env=environment(folder, url)
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(60)


def is_ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while not is_ready(port):
        assert time.monotonic() < until, "the web does not come up"
        time.sleep(0.1)


def tree(pid: int) -> list[int]:
    listing = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [tuple(map(int, line.split())) for line in listing.splitlines()]
    found = [pid]
    for parent in found:
        found += [child for child, its_parent in pairs if its_parent == parent]
    return found


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

    until = time.monotonic() + 20
    while is_ready(port):
        assert time.monotonic() < until, "the web outlives its supervisor"
        time.sleep(0.2)
    with started(folder, "", "serve", "--port", str(port), "--web", "1"):
        wait_for(port)


def test_idle_connections_keep_nobody_out(folder: Path) -> None:
    port = free_port()
    arguments = ("serve", "--port", str(port), "--web", "1", "--jobs", "0")
    with started(folder, "", *arguments), contextlib.ExitStack() as stack:
        wait_for(port)
        for _ in range(600):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))

        assert is_ready(port)


def test_two_webs_and_two_workers_run_on_one_database(folder: Path) -> None:
    named = os.environ.get("PG_BIN")
    ports = free_port(), free_port()
    with throw_away(Path(named) if named else None) as cluster, contextlib.ExitStack() as stack:
        url = cluster.account.url()
        for port in ports:
            arguments = ("serve", "--port", str(port), "--web", "1", "--jobs", "0")
            stack.enter_context(started(folder, url, *arguments))
        for port in ports:
            wait_for(port)
        deferred = run(folder, url, "manage", "procrastinate", "defer", _JOB, '{"max_hours": 1}')
        with psycopg.connect(url, autocommit=True) as connection:
            count = "select count(*) from procrastinate_jobs where status <> 'succeeded'"
            assert connection.execute(count).fetchone() == (1,), deferred.stderr
            workers = [stack.enter_context(started(folder, url, "worker")) for _ in range(2)]
            until = time.monotonic() + 60
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
