"""A colleague keeps the statement of a customer who wrote a letter."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from orderwerk.core import clock, sql
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
ZONE = "Europe/Amsterdam"


def kept() -> list[tuple[Any, ...]]:
    return sql.fetch("select name, email, language, lines::text, received_at from return_requests_withdrawal order by id")  # fmt: skip


def test_a_letter_of_an_earlier_day_is_kept_with_that_day(enter: Enter) -> None:
    world, desk = build.world(), enter()
    placed = clock.now() - timedelta(days=9)
    with clock.told(placed):
        order = build.shipped(world, (world.skus[0], 2), placed_at=placed.isoformat())
    number, line = build.order(order)["number"], build.order_lines(order)[0]
    path = reverse("withdrawal_new", args=[number])
    today = clock.business_date(clock.now(), ZONE)
    stated = {"name": "Jan", "email": "jan@example.com", "language": "de"}

    page = desk.get(path).content.decode()
    wrong = desk.post(path, {**stated, "received_on": str(today + timedelta(days=1))})
    before = desk.post(path, {**stated, "received_on": "2020-01-01"})
    many = desk.post(path, {**stated, "received_on": str(today), f"quantity-{line}": "3"})
    assert [x.status_code for x in (wrong, before, many)] == [422] * 3
    assert kept() == []
    assert "later than now" in wrong.content.decode()
    assert "before the order was placed" in before.content.decode()

    earlier = desk.post(path, {**stated, "received_on": str(today - timedelta(days=4)), f"quantity-{line}": "1"})  # fmt: skip
    whole = desk.post(path, {**stated, "name": "Els", "received_on": str(today)})
    first = desk.post(path, {**stated, "name": "Kim", "received_on": str(clock.business_date(placed, ZONE))})  # fmt: skip

    assert f'value="{today}"' in page
    assert [x.status_code for x in (earlier, whole, first)] == [302] * 3
    jan, els, kim = kept()
    assert jan[:3] == ("Jan", "jan@example.com", "de")
    assert jan[4].astimezone(ZoneInfo(ZONE)).strftime("%H") == "12"
    assert jan[4].astimezone(ZoneInfo(ZONE)).date() == today - timedelta(days=4)
    assert str(line) in jan[3]
    assert els[3] == "[]"
    assert clock.now() - els[4] < timedelta(minutes=5)
    # On the day of the order it came after the order.
    assert kim[4] >= placed
    assert clock.business_date(kim[4], ZONE) == clock.business_date(placed, ZONE)


def test_it_is_offered_before_anything_has_left_and_to_whom_may_return(enter: Enter) -> None:
    world = build.world()
    number = build.order(world.place())["number"]
    tab = f"/orders/{number}/return-requests/"

    assert reverse("withdrawal_new", args=[number]) in enter().get(tab).content.decode()
    order = build.shipped(world)
    build.request(order).require()
    page = enter().get(f"/orders/{build.order(order)['number']}/return-requests/").content.decode()
    assert reverse("withdrawal_new", args=[build.order(order)["number"]]) in page
    assert "New return request" in page
