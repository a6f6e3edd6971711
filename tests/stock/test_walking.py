"""How far walks are, what no division can be below, and that batches are never farther than plain ones."""

from collections.abc import Iterator
from itertools import product
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from orderwerk.picklists.batching import Caps, Parcel, near_batches, plain_batches
from orderwerk.picklists.walking import PITCH, Spot, footprint, lower_bound, walk_length

LENGTH = 10
orders = st.lists(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, LENGTH - 1)), min_size=1, max_size=3),
    min_size=1,
    max_size=6,
)


def parcels_of(stops: list[list[Spot]], group: str | None = None) -> list[Parcel]:
    return [Parcel(UUID(int=i), len(each), 100, tuple(each), group) for i, each in enumerate(stops)]


def far(walks: list[list[Parcel]], length: int = LENGTH) -> int:
    return sum(walk_length([footprint(p.stops) for p in walk], length) for walk in walks)


def test_an_odd_last_aisle_is_turned_in_and_an_even_one_walked_through() -> None:
    one, two = footprint([(0, 7)]), footprint([(0, 3), (2, 4)])

    assert walk_length([one], LENGTH) == 14
    assert walk_length([two], LENGTH) == 2 * PITCH * 2 + 2 * LENGTH
    assert walk_length([two, footprint([(1, 9)])], LENGTH) == 2 * PITCH * 2 + 2 * LENGTH + 2 * 4
    assert walk_length([], LENGTH) == 0


def test_orders_of_the_same_aisle_walk_together() -> None:
    stops: list[list[Spot]] = [[(0, 5)], [(4, 5)], [(0, 6)], [(4, 6)]]

    walks = near_batches(parcels_of(stops), Caps(orders=2))

    assert [[p.shipment_id.int for p in walk] for walk in walks] == [[0, 2], [1, 3]]


def test_without_aisles_the_far_ones_walk_together() -> None:
    stops: list[list[Spot]] = [[(0, 9)], [(0, 1)], [(0, 2)], [(0, 8)]]

    walks = near_batches(parcels_of(stops), Caps(orders=2))

    assert [[p.shipment_id.int for p in walk] for walk in walks] == [[0, 3], [1, 2]]


@settings(max_examples=60, deadline=None)
@given(orders, st.integers(1, 4), st.integers(2, 8))
def test_limits_are_kept_nothing_is_lost_and_it_is_never_farther_than_plain(
    stops: list[list[Spot]], most_orders: int, most_lines: int
) -> None:
    parcels = parcels_of(stops)
    caps = Caps(orders=most_orders, lines=most_lines, weight_grams=300)

    walks = near_batches(parcels, caps, effort=3_000)

    assert sorted(p.shipment_id.int for walk in walks for p in walk) == list(range(len(stops)))
    for walk in walks:
        fits = len(walk) <= min(most_orders, 3) and sum(p.lines for p in walk) <= most_lines
        assert len(walk) == 1 or fits
    length = max(depth for each in stops for _, depth in each) + 1
    assert far(walks, length) <= far(plain_batches(parcels, caps), length)
    assert near_batches(parcels, caps, effort=3_000) == walks


def divisions(parcels: list[Parcel]) -> Iterator[list[list[Parcel]]]:
    """Every way to divide parcels into walks."""
    for choice in product(range(len(parcels)), repeat=len(parcels)):
        placed = list(zip(parcels, choice, strict=True))
        yield [[parcel for parcel, walk in placed if walk == n] for n in set(choice)]


@settings(max_examples=40, deadline=None)
@given(orders.filter(lambda found: len(found) <= 5), st.integers(3, 6))
def test_no_division_at_all_is_below_the_bound(stops: list[list[Spot]], most: int) -> None:
    parcels = parcels_of(stops)
    feet, sizes = [footprint(p.stops) for p in parcels], [p.lines for p in parcels]
    best = min(
        far(division)
        for division in divisions(parcels)
        if all(sum(p.lines for p in walk) <= most for walk in division)
    )

    assert lower_bound(feet, sizes, most, LENGTH) <= best


def test_groups_never_share_a_walk() -> None:
    near: list[list[Spot]] = [[(0, 1)], [(0, 1)]]
    parcels = [*parcels_of(near, "a"), *parcels_of(near, "b")]

    walks = near_batches(parcels, Caps(orders=4))

    assert [{p.group for p in walk} for walk in walks] == [{"a"}, {"b"}]
