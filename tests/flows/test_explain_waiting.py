"""Why pieces of an order wait: what each location lacks, which group and rule decide, and what happens where nothing fits."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.explain import why_waiting
from orderwerk.allocations.groups import Group
from orderwerk.allocations.rules import Rule
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows.explain_waiting import explain_waiting
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from tests import build

pytestmark = pytest.mark.django_db


def _world(rule: Rule | None = None, **stock: int) -> build.World:
    world = build.world(locations=2, products=1, stock=0)
    for place, pieces in zip(world.locations, stock.values(), strict=False):
        world.count(place, {world.skus[0]: pieces})
    if rule is not None:
        groups = [Group(name="Far", rules=[Rule(name="x", countries=["JP"])]), Group(name="Care", rules=[rule])]  # fmt: skip
        set_routing_rules([RoutingItem(shop=world.shop, groups=groups)], actor=build.TESTER)[0].require()  # fmt: skip
    return world


def _why(order: UUID) -> dict[str, Any]:
    found = explain_waiting(order, build.TESTER)
    assert found is not None
    return found


def test_a_backorder_says_what_each_location_lacks_and_by_which_rule() -> None:
    world = _world(Rule(name="Home", avoid=[]))
    order = world.place((world.skus[0], 3))

    found = _why(order)
    told = why_waiting(found)

    a, b = world.locations
    assert (found["code"], found["waiting"], found["lacks"]) == ("nothing", 3, {a: 3, b: 3})
    assert told.startswith("Rule Home of group Care: No location that may send it has any of what waits.")  # fmt: skip
    assert f"{a} lacked 3 pieces; {b} lacked 3 pieces." in told
    assert "No rule fits in: Far." in told
    assert told.endswith("If nothing fits: it waits for stock.")


@pytest.mark.parametrize(
    ("otherwise", "ends"),
    [("backorder", "it waits for stock."), ("hold", "the order is put on hold."), ("ask", "a person is asked.")],
)  # fmt: skip
def test_what_a_rule_does_not_let_be_split_says_so_and_what_happens_then(
    otherwise: Any, ends: str
) -> None:
    world = _world(Rule(name="Whole", split="never", otherwise=otherwise), a=1, b=1)
    order = world.place((world.skus[0], 2))

    told = why_waiting(_why(order))

    assert "There is stock, but the rule does not allow the order to be split as it lies." in told
    assert told.endswith(f"If nothing fits: {ends}")
    assert build.allocations(order) == []


def test_where_no_location_may_be_asked_it_says_which_were_left_out() -> None:
    world = _world(a=5, b=5)
    rule = Rule(name="None", avoid=world.locations)
    set_routing_rules([RoutingItem(shop=world.shop, rules=[rule])], actor=build.TESTER)[0].require()
    order = world.place((world.skus[0], 1))

    found = _why(order)

    assert (found["code"], set(found["skipped"])) == ("nowhere", set(world.locations))
    assert f"Avoided by the rule: {', '.join(sorted(world.locations))}." in why_waiting(found)


def test_an_order_on_hold_says_where_its_pieces_lie_and_nothing_is_claimed() -> None:
    world = _world()
    order = world.place((world.skus[0], 2))
    hold_orders([HoldItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    world.count(world.locations[1], {world.skus[0]: 5})
    before = world.levels(), sql.fetch("select count(*) from core_event")

    found = _why(order)

    assert (found["code"], found["free"]) == ("free", {world.locations[1]: 2})
    assert why_waiting(found).startswith(f"Could be claimed now: {world.locations[1]} (2).")
    assert (world.levels(), sql.fetch("select count(*) from core_event")) == before


def test_a_rest_waits_and_what_waits_for_nothing_says_nothing() -> None:
    world = _world(a=1)
    rest, whole = world.place((world.skus[0], 3)), None

    found = _why(rest)

    assert (found["waiting"], found["is_rest"]) == (2, True)
    world.count(world.locations[1], {world.skus[0]: 9})
    whole = world.place((world.skus[0], 1))
    assert explain_waiting(whole, build.TESTER) is None


def test_an_order_to_collect_at_a_closed_location_says_that_a_person_is_asked() -> None:
    found = {"code": "nowhere", "lacks": {}, "otherwise": "collect", "free": {}}

    assert why_waiting(found).endswith("at a location that cannot have it ready.")


def test_whoever_is_limited_to_a_location_hears_nothing_of_what_lies_at_another() -> None:
    world = _world(Rule(name="Home"), a=0, b=9)
    order = world.place((world.skus[0], 5), payments=[])
    [(mine,)] = sql.fetch("select id from stock_location where code = %s", (world.locations[0],))
    limited = Actor("token", "limited", location_ids=frozenset({mine}))

    found, whole = explain_waiting(order, limited), explain_waiting(order, build.TESTER)

    assert found is not None
    assert whole is not None
    assert (whole["code"], whole["free"]) == ("free", {world.locations[1]: 5})
    assert (found["code"], found["free"]) == ("not_here", {})
    assert world.locations[1] not in why_waiting(found)


@pytest.mark.parametrize(("otherwise", "ends"), [("hold", "put on hold."), ("ask", "a person is asked.")])  # fmt: skip
def test_where_nothing_lies_it_says_what_the_rule_wants_then(otherwise: Any, ends: str) -> None:
    world = _world(Rule(name="Home", otherwise=otherwise))
    order = world.place((world.skus[0], 3))

    found = _why(order)

    assert (found["code"], found["otherwise"]) == ("nothing", otherwise)
    assert why_waiting(found).endswith(ends)


def test_what_is_left_of_an_order_is_said_to_wait_whatever_the_rule_says() -> None:
    world = _world(Rule(name="Home", otherwise="hold"), a=1)
    order = world.place((world.skus[0], 3))

    found = _why(order)

    assert (found["code"], found["otherwise"], found["is_rest"]) == ("nothing", "backorder", True)
    assert why_waiting(found).endswith("What is left of an order waits for stock.")
