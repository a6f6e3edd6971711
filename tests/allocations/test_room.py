"""What a location can still take today is counted down within a call, and between calls that come at one moment."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.queries import order_allocations
from orderwerk.allocations.room import Room, room_of, slots_of
from orderwerk.allocations.rules import LocationFacts, Rule
from orderwerk.core import clock, ids, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.stock.calendar import SpecialDay
from tests import build
from tests.flows.test_short_picks import sound
from tests.races.threads import together

_DAY = date(2026, 11, 27)


def _capacity(world: build.World, most: int, place: int = 0) -> None:
    code = world.locations[place]
    item = LocationItem(code=code, name=code, daily_capacity=most)
    set_up_locations([item], actor=build.TESTER)[0].require()


def _placed(outcomes: list[Outcome]) -> list[UUID]:
    return [key for o in outcomes if (key := o.require().id) is not None]


def _parcels(world: build.World) -> list[int]:
    rows = sql.fetch(
        "select l.code, count(s.id) from stock_location l left join shipments_shipment s on s.location_id = l.id "
        "where l.code = any(%s) group by l.code order by l.code",
        (world.locations,),
    )
    return [row[1] for row in rows]


def test_room_is_counted_per_location_and_day_and_the_least_that_a_shop_sees() -> None:
    place, plain = ids.new_id(), LocationFacts(ids.new_id(), "plain")
    here = LocationFacts(place, "here", left=3, day=_DAY)
    room = room_of([here, LocationFacts(place, "here", left=2, day=_DAY), plain])

    room.take(slots_of([here, plain]), [place, plain.id])

    assert [p.left for p in room.seen([here, plain])] == [1, None]
    assert (room.left(here.slot), room.left(plain.slot), room.left(None)) == (1, None, None)
    tomorrow = LocationFacts(place, "here", left=5, day=date(2026, 11, 28))
    assert [p.left for p in room.seen([tomorrow])] == [5]


def test_nobody_counts_where_no_location_has_a_number() -> None:
    place = LocationFacts(ids.new_id(), "here", left=1, day=_DAY)
    room = Room()

    room.take(slots_of([place]), [place.id])

    assert room.seen([place]) == [place]


@pytest.mark.django_db
def test_orders_of_one_call_count_against_each_other() -> None:
    world = build.world(locations=2, products=1)
    _capacity(world, 3)

    orders = _placed(place_orders([world.document() for _ in range(8)], actor=build.TESTER))

    assert _parcels(world) == [3, 5]
    why = [order_allocations(build.TESTER, key)[0].why for key in orders]
    assert "so asked last" not in why[2]
    assert f"Can take no more parcels, so asked last: {world.locations[0]}." in why[3]
    sound()


@pytest.mark.django_db
def test_orders_that_are_allocated_together_count_as_well_and_all_full_is_no_reason_to_wait() -> None:  # fmt: skip
    world = build.world(locations=2, products=1, stock=0)
    _capacity(world, 2)
    _capacity(world, 1, place=1)
    orders = _placed(place_orders([world.document() for _ in range(5)], actor=build.TESTER))
    for code in world.locations:
        world.count(code, {world.skus[0]: 9})

    for outcome in allocate_orders([AllocateItem(order_id=key) for key in orders], actor=build.TESTER):  # fmt: skip
        outcome.require()

    assert [build.order(key)["units_allocated"] for key in orders] == [1] * 5
    assert _parcels(world) == [4, 1]
    sound()


@pytest.mark.django_db
def test_what_is_collected_takes_room_and_a_parcel_that_waits_already_takes_none() -> None:
    world = build.world(locations=2, products=2, stock=0)
    _capacity(world, 2)
    for code in world.locations:
        world.count(code, {world.skus[0]: 9})
    shipping = {"method": "collect", "collect_at": world.locations[0]}  # fmt: skip
    later = world.place((world.skus[0], 1), (world.skus[1], 1))
    documents = [world.document((world.skus[0], 1), shipping=shipping), world.document((world.skus[0], 1))]  # fmt: skip

    collected, other = _placed(place_orders(documents, actor=build.TESTER))
    for code in world.locations:
        world.count(code, {world.skus[1]: 9})
    allocate_orders([AllocateItem(order_id=later)], actor=build.TESTER)[0].require()

    where = [{a[3] for a in build.allocations(key)} for key in (later, collected, other)]
    assert where == [{world.locations[0]}, {world.locations[0]}, {world.locations[1]}]
    assert len(build.shipments(later)) == 1
    why = [row.why for row in order_allocations(build.TESTER, later)]
    assert any(f"{world.locations[0]} has an open shipment of this order" in told for told in why)
    sound()


@pytest.mark.django_db
def test_two_shops_share_the_room_of_a_location() -> None:
    mine, theirs = build.shared_worlds()
    mine.count(mine.locations[0], {mine.skus[0]: 99})
    spare = build.world(locations=1, products=1, stock=0)
    theirs_spare = spare.locations[0]
    links = [LocationShops(location=theirs_spare, shops=[mine.shop, theirs.shop])]
    link_locations(links, actor=build.TESTER)[0].require()
    item = LocationItem(code=theirs_spare, name="Spare", priority=9)
    set_up_locations([item], actor=build.TESTER)[0].require()
    spare.skus = mine.skus
    spare.count(theirs_spare, {mine.skus[0]: 99})
    _capacity(mine, 3)

    documents = [w.document((mine.skus[0], 1)) for w in (mine, theirs) * 3]
    orders = _placed(place_orders(documents, actor=build.TESTER))

    where = [build.allocations(key)[0][3] for key in orders]
    assert where == [mine.locations[0]] * 3 + [theirs_spare] * 3


@pytest.mark.django_db
def test_a_batch_is_rearranged_within_room_and_days_and_never_against_a_rule_that_sorts() -> None:
    def shares(**first: object) -> list[int]:
        """Two orders of which the first takes the only place that has all of the second."""
        world = build.world(locations=2, products=2, stock=0)
        orders = [world.place((world.skus[0], 1)), world.place((world.skus[0], 1), (world.skus[1], 1))]  # fmt: skip
        world.count(world.locations[0], {world.skus[0]: 1, world.skus[1]: 1})
        world.count(world.locations[1], {world.skus[0]: 1})
        code = world.locations[1]
        if "rule" in first:
            item = RoutingItem(shop=world.shop, rules=[first["rule"]])  # type: ignore[list-item]
            set_routing_rules([item], actor=build.TESTER)[0].require()
        elif first:
            item = LocationItem(code=code, name=code, **first)  # type: ignore[arg-type,assignment]
            set_up_locations([item], actor=build.TESTER)[0].require()  # type: ignore[list-item]
        with clock.told(datetime(2027, 2, 24, 9, 0, tzinfo=UTC)):
            allocate_orders([AllocateItem(order_id=key) for key in orders], actor=build.TESTER)
        return [len(build.shipments(key)) for key in orders]

    assert shares() == [1, 1]
    assert shares(daily_capacity=1) == [1, 1]
    assert shares(daily_capacity=0) == [1, 2]
    assert shares(special_days=[SpecialDay(on=date(2027, 2, 24), is_closed=True)]) == [1, 2]
    assert shares(rule=Rule(name="Plain")) == [1, 1]
    assert shares(rule=Rule(name="Sorted", sort=["priority"])) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_calls_at_the_same_moment_do_not_overrun_a_location() -> None:
    world = build.world(locations=2, products=1, stock=500)
    _capacity(world, 20)

    calls = [[world.document() for _ in range(5)] for _ in range(8)]
    results = together([lambda c=c: place_orders(c, actor=build.TESTER) for c in calls])

    assert [r for r in results if isinstance(r, BaseException)] == []
    assert _parcels(world) == [20, 20]
    sound()


@pytest.mark.django_db(transaction=True)
def test_calls_about_other_articles_count_the_same_room() -> None:
    # They share no stock that would make one wait for the other.
    world = build.world(locations=2, products=8, stock=50)
    _capacity(world, 10)

    calls = [[world.document((sku, 1)) for _ in range(3)] for sku in world.skus]
    results = together([lambda c=c: place_orders(c, actor=build.TESTER) for c in calls])

    assert [r for r in results if isinstance(r, BaseException)] == []
    assert _parcels(world) == [10, 14]
    sound()
