"""Routing rules are tried over the API: the draft against the rules in force, on the last orders, changing nothing."""

from typing import Any

import pytest

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.rules import Rule
from orderwerk.core import sql
from orderwerk.core.ids import new_id
from tests import build

pytestmark = pytest.mark.django_db


def test_a_draft_is_tried_on_the_last_orders_and_nothing_changes(
    api: Any, world: build.World
) -> None:
    order = world.place((world.skus[0], 2))
    rule = Rule(name="From the second", locations=[world.locations[1]])
    made = set_routing_rules([RoutingItem(shop=world.shop, rules=[rule], is_draft=True)], actor=build.TESTER)[0].require()  # fmt: skip
    before = sql.fetch("select count(*) from core_event")

    answer = api.get(f"/routing-rules/{made.id}/try", {"limit": 50})

    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["orders"], told["parcels_before"], told["parcels_after"]) == (1, 1, 1)
    [difference] = told["differences"]
    assert difference["order"] == build.order(order)["number"]
    assert difference["before"]["locations"] == {world.locations[0]: 2}
    assert difference["after"] == {"rule": "From the second", "locations": {world.locations[1]: 2}, "waiting": 0, "is_held": False, "cost": "0.00", "limited": False, "group": "Default"}  # fmt: skip
    assert sql.fetch("select count(*) from core_event") == before


def test_the_last_five_hundred_orders_are_the_most(api: Any, world: build.World) -> None:
    made = set_routing_rules([RoutingItem(shop=world.shop, rules=[])], actor=build.TESTER)[0].require()  # fmt: skip
    for _ in range(3):
        world.place((world.skus[0], 1))

    assert api.get(f"/routing-rules/{made.id}/try", {"limit": 2}).json()["orders"] == 2
    assert api.get(f"/routing-rules/{made.id}/try", {"limit": 500}).json()["orders"] == 3
    for wrong in (0, 501):
        assert api.get(f"/routing-rules/{made.id}/try", {"limit": wrong}).status_code == 422


@pytest.mark.parametrize(("query", "status"), [({"limit": "x"}, 422), ({"last": "5"}, 422)])
def test_a_wrong_question_is_refused(api: Any, query: dict[str, str], status: int) -> None:
    assert api.get(f"/routing-rules/{new_id()}/try", query).status_code == status


def test_rules_that_are_not_there_are_not_found(api: Any) -> None:
    assert api.get(f"/routing-rules/{new_id()}/try").status_code == 404
