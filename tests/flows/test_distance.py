"""How near a location is: measured where both ends are known, by country and postal code where they are not."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.distance import metres, read_points
from orderwerk.allocations.explain import in_words
from orderwerk.allocations.groups import in_one_group
from orderwerk.allocations.queries import order_allocations
from orderwerk.allocations.rule_filters import OrderFacts
from orderwerk.allocations.rules import LocationFacts, Rule, choose
from orderwerk.core import ids, sql
from orderwerk.core.errors import NotAllowed
from orderwerk.core.outcome import Outcome
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.flows.try_rules import try_routing_rules
from orderwerk.stock.commands.upsert_postal_places import PostalPlaceItem, upsert_postal_places
from orderwerk.stock.postal_queries import known_postal_codes
from orderwerk.stock.queries import location_page
from tests import build

AMSTERDAM, ROTTERDAM, BRUSSELS = (52.374, 4.89), (51.922, 4.479), (50.847, 4.352)
POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
PLACES = st.builds(
    LocationFacts,
    st.builds(ids.new_id),
    st.text("abc", min_size=1, max_size=4),
    country=st.sampled_from(["NL", "BE"]),
    postal_code=st.text("0123456789", max_size=4),
    point=st.none() | POINTS,
)


def facts(point: tuple[float, float] | None) -> OrderFacts:
    """An order to the middle of Amsterdam, of which that may be known."""
    return OrderFacts("NL", "1012AB", frozenset(), frozenset(), frozenset(), 0, 0, date(2026, 11, 27), point)  # fmt: skip


def taken(*codes: tuple[str, str, float, float]) -> list[Outcome]:
    """Take in where postal codes lie."""
    items = [PostalPlaceItem(country=c, postal_code=p, latitude=a, longitude=b) for c, p, a, b in codes]  # fmt: skip
    return upsert_postal_places(items, actor=build.TESTER)


def test_the_distance_is_that_of_the_great_circle() -> None:
    assert metres(AMSTERDAM, AMSTERDAM) == 0
    assert 57_000 < metres(AMSTERDAM, ROTTERDAM) == metres(ROTTERDAM, AMSTERDAM) < 58_000
    assert 172_000 < metres(AMSTERDAM, BRUSSELS) < 175_000
    # Over the line of dates, and from one end of the world to the other.
    assert metres((0, 179.5), (0, -179.5)) == metres((0, 0), (0, 1))
    assert 20_015_000 < metres((0, 0), (0, 180)) < 20_016_000
    assert metres((90, 0), (-90, 0)) == metres((0, 0), (0, 180))


@given(st.lists(PLACES, max_size=8), st.none() | POINTS)
def test_measured_places_come_first_by_distance_and_others_as_ever(
    places: list[LocationFacts], goal: tuple[float, float] | None
) -> None:
    chosen = choose(Rule(name="x", sort=["near"]), facts(goal), places, {}, {})
    by_id = {place.id: place for place in places}
    order = [by_id[key] for key in chosen.locations]
    measured = [p for p in order if goal is not None and p.point is not None]

    assert sorted(map(id, order)) == sorted(map(id, places))
    assert order[: len(measured)] == measured
    far = [metres(p.point, goal) for p in measured if p.point and goal]
    assert far == sorted(far)
    assert list(chosen.metres.values()) == [chosen.metres[p.id] for p in places if p.id in chosen.metres]  # fmt: skip
    # Without any distance it is the order of before.
    blind = choose(Rule(name="x", sort=["near"]), facts(None), places, {}, {}).locations
    assert [p.id for p in order[len(measured) :]] == [key for key in blind if key not in chosen.metres]  # fmt: skip
    assert choose(Rule(name="x"), facts(goal), places, {}, {}).metres == {}


@pytest.mark.django_db
def test_the_longest_beginning_says_where_a_postal_code_lies() -> None:
    assert all(o.require().data["created"] for o in taken(("NL", "1", 1, 1), ("NL", "1012", 2, 2), ("NL", " 1012 ab", 3, 3), ("BE", "1012", 4, 4)))  # fmt: skip
    again = taken(("NL", "1012ab", 9, 9), ("NL", "1012 AB", 5, 5))
    assert [o.require().data["created"] for o in again] == [False, False]
    wanted = [("NL", "1012AB"), ("NL", "1012CD"), ("NL", "1999ZZ"), ("NL", "2000AA"), ("BE", "1012"), ("DE", "1012"), ("NL", "")]  # fmt: skip
    assert read_points(wanted) == {
        ("NL", "1012AB"): (5, 5),
        ("NL", "1012CD"): (2, 2),
        ("NL", "1999ZZ"): (1, 1),
        ("BE", "1012"): (4, 4),
    }
    assert {("BE", 1), ("NL", 3)} <= set(known_postal_codes())
    told = sql.fetch("select payload from core_event where kind = 'postal_places.saved' order by id")  # fmt: skip
    assert [sql.from_json(row[0])["codes"] for row in told] == [1, 3, 1]


@pytest.mark.django_db
def test_what_is_no_postal_code_is_refused_alone() -> None:
    fine, *wrong = taken(("NL", "1012", 1, 1), ("NL", "10_12", 1, 1), ("NL", "  ", 1, 1), ("NL", "1" * 21, 1, 1))  # fmt: skip
    fine.require()
    assert {(o.error and o.error.code, o.error and o.error.pointer) for o in wrong} == {("bad_postal_code", "/postal_code")}  # fmt: skip
    with pytest.raises(NotAllowed):
        upsert_postal_places([], actor=build.limited(ids.new_id()))
    for wrong_row in ("latitude = 91", "longitude = -181", "prefix = ''", "country = 'nl'"):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql.execute(f"update stock_postal_place set {wrong_row}")


@pytest.mark.django_db
def test_a_location_has_both_coordinates_or_none() -> None:
    world = build.world(locations=1)
    code = world.locations[0]

    def put(**values: Any) -> tuple[str, str | None] | None:
        [outcome] = set_up_locations([LocationItem(code=code, name="a", **values)], actor=build.TESTER)  # fmt: skip
        return (outcome.error.code, outcome.error.pointer) if outcome.error else None

    assert put(latitude=52.3) == ("half_a_point", "/longitude")
    assert put(longitude=4.9) == ("half_a_point", "/latitude")
    assert put(latitude=52.3, longitude=4.9) is None
    assert put(latitude=None) == ("half_a_point", "/latitude")
    [row] = location_page(build.TESTER, code=code).items
    assert (row.latitude, row.longitude) == (52.3, 4.9)
    assert put(latitude=None, longitude=None) is None
    for wrong in ("latitude = 1", "latitude = 91, longitude = 1"):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql.execute(f"update stock_location set {wrong} where code = %s", (code,))


def near(stock: int = 10) -> build.World:
    """A shop that asks the nearest of three locations first; by postal code none is nearer."""
    world = build.world(locations=3, products=1, stock=stock)
    rule = Rule(name="Nearest", sort=["near"])
    set_routing_rules([RoutingItem(shop=world.shop, rules=[rule])], actor=build.TESTER)[0].require()
    address = {"street": "a", "postal_code": "3011 AA", "city": "b", "country": "NL"}
    items = [
        LocationItem(code=world.locations[0], name="Brussels", latitude=50.847, longitude=4.352),
        LocationItem(code=world.locations[1], name="Nowhere"),
        LocationItem(code=world.locations[2], name="Rotterdam", country="NL", address=address),
    ]
    for outcome in set_up_locations(items, actor=build.TESTER):
        outcome.require()
    return world


def ordered(world: build.World, postal_code: str, pieces: int = 1) -> UUID:
    """Place an order to a postal code."""
    address = {**world.json()["billing_address"], "postal_code": postal_code, "country": "NL"}
    return world.place((world.skus[0], pieces), delivery_address=address)


@pytest.mark.django_db
def test_an_order_goes_from_the_nearest_location_and_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = near()
    taken(("NL", "3011", 51.922, 4.479), ("NL", "10", 52.374, 4.89))
    brussels, nowhere, rotterdam = world.locations

    order = ordered(world, "1012 AB")

    [claim] = order_allocations(build.TESTER, order)
    assert claim.location == rotterdam
    assert claim.explanation["km"] == {brussels: 174, rotterdam: 58}
    assert claim.explanation["no_km"] == [nowhere]
    told = in_words(claim.explanation)
    assert f"Distance: {rotterdam} 58 km, {brussels} 174 km." in told
    assert f"Distance not known, so asked after the others: {nowhere}." in told
    # What waited goes the same way, and so does the dry run.
    waiting = ordered(world, "1012 AB", 40)
    world.count(nowhere, {world.skus[0]: 100})
    allocate_orders([AllocateItem(order_id=waiting)], actor=build.TESTER)[0].require()
    later = [a for a in order_allocations(build.TESTER, waiting) if a.location == nowhere]
    assert later[0].explanation["km"] == {brussels: 174, rotterdam: 58}
    rule = Rule(name="Other", sort=["near"], avoid=[rotterdam])
    trial = try_routing_rules(world.shop, in_one_group([rule]), actor=build.TESTER)
    assert trial is not None
    # Of hundreds of stores a claim keeps the nearest, and the one that sends.
    monkeypatch.setattr("orderwerk.flows.route_order._NEAREST", 1)
    world.count(brussels, {world.skus[0]: 100})
    [far] = order_allocations(build.TESTER, ordered(world, "1012 AB"))
    assert (far.location, far.explanation["km"]) == (brussels, {brussels: 174, rotterdam: 58})
    assert far.explanation["no_km"] == [nowhere]
    world.count(rotterdam, {world.skus[0]: 100})
    [close] = order_allocations(build.TESTER, ordered(world, "1012 AB"))
    assert close.explanation["km"] == {rotterdam: 58}


@pytest.mark.django_db
def test_an_erased_order_tells_no_distances() -> None:
    world = near()
    taken(("NL", "3011", 51.922, 4.479))
    order = ordered(world, "3011 AA")
    assert order_allocations(build.TESTER, order)[0].explanation["km"]
    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()

    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()

    [claim] = order_allocations(build.TESTER, order)
    assert {"km", "no_km"}.isdisjoint(claim.explanation)
    assert claim.explanation["rule"] == "Nearest"


@pytest.mark.django_db
def test_where_nothing_is_known_it_goes_by_country_and_postal_code_and_says_so() -> None:
    world = near()

    [claim] = order_allocations(build.TESTER, ordered(world, "3012 AB"))

    assert claim.location == world.locations[2]
    assert claim.explanation["no_km"] == []
    assert "km" not in claim.explanation
    assert "Where this postal code lies is not known" in in_words(claim.explanation)
    taken(("NL", "3011", 51.922, 4.479), ("NL", "3012", 51.92, 4.48))
    [claim] = order_allocations(build.TESTER, ordered(world, "3012 AB"))
    assert claim.explanation["km"][world.locations[2]] == 0


@pytest.mark.django_db
def test_distances_cost_the_same_for_one_order_and_for_twenty() -> None:
    world = near(stock=1000)
    taken(("NL", "3011", 51.922, 4.479), ("NL", "10", 52.374, 4.89))
    address = {**world.json()["billing_address"], "country": "NL"}

    def cost(n: int) -> int:
        documents = [
            world.document((world.skus[0], 1), delivery_address={**address, "postal_code": f"10{i:02} AB"})
            for i in range(n)
        ]  # fmt: skip
        with sql.count_statements() as count:
            for outcome in place_orders(documents, actor=build.TESTER):
                outcome.require()
        return len(count.statements)

    cost(1)
    assert cost(1) == cost(20)
