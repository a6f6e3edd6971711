"""The unit of work: all or nothing, locks in one order, events with their outbox row."""

import threading

import pytest
from django.db import IntegrityError, connections
from django.db.transaction import atomic

from orderwerk.core import http, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Again, ensure
from orderwerk.core.uow import STILL, Subject, is_repeat, retrying, unit_of_work
from orderwerk.memos.events import MEMO_CREATED
from tests import build

ACTOR = Actor.system("test")


def _events() -> int:
    return int(sql.fetch("select count(*) from core_event")[0][0])


@pytest.mark.django_db
def test_a_later_lock_forbids_an_earlier_one() -> None:
    with unit_of_work(ACTOR) as unit:
        unit.claim_locks("order", [ids.new_id()])
        unit.claim_locks("stock", [(ids.new_id(), ids.new_id())])

        with pytest.raises(AssertionError, match="lock order"):
            unit.claim_locks("order", [ids.new_id()])


@pytest.mark.django_db
def test_a_lock_of_one_kind_is_taken_once_or_ascending() -> None:
    first, second, third = ids.new_ids(3)
    with unit_of_work(ACTOR) as unit:
        assert unit.claim_locks("order", [second, first, second]) == [first, second]
        assert unit.claim_locks("order", [first]) == []
        assert unit.claim_locks("order", [third]) == [third]

        with pytest.raises(AssertionError, match="ascending"):
            unit.claim_locks("order", [ids.UUID(int=0)])


@pytest.mark.django_db(transaction=True)
def test_an_error_undoes_the_change_and_its_events() -> None:
    def break_off() -> None:
        with unit_of_work(ACTOR) as unit:
            unit.record(MEMO_CREATED, Subject("order", ids.new_id()), STILL, {})
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        break_off()

    assert _events() == 0
    assert sql.fetch("select count(*) from core_outbox")[0][0] == 0


@pytest.mark.django_db(transaction=True)
def test_an_inner_unit_joins_the_outer_one() -> None:
    with unit_of_work(ACTOR) as outer:
        with unit_of_work(Actor.system("other")) as inner:
            inner.record(MEMO_CREATED, Subject("order", ids.new_id()), STILL, {})

        assert inner is outer
        assert _events() == 0

    assert _events() == 1
    assert sql.fetch("select cardinality(event_ids) from core_outbox") == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_history_cannot_be_rewritten() -> None:
    with unit_of_work(ACTOR) as unit:
        unit.record(MEMO_CREATED, Subject("order", ids.new_id()), STILL, {})

    for statement in (
        "update core_event set kind = 'x'",
        "delete from core_event",
        "truncate core_event",
    ):
        with pytest.raises(IntegrityError, match="append-only"):
            sql.execute(statement)


@pytest.mark.django_db
def test_the_network_is_out_of_reach_inside_a_transaction() -> None:
    with unit_of_work(ACTOR), pytest.raises(AssertionError, match="network call"):
        http.request("GET", "http://127.0.0.1:9/")


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_run_again() -> None:
    world = build.world(products=2)
    first, second = world.place(), world.place()
    barrier = threading.Barrier(2)
    runs: list[str] = []

    def work(name: str, keys: tuple[object, object]) -> None:
        def once() -> None:
            runs.append(name)
            with unit_of_work(ACTOR):
                sql.execute("select from orders_order where id = %s for update", (keys[0],))
                # Both hold their first before either asks for its second; whoever runs again waits for nobody.
                if runs.count(name) == 1:
                    barrier.wait(timeout=60)
                sql.execute("select from orders_order where id = %s for update", (keys[1],))

        retrying(once)
        connections.close_all()

    threads = [
        threading.Thread(target=work, args=("a", (first, second))),
        threading.Thread(target=work, args=("b", (second, first))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(set(runs)) == ["a", "b"]
    assert len(runs) > 2


def test_a_broken_invariant_of_the_program_stops_it() -> None:
    with pytest.raises(AssertionError, match="what broke"):
        ensure(0, "what broke")


@pytest.mark.django_db
def test_what_was_agreed_never_changes() -> None:
    world = build.world()
    order = world.place()

    for statement in (
        "update orders_line set sku = 'other' where order_id = %s",
        "update orders_line set unit_price_minor = 1 where order_id = %s",
        "update orders_line set quantity = 9 where order_id = %s",
        "update orders_order set currency = 'GBP' where id = %s",
        "update orders_order set grand_total_minor = 1 where id = %s",
        "delete from orders_order where id = %s",
    ):
        with pytest.raises(IntegrityError), atomic():
            sql.execute(statement, (order,))


@pytest.mark.django_db
def test_stock_moves_only_by_a_movement() -> None:
    world = build.world()

    with pytest.raises(IntegrityError, match="stock movement"):
        sql.execute(
            "update stock_level set on_hand = on_hand + 1 where location_id = %s",
            (world.location_ids[world.locations[0]],),
        )


@pytest.mark.django_db(transaction=True)
def test_work_that_meets_others_again_and_again_ends_with_the_last_word() -> None:
    tries = []

    def work() -> None:
        tries.append(is_repeat())
        raise Again("Somebody else was faster.")

    with pytest.raises(Again):
        retrying(work)
    assert tries == [False, True, True, True]

    tries.clear()
    with pytest.raises(Again), atomic():
        # Only the outermost transaction can be run again.
        retrying(work)
    assert tries == [False]
