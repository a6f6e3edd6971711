"""Ordered groups of routing rules: which group is asked, what happens where it has no rule, and that none is lost."""

from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, transaction

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.groups import Deciding, Group, amounts_of, deciding, in_one_group
from orderwerk.allocations.queries import order_allocations
from orderwerk.allocations.rule_filters import OrderFacts
from orderwerk.allocations.rule_queries import routing_of_shop
from orderwerk.allocations.rules import Rule
from orderwerk.core import decode, ids, sql
from orderwerk.flows.hold_unrouted import hold_unrouted_orders
from orderwerk.flows.try_rules import try_routing_rules
from tests import build

FACTS = OrderFacts("NL", "1015CS", frozenset({"vip"}), frozenset({"A"}), frozenset({"c-7"}), 900, 5000, date(2026, 11, 20))  # fmt: skip
ALL, BELGIUM, FIRST, SECOND = Rule(name="All"), Rule(name="Belgium", countries=["BE"]), Rule(name="First"), Rule(name="Second")  # fmt: skip
CASES: dict[str, tuple[list[Group], Deciding]] = {
    "nothing": ([], Deciding()),
    "first rule of the first group": (
        [Group(name="A", rules=[FIRST, SECOND]), Group(name="B", rules=[ALL])],
        Deciding(FIRST, "A"),
    ),
    "a group for others is not asked": (
        [Group(name="A", countries=["BE"], rules=[FIRST]), Group(name="B", rules=[ALL])],
        Deciding(ALL, "B"),
    ),
    "a group that is off is not asked": (
        [Group(name="A", is_active=False, rules=[FIRST]), Group(name="B", rules=[ALL])],
        Deciding(ALL, "B"),
    ),
    "no rule of it fits: the next one": (
        [Group(name="A", tags=["vip"], rules=[BELGIUM]), Group(name="B"), Group(name="C", rules=[ALL])],
        Deciding(ALL, "C", ("A", "B")),
    ),
    "no rule anywhere": ([Group(name="A", rules=[BELGIUM])], Deciding(passed=("A",))),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_first_group_that_fits_and_has_a_rule_decides(name: str) -> None:
    groups, wanted = CASES[name]

    assert deciding(groups, FACTS, {}) == wanted


def test_amounts_of_groups_and_their_rules_are_read() -> None:
    rule = Rule(name="x", min_value="1.00", max_value="2.00", least_value="3.00")
    groups = [Group(name="A", min_value="4.00", rules=[rule])]

    assert amounts_of(groups) == {"1.00", "2.00", "3.00", "4.00"}
    assert in_one_group([]) == []


def _world() -> build.World:
    world = build.world(locations=3, products=1, stock=0)
    for place in world.locations:
        world.count(place, {world.skus[0]: 9})
    return world


def _set(world: build.World, *groups: Group, draft: bool = False) -> None:
    item = RoutingItem(shop=world.shop, groups=list(groups), is_draft=draft)
    set_routing_rules([item], actor=build.TESTER)[0].require()


def _place(order: UUID) -> str:
    [(_, _, _, code)] = build.allocations(order, "allocated")
    return code


@pytest.mark.django_db
def test_an_order_goes_by_its_group_and_says_group_and_rule() -> None:
    world = _world()
    a, b, c = world.locations
    _set(
        world,
        Group(name="Off", is_active=False, rules=[Rule(name="Never here", locations=[a])]),
        Group(name="Abroad", countries=["NL"], rules=[Rule(name="Heavy", min_weight_grams=99_000, locations=[c])]),
        Group(name="Everybody", rules=[Rule(name="From b", locations=[b])]),
    )  # fmt: skip

    order = world.place((world.skus[0], 1))

    assert _place(order) == b
    why = order_allocations(build.TESTER, order)[0]
    assert why.why.startswith("Rule From b of group Everybody: ")
    assert "No rule fits in: Abroad." in why.why
    assert why.explanation["passed"] == ["Abroad"]


@pytest.mark.django_db
def test_an_order_without_a_rule_goes_by_priority_and_says_which_groups_were_asked() -> None:
    world = _world()
    _set(world, Group(name="Abroad", rules=[Rule(name="Far", countries=["JP"])]))

    order = world.place((world.skus[0], 1))

    assert _place(order) == world.locations[0]
    why = order_allocations(build.TESTER, order)[0].why
    assert why.startswith(f"{world.locations[0]} is the first location by priority")
    assert why.endswith("No rule fits in: Abroad.")


@pytest.mark.django_db
def test_a_hold_names_the_group_of_the_rule() -> None:
    world = build.world(locations=2, products=1, stock=0)
    for place in world.locations:
        world.count(place, {world.skus[0]: 1})
    _set(world, Group(name="Care", rules=[Rule(name="Whole", split="never", otherwise="ask")]))
    order = world.place((world.skus[0], 2))

    events = sql.fetch("select id from core_event where kind = 'order.not_routed'")
    assert hold_unrouted_orders([row[0] for row in events]) == 1

    [(reason,)] = sql.fetch("select reason from orders_hold where order_id = %s", (order,))
    assert reason.startswith("Routing rule Whole of group Care asks:")


@pytest.mark.django_db
def test_a_dry_run_works_over_groups() -> None:
    world = _world()
    order = world.place((world.skus[0], 1))
    groups = [
        Group(name="Others", countries=["BE"], rules=[Rule(name="Third", locations=world.locations[2:])]),
        Group(name="Ours", rules=[Rule(name="Second", locations=world.locations[1:2])]),
    ]  # fmt: skip

    [difference] = try_routing_rules(world.shop, groups, actor=build.TESTER).differences

    assert difference.number == build.order(order)["number"]
    assert (difference.after.group, difference.after.rule) == ("Ours", "Second")
    assert (difference.after.places, difference.before.group) == ({world.locations[1]: 1}, "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("groups", "code", "pointer"),
    [
        ([{"name": "A", "rules": []}, {"name": "A", "rules": []}], "group_named_twice", "/groups/1/name"),
        ([{"name": "A", "min_weight_grams": 5, "max_weight_grams": 4}], "empty_bounds", "/groups/0"),
        ([{"name": "A", "min_value": "0.001"}], "too_many_decimals", "/groups/0"),
        ([{"name": "A", "rules": [{"name": "x"}, {"name": "y", "least_value": "0.001"}]}], "too_many_decimals", "/groups/0/rules/1"),
        ([{"name": "A", "rules": [{"name": "x"}] * 101}], "too_many_rules", "/groups/0/rules"),
        ([{"name": "A", "rules": [{"name": "x", "avoid": ["nowhere"]}]}], "location_not_linked", "/groups/0/rules/0/avoid"),
    ],
)  # fmt: skip
def test_groups_that_make_no_sense_are_refused(
    groups: list[dict[str, Any]], code: str, pointer: str
) -> None:
    world = _world()
    item = decode.convert({"shop": world.shop, "groups": groups}, RoutingItem)

    refused = set_routing_rules([item], actor=build.TESTER)[0].error

    assert refused is not None
    assert (refused.code, refused.pointer) == (code, pointer)
    assert sql.fetch("select count(*) from allocations_routing")[0][0] == 0


@pytest.mark.django_db
def test_no_more_groups_are_kept_than_can_be_sent_and_more_rules_are_still_read() -> None:
    world = _world()
    groups = [Group(name=f"G{n}") for n in range(21)]

    refused = set_routing_rules([RoutingItem(shop=world.shop, groups=groups)], actor=build.TESTER)[0].error  # fmt: skip

    assert refused is not None
    assert refused.code == "too_many_groups"
    # As a version before may have left them: such a shop takes orders in all the same.
    rules = [{"name": f"R{n}"} for n in range(101)]
    few = RoutingItem(shop=world.shop, groups=groups[:1])
    set_routing_rules([few], actor=build.TESTER)[0].require()
    sql.execute("update allocations_routing set groups = %s::jsonb", (sql.to_json([{"name": "Default", "rules": rules}]),))  # fmt: skip
    order = world.place((world.skus[0], 1))
    assert build.order(order)["number"]


@pytest.mark.django_db
def test_rules_alone_stand_in_one_group_and_never_take_groups_away() -> None:
    world = _world()

    def send(**given: Any) -> str:
        item = RoutingItem(shop=world.shop, **given)
        error = set_routing_rules([item], actor=build.TESTER)[0].error
        return error.code if error else ""

    assert send(rules=[ALL]) == ""
    assert routing_of_shop(build.TESTER, world.shop).groups == [Group(name="Default", rules=[ALL])]
    _set(world, Group(name="Mine", rules=[ALL]))
    assert send(rules=[FIRST]) == ""
    assert routing_of_shop(build.TESTER, world.shop).groups == [Group(name="Mine", rules=[FIRST])]
    _set(world, Group(name="Mine", rules=[ALL]), Group(name="More"), draft=True)
    assert send(rules=[SECOND]) == "rules_in_groups"
    _set(world, Group(name="Mine", countries=["BE"], rules=[ALL]))
    assert send(rules=[SECOND]) == "rules_in_groups"
    assert send(rules=[SECOND], groups=[]) == "groups_or_rules"
    assert send() == "groups_or_rules"
    assert send(groups=[]) == ""
    assert routing_of_shop(build.TESTER, world.shop).groups == []
    assert send(rules=[]) == ""


@pytest.mark.django_db
def test_the_version_before_goes_on_with_one_list() -> None:
    world = _world()
    # As the version before writes, in the moment of an upgrade: it knows of no groups.
    with transaction.atomic():
        sql.execute(
            "insert into allocations_routing (id, shop_id, rules, draft, updated_at, version) "
            "values (%s, %s, '[{\"name\": \"All\"}]', '[]', now(), 1)",
            (ids.new_id(), world.shop_id),
        )
        new = routing_of_shop(build.TESTER, world.shop)
        assert (new.groups, new.draft) == ([Group(name="Default", rules=[ALL])], [])
        transaction.set_rollback(True)
    _set(world)

    sql.execute('update allocations_routing set rules = \'[{"name": "All"}]\'')
    assert routing_of_shop(build.TESTER, world.shop).groups == [Group(name="Default", rules=[ALL])]
    sql.execute('update allocations_routing set draft = \'[{"name": "First"}]\'')
    assert routing_of_shop(build.TESTER, world.shop).draft == [Group(name="Default", rules=[FIRST])]
    sql.execute("update allocations_routing set rules = draft, draft = null")
    shown = routing_of_shop(build.TESTER, world.shop)
    assert (shown.groups, shown.draft) == ([Group(name="Default", rules=[FIRST])], None)

    _set(world, Group(name="A", rules=[FIRST]), Group(name="B", is_active=False, rules=[ALL]), Group(name="C", rules=[SECOND]))  # fmt: skip
    [(names,)] = sql.fetch("select array(select r ->> 'name' from jsonb_array_elements(rules) r) from allocations_routing")  # fmt: skip
    assert names == ["First", "Second"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "groups",
    [
        '{"name": "A"}',
        '["A"]',
        '[{"rules": []}]',
        '[{"name": " ", "rules": []}]',
        '[{"name": "A"}]',
        '[{"name": "A", "rules": [], "is_active": 1}]',
        '[{"name": "A", "rules": []}, {"name": "A", "rules": []}]',
    ],
)
@pytest.mark.parametrize("column", ["groups", "draft_groups"])
def test_the_database_keeps_nothing_that_is_no_group(column: str, groups: str) -> None:
    world = _world()
    _set(world, Group(name="A", rules=[ALL]))

    with pytest.raises((IntegrityError, psycopg.IntegrityError)) as refused, transaction.atomic():
        sql.execute(f"update allocations_routing set {column} = %s::jsonb", (groups,))

    assert "groups" in str(refused.value)
