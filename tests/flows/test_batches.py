"""Batches: what goes on one walk, what is kept apart, and that any part of one may be finished."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import clock, decode, sql
from orderwerk.core.errors import BadInput
from orderwerk.core.outcome import Outcome
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.picklists.batching import Caps, Parcel, plain_batches
from orderwerk.picklists.commands.create import (
    CreatePickListItem,
    create_pick_lists,
    preview_pick_lists,
)
from orderwerk.picklists.queries import PickListFilters, pick_list_detail, pick_list_page
from orderwerk.picklists.selection import last_cut_off
from orderwerk.picklists.walks import by_order, stops
from orderwerk.picklists.wave_queries import WaveFilters, wave_detail, wave_page
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def made(world: build.World, **wish: Any) -> list[UUID]:
    """The pick lists that a wish makes at the first location."""
    outcome = asked(world, **wish).require()
    return [each["id"] for each in outcome.data["pick_lists"]]


def item(world: build.World, **wish: Any) -> CreatePickListItem:
    return decode.convert({"location": world.locations[0], "kind": "batch", **wish}, CreatePickListItem)  # fmt: skip


def asked(world: build.World, **wish: Any) -> Outcome:
    return create_pick_lists([item(world, **wish)], actor=build.TESTER)[0]


def orders_on(pick_list: UUID) -> list[UUID]:
    return [row[0] for row in sql.fetch("select distinct order_id from picklists_line where pick_list_id = %s", (pick_list,))]  # fmt: skip


def zoned() -> build.World:
    """A location with two zones: the first article lies in the cold one, the second in the dry one."""
    world = build.world(locations=1, products=2, stock=0)
    place = world.locations[0]
    bins = [BinItem(location=place, bin="C1", position=2, zone="cold"), BinItem(location=place, bin="D1", position=1, zone="dry")]  # fmt: skip
    set_bins(bins, actor=build.TESTER)
    counts = [CountItem(sku=sku, location=place, quantity=50, bin=code) for sku, code in zip(world.skus, ("C1", "D1"), strict=True)]  # fmt: skip
    count_stock_levels(counts, actor=build.TESTER)
    return world


def test_totes_number_the_orders_of_a_walk() -> None:
    world = build.world(locations=1)
    orders = [world.place((world.skus[0], 2), (world.skus[1], 1)) for _ in range(3)]

    [pick_list] = made(world, method="totes")

    lines = pick_list_detail(build.TESTER, pick_list).lines
    totes = {line.order_id: line.tote for line in lines}
    assert totes == {orders[0]: 1, orders[1]: 2, orders[2]: 3}
    assert [stop.left for stop in stops("totes", lines)] == [2, 2, 2, 1, 1, 1]
    sound()


def test_singles_take_only_orders_of_one_piece_and_collect_them_together() -> None:
    world = build.world(locations=1)
    ones = [world.place((world.skus[0], 1)) for _ in range(3)]
    world.place((world.skus[0], 2))
    world.place((world.skus[0], 1), (world.skus[1], 1))

    [pick_list] = made(world, method="singles")

    detail = pick_list_detail(build.TESTER, pick_list)
    assert set(orders_on(pick_list)) == set(ones)
    [stop] = stops(detail.pick_list.method, detail.lines)
    assert (stop.left, stop.orders) == (3, 3)
    assert {line.tote for line in detail.lines} == {0}
    sound()


def test_what_is_sorted_afterwards_is_taken_together_and_told_apart_by_order() -> None:
    world = build.world(locations=1)
    orders = [world.place((world.skus[0], n), (world.skus[1], 1)) for n in (1, 2)]

    [pick_list] = made(world, method="sort")

    detail = pick_list_detail(build.TESTER, pick_list)
    walk = stops("sort", detail.lines)
    assert [(stop.line.sku, stop.left) for stop in walk] == [(world.skus[0], 3), (world.skus[1], 2)]
    assert [len(each.lines) for each in by_order(detail.lines)] == [2, 2]
    found = walk[0].taken(2, "missing")
    assert [(row["picked"], row["short"], row["reason"]) for row in found] == [(1, 0, ""), (1, 1, "missing")]  # fmt: skip
    for outcome in pick_lines([decode.convert(row, PickItem) for row in found], actor=build.TESTER):
        outcome.require()
    assert [build.order(key)["units_picked"] for key in orders] == [1, 1]
    sound()


def test_orders_of_the_same_aisle_walk_together_where_bins_say_where_they_lie() -> None:
    world = build.world(locations=1, products=2, stock=0)
    place = world.locations[0]
    bins = [BinItem(location=place, bin=f"B{i}", position=i, aisle=8 * i, depth=3) for i in (0, 1)]
    set_bins(bins, actor=build.TESTER)
    counts = [CountItem(sku=sku, location=place, quantity=50, bin=f"B{i}") for i, sku in enumerate(world.skus)]  # fmt: skip
    count_stock_levels(counts, actor=build.TESTER)
    orders = [world.place((world.skus[i % 2], 1)) for i in range(4)]

    lists = made(world, max_orders=2)

    assert [set(orders_on(key)) for key in lists] == [{orders[0], orders[2]}, {orders[1], orders[3]}]  # fmt: skip
    sound()


def test_limits_of_a_walk_begin_the_next_one() -> None:
    world = build.world(locations=1)
    for _ in range(5):
        world.place((world.skus[0], 1), (world.skus[1], 1))

    by_orders = made(world, max_orders=2, limit=4)
    by_lines = made(world, max_lines=1)

    assert [len(orders_on(key)) for key in by_orders] == [2, 2]
    assert [len(orders_on(key)) for key in by_lines] == [1]
    sound()


def test_a_parcel_above_a_limit_has_a_walk_of_its_own() -> None:
    def parcel(weight: int) -> Parcel:
        return Parcel(UUID(int=weight), 1, weight, (1,))

    walks = plain_batches([parcel(n) for n in (4, 5, 30, 1)], Caps(weight_grams=10))

    assert [[p.weight_grams for p in walk] for walk in walks] == [[4, 5], [30], [1]]


def test_filters_narrow_what_is_collected() -> None:
    world = build.world(locations=1)
    plain = world.place()
    vip = world.place(tags=["vip"])
    late = world.place(placed_at="2026-11-21T10:15:00+01:00")
    belgian = world.place()
    sql.execute("update orders_order set country = 'BE' where id = %s", (belgian,))
    served = world.place()
    change = UpdateShipmentItem(shipment_id=build.shipments(served)[0], service="express")
    update_shipments([change], actor=build.TESTER)[0].require()

    assert orders_on(made(world, tags=["vip", "x"])[0]) == [vip]
    assert orders_on(made(world, countries=["BE"])[0]) == [belgian]
    assert orders_on(made(world, service="express")[0]) == [served]
    assert orders_on(made(world, placed_before="2026-11-21T00:00:00+01:00")[0]) == [plain]
    assert orders_on(made(world, carrier="manual")[0]) == [late]
    refused = asked(world)
    assert refused.error is not None
    assert refused.error.code == "nothing_to_pick"


def test_a_zone_takes_its_part_of_orders_and_the_rest_stays_pickable() -> None:
    world = zoned()
    order = world.place((world.skus[0], 2), (world.skus[1], 3))

    [cold] = made(world, zones=["cold"])
    nothing = asked(world, zones=["cold"])
    [rest] = made(world)

    assert [n for _, n in build.pick_lines_of(cold)] == [2]
    assert [n for _, n in build.pick_lines_of(rest)] == [3]
    assert nothing.error is not None
    assert nothing.error.code == "nothing_to_pick"
    complete_pick_lists([CompleteItem(pick_list_id=cold)], actor=build.TESTER)[0].require()
    assert build.order(order)["units_picked"] == 2
    sound()


def test_walks_of_their_own_per_zone_in_one_wave() -> None:
    world = zoned()
    for _ in range(2):
        world.place((world.skus[0], 1), (world.skus[1], 1))

    outcome = asked(world, split_by="zone", wave="Noon").require()

    lists = [each["id"] for each in outcome.data["pick_lists"]]
    assert [len(orders_on(key)) for key in lists] == [2, 2]
    wave = wave_detail(build.TESTER, outcome.data["wave"]["id"])
    assert (wave.name, wave.list_count, wave.open_list_count, wave.units, wave.units_done) == ("Noon", 2, 2, 4, 0)  # fmt: skip
    complete_pick_lists([CompleteItem(pick_list_id=lists[0])], actor=build.TESTER)[0].require()
    wave = wave_detail(build.TESTER, wave.id)
    assert (wave.open_list_count, wave.units_done) == (1, 2)
    shown = pick_list_page(build.TESTER, PickListFilters(wave=wave.number)).items
    assert {row.id for row in shown} == set(lists)
    assert [w.id for w in wave_page(build.TESTER, WaveFilters(location=world.locations[0], finished=False)).items] == [wave.id]  # fmt: skip
    assert wave_page(build.limited(build.world().shop_id), WaveFilters()).items == []
    sound()


@pytest.mark.parametrize("split_by", ["carrier", "service", "country", "cut_off"])
def test_each_carrier_service_country_or_day_of_leaving_has_a_list_of_its_own_in_the_wave(
    split_by: str,
) -> None:
    world = build.world(locations=1)
    alike = [world.place() for _ in range(2)]
    later = world.place(placed_at="2026-11-21T10:15:00+01:00")
    express, abroad, other = world.place(), world.place(), world.place()
    change = UpdateShipmentItem(shipment_id=build.shipments(express)[0], service="express")
    update_shipments([change], actor=build.TESTER)[0].require()
    sql.execute("update orders_order set country = 'BE' where id = %s", (abroad,))
    if split_by == "carrier":
        upsert_carriers([CarrierItem(code="postnl", name="PostNL")], actor=build.TESTER)[
            0
        ].require()
        mine = UpdateShipmentItem(shipment_id=build.shipments(other)[0], carrier="postnl")
        update_shipments([mine], actor=build.TESTER)[0].require()
    alone = {"carrier": other, "service": express, "country": abroad, "cut_off": later}[split_by]

    outcome = asked(world, split_by=split_by, wave="Noon").require()

    lists = sorted((orders_on(each["id"]) for each in outcome.data["pick_lists"]), key=len)
    assert [sorted(orders) for orders in lists] == [
        [alone],
        sorted({*alike, later, express, abroad, other} - {alone}),
    ]
    assert wave_detail(build.TESTER, outcome.data["wave"]["id"]).list_count == 2
    sound()


def test_the_day_of_leaving_is_the_day_of_placing_until_the_cut_off() -> None:
    world = build.world(locations=1)
    place = world.locations[0]

    def leaves(moment: str, cut_off: str | None) -> str:
        change = decode.convert({"code": place, "name": place, "cut_off": cut_off}, LocationItem)
        set_up_locations([change], actor=build.TESTER)[0].require()
        [(day,)] = sql.fetch("select location_leaves(l, %s::timestamp) from stock_location l where code = %s", (moment, place))  # fmt: skip
        return str(day)

    assert leaves("2026-11-20 16:30", "17:00") == "2026-11-20"
    assert leaves("2026-11-20 16:30", "16:00") == "2026-11-21"
    assert leaves("2026-11-20 16:30", None) == "2026-11-20"


def test_the_last_cut_off_is_todays_or_yesterdays() -> None:
    world = build.world(locations=1)
    place = world.locations[0]
    assert last_cut_off(place) is None
    change = decode.convert({"code": place, "name": place, "cut_off": "16:00"}, LocationItem)
    set_up_locations([change], actor=build.TESTER)[0].require()

    with clock.told(datetime(2026, 11, 20, 14, 0, tzinfo=UTC)):
        before = last_cut_off(place)
    with clock.told(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)):
        after = last_cut_off(place)

    assert (before, after) == (
        datetime(2026, 11, 19, 15, 0, tzinfo=UTC),
        datetime(2026, 11, 20, 15, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"kind": "single", "method": "totes"}, "only_for_batches"),
        ({"kind": "single", "max_orders": 3}, "only_for_batches"),
        ({"shipment_ids": ["0198c0de-0000-7000-8000-000000000000"], "tags": ["vip"]}, "named_and_filtered"),
        ({"location": "nowhere"}, "unknown_location"),
    ],
)  # fmt: skip
def test_choices_that_contradict_each_other_are_refused(wish: dict[str, Any], code: str) -> None:
    world = build.world(locations=1)
    world.place()

    refused = asked(world, **wish)

    assert refused.error is not None
    assert refused.error.code == code
    assert sql.fetch("select 1 from picklists_pick_list where location_id = %s", (world.location_ids[world.locations[0]],)) == []  # fmt: skip


def test_a_preview_says_what_would_be_made_and_makes_nothing() -> None:
    world = build.world(locations=1)
    for _ in range(5):
        world.place((world.skus[0], 2), (world.skus[1], 1))

    shown = preview_pick_lists(item(world, max_orders=2), actor=build.TESTER)
    none = preview_pick_lists(item(world, tags=["nobody"]), actor=build.TESTER)

    assert (shown.lists, shown.shipments, shown.lines, shown.units) == (3, 5, 10, 15)
    assert (none.lists, none.units) == (0, 0)
    assert len(made(world, max_orders=2)) == 3
    with pytest.raises(BadInput):
        preview_pick_lists(item(world, kind="single", max_lines=1), actor=build.TESTER)


def test_any_part_of_a_batch_may_be_finished_and_the_rest_stays_pickable() -> None:
    world = build.world(locations=1)
    orders = [world.place((world.skus[0], 2)) for _ in range(3)]
    [pick_list] = made(world, method="totes")
    lines = [key for key, _ in build.pick_lines_of(pick_list)]

    outcomes = pick_lines(
        [
            PickItem(pick_line_id=lines[0], picked=2),
            PickItem(pick_line_id=lines[1], picked=0),
            PickItem(pick_line_id=lines[2], picked=1),
        ],
        actor=build.TESTER,
    )

    assert [o.error.code if o.error else None for o in outcomes] == [None, "nothing_picked", None]
    assert [build.order(key)["units_picked"] for key in orders] == [2, 0, 1]
    assert [n for _, n in build.pick_lines_of(pick_list)] == [2, 1]
    complete_pick_lists([CompleteItem(pick_list_id=pick_list)], actor=build.TESTER)[0].require()
    assert [build.order(key)["units_picked"] for key in orders] == [2, 2, 2]
    sound()
