"""Routing rules: which fits, what it allows, what happens when nothing fits, and what changed rules would do."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.groups import in_one_group
from orderwerk.allocations.queries import order_allocations
from orderwerk.allocations.rule_filters import OrderFacts, fits
from orderwerk.allocations.rules import LocationFacts, Rule, choose
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import clock, ids, sql
from orderwerk.core.errors import Refusal
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.hold_unrouted import hold_unrouted_orders
from orderwerk.flows.leave_locations import leave_closed_locations
from orderwerk.flows.reject_shipments import RejectShipmentItem, reject_shipments
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.flows.try_rules import try_routing_rules
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.calendar import SpecialDay
from orderwerk.stock.queries import location_page
from tests import build

FACTS = OrderFacts("NL", "1015CS", frozenset({"vip"}), frozenset({"A"}), frozenset({"c-7"}), 900, 5000, date(2026, 11, 20))  # fmt: skip
FITS: dict[str, tuple[dict[str, Any], bool]] = {
    "everything": ({}, True),
    "country": ({"countries": ["NL"]}, True),
    "other country": ({"countries": ["BE"]}, False),
    "postal code": ({"postal_codes": ["10 15"]}, True),
    "other postal code": ({"postal_codes": ["2"]}, False),
    "tag": ({"tags": ["vip", "x"]}, True),
    "other tag": ({"tags": ["x"]}, False),
    "sku": ({"skus": ["B", "A"]}, True),
    "customer": ({"customers": ["C-7"]}, True),
    "other customer": ({"customers": ["C-8"]}, False),
    "light enough": ({"max_weight_grams": 900}, True),
    "too light": ({"min_weight_grams": 901}, False),
    "worth enough": ({"min_value": "50.00"}, True),
    "worth too much": ({"max_value": "49.99"}, False),
    "in time": ({"from_day": date(2026, 11, 20), "until_day": date(2026, 11, 20)}, True),
    "too late": ({"until_day": date(2026, 11, 19)}, False),
    "one of two": ({"countries": ["NL"], "tags": ["x"]}, False),
}
MINOR = {"50.00": 5000, "49.99": 4999}


@pytest.mark.parametrize("name", sorted(FITS))
def test_every_filled_filter_has_to_fit(name: str) -> None:
    given, wanted = FITS[name]

    assert fits(Rule(name=name, **given), FACTS, MINOR) is wanted


def test_a_value_in_another_currency_fits_no_filter_and_binds_nothing() -> None:
    foreign = replace(FACTS, value=None)

    assert not fits(Rule(name="x", min_value="49.99"), foreign, MINOR)
    assert not fits(Rule(name="x", max_value="50.00"), foreign, MINOR)
    assert fits(Rule(name="x", countries=["NL"]), foreign, MINOR)
    rule = Rule(name="x", least_value="50.00", most_cost_percent=5, most_shipments=2)
    bound, free = (choose(rule, facts, [], {}, MINOR) for facts in (FACTS, foreign))
    assert (bound.least_value, bound.most_cost, bound.most_shipments) == (5000, 250, 2)
    assert (free.least_value, free.most_cost, free.most_shipments) == (None, None, 2)


def test_locations_are_sorted_as_the_rule_says_and_full_ones_come_last() -> None:
    near = LocationFacts(ids.new_id(), "near", 3, "NL", "1015AA", 300)
    far = LocationFacts(ids.new_id(), "far", 1, "NL", "9000AA", 100)
    full = LocationFacts(ids.new_id(), "full", 1, "NL", "1015CS", 0, left=0)
    abroad = LocationFacts(ids.new_id(), "abroad", 2, "BE", "1015CS", 200, left=5)
    places = [far, full, abroad, near]

    def asked(**rule: Any) -> list[str]:
        chosen = choose(Rule(name="x", **rule), FACTS, places, {near.id: 0, far.id: 2, abroad.id: 1}, {})  # fmt: skip
        return [next(p.code for p in places if p.id == key) for key in chosen.locations]

    assert asked() == ["far", "abroad", "near", "full"]
    assert asked(sort=["near"]) == ["near", "far", "abroad", "full"]
    assert asked(sort=["cost"]) == ["far", "abroad", "near", "full"]
    assert asked(sort=["stock"]) == ["near", "abroad", "far", "full"]
    assert asked(sort=["capacity"]) == ["far", "near", "abroad", "full"]
    assert asked(locations=["near", "abroad"], avoid=["abroad"]) == ["near"]


def _world(**quantities: int) -> build.World:
    world = build.world(locations=3, products=2, stock=0)
    for name, quantity in quantities.items():
        place, sku = world.locations["abc".index(name[0])], world.skus["xy".index(name[1])]
        world.count(place, {sku: quantity})
    return world


def _places(world: build.World, order: UUID) -> dict[str, int]:
    return {"abc"[world.locations.index(code)]: n for _, _, n, code in build.allocations(order, "allocated")}  # fmt: skip


def _set(world: build.World, *rules: Rule, draft: bool = False) -> None:
    item = RoutingItem(shop=world.shop, rules=list(rules), is_draft=draft)
    set_routing_rules([item], actor=build.TESTER)[0].require()


def _unrouted() -> int:
    events = sql.fetch("select id from core_event where kind = 'order.not_routed'")
    return hold_unrouted_orders([row[0] for row in events])


@pytest.mark.django_db
def test_the_first_rule_that_fits_decides_and_says_so() -> None:
    world = _world(ax=9, bx=9, cx=9)
    _set(
        world,
        Rule(name="Belgium", countries=["BE"], locations=[world.locations[1]]),
        Rule(name="Rest", avoid=[world.locations[0]]),
    )

    order = world.place((world.skus[0], 2))

    assert _places(world, order) == {"b": 2}
    why = order_allocations(build.TESTER, order)[0].why
    assert why.startswith("Rule Rest of group Default: ")
    assert f"Avoided by the rule: {world.locations[0]}." in why


@pytest.mark.django_db
def test_never_split_waits_whole_until_one_location_has_it() -> None:
    world = _world(ax=2, bx=2)
    _set(world, Rule(name="Whole", split="never"))

    order = world.place((world.skus[0], 3))
    assert _places(world, order) == {}
    assert build.order(order)["status"] == "awaiting_stock"

    world.count(world.locations[1], {world.skus[0]: 3})
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()
    assert _places(world, order) == {"b": 3}


@pytest.mark.django_db
def test_the_rest_that_waits_counts_as_a_parcel() -> None:
    world = _world(ax=2, bx=1)
    _set(world, Rule(name="Two", most_shipments=2))

    order = world.place((world.skus[0], 9))

    # Both locations and the rest would be three parcels.
    assert _places(world, order) == {"a": 2}
    assert "allows no further splitting" in order_allocations(build.TESTER, order)[0].why


@pytest.mark.django_db
def test_no_part_is_worth_less_than_the_rule_wants() -> None:
    world = _world(ax=3, by=1)
    _set(world, Rule(name="Worth", least_value="20.00"))

    small = world.place((world.skus[0], 3), (world.skus[1], 1))
    world.count(world.locations[1], {world.skus[1]: 5})
    large = world.place((world.skus[0], 3), (world.skus[1], 2))

    assert _places(world, small) == {}
    assert _places(world, large) == {"a": 3, "b": 2}


def _costs(world: build.World, **costs: int) -> None:
    """Say what a parcel from each location costs."""
    items = [LocationItem(code=world.locations["abc".index(name)], name=name, handling_cost_minor=cost) for name, cost in costs.items()]  # fmt: skip
    for outcome in set_up_locations(items, actor=build.TESTER):
        outcome.require()


@pytest.mark.django_db
def test_further_parcels_cost_no_more_than_the_rule_allows() -> None:
    world = _world(ax=3, by=3)
    _costs(world, a=500, b=300, c=400)
    _set(world, Rule(name="Cheap", most_cost_percent=10))

    # Two parcels are 8.00, the cheaper one of which goes in any case: 5.00 more, of an order of 20.00 and one of 50.00.
    small = world.place((world.skus[0], 1), (world.skus[1], 1))
    large = world.place((world.skus[0], 3), (world.skus[1], 2))
    whole = world.place((world.skus[1], 1))

    assert _places(world, small) == {}
    assert build.order(small)["status"] == "awaiting_stock"
    assert _places(world, large) == {"a": 3, "b": 2}
    assert _places(world, whole) == {"b": 1}
    why = [row.why for row in order_allocations(build.TESTER, large)]
    assert all("Its parcels cost 5.00 EUR more than one; the rule allows 5.00." in text for text in why)  # fmt: skip
    [alone] = order_allocations(build.TESTER, whole)
    assert "cost 0.00 EUR more than one; the rule allows 1.00" in alone.why


@pytest.mark.django_db
def test_the_rest_that_waits_costs_as_much_as_the_cheapest_parcel() -> None:
    world = _world(ax=8)
    _costs(world, a=500, b=300, c=400)
    _set(world, Rule(name="Cheap", most_cost_percent=3))

    # 5.00 and 3.00 for the rest, less the 3.00: 5.00 of 100.00 is too much, of 200.00 it is not.
    none = world.place((world.skus[0], 10))
    some = world.place((world.skus[0], 20))

    assert (_places(world, none), _places(world, some)) == ({}, {"a": 8})
    world.count(world.locations[0], {world.skus[0]: 30})
    for order in (none, some):
        allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()
    assert _places(world, none) == {"a": 10}
    assert [row[2] for row in build.allocations(some)] == [8, 12]


@pytest.mark.django_db
def test_the_last_rest_is_never_stopped_by_what_its_parcel_costs() -> None:
    world = _world(ax=2)
    _costs(world, a=500, b=900)
    order = world.place((world.skus[0], 3))
    ship_shipments([ShipItem(shipment_id=build.shipments(order)[0])], actor=build.TESTER)[0].require()  # fmt: skip
    _set(world, Rule(name="Cheap", most_cost_percent=0))

    world.count(world.locations[1], {world.skus[0]: 1})
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()

    assert _places(world, order) == {"b": 1}


@pytest.mark.django_db
def test_parcels_that_have_left_count_in_what_splitting_costs() -> None:
    world = _world(ax=2)
    _costs(world, a=500, b=300, c=400)
    order = world.place((world.skus[0], 3), (world.skus[1], 1))
    ship_shipments([ShipItem(shipment_id=build.shipments(order)[0])], actor=build.TESTER)[0].require()  # fmt: skip
    world.count(world.locations[1], {world.skus[0]: 1})
    world.count(world.locations[2], {world.skus[1]: 1})

    # 5.00 have been spent; 3.00 and 4.00 more, less the cheapest: 9.00 of 40.00, or 8.00 with a part and its rest.
    _set(world, Rule(name="Cheap", most_cost_percent=10))
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()
    assert _places(world, order) == {}

    _set(world, Rule(name="Cheap", most_cost_percent=25))
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()
    assert _places(world, order) == {"b": 1, "c": 1}
    why = [row.why for row in order_allocations(build.TESTER, order)]
    told = [text for text in why if "cost 9.00 EUR more than one; the rule allows 10.00" in text]
    assert len(told) == 2


@pytest.mark.django_db
def test_a_dry_run_tells_what_parcels_cost_and_where_a_rule_splits_no_further() -> None:
    world = _world(ax=1, by=1)
    _costs(world, a=500, b=300)
    world.place((world.skus[0], 1), (world.skus[1], 1))

    trial = try_routing_rules(world.shop, in_one_group([Rule(name="Cheap", most_cost_percent=10)]), actor=build.TESTER)  # fmt: skip

    assert (trial.currency, trial.cost_before, trial.cost_after) == ("EUR", 800, 0)
    [found] = trial.differences
    assert (found.before.cost, found.before.is_limited, found.after.is_limited) == (800, False, True)  # fmt: skip


@pytest.mark.django_db
def test_an_order_that_fits_nowhere_is_held_once_and_a_person_decides() -> None:
    world = _world(ax=2, bx=2)
    _set(world, Rule(name="Ask me", split="never", otherwise="ask"))
    order = world.place((world.skus[0], 3))

    assert (_unrouted(), _unrouted()) == (1, 0)
    assert build.order(order)["status"] == "on_hold"

    release_orders([ReleaseOrderItem(order_id=order)], actor=build.TESTER)[0].require()
    assert _places(world, order) == {"a": 2, "b": 1}
    assert _unrouted() == 0


@pytest.mark.django_db
def test_an_order_that_waits_for_stock_by_rule_is_not_held() -> None:
    world = _world(ax=1)
    _set(world, Rule(name="Wait", split="never"))
    order = world.place((world.skus[0], 3))

    assert _unrouted() == 0
    assert build.order(order)["status"] == "awaiting_stock"


@pytest.mark.django_db
def test_rules_ask_for_weight_and_customer_in_intake_and_later_alike() -> None:
    world = _world(bx=9)
    upsert_products([ProductItem(sku=world.skus[0], name="x", weight_grams=400)], actor=build.TESTER)  # fmt: skip
    rule = Rule(name="Heavy", min_weight_grams=800, customers=["test@example.com"], locations=[world.locations[0]])  # fmt: skip
    _set(world, rule)
    customer = {"name": "T", "email": "Test@Example.com"}

    placed = world.place((world.skus[0], 2), customer=customer)
    light = world.place((world.skus[0], 1), customer=customer)

    assert (_places(world, placed), _places(world, light)) == ({}, {"b": 1})
    allocate_orders([AllocateItem(order_id=placed)], actor=build.TESTER)[0].require()
    assert _places(world, placed) == {}


@pytest.mark.django_db
def test_a_location_that_is_full_today_is_asked_last_but_not_never() -> None:
    world = _world(ax=9, bx=2)
    item = LocationItem(code=world.locations[0], name="a", daily_capacity=1)
    set_up_locations([item], actor=build.TESTER)[0].require()

    orders = [world.place((world.skus[0], 1)) for _ in range(4)]

    assert [_places(world, order) for order in orders] == [{"a": 1}, {"b": 1}, {"b": 1}, {"a": 1}]


@pytest.mark.django_db
def test_changed_rules_are_tried_on_placed_orders_without_touching_them() -> None:
    world = _world(ax=5, bx=5)
    orders = [world.place((world.skus[0], 2)) for _ in range(3)]
    before = world.levels(), [build.allocations(key) for key in orders]

    other = in_one_group([Rule(name="Other way", avoid=[world.locations[0]], split="never")])
    trial = try_routing_rules(world.shop, other, actor=build.TESTER)

    assert (trial.orders, trial.parcels_before, trial.parcels_after) == (3, 3, 2)
    assert (trial.waiting_before, trial.waiting_after) == (0, 2)
    assert len(trial.differences) == 3
    assert trial.differences[-1].after.places == {world.locations[1]: 2}
    assert (world.levels(), [build.allocations(key) for key in orders]) == before
    assert try_routing_rules(world.shop, [], actor=build.TESTER).differences == []


@pytest.mark.django_db
def test_a_draft_routes_nothing_until_it_is_in_force() -> None:
    world = _world(ax=9, bx=9)
    rule = Rule(name="B", locations=[world.locations[1]])

    _set(world, rule, draft=True)
    first = world.place((world.skus[0], 1))
    _set(world, rule)
    second = world.place((world.skus[0], 1))

    assert (_places(world, first), _places(world, second)) == ({"a": 1}, {"b": 1})
    assert sql.fetch("select draft from allocations_routing")[0][0] is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"locations": ["nowhere"]}, "location_not_linked"),
        ({"min_weight_grams": 5, "max_weight_grams": 4}, "empty_bounds"),
        ({"min_value": "-1.00"}, "negative_amount"),
        ({"least_value": "0.001"}, "too_many_decimals"),
    ],
)
def test_rules_that_make_no_sense_are_refused(rule: dict[str, Any], code: str) -> None:
    world = _world()
    item = RoutingItem(shop=world.shop, rules=[Rule(name="x", **rule)])

    refused = set_routing_rules([item], actor=build.TESTER)[0].error

    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert sql.fetch("select count(*) from allocations_routing")[0][0] == 0


@pytest.mark.django_db
def test_a_rejected_shipment_goes_elsewhere_and_does_not_come_back() -> None:
    world = _world(ax=5, bx=2)
    order = world.place((world.skus[0], 3))
    item = RejectShipmentItem(shipment_id=build.shipments(order)[0], reason="the roof leaks")

    told = reject_shipments([item], actor=build.TESTER)[0].require().data
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()

    assert (told["status"], told["released"], told["claimed"]) == ("cancelled", 3, 2)
    assert _places(world, order) == {"b": 2}
    assert build.order(order)["status"] == "awaiting_stock"
    why = order_allocations(build.TESTER, order)[-1].why
    assert f"Said that it cannot send this order: {world.locations[0]}." in why
    again = reject_shipments([item], actor=build.TESTER)[0].error
    assert again is not None
    assert again.code == "shipment_cancelled"


@pytest.mark.django_db
def test_a_closed_location_hands_its_untouched_orders_over_by_itself() -> None:
    world = _world(ax=9, bx=9)
    waiting, picking = world.place((world.skus[0], 2)), world.place((world.skus[0], 3))
    item = CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(picking))
    create_pick_lists([item], actor=build.TESTER)[0].require()
    closed = LocationItem(code=world.locations[0], name="a", is_active=False)
    set_up_locations([closed], actor=build.TESTER)[0].require()
    events = [row[0] for row in sql.fetch("select id from core_event where kind = 'location.updated'")]  # fmt: skip

    assert (leave_closed_locations(events), leave_closed_locations(events)) == (1, 0)

    assert _places(world, waiting) == {"b": 2}
    assert [a[1] for a in build.allocations(picking)] == ["picking"]


@pytest.mark.django_db
def test_rules_by_value_leave_orders_in_another_currency_alone_on_their_way_in_and_later() -> None:
    world = _world(ax=1, bx=1)
    dear = Rule(name="Dear", min_value="5.00", locations=[world.locations[0]])
    _set(world, dear, Rule(name="Others", least_value="20.00", most_cost_percent=0))
    _costs(world, a=100, b=100)

    dollars = world.place((world.skus[0], 2), currency="USD")
    later = world.place((world.skus[0], 2), currency="USD")
    euros = world.place((world.skus[0], 2))

    # Neither worth enough in parts nor cheap enough: told in dollars, that binds nothing.
    assert [_places(world, key) for key in (dollars, later, euros)] == [{"a": 1, "b": 1}, {}, {}]
    for code in world.locations[:2]:
        world.count(code, {world.skus[0]: 2})
    for key in (later, euros):
        allocate_orders([AllocateItem(order_id=key)], actor=build.TESTER)[0].require()
    assert [_places(world, key) for key in (later, euros)] == [{"a": 1, "b": 1}, {}]
    for key in (dollars, later):
        why = {row.why.split(":")[0] for row in order_allocations(build.TESTER, key)}
        assert why == {"Rule Others of group Default"}


@pytest.mark.django_db
def test_why_here_tells_by_what_the_rule_sorts_and_who_was_asked_last() -> None:
    world = _world(ax=9, bx=9, cx=9)
    _set(world, Rule(name="Cheap", sort=["cost", "priority"]))
    _costs(world, a=300, b=200, c=100)
    item = LocationItem(code=world.locations[2], name="c", daily_capacity=1)
    set_up_locations([item], actor=build.TESTER)[0].require()

    first, second = world.place((world.skus[0], 2)), world.place((world.skus[0], 2))
    rest = world.place((world.skus[1], 1), (world.skus[0], 1))
    world.count(world.locations[0], {world.skus[1]: 9})
    allocate_orders([AllocateItem(order_id=rest)], actor=build.TESTER)[0].require()

    sort = "in the rule's order (cheapest parcel, priority of the location)"
    [told] = [row.why for row in order_allocations(build.TESTER, first)]
    assert f"{world.locations[2]} is the first location {sort} that has the whole order." in told
    assert "asked last" not in told
    [told] = [row.why for row in order_allocations(build.TESTER, second)]
    assert f"{world.locations[1]} is the first location {sort} that has the whole order." in told
    assert told.endswith(f"Can take no more parcels, so asked last: {world.locations[2]}.")
    told = order_allocations(build.TESTER, rest)[-1].why
    assert f"{world.locations[0]} is the first location {sort} that has all of what was left" in told  # fmt: skip


@pytest.mark.django_db
def test_why_here_tells_which_locations_are_closed_today() -> None:
    world = _world(ax=9, bx=9)
    day = clock.business_date(clock.now(), "Europe/Amsterdam")
    closed = LocationItem(code=world.locations[0], name="a", special_days=[SpecialDay(on=day, is_closed=True)])  # fmt: skip
    set_up_locations([closed], actor=build.TESTER)[0].require()

    order = world.place((world.skus[0], 2))

    assert _places(world, order) == {"b": 2}
    [told] = [row.why for row in order_allocations(build.TESTER, order)]
    assert told.endswith(f"Closed today, so asked behind the others: {world.locations[0]}.")


@pytest.mark.django_db
def test_a_cost_in_another_currency_is_never_held_against_one_in_the_shops() -> None:
    world = _world(ax=9, bx=9, cx=9)
    _costs(world, a=1, b=300, c=200)
    yen = LocationItem(code=world.locations[0], name="a", handling_cost_currency="JPY")
    euros = LocationItem(code=world.locations[2], name="c", handling_cost_currency="EUR")
    for outcome in set_up_locations([yen, euros], actor=build.TESTER):
        outcome.require()
    _set(world, Rule(name="Cheap", sort=["cost"], most_cost_percent=10))

    # Orders of one moment come in no order.
    order = world.place((world.skus[0], 1), placed_at="2026-11-26T10:00:00Z")
    large = world.place((world.skus[0], 26), placed_at="2026-11-26T11:00:00Z")

    assert _places(world, order) == {"c": 1}
    # Two parcels cost 2.00 and 3.00; what the third would cost in euros nobody knows.
    assert _places(world, large) == {"c": 8, "b": 9, "a": 9}
    trial = try_routing_rules(world.shop, [], actor=build.TESTER)
    assert (trial.cost_before, trial.cost_after) == (700, 500)
    [row] = location_page(build.TESTER, code=world.locations[0]).items
    assert (row.handling_cost_minor, row.handling_cost_currency) == (1, "JPY")


@pytest.mark.django_db
@pytest.mark.parametrize("country", ["UK", "EU", "QQ"])
def test_goods_lie_and_are_made_in_a_country_that_there_is(country: str) -> None:
    world = _world()
    sku, location = world.skus[0], world.locations[0]

    there = set_up_locations([LocationItem(code=location, name="a", country=country)], actor=build.TESTER)[0].error  # fmt: skip
    made = upsert_products([ProductItem(sku=sku, name="a", origin_country=country)], actor=build.TESTER)[0].error  # fmt: skip

    assert isinstance(there, Refusal)
    assert isinstance(made, Refusal)
    assert (there.code, there.pointer) == ("unknown_country", "/country")
    assert (made.code, made.pointer) == ("unknown_country", "/origin_country")
    assert sql.fetch("select country from stock_location where code = %s", (location,)) == [(None,)]
    assert sql.fetch("select origin_country from catalog_product where sku = %s", (sku,)) == [
        (None,)
    ]


@pytest.mark.django_db
def test_a_country_that_stood_there_before_is_let_stand() -> None:
    world = _world()
    sql.execute("update stock_location set country = 'UK' where code = %s", (world.locations[0],))
    sql.execute("update catalog_product set origin_country = 'UK' where sku = %s", (world.skus[0],))

    set_up_locations([LocationItem(code=world.locations[0], name="a", country="UK")], actor=build.TESTER)[0].require()  # fmt: skip
    upsert_products([ProductItem(sku=world.skus[0], name="a", origin_country="UK")], actor=build.TESTER)[0].require()  # fmt: skip


@pytest.mark.django_db
def test_a_currency_that_is_none_is_refused_for_a_cost() -> None:
    world = _world()
    wrong = LocationItem(code=world.locations[0], name="a", handling_cost_currency="XQQ")

    refused = set_up_locations([wrong], actor=build.TESTER)[0].error

    assert isinstance(refused, Refusal)
    assert (refused.code, refused.pointer) == ("unknown_currency", "/handling_cost_currency")
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.execute("update stock_location set handling_cost_currency = 'euro'")
