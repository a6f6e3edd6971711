"""Two people save the same settings at the same moment, as both have seen them: one wins, the other hears of it."""

from functools import partial

import pytest

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.groups import Group
from orderwerk.allocations.rule_queries import routing_of_shop
from orderwerk.core import sql
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.queries import PolicyFilters, policy_page
from orderwerk.shipments.box_queries import box_sizes_of_shop
from orderwerk.shipments.commands.set_box_sizes import BoxSizeItem, BoxSizesItem, set_box_sizes
from orderwerk.shipments.commands.set_shipping_rules import (
    ShippingRuleItem,
    ShippingRulesItem,
    set_shipping_rules,
)
from orderwerk.shipments.rule_queries import shipping_rules_of_shop
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.stock.queries import location_page
from tests import build
from tests.races.test_shipments import _healthy, _outcomes
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
SAVERS = 6


def test_of_many_who_save_the_same_draft_one_wins() -> None:
    world = build.world()

    for version in range(3):
        items = [
            RoutingItem(shop=world.shop, groups=[Group(name=f"{version}-{n}")], is_draft=True, version=version)
            for n in range(SAVERS)
        ]  # fmt: skip
        outcomes = _outcomes(together([partial(set_routing_rules, [i], actor=build.TESTER) for i in items]))  # fmt: skip

        [winner] = [n for n, outcome in enumerate(outcomes) if outcome.ok]
        assert {o.error.code for o in outcomes if o.error} == {"stale_rules"}
        row = routing_of_shop(build.TESTER, world.shop)
        assert (row.draft, row.version) == ([Group(name=f"{version}-{winner}")], version + 1)
    _healthy()


def test_of_many_who_save_the_same_rules_for_returns_one_wins() -> None:
    world = build.world()

    for version in range(3):
        items = [
            PolicyItem(shop=world.shop, fee=f"{version + 1}.0{n}", version=version)
            for n in range(SAVERS)
        ]
        outcomes = _outcomes(together([partial(set_return_policies, [i], actor=build.TESTER) for i in items]))  # fmt: skip

        [winner] = [n for n, outcome in enumerate(outcomes) if outcome.ok]
        assert {o.error.code for o in outcomes if o.error} == {"stale_rules"}
        [row] = policy_page(build.TESTER, PolicyFilters(shop=world.shop)).items
        assert (row.fee_minor, row.version) == (100 * (version + 1) + winner, version + 1)
    _healthy()


def test_of_many_who_save_the_same_shipping_rules_one_wins() -> None:
    world = build.world()

    for version in range(3):
        items = [
            ShippingRulesItem(shop=world.shop, rules=[ShippingRuleItem(name=f"{version}-{n}")], version=version)
            for n in range(SAVERS)
        ]  # fmt: skip
        outcomes = _outcomes(together([partial(set_shipping_rules, [i], actor=build.TESTER) for i in items]))  # fmt: skip

        [winner] = [n for n, outcome in enumerate(outcomes) if outcome.ok]
        assert {o.error.code for o in outcomes if o.error} == {"stale_rules"}
        row = shipping_rules_of_shop(build.TESTER, world.shop)
        assert ([r.name for r in row.rules], row.version) == ([f"{version}-{winner}"], version + 1)
    _healthy()


def test_of_many_who_save_the_same_location_one_wins_with_its_shops() -> None:
    world, other = build.world(), build.world()
    code = world.locations[0]
    seen = location_page(build.TESTER, code=code).items[0].version
    shops = [[world.shop, other.shop], [other.shop], []]

    items = [
        LocationItem(code=code, name=f"N{n}", daily_capacity=n + 1, shops=shops[n % 3], version=seen)
        for n in range(SAVERS)
    ]  # fmt: skip
    outcomes = _outcomes(together([partial(set_up_locations, [i], actor=build.TESTER) for i in items]))  # fmt: skip

    [winner] = [n for n, outcome in enumerate(outcomes) if outcome.ok]
    assert {o.error.code for o in outcomes if o.error} == {"stale_location"}
    row = location_page(build.TESTER, code=code).items[0]
    assert (row.name, row.daily_capacity, row.shops) == (f"N{winner}", winner + 1, sorted(shops[winner % 3]))  # fmt: skip
    assert row.version == seen + 2
    _healthy()


def test_a_locations_shops_and_fields_changed_at_once_are_both_kept() -> None:
    world, other = build.world(), build.world()
    code = world.locations[0]
    link = LocationShops(location=code, shops=[world.shop, other.shop])
    place = LocationItem(code=code, name="Renamed", shops=[world.shop, other.shop])

    together([partial(link_locations, [link], actor=build.TESTER), partial(set_up_locations, [place], actor=build.TESTER)] * 3)  # type: ignore[list-item]  # fmt: skip

    row = location_page(build.TESTER, code=code).items[0]
    assert (row.name, row.shops) == ("Renamed", sorted([world.shop, other.shop]))
    events = sql.fetch("select seq from core_event where aggregate_id = %s order by seq", (world.location_ids[code],))  # fmt: skip
    assert [row[0] for row in events] == list(range(1, row.version + 1))
    _healthy()


def test_of_many_who_save_the_same_boxes_one_wins() -> None:
    world = build.world()
    size = {"length_mm": 300, "width_mm": 200, "height_mm": 100}

    for version in range(3):
        items = [
            BoxSizesItem(shop=world.shop, boxes=[BoxSizeItem(name=f"{version}-{n}", **size)], version=version)
            for n in range(SAVERS)
        ]  # fmt: skip
        outcomes = _outcomes(together([partial(set_box_sizes, [i], actor=build.TESTER) for i in items]))  # fmt: skip

        [winner] = [n for n, outcome in enumerate(outcomes) if outcome.ok]
        assert {o.error.code for o in outcomes if o.error} == {"stale_boxes"}
        row = box_sizes_of_shop(build.TESTER, world.shop)
        assert ([box.name for box in row.boxes], row.version) == ([f"{version}-{winner}"], version + 1)  # fmt: skip
    _healthy()
