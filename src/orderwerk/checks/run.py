"""Runs every invariant on one consistent snapshot, in two read-only sessions, and never calls a skipped one good."""

import queue
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import psycopg
from django.db import connection

from orderwerk.checks import (
    captures,
    collecting,
    erasing,
    floor,
    goods,
    history,
    labels,
    lines,
    money,
    refunds,
    returns,
    shops,
    store_credits,
)
from orderwerk.checks.invariant import Finding, Invariant

ALL: tuple[Invariant, ...] = (
    *lines.INVARIANTS,
    *goods.INVARIANTS,
    *labels.INVARIANTS,
    *floor.INVARIANTS,
    *money.INVARIANTS,
    *refunds.INVARIANTS,
    *store_credits.INVARIANTS,
    *captures.INVARIANTS,
    *collecting.INVARIANTS,
    *erasing.INVARIANTS,
    *returns.INVARIANTS,
    *shops.INVARIANTS,
    *history.INVARIANTS,
)
_SESSIONS = 2
_MOST_ROWS = 200
# One plan for big sums: merge over covering indexes, no second process that repeats the work.
_SETTINGS = (
    # Whoever keeps the snapshot waits in its transaction until the last check is through; its first statement opens it.
    "set idle_in_transaction_session_timeout = 0",
    "set max_parallel_workers_per_gather = 0",
    "set work_mem = '128MB'",
    "set statement_timeout = '10min'",
    "set transaction isolation level repeatable read read only",
)


@dataclass
class Report:
    """What a run found, what it could not look at, and how many seconds each invariant took."""

    checked: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unchecked: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def run_checks(invariants: Sequence[Invariant] = ALL) -> Report:
    """Check invariants on the running system; takes no lock that anybody waits for."""
    report, todo = Report(), _queue(invariants)
    with _session() as coordinator:
        snapshot = str(coordinator.execute("select pg_export_snapshot()").fetchone()[0])  # type: ignore[index]
        workers = [
            threading.Thread(target=_work, args=(snapshot, todo, report)) for _ in range(_SESSIONS)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    order = {invariant.id: i for i, invariant in enumerate(invariants)}
    report.checked.sort(key=lambda key: order[key])
    report.findings.sort(key=lambda finding: (order[finding.invariant], finding.object_id))
    return report


def _queue(invariants: Iterable[Invariant]) -> "queue.SimpleQueue[Invariant]":
    todo: queue.SimpleQueue[Invariant] = queue.SimpleQueue()
    for invariant in invariants:
        todo.put(invariant)
    return todo


def _session() -> psycopg.Connection:
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port", "options")
    session = psycopg.connect(**{name: parameters[name] for name in names if parameters.get(name)})
    for statement in _SETTINGS:
        session.execute(statement)
    return session


def _on(snapshot: str) -> psycopg.Connection:
    session = _session()
    try:
        session.execute(f"set transaction snapshot '{snapshot}'")
    except BaseException:
        # The next invariant gets a session of its own, not one that has failed.
        session.close()
        raise
    return session


def _work(snapshot: str, todo: "queue.SimpleQueue[Invariant]", report: Report) -> None:
    session: psycopg.Connection | None = None
    while True:
        try:
            invariant = todo.get_nowait()
        except queue.Empty:
            break
        began = time.perf_counter()
        try:
            if session is None or session.closed:
                session = _on(snapshot)
            # A savepoint: what cannot be asked leaves the session to the others.
            with session.transaction():
                rows = session.execute(invariant.sql).fetchmany(_MOST_ROWS)
        except psycopg.Error as error:
            report.unchecked[invariant.id] = str(error).splitlines()[0]
            continue
        report.seconds[invariant.id] = time.perf_counter() - began
        report.checked.append(invariant.id)
        report.findings += [
            Finding(
                invariant.id,
                invariant.severity,
                _text(row[0]),
                row[1],
                str(row[2] or ""),
                str(row[3]),
                str(row[4]),
            )
            for row in rows
        ]
    if session is not None:
        session.close()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
