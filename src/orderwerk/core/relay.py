"""Turns outbox rows into jobs, in batches and in one transaction, after the table of routes."""

import time
from collections import defaultdict
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from orderwerk.core import routing, sql

_MOST_ROWS = 200
_EVENTS_PER_JOB = 200
_PAUSE_SECONDS = 0.02

_TAKE = """
with taken as (
  delete from core_outbox where id in (
    select id from core_outbox order by id limit %s for update skip locked)
  returning id, event_ids
)
select taken.id, e.kind, e.id
from taken cross join lateral unnest(taken.event_ids) with ordinality as wanted(event_id, position)
join core_event e on e.id = wanted.event_id
order by taken.id, wanted.position
"""


def relay_once() -> int:
    """Move the oldest outbox rows into the job queue; returns how many events they carried.

    Row and jobs change hands in one transaction: a crash leaves either the row or the jobs, never neither.
    """
    with transaction.atomic():
        rows = sql.fetch(_TAKE, (_MOST_ROWS,))
        batches: dict[str, list[UUID]] = defaultdict(list)
        for _, kind, event_id in rows:
            for job in routing.jobs_for(kind):
                batches[job].append(event_id)
        for job, event_ids in batches.items():
            parts = [
                event_ids[i : i + _EVENTS_PER_JOB]
                for i in range(0, len(event_ids), _EVENTS_PER_JOB)
            ]
            app.configure_task(job).batch_defer(
                *({"event_ids": [str(event) for event in part]} for part in parts)  # type: ignore[arg-type]
            )
    return len(rows)


def wait_for_work(timeout: float) -> bool:
    """Wait until an outbox row is there, `timeout` seconds at most; says whether there is one.

    A short poll of an almost always empty table costs less than a NOTIFY in every command would.
    """
    until = time.monotonic() + timeout
    while True:
        if sql.fetch("select 1 from core_outbox limit 1"):
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(_PAUSE_SECONDS)
