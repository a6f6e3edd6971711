"""Where orders are sent from: whole if possible, else the fewest shipments, never more than there is."""

import json
import os
import uuid
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwerk.allocations.routing import Demand, route

A, B, C = sorted(uuid.uuid4() for _ in range(3))
P, Q = sorted(uuid.uuid4() for _ in range(2))


def _demand(product: uuid.UUID, quantity: int) -> Demand:
    return Demand(uuid.uuid4(), product, quantity)


def test_the_first_location_with_everything_gets_all() -> None:
    routed = route(
        [_demand(P, 2), _demand(Q, 1)],
        [A, B, C],
        {(P, A): 5, (P, B): 5, (Q, B): 5, (P, C): 9, (Q, C): 9},
    )

    assert {c.location_id for c in routed.claims} == {B}
    assert {c.why for c in routed.claims} == {"whole_order"}
    assert routed.lacks == {A: 1, B: 0, C: 0}


def test_otherwise_the_fewest_locations() -> None:
    routed = route([_demand(P, 4)], [A, B, C], {(P, A): 1, (P, B): 2, (P, C): 3})

    assert sorted((c.location_id, c.quantity) for c in routed.claims) == [(A, 1), (C, 3)]


def test_what_is_not_there_waits() -> None:
    available = {(P, A): 1, (P, B): 1}
    routed = route([_demand(P, 5)], [A, B], available)

    assert sum(c.quantity for c in routed.claims) == 2
    assert {c.why for c in routed.claims} == {"as_much_as_possible"}
    assert available == {(P, A): 0, (P, B): 0}


def test_one_location_serves_all_where_the_shop_does_not_allocate() -> None:
    routed = route([_demand(P, 2)], [A, B], {(P, A): 1, (P, B): 9}, may_split=False)

    assert [(c.location_id, c.quantity) for c in routed.claims] == [(A, 1)]


def test_a_location_that_sends_something_already_comes_first() -> None:
    routed = route([_demand(P, 1)], [A, B], {(P, A): 9, (P, B): 9}, already=frozenset({B}))

    assert {c.location_id for c in routed.claims} == {B}


@given(
    demand=st.lists(st.tuples(st.sampled_from([P, Q]), st.integers(1, 6)), min_size=1, max_size=5),
    stock=st.dictionaries(
        st.tuples(st.sampled_from([P, Q]), st.sampled_from([A, B, C])), st.integers(0, 6)
    ),
)
def test_never_more_than_there_is_as_much_as_possible_with_the_fewest_locations(
    demand: list[tuple[uuid.UUID, int]], stock: dict[tuple[uuid.UUID, uuid.UUID], int]
) -> None:
    demands = [_demand(product, quantity) for product, quantity in demand]
    available = dict(stock)
    routed = route(demands, [A, B, C], available)

    taken: dict[tuple[uuid.UUID, uuid.UUID], int] = defaultdict(int)
    for claim in routed.claims:
        taken[(claim.product_id, claim.location_id)] += claim.quantity
    wanted = {
        product: sum(d.quantity for d in demands if d.product_id == product) for product in (P, Q)
    }

    assert all(n <= stock.get(key, 0) for key, n in taken.items())
    assert all(available.get(key, 0) == stock.get(key, 0) - taken.get(key, 0) for key in stock)
    possible = {
        p: min(wanted[p], sum(stock.get((p, place), 0) for place in (A, B, C))) for p in (P, Q)
    }
    assert {p: sum(n for (q, _), n in taken.items() if q == p) for p in (P, Q)} == possible

    def reaches(places: tuple[uuid.UUID, ...]) -> bool:
        return all(
            min(wanted[p], sum(stock.get((p, x), 0) for x in places)) == possible[p] for p in (P, Q)
        )

    fewest = next(
        n for n in range(4) if any(reaches(group) for group in combinations((A, B, C), n))
    )
    assert len({c.location_id for c in routed.claims}) <= fewest


def test_real_orders_on_made_up_stock_stay_close_to_the_proven_optimum() -> None:
    shared = os.environ.get("ORDERWERK_SHARED_DATA")
    if shared is None:
        pytest.skip("ORDERWERK_SHARED_DATA is not set: no real orders to allocate")
    optimum = {"01": 43, "02": 71, "03": 146, "04": 223}
    for path in sorted((Path(shared) / "allocation").glob("alloc-*.json")):
        case = json.loads(path.read_text())
        places = {code: uuid.uuid5(uuid.NAMESPACE_OID, code) for code in case["locations"]}
        products = {
            sku: uuid.uuid5(uuid.NAMESPACE_OID, sku)
            for stock in case["stock"].values()
            for sku in stock
        }
        available = {
            (products[sku], places[code]): n
            for code, stock in case["stock"].items()
            for sku, n in stock.items()
        }
        shipments = 0
        for order in case["orders"]:
            demands = [_demand(products[sku], quantity) for sku, quantity in order["lines"]]
            routed = route(demands, list(places.values()), available)
            assert sum(c.quantity for c in routed.claims) == sum(d.quantity for d in demands)
            shipments += len({c.location_id for c in routed.claims})
        assert shipments <= optimum[path.name.split("-")[1]] * 1.05, (path.name, shipments)
