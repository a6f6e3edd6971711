"""A shop's rules for returns in the console: reasons that ask for something, ways back, places; and a request that names its way."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orderwerk.core import sql
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
POLICY = {"outcomes": ["refund"], "fee": "0", "countries": "", "excluded_skus": "", "exchange_short": "backorder", "colour": "#123456"}  # fmt: skip

CLOSED = "Not open any more: agree with the customer where it goes"


def seen(desk: Client, world: build.World) -> str:
    """Return the version that the opened page carries."""
    page = desk.get(reverse("return_policy", args=[world.shop])).content.decode()
    [version] = re.findall(r'name="seen" value="(\d+)"', page)
    return str(version)


def saved(desk: Client, world: build.World, **fields: Any) -> Any:
    return desk.post(reverse("return_policy", args=[world.shop]), {**POLICY, "seen": seen(desk, world), **fields})  # fmt: skip


def test_of_two_with_the_same_rules_open_the_second_overwrites_nothing(enter: Enter) -> None:
    world, desk = build.world(), enter()
    opened = seen(desk, world)
    assert saved(desk, world, fee="1.00", seen=opened).status_code == 302

    late = saved(desk, world, fee="2.00", seen=opened)
    blind = saved(desk, world, fee="2.00", seen="")

    assert late.status_code == blind.status_code == 422
    assert "Somebody changed the rules for returns meanwhile" in late.content.decode()
    # What was typed stays there, to be looked at once more.
    assert 'value="2.00"' in late.content.decode()
    assert sql.fetch("select fee_minor, version from return_requests_policy") == [(100, 1)]
    assert saved(desk, world, fee="2.00").status_code == 302
    assert sql.fetch("select fee_minor, version from return_requests_policy") == [(200, 2)]


def test_rules_by_reason_and_ways_are_set_and_shown_again(enter: Enter) -> None:
    world, desk = build.world(), enter()
    rules = {
        "free_reasons": ["damaged", "faulty"], "photo_reasons": ["damaged"], "checked_reasons": ["other"],
        "ways": ["own", "location"], "drop_locations": [world.locations[0]],
    }  # fmt: skip

    assert saved(desk, world, **rules).status_code == 302

    kept = sql.fetch("select free_reasons, photo_reasons, checked_reasons, ways, drop_locations from return_requests_policy")  # fmt: skip
    assert kept == [tuple(rules.values())]
    page = desk.get(reverse("return_policy", args=[world.shop])).content.decode()
    # As they were set, and no other.
    assert page.count(" checked") == 1 + sum(len(v) for v in rules.values())
    assert saved(desk, world).status_code == 302
    assert sql.fetch("select free_reasons, ways, drop_locations from return_requests_policy") == [([], [], [])]  # fmt: skip


def test_a_place_without_the_way_and_a_strange_reason_are_said(enter: Enter) -> None:
    world, desk = build.world(), enter()

    for wrong in (
        {"ways": ["location"]},
        {"drop_locations": [world.locations[0]]},
        {"free_reasons": ["no-such"]},
    ):
        answer = saved(desk, world, **wrong)
        assert answer.status_code == 422
    assert sql.fetch("select count(*) from return_requests_policy") == [(0,)]


def test_a_colleague_says_how_it_comes_and_the_page_shows_it(enter: Enter) -> None:
    world, desk = build.world(), enter()
    place = world.locations[1]
    saved(desk, world, fee="10,00", ways=["own", "location"], drop_locations=[place])
    order = build.shipped(world, (world.skus[0], 2))
    path = reverse("return_request_new", args=[build.order(order)["number"]])
    line = build.order_lines(order)[0]
    form = {f"quantity-{line}": "2", f"reason-{line}": "damaged", "outcome": "refund", "way": f"location:{place}"}  # fmt: skip

    assert f"location:{place}" in desk.get(path).content.decode()
    assert (
        b"nothing would be given back" in desk.post(path, {**form, f"quantity-{line}": "1"}).content
    )
    assert desk.post(path, {**form, "way": "label"}).status_code == 422
    assert desk.post(path, form).status_code == 302

    [(number,)] = sql.fetch("select number from return_requests_request")
    page = desk.get(reverse("return_request", args=[number])).content.decode()
    assert f"Brought to one of our places: {place}" in page
    assert CLOSED not in page
    sql.execute("update stock_location set is_active = false where code = %s", (place,))
    assert CLOSED in desk.get(reverse("return_request", args=[number])).content.decode()
