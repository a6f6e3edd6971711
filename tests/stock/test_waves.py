"""Waves: within their limits, out of aisles that hold them, never less dense than the oldest orders, never above the bound."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from orderwerk.picklists.waves import Choice, Goods, Wave, densest, oldest_first, total, upper_bound

goods = st.dictionaries(st.integers(0, 4), st.integers(1, 3), min_size=1, max_size=3)


def held(wave: Wave, choice: Choice) -> bool:
    wanted = total(wave.orders[i] for i in choice.orders)
    there = total(wave.aisles[i] for i in choice.aisles)
    return all(n <= there.get(item, 0) for item, n in wanted.items())


def best(wave: Wave) -> float:
    """The densest wave of all that there are, by trying each."""
    found = 0.0
    for number in range(1, len(wave.orders) + 1):
        for chosen in combinations(range(len(wave.orders)), number):
            pieces = sum(sum(wave.orders[i].values()) for i in chosen)
            few = len(chosen) <= (wave.most_orders or number) and set(wave.first) <= set(chosen)
            if not few or not wave.least <= pieces <= wave.most:
                continue
            for size in range(1, len(wave.aisles) + 1):
                if any(held(wave, Choice(chosen, frozenset(aisles))) for aisles in combinations(range(len(wave.aisles)), size)):  # fmt: skip
                    found = max(found, pieces / size)
                    break
    return found


def test_orders_that_share_an_aisle_are_chosen_and_the_oldest_are_not() -> None:
    orders: list[Goods] = [{0: 1}, {1: 1}, {2: 2}, {2: 3}]
    wave = Wave(orders, [{0: 5}, {1: 5}, {2: 5}], 2, 5)

    assert densest(wave, seconds=60) == Choice((2, 3), frozenset({2}), 5)
    assert oldest_first(wave) == Choice((0, 1, 2), frozenset({0, 1, 2}), 4)
    assert upper_bound(wave) == 5.0


def test_what_goes_in_first_does_and_the_rest_lies_beside_it() -> None:
    orders: list[Goods] = [{2: 2}, {2: 3}, {0: 1}, {0: 2}]
    wave = Wave(orders, [{0: 3}, {2: 5}], 1, 3, first=(2,))

    assert densest(wave, seconds=60) == Choice((2, 3), frozenset({0}), 3)
    assert densest(Wave(orders, [{0: 3}, {2: 5}], 1, 9, 2, (2,)), seconds=60).orders == (2, 3)


def test_no_wave_where_none_keeps_the_limits() -> None:
    orders: list[Goods] = [{0: 1}, {1: 4}]

    assert densest(Wave(orders, [{0: 1}], 2, 5), seconds=60) == Choice()
    assert densest(Wave(orders, [{0: 1}, {1: 4}], 1, 5, first=(0, 1)), seconds=60).pieces == 5
    assert densest(Wave(orders, [{0: 1}], 1, 5, first=(1,)), seconds=60) == Choice()
    assert densest(Wave([], [], 1, 5), seconds=60) == Choice()


def test_an_order_may_need_several_aisles_and_time_may_be_over_at_once() -> None:
    wave = Wave([{0: 2, 1: 2}, {0: 1}], [{0: 1, 1: 1}, {0: 2}, {1: 2}], 3, 5)

    assert densest(wave, seconds=0) == oldest_first(wave)
    assert densest(wave, seconds=60).per_aisle == best(wave)
    assert upper_bound(wave, thorough=False) >= best(wave)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(goods, min_size=1, max_size=5), st.lists(goods, min_size=1, max_size=4), st.integers(1, 4), st.integers(4, 9),
    st.sampled_from((None, 1, 3)), st.sampled_from(((), (0,))),
)  # fmt: skip
def test_limits_are_kept_and_the_bound_holds(orders: list[Goods], aisles: list[Goods], least: int, most: int, orders_most: int | None, first: tuple[int, ...]) -> None:  # fmt: skip
    wave = Wave(orders, aisles, least, most, orders_most, first)

    found, plain, limit = densest(wave, seconds=60), oldest_first(wave), best(wave)

    if found.orders:
        assert held(wave, found)
        assert least <= found.pieces <= most
        assert set(first) <= set(found.orders)
        assert len(found.orders) <= (orders_most or 5)
        assert found.pieces == sum(sum(orders[i].values()) for i in found.orders)
    if least <= plain.pieces <= most:
        assert found.per_aisle >= plain.per_aisle
    assert found.per_aisle <= limit
    assert limit <= min(upper_bound(wave), upper_bound(wave, thorough=False)) + 1e-9
    assert densest(wave, seconds=60) == found
