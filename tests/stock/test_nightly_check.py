"""The self-check runs by itself: it keeps what is wrong until it is right, tells it once, and people see how much there is."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows import jobs
from orderwerk.flows.check_stock import check_stock_levels, look_again
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.stock.check_queries import last_check, open_differences
from tests import build
from tests.api.conftest import caller
from tests.console.conftest import enter  # noqa: F401 - a fixture
from tests.console.test_plans import Statement, scans, take_for_large
from tests.stock.test_self_check import product, repair, spoil

pytestmark = pytest.mark.django_db

NIGHT = Actor.job("self-check")
WRONG = "update stock_level set on_hand = on_hand + 2 where true"


def told(world: build.World) -> list[dict[str, object]]:
    """What the history says was found at the first article."""
    rows = sql.fetch(
        "select payload from core_event where kind = 'stock.difference_found' and aggregate_id = %s order by id",
        (product(world),),
    )
    return [sql.from_json(row[0]) for row in rows]


def test_a_night_finds_what_is_wrong_tells_it_once_and_forgets_what_is_right_again() -> None:
    world = build.world(locations=2, products=3, stock=10)
    assert last_check() is None
    spoil(world, WRONG)

    jobs.check_levels(0)
    jobs.check_levels(1)

    last = last_check()
    assert last is not None
    assert (last.levels, last.wrong) == (6, 2)
    assert open_differences(build.TESTER) == 2
    assert sorted((t["sku"], t["location"]) for t in told(world)) == sorted((world.skus[0], place) for place in world.locations)  # fmt: skip
    assert {str(t["differences"]) for t in told(world)} == {"{'on_hand': [12, 10]}"}
    assert repair(world).require().data["repaired"] is True
    assert open_differences(build.TESTER) == 1
    spoil(world, "update stock_level set on_hand = 10 where true")
    jobs.look_at_differences_again(2)
    assert open_differences(build.TESTER) == 0
    # Wrong again is new again.
    spoil(world, WRONG)
    jobs.check_levels(3)
    assert (open_differences(build.TESTER), len(told(world))) == (2, 4)


def test_levels_are_looked_at_in_steps_and_each_of_them_once() -> None:
    world = build.world(locations=3, products=3, stock=10)
    spoil(world, WRONG)

    check_stock_levels(actor=NIGHT, step=2)

    last = last_check()
    assert last is not None
    assert (last.levels, last.wrong, open_differences(build.TESTER)) == (9, 3, 3)


def test_a_run_that_was_broken_off_is_forgotten_when_the_next_looks_at_all() -> None:
    for began in ("1 hour", "2 days"):
        sql.execute("insert into stock_check (id, started_at, levels, wrong) values (gen_random_uuid(), now() - %s::interval, 0, 0)", (began,))  # fmt: skip

    check_stock_levels(actor=NIGHT)

    [(ended, under_way)] = sql.fetch("select count(finished_at), count(*) - count(finished_at) from stock_check")  # fmt: skip
    assert (ended, under_way) == (1, 1)


def test_a_step_reads_no_more_of_the_ledger_than_that_of_its_own_levels() -> None:
    build.world(locations=2, products=2, stock=10)
    with sql.count_statements() as counted:
        check_stock_levels(actor=NIGHT, step=2)
    [(text, values)] = [each for each in counted.values.items() if each[0].lstrip().startswith("with place")]  # fmt: skip
    take_for_large()

    read_whole = set(scans(Statement("a step", text, values, is_prepared=False).plan(), set()))

    assert read_whole & {"stock_movement", "stock_bin_stock", "stock_level"} == set()


def test_a_step_runs_the_same_statements_for_one_wrong_level_and_for_many() -> None:
    counted = []
    worlds = [(places, build.world(locations=places, products=1, stock=10)) for places in (1, 8)]
    for places, world in worlds:
        spoil(world, WRONG)
        with sql.count_statements() as count:
            check_stock_levels(actor=NIGHT)
        counted.append(count.total)
        assert len(told(world)) == places
        spoil(world, "update stock_level set on_hand = 10 where true")
        assert look_again(actor=NIGHT) == 0

    assert counted[0] == counted[1]


def test_every_difference_that_stands_is_looked_at_again_a_few_at_a_time() -> None:
    world = build.world(locations=3, products=1, stock=10)
    spoil(world, WRONG)
    check_stock_levels(actor=NIGHT)
    assert look_again(actor=NIGHT, step=2) == 3
    spoil(world, "update stock_level set on_hand = 10 where true")

    assert look_again(actor=NIGHT, step=2) == 0
    assert open_differences(build.TESTER) == 0


def test_what_only_a_count_can_set_right_stands_until_it_is_right(
    enter: Callable[..., Client],  # noqa: F811
) -> None:
    world = build.world(locations=1, products=1, stock=10)
    spoil(world, "update stock_movement set delta = 12 where kind = 'counted'")
    check_stock_levels(actor=NIGHT)
    count = CountItem(sku=world.skus[0], location=world.locations[0], quantity=9)
    count_stock_levels([count], actor=build.TESTER)[0].require()

    # The ledger still says two more than the counters do.
    assert look_again(actor=NIGHT) == 1
    page = enter("warehouse").get("/orders/").content.decode()
    assert '<span class="count">1</span><span class="sr-only">levels that the self-check found wrong</span>' in page  # fmt: skip
    repair(world).require()
    assert open_differences(build.TESTER) == 0


def test_people_see_how_many_differ_where_they_may_look_and_when_it_ran(
    enter: Callable[..., Client],  # noqa: F811
) -> None:
    world = build.world(locations=2, products=1, stock=10)
    floor = enter("warehouse")
    assert "Last time" not in floor.get("/stock/do/self-check/").content.decode()
    spoil(world, WRONG)
    check_stock_levels(actor=NIGHT)

    assert "2 levels looked at" in floor.get("/stock/do/self-check/").content.decode()
    with sql.count_statements() as counted:
        assert floor.get("/stock/").content.decode().count('<span class="count">2</span>') == 2
    assert len([text for text in counted.statements if "from stock_difference" in text]) == 1
    here = caller(locations=(world.locations[0],)).get("/stock-levels/checks", {}).json()
    assert (here["open"], here["last"]["levels"], here["last"]["wrong"]) == (1, 2, 2)
    assert open_differences(Actor("user", "x", location_ids=frozenset())) == 0
