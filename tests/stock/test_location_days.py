"""Capacity and cut-off per weekday and on single days: what holds on a day, and everything that asks it."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, transaction

from orderwerk.allocations.promises import promises
from orderwerk.core import clock, decode, sql
from orderwerk.flows.intake_reads import read_shops
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.picklists.selection import last_cut_off
from orderwerk.stock.commands.upsert_inbounds import InboundItem, upsert_inbounds
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations
from orderwerk.stock.queries import location_page
from tests import build

pytestmark = pytest.mark.django_db
# Closed at the weekend, shorter on Fridays; closed on Wednesday 24 February 2027, fewer on the 25th, and open on one Sunday.
WEEK = [
    {"day": 5, "capacity": 3, "cut_off": "12:00"},
    {"day": 6, "is_closed": True},
    {"day": 7, "is_closed": True, "capacity": 2},
]
SPECIAL = [
    {"on": "2027-02-24", "is_closed": True},
    {"on": "2027-02-25", "capacity": 1},
    {"on": "2027-02-28"},
]


def _set(world: build.World, place: int = 0, **more: Any) -> Any:
    code = world.locations[place]
    item = {"code": code, "name": code, "daily_capacity": 10, "cut_off": "16:00", "week": WEEK, "special_days": SPECIAL}  # fmt: skip
    return set_up_locations([decode.convert(item | more, LocationItem)], actor=build.TESTER)[0]


def _world() -> build.World:
    world = build.world(locations=2, products=1, stock=50)
    _set(world).require()
    return world


@pytest.mark.parametrize(
    ("moment", "leaves", "begins", "capacity"),
    [
        # Thursday: until 16:00 today, then Friday.
        ("2027-02-18 16:00", "2027-02-18", "2027-02-17 16:00", 10),
        ("2027-02-18 16:01", "2027-02-19", "2027-02-18 16:00", 3),
        # Friday from 12:00 on, Saturday and Sunday: Monday.
        ("2027-02-19 12:01", "2027-02-22", "2027-02-19 12:00", 10),
        ("2027-02-20 09:00", "2027-02-22", "2027-02-19 12:00", 10),
        # The day before the closed one, and the closed one itself: the 25th, which takes one.
        ("2027-02-23 17:00", "2027-02-25", "2027-02-23 16:00", 1),
        ("2027-02-24 09:00", "2027-02-25", "2027-02-23 16:00", 1),
        # The one Sunday that is open, with the number of its weekday.
        ("2027-02-27 09:00", "2027-02-28", "2027-02-26 12:00", 2),
    ],
)
def test_a_day_is_what_it_says_itself_else_its_weekday_else_the_location(
    moment: str, leaves: str, begins: str, capacity: int
) -> None:
    world = _world()

    [(day, start, most)] = sql.fetch(
        "select v.day, location_begins(l, v.day), (location_day(l, v.day)).capacity "
        "from stock_location l cross join lateral (select location_leaves(l, %s::timestamp) as day) v where l.code = %s",
        (moment, world.locations[0]),
    )

    assert (day.isoformat(), f"{start:%Y-%m-%d %H:%M}", most) == (leaves, begins, capacity)


def test_without_days_of_its_own_the_present_number_holds_every_day() -> None:
    world = build.world(locations=1)
    _set(world, week=[], special_days=[], cut_off=None).require()

    rows = sql.fetch(
        "select location_leaves(l, d), location_begins(l, d::date)::text, (location_day(l, d::date)).capacity from stock_location l, "
        "generate_series('2027-02-18 23:59'::timestamp, '2027-02-24 23:59', '1 day') d where l.code = %s order by 1",
        (world.locations[0],),
    )

    assert [row[0].day for row in rows] == list(range(18, 25))
    assert {row[2] for row in rows} == {10}
    assert rows[0][1] == "2027-02-18 00:00:00"


def test_where_every_day_is_closed_a_day_is_its_own() -> None:
    world = _world()
    week = [{"day": n, "is_closed": True} for n in range(1, 8)]
    closed = sql.to_json({"week": week, "special_days": []})

    # The table keeps no such week; asked about one, the functions come to an end.
    [(leaves, begins)] = sql.fetch(
        "select location_leaves(c, '2027-02-18 10:00'), location_begins(c, '2027-02-18')::text from stock_location l "
        "cross join lateral jsonb_populate_record(l, %s::jsonb) c where l.code = %s",
        (closed, world.locations[0]),
    )

    assert (leaves.isoformat(), begins) == ("2027-02-18", "2027-02-18 00:00:00")


def _places(world: build.World, moment: datetime, orders: int) -> list[str]:
    with clock.told(moment):
        made = [world.place((world.skus[0], 1)) for _ in range(orders)]
    return ["ab"[world.locations.index(build.allocations(key)[0][3])] for key in made]


def test_capacity_of_the_day_of_leaving_decides_where_orders_go() -> None:
    world = _world()

    # Friday takes three, then the second location is asked.
    assert _places(world, datetime(2027, 2, 19, 8, 0, tzinfo=UTC), 5) == list("aaabb")
    # After the cut-off they count for Monday: room again.
    assert _places(world, datetime(2027, 2, 19, 12, 0, tzinfo=UTC), 1) == ["a"]


def test_who_is_closed_today_is_asked_after_those_that_are_open_but_not_never() -> None:
    world = _world()
    holiday = datetime(2027, 2, 24, 9, 0, tzinfo=UTC)

    assert _places(world, holiday, 1) == ["b"]
    with clock.told(holiday):
        [place, other] = read_shops([world.shop])[0][world.shop].places
    assert (place.is_closed, place.left, other.is_closed) == (True, 1, False)
    _set(world, 1, daily_capacity=None).require()
    assert _places(world, holiday, 2) == ["a", "a"]


def test_the_last_cut_off_lies_before_the_closed_days() -> None:
    world = _world()
    place = world.locations[0]

    def last(*moment: int) -> str:
        with clock.told(datetime(2027, 2, *moment, tzinfo=UTC)):
            found = last_cut_off(place)
        return f"{found:%d %H:%M}" if found else ""

    assert last(22, 9) == "19 11:00"  # Monday morning: Friday's
    assert last(25, 9) == "23 15:00"
    assert last(25, 15) == "25 15:00"


def test_what_comes_in_on_a_closed_day_is_promised_for_the_next_open_one() -> None:
    world = build.world(locations=1, products=1, stock=0)
    _set(world).require()
    order = world.place((world.skus[0], 2))
    goods = {"supplier": "S", "location": world.locations[0], "expected_on": "2027-02-24", "lines": [{"sku": world.skus[0], "quantity": 5}]}  # fmt: skip
    upsert_inbounds([decode.convert(goods, InboundItem)], actor=build.TESTER)[0].require()

    [promise] = promises([order]).values()

    assert promise.day is not None
    assert promise.day.isoformat() == "2027-02-25"


@pytest.mark.parametrize(
    ("days", "code", "pointer"),
    [
        ({"week": [{"day": 1}, {"day": 1}]}, "day_named_twice", "/week"),
        ({"special_days": [{"on": "2027-01-01"}] * 2}, "day_named_twice", "/special_days"),
        ({"week": [{"day": n, "is_closed": True} for n in range(1, 8)]}, "never_open", "/week"),
    ],
)
def test_days_that_contradict_each_other_are_refused(
    days: dict[str, Any], code: str, pointer: str
) -> None:
    world = _world()
    item = {"code": world.locations[0], "name": "x"} | days

    by_flow = _set(world, **days).error
    [alone] = upsert_locations([decode.convert(item, LocationData)], actor=build.TESTER)

    assert by_flow is not None
    assert alone.error is not None
    assert (by_flow.code, by_flow.pointer) == (alone.error.code, alone.error.pointer) == (code, pointer)  # fmt: skip
    row = location_page(build.TESTER, code=world.locations[0]).items[0]
    assert (row.name, len(row.week), len(row.special_days)) == (world.locations[0], 3, 3)


@pytest.mark.parametrize(
    ("column", "days"),
    [
        ("week", "{}"),
        ("week", "[1]"),
        ("week", '[{"day": 8}]'),
        ("week", "[{}]"),
        ("week", '[{"day": 1}, {"day": 1}]'),
        ("week", '[{"day": 1, "capacity": -1}]'),
        ("week", '[{"day": 1, "cut_off": "25:00"}]'),
        ("week", '[{"day": 1, "is_closed": "yes"}]'),
        ("week", "[" + ", ".join(f'{{"day": {n}, "is_closed": true}}' for n in range(1, 8)) + "]"),
        ("special_days", '[{"on": "someday"}]'),
        ("special_days", '[{"on": "2027-01-01"}, {"on": "2027-01-01"}]'),
    ],
)
def test_the_database_keeps_no_days_that_make_no_sense(column: str, days: str) -> None:
    world = _world()

    with pytest.raises((IntegrityError, psycopg.IntegrityError)) as refused, transaction.atomic():
        sql.execute(f"update stock_location set {column} = %s::jsonb where code = %s", (days, world.locations[0]))  # fmt: skip

    assert "stock_location_days" in str(refused.value)
