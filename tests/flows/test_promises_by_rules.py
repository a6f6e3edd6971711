"""Promises keep to what routing would do: nobody is promised what comes to where his order is never sent from."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from orderwerk.allocations import serving
from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.groups import Group
from orderwerk.allocations.promises import pegged_to_inbound, promises
from orderwerk.allocations.rules import Rule
from orderwerk.core import sql
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.explain_waiting import explain_waiting
from orderwerk.flows.letter_data import orders_for_letters
from orderwerk.flows.reject_shipments import RejectShipmentItem, reject_shipments
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.stock.calendar import SpecialDay
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from tests import build
from tests.flows.test_collecting import collected
from tests.flows.test_promises import SOON, expect, promise

pytestmark = pytest.mark.django_db


def _rules(world: build.World, *rules: Rule, is_draft: bool = False, **group: Any) -> None:
    groups = [Group(name="Care", rules=list(rules), **group)] if rules else []
    item = RoutingItem(shop=world.shop, groups=groups, is_draft=is_draft)
    set_routing_rules([item], actor=build.TESTER)[0].require()


def _to(world: build.World, country: str, quantity: int = 2, **fields: Any) -> UUID:
    address = {
        "name": "Test Persoon", "street": "Teststraat", "house_number": "1", "postal_code": "1234", "city": "Testdorp",
        "country": country,
    }  # fmt: skip
    return world.place((world.skus[0], quantity), billing_address=address, **fields)


def _only_from(world: build.World, place: int) -> Rule:
    return Rule(name="Belgium", countries=["BE"], locations=[world.locations[place]])


def test_what_comes_to_where_the_rule_never_sends_from_is_promised_to_who_will_get_it() -> None:
    world = build.world(stock=0)
    _rules(world, _only_from(world, 1))
    first = _to(world, "BE", placed_at="2026-11-21T10:00:00Z")
    second = _to(world, "NL", placed_at="2026-11-22T10:00:00Z")
    made = expect(world, 2, SOON)

    assert (promise(first).day, promise(first).pegs) == (None, [])
    assert promise(second).day == SOON
    assert [row.order_id for row in pegged_to_inbound(build.TESTER, made.id)] == [second]
    letters = orders_for_letters([first, second])
    days = [letters[key][2]["order"]["waiting"][0]["promised_on"] for key in (first, second)]
    assert days == ["", "12 december 2026"]

    # And so it comes.
    came = ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=2, inbound=made.data["number"])  # fmt: skip
    receive_stock([came], actor=build.TESTER)[0].require()
    items = [AllocateItem(order_id=key) for key in (first, second)]
    told = [outcome.require().data["allocated"] for outcome in allocate_orders(items, actor=build.TESTER)]  # fmt: skip
    assert told == [0, 2]


def test_it_is_pegged_again_when_the_rules_change() -> None:
    world = build.world(stock=0)
    first, second = _to(world, "BE"), _to(world, "NL")
    expect(world, 2, SOON)
    assert (promise(first).day, promise(second).day) == (SOON, None)

    _rules(world, _only_from(world, 1), is_draft=True)
    assert (promise(first).day, promise(second).day) == (SOON, None)
    _rules(world, _only_from(world, 1))
    assert (promise(first).day, promise(second).day) == (None, SOON)
    _rules(world)
    assert (promise(first).day, promise(second).day) == (SOON, None)


def _cases(world: build.World) -> dict[str, tuple[list[Rule], dict[str, Any]]]:
    here, there = world.locations[:2]
    both = {"countries": ["BE"]}
    return {
        "no rules": ([], {}),
        "only from": ([Rule(name="x", locations=[there])], {}),
        "avoid": ([Rule(name="x", avoid=[here])], {}),
        "nowhere": ([Rule(name="x", locations=[here], avoid=[here])], {}),
        "country": ([Rule(name="x", avoid=[here], **both)], {}),
        "another country": ([Rule(name="x", avoid=[here], countries=["NL"])], {}),
        "postal code": ([Rule(name="x", avoid=[here], postal_codes=["12"])], {}),
        "tag": ([Rule(name="x", avoid=[here], tags=["vip"])], {}),
        "article": ([Rule(name="x", avoid=[here], skus=[world.skus[0]])], {}),
        "not known to be light": ([Rule(name="x", avoid=[here], max_weight_grams=1)], {}),
        "value": ([Rule(name="x", avoid=[here], min_value="20.00")], {}),
        "too little": ([Rule(name="x", avoid=[here], min_value="20.01")], {}),
        "day": ([Rule(name="x", avoid=[here], until_day=date(2020, 1, 1))], {}),
        "the first decides": ([Rule(name="x", avoid=[there], **both), Rule(name="y", avoid=[here])], {}),
        "the group is not for it": ([Rule(name="x", avoid=[here])], {"countries": ["NL"]}),
        "the group is off": ([Rule(name="x", avoid=[here])], {"is_active": False}),
        "never split": ([Rule(name="x", split="never")], {}),
        "at most so many parcels": ([Rule(name="x", most_shipments=1, sort=["stock"])], {}),
    }  # fmt: skip


@pytest.mark.parametrize("case", _cases(build.World("x", ["a", "b"], ["s"])))
def test_a_promise_comes_from_where_routing_would_ask_and_from_nowhere_else(case: str) -> None:
    world = build.world(stock=0)
    rules, group = _cases(world)[case]
    _rules(world, *rules, **group)
    order = _to(world, "BE", tags=["vip"])
    found = explain_waiting(order, build.TESTER)
    assert found is not None

    pegged = set()
    for index, place in enumerate(world.locations):
        made = expect(world, 1, SOON, index)
        if made.id in {one.inbound_id for one in promise(order).pegs}:
            pegged.add(place)

    assert pegged == set(found["lacks"])


def test_a_location_that_cannot_send_the_order_is_not_promised_for_it() -> None:
    world = build.world(stock=0)
    world.count(world.locations[0], {world.skus[0]: 2})
    order = _to(world, "NL")
    [shipment] = build.shipments(order)
    item = RejectShipmentItem(shipment_id=shipment, reason="the roof leaks")
    reject_shipments([item], actor=build.TESTER)[0].require()
    later = _to(world, "NL", 3)
    expect(world, 1, SOON)

    assert (promise(order).waiting, promise(order).pegged) == (2, 0)
    assert promise(later).day == SOON
    expect(world, 2, SOON, 1)
    assert promise(order).day == SOON


def test_who_collects_is_promised_what_comes_there_whatever_the_rules_say() -> None:
    world = build.world(stock=0)
    _rules(world, Rule(name="x", avoid=[world.locations[1]]))
    order = collected(world, (world.skus[0], 2))
    expect(world, 2, SOON, 1)

    assert promise(order).day == SOON


def test_a_location_that_is_closed_or_full_today_is_promised_all_the_same() -> None:
    world = build.world(stock=0)
    _rules(world, Rule(name="x", countries=["BE"], avoid=[world.locations[1]], sort=["capacity"]))
    today = sql.fetch("select current_date")[0][0]
    here = LocationItem(
        code=world.locations[0], name="a", daily_capacity=0, special_days=[SpecialDay(on=today, is_closed=True)]
    )  # fmt: skip
    set_up_locations([here], actor=build.TESTER)[0].require()
    order = _to(world, "BE")
    expect(world, 2, SOON)

    assert promise(order).day == SOON


def test_promises_by_rules_cost_the_same_for_one_and_many() -> None:
    counted = set()
    for orders in (1, 20):
        world = build.world(stock=0)
        _rules(world, _only_from(world, 1))
        placed = [_to(world, country) for country in ("BE", "NL") for _ in range(orders)]
        made = expect(world, 2, SOON)
        with sql.count_statements() as count:
            orders_for_letters(placed)
            pegged_to_inbound(build.TESTER, made.id)
        counted.add(count.total)

    assert len(counted) == 1


@pytest.mark.parametrize(("supply", "reads"), [(3, 1), (4, 1), (5, 2), (9, 3), (100, 3)])
def test_no_more_orders_are_read_than_what_comes_reaches(
    monkeypatch: pytest.MonkeyPatch, supply: int, reads: int
) -> None:
    world = build.world(stock=0)
    _rules(world, _only_from(world, 1))
    placed = [_to(world, "BE" if n % 4 == 1 else "NL", 1) for n in range(12)]
    expect(world, supply, SOON)
    want = {key: one.pegged for found in [promises(placed)] for key, one in found.items()}
    monkeypatch.setattr(serving, "READ_AT_ONCE", 5)

    with sql.count_statements() as count:
        found = promises(placed)

    assert {key: one.pegged for key, one in found.items()} == want
    served = [key for n, key in enumerate(placed) if n % 4 != 1][:supply]
    assert [key for key in placed if found[build.order_lines(key)[0]].pegged] == served
    # What waits, what comes, what was sent for somebody and whose rules decide; then rejections and facts.
    assert count.total == 5 + 2 * reads


def test_who_was_passed_over_is_not_read_and_who_asks_next_is(monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    world = build.world(stock=0)
    _rules(world, _only_from(world, 1))
    placed = [_to(world, "NL", 1) for _ in range(4)]
    last = world.place((world.skus[1], 1))
    expect(world, 1, SOON)
    expect(world, 1, SOON, sku=world.skus[1])
    monkeypatch.setattr(serving, "READ_AT_ONCE", 2)

    with sql.count_statements() as count:
        found = promises([*placed, last])

    assert [found[build.order_lines(key)[0]].pegged for key in (*placed, last)] == [1, 0, 0, 0, 1]
    assert count.total == 5 + 2 * 2
