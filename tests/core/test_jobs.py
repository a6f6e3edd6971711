"""From the change to the job: the relay, killed workers, keys that answer once, effects that happen once."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from orderwerk.core import clock, effects, idempotency, sql
from orderwerk.core.errors import BadInput, Conflict
from orderwerk.core.idempotency import StoredAnswer
from orderwerk.core.jobs import AGAIN
from orderwerk.core.relay import relay_once, wait_for_work
from orderwerk.core.sweeper import sweep_once
from orderwerk.core.uow import unit_of_work
from tests import build
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def _jobs() -> list[tuple[str, str]]:
    return [
        (row[0], row[1])
        for row in sql.fetch("select task_name, status::text from procrastinate_jobs order by id")
    ]


def test_the_relay_turns_events_into_jobs_once() -> None:
    world = build.world(stock=0)
    relay_once()
    sql.execute("delete from procrastinate_jobs")
    world.count(world.locations[0], {world.skus[0]: 3})

    assert wait_for_work(1)
    assert relay_once() == 1
    assert relay_once() == 0
    assert not wait_for_work(0.03)
    assert _jobs() == [("backorders.release", "todo")]


def test_every_job_is_tried_again_those_of_the_clock_too() -> None:
    # A database that restarts fails what runs just then: of a job of the night a whole night's work.
    app.perform_import_paths()
    ours = [task for task in app.tasks.values() if not task.name.startswith("builtin")]

    assert len(ours) > 40
    assert [task.name for task in ours if task.retry_strategy is not AGAIN] == []


def test_many_relays_at_once_make_each_job_once() -> None:
    world = build.world(stock=0)
    relay_once()
    sql.execute("delete from procrastinate_jobs")
    for n in range(1, 9):
        world.count(world.locations[0], {world.skus[0]: n})

    together([relay_once] * 6)

    arguments = [
        e
        for row in sql.fetch("select args from procrastinate_jobs")
        for e in sql.from_json(row[0])["event_ids"]
    ]
    assert len(arguments) == len(set(arguments)) == 8


def test_a_job_of_a_killed_worker_comes_back() -> None:
    sql.execute(
        "insert into procrastinate_workers (last_heartbeat) values (now() - interval '5 minutes'), (now())"
    )
    dead, alive = (
        row[0] for row in sql.fetch("select id from procrastinate_workers order by last_heartbeat")
    )
    for worker in (dead, alive, None):
        sql.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status, worker_id) values ('q', 't', 'doing', %s)",
            (worker,),
        )

    assert sweep_once() == 2
    assert sorted(status for _, status in _jobs()) == ["doing", "todo", "todo"]


def test_a_job_that_kills_every_worker_is_given_up_visibly() -> None:
    sql.execute(
        "insert into procrastinate_jobs (queue_name, task_name, status, attempts) values ('q', 't', 'doing', 25)"
    )

    sweep_once()

    assert _jobs() == [("t", "failed")]
    sql.execute("delete from procrastinate_jobs")  # no other test's job may fail


def test_an_idempotency_key_answers_the_same_again() -> None:
    caller, key = uuid.uuid4(), "k1"
    with unit_of_work(build.TESTER):
        assert idempotency.claim(caller, key, b"body") is None
        idempotency.store(caller, key, b"body", StoredAnswer(201, b"answer"))

    with unit_of_work(build.TESTER):
        assert idempotency.claim(caller, key, b"body") == StoredAnswer(201, b"answer")
        assert idempotency.claim(uuid.uuid4(), key, b"body") is None
        with pytest.raises(BadInput):
            idempotency.claim(caller, key, b"other body")


def test_an_idempotency_key_in_flight_is_a_conflict() -> None:
    caller = uuid.uuid4()

    def request() -> str:
        with unit_of_work(build.TESTER):
            stored = idempotency.claim(caller, "k", b"body")
            if stored is not None:
                return "replayed"
            connection.cursor().execute("select pg_sleep(0.3)")
            idempotency.store(caller, "k", b"body", StoredAnswer(200, b"x"))
            return "did it"

    results = together([request] * 8)

    assert results.count("did it") == 1
    assert all(r in {"did it", "replayed"} or isinstance(r, Conflict) for r in results)


def test_an_effect_is_called_once_and_keeps_its_first_result() -> None:
    intent = effects.Intent("test", "object/1")
    with unit_of_work(build.TESTER):
        first = effects.intend([intent])["object/1"]
    with unit_of_work(build.TESTER):
        assert effects.intend([intent])["object/1"] == first

    started = together([lambda: effects.begin_call(first)] * 8)

    assert started.count(True) == 1
    assert effects.doubt(first, note="timed out")
    assert not effects.begin_call(first)
    assert effects.finish(first, succeeded=True, reference="r1")
    assert not effects.finish(first, succeeded=False)


def test_a_key_that_comes_twice_in_one_group_belongs_to_the_first() -> None:
    request = idempotency.Request("twice", b"body")

    with unit_of_work(build.TESTER):
        first, second = idempotency.claim_all(uuid.uuid4(), [request, request])

    assert first is None
    assert isinstance(second, Conflict)


def test_answers_are_forgotten_when_their_promised_time_has_passed() -> None:
    with unit_of_work(build.TESTER):
        idempotency.store(uuid.uuid4(), "old", b"body", StoredAnswer(200, b"{}"))
    assert idempotency.forget_old() == 0
    with clock.told(clock.now() + timedelta(days=31)):
        assert idempotency.forget_old() == 1
