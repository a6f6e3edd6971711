"""The days of a stock location in the console: weekdays and single days."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from orderwerk.core import decode
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.stock.queries import location_page
from tests import build

pytestmark = pytest.mark.django_db


def test_days_are_set_in_the_console_and_come_back(enter: Callable[..., Client]) -> None:
    world = build.world(locations=2)
    days = {"week": [{"day": 5, "capacity": 3, "cut_off": "12:00"}], "special_days": [{"on": "2027-02-25", "capacity": 1}]}  # fmt: skip
    item = decode.convert({"code": world.locations[0], "name": "Main"} | days, LocationItem)
    set_up_locations([item], actor=build.TESTER)[0].require()
    desk = enter()
    page = reverse("location", args=[world.locations[0]])
    shown = desk.get(page).content.decode()
    assert all(word in shown for word in ("Friday", 'value="12:00"', "2027-02-25"))
    seen = location_page(build.TESTER, code=world.locations[0]).items[0].version
    fields = {
        "seen": str(seen), "name": "Main", "priority": "1", "is_active": "on", "daily_capacity": "8", "cut_off": "15:00", "shops": [world.shop],
        "day1_capacity": "5", "day7_closed": "on", "special0_on": "2027-05-05", "special0_closed": "on", "special1_on": "",
        "special2_on": "2027-04-27", "special2_cut_off": "11:30",
    }  # fmt: skip

    assert desk.post(page, fields | {"special0_on": "2027-04-27"}).status_code == 422
    assert desk.post(page, fields | {"day1_capacity": "-1"}).status_code == 422
    assert (
        desk.post(page, fields | {"special1_cut_off": "10:00"}).status_code == 422
    )  # of which day?
    assert desk.post(page, fields).status_code == 302

    row = location_page(build.TESTER, code=world.locations[0]).items[0]
    assert [(d.day, d.capacity, d.is_closed) for d in row.week] == [(1, 5, False), (7, None, True)]
    assert [(d.on.isoformat(), d.cut_off, d.is_closed) for d in row.special_days] == [("2027-04-27", "11:30", False), ("2027-05-05", None, True)]  # fmt: skip


def _many(days: int) -> tuple[build.World, str]:
    """A location with so many single days, and the address of its form."""
    world = build.world(locations=1)
    first = date(2027, 1, 1)
    special = [{"on": (first + timedelta(days=n)).isoformat(), "is_closed": True} for n in range(days)]  # fmt: skip
    item = decode.convert({"code": world.locations[0], "name": "Main", "special_days": special}, LocationItem)  # fmt: skip
    set_up_locations([item], actor=build.TESTER)[0].require()
    return world, reverse("location", args=[world.locations[0]])


def _shown(desk: Client, page: str) -> dict[str, str]:
    """What the form would send, as it was opened."""
    form = desk.get(page).context["form"]
    values = {bound.html_name: bound.value() for bound in form}
    return {name: "on" if value is True else str(value) for name, value in values.items() if value not in (None, False, [])} | {"shops": form["shops"].value()}  # fmt: skip


def _days(world: build.World) -> list[str]:
    row = location_page(build.TESTER, code=world.locations[0]).items[0]
    return [day.on.isoformat() for day in row.special_days]


def test_no_single_day_is_lost_however_many_there_are(enter: Callable[..., Client]) -> None:
    world, page = _many(398)
    desk = enter()
    sent = _shown(desk, page)
    assert f"special{397}_on" in sent

    assert desk.post(page, sent).status_code == 302
    assert len(_days(world)) == 398
    more = sent | {f"special{398 + n}_on": f"2029-01-0{n + 1}" for n in range(3)}
    more["seen"] = _shown(desk, page)["seen"]
    refused = desk.post(page, more)
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "has 400 single days at most, and these are 401" in text
    assert all(day in text for day in ("2027-01-01", "2029-01-01", "2029-01-03"))
    assert len(_days(world)) == 398
    # A day whose date is emptied goes, and makes room.
    assert desk.post(page, more | {"special0_on": ""}).status_code == 302
    assert (len(_days(world)), _days(world)[0], _days(world)[-1]) == (400, "2027-01-02", "2029-01-03")  # fmt: skip
    full = _shown(desk, page)
    assert desk.post(page, full).status_code == 302
    assert len(_days(world)) == 400
