"""Orders that are allocated together share fewer shipments, and none gets less than in its own turn."""

from collections import Counter
from datetime import date
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderwerk.allocations.batch import Together, fewer_shipments
from orderwerk.allocations.room import Room
from orderwerk.allocations.routing import Available, Demand, route
from orderwerk.allocations.rules import Slot
from orderwerk.checks.run import ALL, run_checks
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from tests import build

_ROOT = UUID(int=0)
_places = [uuid5(_ROOT, f"place {i}") for i in range(3)]
_products = [uuid5(_ROOT, f"product {i}") for i in range(4)]


def together(
    wanted: list[dict[int, int]], stock: dict[tuple[int, int], int]
) -> tuple[list[Together], Available]:
    """Route orders one by one, as they would be without the others."""
    available = {(_products[p], _places[i]): n for (p, i), n in stock.items()}
    orders = []
    for number, lines in enumerate(wanted):
        demands = [Demand(uuid5(_ROOT, f"{number} {p}"), _products[p], n) for p, n in lines.items()]
        routed = route(demands, _places, available)
        orders.append(Together(demands, _places, frozenset(), routed))
    return orders, available


def pieces(orders: list[Together]) -> list[Counter[UUID]]:
    """What each order got."""
    got = []
    for order in orders:
        mine: Counter[UUID] = Counter()
        for claim in order.routed.claims:
            mine[claim.product_id] += claim.quantity
        got.append(mine)
    return got


def test_two_orders_change_places_so_that_both_go_whole() -> None:
    # The first takes the only place that has all of the second.
    orders, available = together([{0: 1}, {0: 1, 1: 1}], {(0, 0): 1, (0, 1): 1, (1, 0): 1})
    assert [order.shipments for order in orders] == [1, 2]

    assert fewer_shipments(orders, available, Room()) == 1

    assert [order.shipments for order in orders] == [1, 1]
    assert {claim.why for order in orders for claim in order.routed.claims} == {"together"}
    assert all(n == 0 for n in available.values())


def test_where_nothing_is_won_everything_stays_by_priority() -> None:
    orders, available = together([{0: 1}, {0: 1}], {(0, 0): 5, (0, 1): 5})
    before = [order.routed for order in orders]

    assert fewer_shipments(orders, available, Room()) == 0
    assert [order.routed for order in orders] == before


def _slots() -> dict[UUID, Slot]:
    return {place: (place, date(2026, 11, 27)) for place in _places}


def test_no_order_comes_to_a_location_that_is_closed_today() -> None:
    # As two orders that change places; but the second location sends nothing today, save what is there already.
    orders, available = together([{0: 1}, {0: 1, 1: 1}], {(0, 0): 1, (0, 1): 1, (1, 0): 1})
    for order in orders:
        order.closed = frozenset({_places[1]})
    before = [order.routed for order in orders]

    assert fewer_shipments(orders, available, Room()) == 0
    assert [order.routed for order in orders] == before


@pytest.mark.parametrize(("left", "saved"), [(2, 1), (1, 1), (0, 0), (-3, 0)])
def test_no_order_comes_to_a_location_without_room_and_what_goes_away_makes_room(
    left: int, saved: int
) -> None:
    # The first order can go over to the second location, the other one is there with a part and would leave it.
    orders, available = together([{0: 1}, {0: 1, 1: 1}], {(0, 0): 1, (0, 1): 1, (1, 0): 1})
    slots = _slots()
    for order in orders:
        order.slots = slots
    full, free = slots[_places[1]], slots[_places[0]]
    # What is left after both were routed one by one.
    room = Room({full: left - 1, free: 0})

    assert fewer_shipments(orders, available, room) == saved

    assert room.left(full) == left - 1
    assert room.left(free) == (1 if saved else 0)


_lines = st.dictionaries(st.integers(0, 3), st.integers(1, 3), min_size=1, max_size=4)
_stock = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 2)), st.integers(0, 5))


@settings(max_examples=60, deadline=None)
@given(wanted=st.lists(_lines, min_size=1, max_size=6), stock=_stock)
def test_nobody_loses_a_piece_and_no_piece_is_given_twice(
    wanted: list[dict[int, int]], stock: dict[tuple[int, int], int]
) -> None:
    orders, available = together(wanted, stock)
    got, shipments = pieces(orders), sum(order.shipments for order in orders)

    slots = _slots()
    room = Room(dict.fromkeys(slots.values(), 1))
    for order in orders:
        order.slots = slots
        room.take(slots, order.places)
    left = room.copy()

    saved = fewer_shipments(orders, available, room)

    # Nobody is sent to a location beyond its number who was not before.
    assert room.is_within(left)
    counted = Counter(place for order in orders for place in order.places)
    assert {place: room.left(slot) for place, slot in slots.items()} == {place: 1 - counted[place] for place in slots}  # fmt: skip
    assert sum(order.shipments for order in orders) == shipments - saved
    assert saved >= 0
    for before, after in zip(got, pieces(orders), strict=True):
        assert all(after[product] >= n for product, n in before.items())
    used: Counter[tuple[UUID, UUID]] = Counter()
    for order in orders:
        for claim in order.routed.claims:
            used[(claim.product_id, claim.location_id)] += claim.quantity
    for (product, place), n in stock.items():
        key = (_products[product], _places[place])
        assert used[key] + available[key] == n
        assert available[key] >= 0


@pytest.mark.django_db
def test_stock_that_comes_in_is_shared_over_fewer_shipments() -> None:
    world = build.world(locations=2, products=2, stock=0)
    first, second = world.place((world.skus[0], 1)), world.place((world.skus[0], 1), (world.skus[1], 1))  # fmt: skip
    world.count(world.locations[0], {world.skus[0]: 1, world.skus[1]: 1})
    world.count(world.locations[1], {world.skus[0]: 1})

    items = [AllocateItem(order_id=key) for key in (first, second)]
    for outcome in allocate_orders(items, actor=build.TESTER):
        outcome.require()

    assert [len(build.shipments(key)) for key in (first, second)] == [1, 1]
    report = run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}])
    assert report.findings == []
