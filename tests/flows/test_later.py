"""What happens later by itself: backorders get what becomes free, unknown skus find their product, holds end."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections
from procrastinate.contrib.django import app

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import clock, sql
from orderwerk.core.relay import relay_once
from orderwerk.core.uow import unit_of_work
from orderwerk.flows import jobs
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.release_allocations import ReleaseAllocationItem, release_allocations
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)


def _work_off() -> None:
    """Run the jobs that the relay makes until none is left, each twice: they are repeatable."""
    while relay_once():
        for key, name, arguments in sql.fetch(
            "select id, task_name, args from procrastinate_jobs order by id"
        ):
            for _ in range(2):
                app.tasks[name](**sql.from_json(arguments))
            sql.execute("delete from procrastinate_jobs where id = %s", (key,))


def _allocated(order: UUID) -> int:
    return int(build.order(order)["units_allocated"])


def test_stock_that_arrives_goes_to_who_waited_longest() -> None:
    world = build.world(stock=0)
    late = world.place((world.skus[0], 2), placed_at="2026-11-20T12:00:00+01:00")
    early = world.place((world.skus[0], 2), placed_at="2026-11-20T09:00:00+01:00")
    _work_off()

    world.count(world.locations[0], {world.skus[0]: 3})
    _work_off()

    assert (_allocated(early), _allocated(late)) == (2, 1)
    assert build.order(early)["status"] == "awaiting_shipment"


def test_a_cancelled_order_frees_stock_for_the_next() -> None:
    world = build.world(products=1, stock=1, locations=1)
    first, second = world.place(), world.place()

    cancel_orders([CancelItem(order_id=first, reason="x")], actor=build.TESTER)
    _work_off()

    assert _allocated(second) == 1


def test_a_claim_given_back_by_hand_is_not_taken_back_by_itself() -> None:
    world = build.world(products=1, stock=1, locations=1)
    order = world.place()
    _work_off()

    release_allocations(
        [ReleaseAllocationItem(allocation_id=build.allocations(order)[0][0])], actor=build.TESTER
    )
    _work_off()

    assert _allocated(order) == 0


def test_a_sku_that_comes_into_the_catalogue_maps_and_claims() -> None:
    world = build.world(products=1)
    sku = f"new{build.serial()}"
    order = world.place((sku, 2))
    upsert_products([ProductItem(sku=sku, name="New")], actor=build.TESTER)
    world.count(world.locations[0], {sku: 5})

    _work_off()

    assert build.order(order)["status"] == "awaiting_shipment"


def test_a_hold_ends_by_itself() -> None:
    world = build.world()
    order, other = world.place(), world.place()
    until = clock.now() + timedelta(hours=1)
    hold_orders(
        [HoldItem(order_id=order, reason="x", until=until), HoldItem(order_id=other, reason="x")],
        actor=build.TESTER,
    )
    jobs.end_holds(timestamp=0)
    assert build.order(order)["status"] == "on_hold"

    sql.execute(
        "update orders_hold set until = now() - interval '1 minute' where order_id = %s", (order,)
    )
    jobs.end_holds(timestamp=0)

    assert build.order(order)["status"] == "awaiting_shipment"
    assert build.order(other)["status"] == "on_hold"


def test_a_hold_that_is_put_on_while_another_ends_stays() -> None:
    world = build.world()
    order = world.place()
    until = clock.now() + timedelta(hours=1)
    hold_orders([HoldItem(order_id=order, reason="x", until=until)], actor=build.TESTER)
    sql.execute("update orders_hold set until = now() - interval '1 minute'")
    job = threading.Thread(target=_end_holds_elsewhere)

    with unit_of_work(build.TESTER):
        hold_orders([HoldItem(order_id=order, reason="Fraud?")], actor=build.TESTER)
        job.start()
        waiting = "select 1 from pg_locks where not granted"
        while job.is_alive() and not sql.fetch(waiting):
            job.join(0.01)
    job.join(20)

    assert build.order(order)["status"] == "on_hold"
    assert sql.fetch("select count(*) from orders_hold where released_at is null") == [(2,)]


def _end_holds_elsewhere() -> None:
    try:
        jobs.end_holds(timestamp=0)
    finally:
        connections.close_all()


def test_the_counts_of_the_tabs_stay_right_when_they_are_folded() -> None:
    world = build.world()
    for _ in range(5):
        world.place()
    before = sql.fetch("select status, sum(n) from orders_tab_count group by status")

    jobs.fold_counts(timestamp=0)

    assert sql.fetch("select status, sum(n) from orders_tab_count group by status") == before
    assert sql.fetch("select count(*) from orders_tab_count") == [(1,)]
