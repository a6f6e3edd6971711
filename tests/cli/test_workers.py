"""Job workers that are stopped, killed and died by themselves: no job is lost, none is left half done."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.cli.processes import free_port, is_ready, run, started, tree, wait_for

pytestmark = pytest.mark.slow
_JOB = ("manage", "procrastinate", "defer", "orders.fold_tab_counts", '{"timestamp": 1}')


def until(happened: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 300
    while not happened():
        assert time.monotonic() < end, what
        time.sleep(0.1)


@dataclass
class Blocked:
    """A database in which one job, folding the counts of the tabs, starts and cannot end until it is let go."""

    url: str
    holder: psycopg.Connection
    looker: psycopg.Connection

    def jobs(self, status: str) -> int:
        # The schedule's own runs of the same task carry another moment.
        row = self.looker.execute(
            "select count(*) from procrastinate_jobs where status::text = %s and args ->> 'timestamp' = '1'",
            (status,),
        ).fetchone()
        assert row is not None
        return int(row[0])

    def counts(self) -> list[tuple[int]]:
        return self.looker.execute("select n from orders_tab_count order by id").fetchall()

    def let_go(self) -> None:
        self.holder.rollback()


@pytest.fixture
def blocked(folder: Path, migrated: str) -> Iterator[Blocked]:
    with contextlib.ExitStack() as stack:
        looker = stack.enter_context(psycopg.connect(migrated, autocommit=True))
        looker.execute("delete from procrastinate_jobs")
        looker.execute("delete from orders_tab_count")
        deferred = run(folder, migrated, *_JOB)
        assert deferred.returncode == 0, deferred.stderr
        looker.execute(
            "insert into orders_tab_count (shop_id, status, n) select s, 'shipped', n "
            "from gen_random_uuid() s, unnest(array[2, 3]) n"
        )
        holder = stack.enter_context(psycopg.connect(migrated))
        holder.execute("lock table orders_tab_count in exclusive mode")
        yield Blocked(migrated, holder, looker)


def test_a_worker_that_is_stopped_ends_the_job_that_runs(folder: Path, blocked: Blocked) -> None:
    with started(folder, blocked.url, "worker") as worker:
        until(lambda: blocked.jobs("doing") == 1, "the job does not start")
        worker.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(3)
        unfinished = blocked.counts()
        blocked.let_go()

        assert worker.wait(60) == 0
    assert unfinished == [(2,), (3,)]
    assert blocked.counts() == [(5,)]
    assert [blocked.jobs(status) for status in ("todo", "doing", "failed")] == [0, 0, 0]


def test_the_job_of_a_killed_worker_is_run_by_another(folder: Path, blocked: Blocked) -> None:
    with started(folder, blocked.url, "worker") as first:
        until(lambda: blocked.jobs("doing") == 1, "the job does not start")
        for pid in tree(first.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    blocked.let_go()
    assert blocked.counts() == [(2,), (3,)]
    # As if half an hour had passed: a worker that has not been heard of for so long is taken for dead.
    blocked.looker.execute(
        "update procrastinate_workers set last_heartbeat = last_heartbeat - interval '30 minutes'"
    )

    with started(folder, blocked.url, "worker"):
        until(lambda: blocked.counts() == [(5,)], "the job is not run again")
        until(lambda: blocked.jobs("doing") == 0, "the job does not end")
    assert [blocked.jobs(status) for status in ("todo", "failed")] == [0, 0]


def child(parent: int, word: str) -> int:
    """Return the child of the supervisor that runs this command of ours, or 0 where there is none."""
    for pid in tree(parent)[1:]:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if f"orderwerk\0{word}\0".encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
    return 0


@pytest.mark.parametrize("word", ["web", "work"])
def test_a_child_that_dies_is_started_again(folder: Path, migrated: str, word: str) -> None:
    port = free_port()
    with started(folder, migrated, "serve", "--port", str(port), "--web", "1") as supervisor:
        wait_for(port)
        dead = child(supervisor.pid, word)
        assert dead
        os.kill(dead, signal.SIGKILL)
        until(lambda: child(supervisor.pid, word) not in (0, dead), f"{word} is not started again")
        wait_for(port)
        supervisor.terminate()
        code = supervisor.wait(60)

    assert code == 0
    assert not is_ready(port)
