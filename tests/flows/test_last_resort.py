"""What a routing rule wants where nothing fits: for whom it is asked, once, and what becomes of what is left of an order."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.groups import Group, in_one_group
from orderwerk.allocations.rules import Rule
from orderwerk.core import ids, sql
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.explain_waiting import explain_waiting
from orderwerk.flows.hold_unrouted import hold_unrouted_orders
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.flows.try_rules import try_routing_rules
from tests import build

pytestmark = pytest.mark.django_db


def _world(rule: dict[str, Any], *stock: int) -> build.World:
    """Two locations with so much of one article, and one rule in a group."""
    world = build.world(locations=2, products=2, stock=0)
    for place, pieces in zip(world.locations, stock, strict=False):
        world.count(place, {world.skus[0]: pieces})
    _set(world, rule)
    return world


def _set(world: build.World, rule: dict[str, Any]) -> None:
    avoid = world.locations if rule.get("avoid") else []
    groups = [Group(name="Care", rules=[Rule(name="Home", **rule | {"avoid": avoid})])]
    set_routing_rules([RoutingItem(shop=world.shop, groups=groups)], actor=build.TESTER)[0].require()  # fmt: skip


def _asked() -> int:
    events = sql.fetch("select id from core_event where kind = 'order.not_routed'")
    return hold_unrouted_orders([row[0] for row in events])


def _holds(order: UUID) -> list[tuple[str, str]]:
    return sql.fetch("select owner_name, reason from orders_hold where order_id = %s order by created_at", (order,))  # type: ignore[return-value]  # fmt: skip


CASES: dict[str, tuple[dict[str, Any], tuple[int, ...], str, str]] = {
    "limits": ({"split": "never"}, (1, 1), "routing", "no location can send this order as the rule wants it."),
    "nothing lies": ({}, (), "routing stock", "no location that may send this order has any of it."),
    "nowhere to ask": ({"avoid": True}, (5, 5), "routing stock", "no location may send this order."),
}  # fmt: skip


@pytest.mark.parametrize("otherwise", ["hold", "ask"])
@pytest.mark.parametrize("name", sorted(CASES))
def test_an_order_of_which_nothing_can_be_claimed_is_held_once_whatever_the_reason(
    name: str, otherwise: str
) -> None:
    rule, stock, owner, why = CASES[name]
    world = _world(rule | {"otherwise": otherwise}, *stock)
    order = world.place((world.skus[0], 2))

    assert (_asked(), _asked()) == (1, 0)

    [(by, reason)] = _holds(order)
    verb = " asks:" if otherwise == "ask" else ":"
    assert (by, reason.startswith(f"Routing rule Home of group Care{verb} {why}")) == (owner, True)
    assert ("Release it to" in reason) is (otherwise == "ask")
    assert build.order(order)["status"] == "on_hold"


@pytest.mark.parametrize("name", sorted(CASES))
def test_an_order_that_is_to_wait_is_never_held(name: str) -> None:
    rule, stock, _, _ = CASES[name]
    world = _world(rule | {"otherwise": "backorder"}, *stock)
    order = world.place((world.skus[0], 2))

    assert _asked() == 0
    assert build.order(order)["status"] == "awaiting_stock"


def test_what_is_left_of_an_order_waits_whatever_the_rule_says() -> None:
    world = _world({"otherwise": "hold"}, 1)
    order = world.place((world.skus[0], 3))
    # Again, now that only the rest is looked for.
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()

    assert _asked() == 0
    assert sql.fetch("select count(*) from core_event where kind = 'order.not_routed'") == [(0,)]
    assert build.order(order)["units_allocated"] == 1
    assert build.order(order)["status"] == "awaiting_stock"


def test_an_order_of_nothing_that_is_kept_in_stock_is_asked_about_by_nobody() -> None:
    world = _world({"otherwise": "hold"})
    order = world.place(("unknown-here", 1))

    assert _asked() == 0
    assert _holds(order) == []
    held = try_routing_rules(world.shop, in_one_group([]), actor=build.TESTER)
    assert held.differences == []


def test_who_lets_an_order_wait_for_stock_has_not_said_that_it_may_be_split() -> None:
    world = _world({"otherwise": "ask", "split": "never"})
    order = world.place((world.skus[0], 2))
    assert _asked() == 1
    found = explain_waiting(order, build.TESTER)
    assert found is not None
    assert found["otherwise"] == "ask"

    release_orders([ReleaseOrderItem(order_id=order)], actor=build.TESTER)[0].require()

    found = explain_waiting(order, build.TESTER)
    assert found is not None
    assert (found["code"], found["otherwise"], _asked()) == ("nothing", "backorder", 0)
    for place in world.locations:
        world.count(place, {world.skus[0]: 1})
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()
    # Now it could only be split: that is another question.
    assert build.allocations(order) == []
    assert _asked() == 1
    assert [by for by, _ in _holds(order)] == ["routing stock", "routing"]
    release_orders([ReleaseOrderItem(order_id=order)], actor=build.TESTER)[0].require()
    assert sorted(a[2] for a in build.allocations(order)) == [1, 1]
    assert _asked() == 0


def test_who_lets_an_order_be_split_is_not_asked_again_where_nothing_lies_any_more() -> None:
    world = _world({"otherwise": "ask", "split": "never"}, 1, 1)
    order = world.place((world.skus[0], 2))
    assert _asked() == 1
    for place in world.locations:
        world.count(place, {world.skus[0]: 0})

    release_orders([ReleaseOrderItem(order_id=order)], actor=build.TESTER)[0].require()

    assert (_asked(), [by for by, _ in _holds(order)]) == (0, ["routing"])
    assert build.order(order)["status"] == "awaiting_stock"


def test_what_the_version_before_noted_is_still_answered() -> None:
    world = _world({"otherwise": "hold", "split": "never"}, 1, 1)
    order = world.place((world.skus[0], 2))
    [(event,)] = sql.fetch(
        "insert into core_event select (jsonb_populate_record(e, jsonb_build_object('id', %s::uuid, 'payload', e.payload - 'code'))).* "
        "from core_event e where e.kind = 'order.not_routed' returning id",
        (ids.new_id(),),
    )

    assert hold_unrouted_orders([event]) == 1
    assert _holds(order)[0][0] == "routing"


def test_a_dry_run_tells_which_orders_would_be_held_for_want_of_stock() -> None:
    world = _world({"otherwise": "backorder"})
    world.place((world.skus[0], 2))
    rule = Rule(name="Hold", otherwise="hold")

    [found] = try_routing_rules(world.shop, in_one_group([rule]), actor=build.TESTER).differences

    assert (found.before.is_held, found.after.is_held, found.after.waiting) == (False, True, 2)
