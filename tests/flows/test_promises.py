"""Waiting lines are pegged to what is expected: first come by priority, earliest supply first, anew at every reading."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwerk.allocations.pegging import Promise, Supply, Waiting, peg
from orderwerk.allocations.promises import pegged_to_inbound, promises
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.core import sql
from orderwerk.flows.letter_data import orders_for_letters
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.schemas.orders import promised
from orderwerk.stock.commands.close_inbounds import CloseInboundItem, close_inbounds
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.upsert_inbounds import (
    InboundItem,
    InboundLineItem,
    upsert_inbounds,
)
from tests import build

SOON, LATER = date(2026, 12, 12), date(2027, 1, 15)


def expect(
    world: build.World, quantity: int, day: date | None, place: int = 0, **fields: Any
) -> Any:
    """Expect pieces of the first article."""
    lines = [InboundLineItem(sku=fields.pop("sku", world.skus[0]), quantity=quantity)]
    item = InboundItem(location=world.locations[place], lines=lines, expected_on=day, **fields)
    return upsert_inbounds([item], actor=build.TESTER)[0].require()


def promise(order: UUID) -> Promise:
    """What the first line of an order may expect."""
    return promises([order])[build.order_lines(order)[0]]


@pytest.mark.django_db
def test_first_come_first_served_from_the_earliest_supply() -> None:
    world = build.world(stock=0)
    first, second, third = (world.place((world.skus[0], n), placed_at=f"2026-11-2{n}T10:00:00Z") for n in (3, 4, 5))  # fmt: skip
    later = expect(world, 6, LATER)
    soon = expect(world, 4, SOON)

    assert [(p.number, p.quantity) for p in promise(second).pegs] == [(soon.data["number"], 1), (later.data["number"], 3)]  # fmt: skip
    assert [promise(key).day for key in (first, second, third)] == [SOON, LATER, None]
    assert [(promise(key).waiting, promise(key).pegged) for key in (first, second, third)] == [(3, 3), (4, 4), (5, 3)]  # fmt: skip
    rows = pegged_to_inbound(build.TESTER, soon.id)
    assert [(row.order_id, row.quantity) for row in rows] == [(first, 3), (second, 1)]
    assert pegged_to_inbound(build.limited(soon.id), soon.id) == []


@pytest.mark.django_db
def test_priority_goes_before_the_time_of_placing() -> None:
    world = build.world(stock=0)
    first, second = (world.place((world.skus[0], 2)) for _ in range(2))
    sql.execute("update orders_order set priority = 5, version = version where id = %s", (second,))
    expect(world, 2, SOON)

    assert promise(second).day == SOON
    assert (promise(first).day, promise(first).pegged) == (None, 0)


@pytest.mark.django_db
def test_it_is_pegged_again_when_the_supply_moves() -> None:
    world = build.world(stock=0)
    order = world.place((world.skus[0], 2))
    made = expect(world, 2, SOON)
    assert promise(order).day == SOON

    expect(world, 2, LATER, number=made.data["number"])
    assert promise(order).day == LATER
    close_inbounds([CloseInboundItem(inbound_id=made.id, reason="Sold out")], actor=build.TESTER)[0].require()  # fmt: skip
    assert promise(order).day is None
    assert promise(order).pegs == []


@pytest.mark.django_db
def test_what_came_is_no_longer_promised_and_a_supply_without_a_day_has_none() -> None:
    world = build.world(stock=0, locations=1)
    order = world.place((world.skus[0], 5))
    made = expect(world, 5, None)
    came = ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=2, inbound=made.data["number"])  # fmt: skip
    receive_stock([came], actor=build.TESTER)[0].require()

    found = promise(order)

    assert (found.pegged, found.day) == (3, None)


@pytest.mark.django_db
def test_only_where_the_shop_draws_from_and_only_for_whom_it_is_the_turn() -> None:
    world, other = build.world(stock=0), build.world(stock=0)
    order, held = (world.place((world.skus[0], 2)) for _ in range(2))
    unpaid = world.place((world.skus[0], 2), payments=[])
    lines = [InboundLineItem(sku=world.skus[0], quantity=9)]
    upsert_inbounds([InboundItem(location=other.locations[0], lines=lines, expected_on=SOON)], actor=build.TESTER)  # fmt: skip
    hold_orders([HoldItem(order_id=held, reason="x")], actor=build.TESTER)[0].require()

    assert promise(order).pegged == 0
    expect(world, 3, SOON)
    assert (promise(order).day, promise(held).pegged) == (SOON, 1)
    assert promises([unpaid]) == {}
    assert promises([build.world().place()]) == {}


@pytest.mark.django_db
def test_a_kit_waits_for_the_last_of_its_components() -> None:
    world = build.world(stock=0, locations=1)
    kit = f"KIT{build.serial()}"
    parts = [ComponentItem(sku=sku, quantity=2) for sku in world.skus[:2]]
    upsert_products([ProductItem(sku=kit, name="Kit", components=parts)], actor=build.TESTER)
    order = world.place((kit, 1))
    expect(world, 2, SOON)
    assert promise(order).day is None

    expect(world, 2, LATER, sku=world.skus[1])

    assert (promise(order).day, promise(order).waiting) == (LATER, 4)


@pytest.mark.django_db
def test_letters_name_the_day_in_the_customers_language() -> None:
    world = build.world(stock=0)
    order = world.place((world.skus[0], 2), locale="nl")
    expect(world, 2, SOON)

    [line] = orders_for_letters([order])[order][2]["order"]["waiting"]

    assert (line["quantity"], line["promised_on"]) == (2, "12 december 2026")


def test_where_nothing_waits_nothing_is_asked() -> None:
    with sql.count_statements() as count:
        assert promised({}) == {}

    assert count.total == 0


_shops = st.integers(0, 2)


@given(
    demands=st.lists(st.tuples(_shops, st.integers(0, 2), st.integers(1, 5)), max_size=12),
    supplies=st.lists(st.tuples(_shops, st.integers(0, 2), st.integers(0, 6)), max_size=8),
)
def test_no_piece_is_promised_twice_and_none_is_left_that_somebody_could_have(
    demands: list[tuple[int, int, int]], supplies: list[tuple[int, int, int]]
) -> None:
    ids = [uuid4() for _ in range(3)]
    waiting = [Waiting(uuid4(), uuid4(), ids[shop], ids[product], n) for shop, product, n in demands]  # fmt: skip
    coming = [Supply(uuid4(), str(i), ids[place], ids[product], n, SOON) for i, (place, product, n) in enumerate(supplies)]  # fmt: skip
    before = {s.inbound_id: s.quantity for s in coming}

    # A shop draws from its own place and from the first.
    pegs = peg(waiting, coming, lambda demand, place: place in {demand.shop_id, ids[0]})

    given_out: Counter[UUID] = Counter()
    got: Counter[UUID] = Counter()
    for one in pegs:
        given_out[one.inbound_id] += one.quantity
        got[one.waiting.line_id] += one.quantity
    assert all(given_out[key] + s.quantity == before[key] for s in coming for key in [s.inbound_id])
    assert all(got[w.line_id] <= w.quantity for w in waiting)
    for w in waiting:
        if got[w.line_id] < w.quantity:
            left = [s for s in coming if s.product_id == w.product_id and s.quantity]
            assert all(s.location_id not in {w.shop_id, ids[0]} for s in left)
