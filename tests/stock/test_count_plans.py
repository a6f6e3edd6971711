"""Cycle counts by rule: classes by what left, what is due and when, never more in a day than wished, never twice."""

from datetime import timedelta
from typing import Any

import pytest

from orderwerk.core import clock, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.jobs import ask_for_due_counts
from orderwerk.stock.commands.request_due_counts import DueCountItem, request_due_counts
from orderwerk.stock.commands.set_count_plans import CountPlanItem, set_count_plans
from orderwerk.stock.count_plan_queries import due_list
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def plan(world: build.World, **fields: Any) -> None:
    item = CountPlanItem(location=world.locations[0], **fields)
    set_count_plans([item], actor=build.TESTER)[0].require()


def counted(world: build.World, days: int, *skus: str) -> None:
    """Say that articles were last counted so many days ago."""
    ids = [world.product_ids[sku] for sku in skus or world.skus]
    sql.execute("update stock_level set counted_at = %s where product_id = any(%s)", (clock.now() - timedelta(days=days), ids))  # fmt: skip


def due(world: build.World) -> list[tuple[str, str]]:
    return [(row.sku, row.abc) for row in due_list(build.TESTER, world.locations[0])]


def ask(world: build.World) -> Outcome:
    return request_due_counts([DueCountItem(location=world.locations[0])], actor=build.TESTER)[0]


def test_what_moves_most_is_counted_most_often() -> None:
    world = build.world(locations=1, products=3)
    busy, calm, still = world.skus
    for _ in range(8):
        build.shipped(world, (busy, 2))
    build.shipped(world, (calm, 3))
    plan(world, a_days=10, b_days=30, c_days=90)

    counted(world, 5)
    young = due(world)
    counted(world, 20)
    middle = due(world)
    counted(world, 200)
    old = due(world)

    assert young == []
    assert middle == [(busy, "a")]
    assert old == [(busy, "a"), (calm, "b"), (still, "c")]


@pytest.mark.parametrize(("basis", "first"), [("pieces", 0), ("visits", 1), ("value", 0)])
def test_classes_follow_what_the_plan_measures(basis: Any, first: int) -> None:
    world = build.world(locations=1, products=2)
    build.shipped(world, (world.skus[0], 30))
    for _ in range(4):
        build.shipped(world, (world.skus[1], 1))
    counted(world, 50)

    plan(world, a_days=1, basis=basis)

    assert due(world) == [(world.skus[first], "a")]


def test_what_left_long_ago_makes_no_class() -> None:
    world = build.world(locations=1, products=1)
    build.shipped(world, (world.skus[0], 3))
    counted(world, 50)
    plan(world, a_days=1, look_back_days=30)
    sql.execute("set constraints all immediate")
    sql.execute("set local session_replication_role = replica")
    sql.execute("update stock_movement set at = at - interval '40 days' where kind = 'shipped'")
    sql.execute("set local session_replication_role = origin")

    assert due(world) == []


def test_what_is_due_is_asked_for_once_and_a_count_of_it_ends_that() -> None:
    world = build.world(locations=1, products=2)
    plan(world, c_days=30)
    counted(world, 31)

    first, again = ask(world), ask(world)

    assert (first.data["requested"], again.data["requested"]) == (2, 0)
    assert due(world) == []
    count = CountItem(sku=world.skus[0], location=world.locations[0], quantity=99, bin="DEFAULT")
    count_stock_levels([count], actor=build.TESTER)[0].require()
    rows = sql.fetch("select cause, reason, closed_at is null from stock_count_request where location_id = %s order by 3", (world.location_ids[world.locations[0]],))  # fmt: skip
    assert rows == [("cycle", "cycle count c", False), ("cycle", "cycle count c", True)]
    assert due(world) == []
    sound()


def test_no_more_is_asked_for_in_a_day_than_the_plan_says_the_most_overdue_first() -> None:
    world = build.world(locations=1, products=3)
    plan(world, c_days=10, most_a_day=2)
    counted(world, 20)
    counted(world, 90, world.skus[2])

    outcomes = [ask(world), ask(world)]

    assert [o.data["requested"] for o in outcomes] == [2, 0]
    asked = sql.fetch("select product_id from stock_count_request where location_id = %s", (world.location_ids[world.locations[0]],))  # fmt: skip
    assert (world.product_ids[world.skus[2]],) in asked
    sound()


def test_bins_that_were_asked_for_already_are_not_asked_for_by_turns() -> None:
    world = build.world(locations=1, products=1)
    plan(world, c_days=1)
    counted(world, 9)
    ask(world)
    sql.execute("update stock_count_request set reason = 'missing'")

    assert ask(world).data["requested"] == 0


def test_without_a_plan_nothing_is_asked_for_and_nobody_sees_another_shops_place() -> None:
    world, other = build.world(locations=1), build.world(locations=1)
    plan(other, c_days=1)
    counted(other, 9)
    item = DueCountItem(location=other.locations[0])

    refused = [ask(world), request_due_counts([item], actor=build.limited(world.shop_id))[0]]

    assert [o.error.code if o.error else None for o in refused] == [
        "no_count_plan",
        "unknown_location",
    ]
    assert sql.fetch("select count(*) from stock_count_request") == [(0,)]


def test_the_daily_job_asks_at_every_location_with_a_plan() -> None:
    one, two, never = build.world(locations=1, products=1), build.world(locations=1, products=1), build.world(locations=1, products=1)  # fmt: skip
    for world in (one, two):
        plan(world, c_days=7)
        counted(world, 8)
    plan(never)
    counted(never, 800)

    ask_for_due_counts(0)
    ask_for_due_counts(0)

    rows = sql.fetch("select count(*), count(distinct location_id) from stock_count_request")
    assert rows == [(2, 2)]
    sound()
