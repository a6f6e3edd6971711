"""Why an order waits, over the API."""

from typing import Any

import pytest

from orderwerk.core.ids import new_id
from tests import build
from tests.api.conftest import caller

pytestmark = pytest.mark.django_db


def test_an_order_without_claims_says_why_it_waits() -> None:
    world = build.world(locations=2, products=1, stock=0)
    api = caller(shops=(world.shop,))
    order = world.place((world.skus[0], 2))

    answer = api.get(f"/orders/{order}/waiting", {})

    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["waiting"], told["code"], told["otherwise"]) == (2, "nothing", "backorder")
    assert told["lacks"] == dict.fromkeys(world.locations, 2)
    assert "lacked 2 pieces" in told["explanation"]


def test_an_order_that_waits_for_nothing_says_so_and_a_strange_one_is_refused(
    api: Any, world: build.World
) -> None:
    order = world.place((world.skus[0], 1))

    assert api.get(f"/orders/{order}/waiting", {}).json()["waiting"] == 0
    assert api.get(f"/orders/{new_id()}/waiting", {}).status_code == 404
    assert api.get(f"/orders/{order}/waiting", {"x": "1"}).status_code == 422


def test_nobody_hears_why_an_order_of_another_shop_waits(api: Any) -> None:
    elsewhere = build.world(products=1, stock=0)
    order = elsewhere.place((elsewhere.skus[0], 2))

    assert api.get(f"/orders/{order}/waiting", {}).status_code == 404
