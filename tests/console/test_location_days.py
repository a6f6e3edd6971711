"""The days of a stock location in the console: weekdays and single days."""

from collections.abc import Callable

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
    fields = {
        "name": "Main", "priority": "1", "is_active": "on", "daily_capacity": "8", "cut_off": "15:00", "shops": [world.shop],
        "day1_capacity": "5", "day7_closed": "on", "special0_on": "2027-05-05", "special0_closed": "on", "special1_on": "",
        "special2_on": "2027-04-27", "special2_cut_off": "11:30",
    }  # fmt: skip

    assert desk.post(page, fields | {"special0_on": "2027-04-27"}).status_code == 422
    assert desk.post(page, fields | {"day1_capacity": "-1"}).status_code == 422
    assert desk.post(page, fields).status_code == 302

    row = location_page(build.TESTER, code=world.locations[0]).items[0]
    assert [(d.day, d.capacity, d.is_closed) for d in row.week] == [(1, 5, False), (7, None, True)]
    assert [(d.on.isoformat(), d.cut_off, d.is_closed) for d in row.special_days] == [("2027-04-27", "11:30", False), ("2027-05-05", None, True)]  # fmt: skip
