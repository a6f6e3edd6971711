"""Stock tells the truth: a count below what is promised is booked, and the latest orders' claims give way."""

from datetime import timedelta

import pytest

from orderwerk.checks.run import ALL
from orderwerk.core import clock, sql
from orderwerk.flows.adjust_stock import AdjustItem, adjust_stock_levels
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from tests import build

pytestmark = pytest.mark.django_db


def _count(world: build.World, quantity: int, **fields: object) -> dict[str, object]:
    item = CountItem(sku=world.skus[0], location=world.locations[0], quantity=quantity, **fields)  # type: ignore[arg-type]
    return count_stock_levels([item], actor=build.TESTER)[0].require().data


def _refused(world: build.World, quantity: int, **fields: object) -> str:
    item = CountItem(sku=world.skus[0], location=world.locations[0], quantity=quantity, **fields)  # type: ignore[arg-type]
    outcome = count_stock_levels([item], actor=build.TESTER)[0]
    assert outcome.error is not None
    return outcome.error.code


def _pick_list(world: build.World, *orders: object) -> list[tuple[object, int]]:
    shipments = [build.shipments(key, "open")[0] for key in orders]  # type: ignore[arg-type]
    item = CreatePickListItem(location=world.locations[0], shipment_ids=shipments, kind="batch")
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    return build.pick_lines_of(made.id)  # type: ignore[arg-type, return-value]


def _sound() -> None:
    sql.execute("set constraints all immediate")
    sql.execute("set constraints all deferred")
    for invariant in ALL:
        if invariant.id not in {"durable", "stuck-outbox"}:
            assert sql.fetch(invariant.sql) == [], invariant.id


def test_the_latest_order_loses_its_claim_and_is_routed_elsewhere_at_once() -> None:
    world = build.world(stock=0, products=1)
    world.count(world.locations[0], {world.skus[0]: 5})
    first, latest = world.place((world.skus[0], 2)), world.place((world.skus[0], 3))
    world.count(world.locations[1], {world.skus[0]: 10})

    told = _count(world, 3)

    assert (told["on_hand"], told["allocated"], told["released"]) == (3, 3, 2)
    assert told["orders"] == [build.order(latest)["number"]]
    assert [a[1:] for a in build.allocations(first, "allocated")] == [
        ("allocated", 2, world.locations[0])
    ]
    assert {a[2:] for a in build.allocations(latest, "allocated")} == {
        (1, world.locations[0]),
        (2, world.locations[1]),
    }
    assert build.order(latest)["status"] == "awaiting_shipment"
    _sound()


def test_what_fits_nowhere_waits_as_backorder() -> None:
    world = build.world(stock=4, locations=1, products=1)
    order = world.place((world.skus[0], 4))

    _count(world, 1)

    assert build.order(order)["status"] == "awaiting_stock"
    assert build.order(order)["units_allocated"] == 1
    _sound()


def test_an_urgent_order_keeps_its_claim_though_it_came_later() -> None:
    world = build.world(stock=2, locations=1, products=1)
    early, urgent = world.place((world.skus[0], 1)), world.place((world.skus[0], 1))
    sql.execute("update orders_order set priority = 5 where id = %s", (urgent,))

    _count(world, 1)

    assert build.order(early)["status"] == "awaiting_stock"
    assert build.order(urgent)["status"] == "awaiting_shipment"


def test_claims_on_pick_lists_give_way_but_picked_goods_stay() -> None:
    world = build.world(stock=6, locations=1, products=1)
    picked, waiting = world.place((world.skus[0], 2)), world.place((world.skus[0], 3))
    lines = _pick_list(world, picked, waiting)
    pick_lines([PickItem(pick_line_id=lines[0][0], picked=2)], actor=build.TESTER)[0].require()  # type: ignore[arg-type]

    told = _count(world, 3)

    assert (told["on_hand"], told["allocated"], told["released"]) == (3, 3, 2)
    assert build.order(picked)["units_picked"] == 2
    assert build.order(waiting)["units_allocated"] == 1
    _sound()
    assert _refused(world, 1) == "picked_is_more"
    assert world.levels()[(world.skus[0], world.locations[0])] == (3, 3)


def test_a_bin_counted_empty_takes_its_pick_lines_along() -> None:
    world = build.world(stock=0, locations=1, products=1)
    place, sku = world.locations[0], world.skus[0]
    set_bins([BinItem(location=place, bin="A1", position=1), BinItem(location=place, bin="B1", position=2)], actor=build.TESTER)  # fmt: skip
    for code in ("A1", "B1"):
        item = CountItem(sku=sku, location=place, quantity=3, bin=code)
        count_stock_levels([item], actor=build.TESTER)[0].require()
    order = world.place((sku, 3))
    _pick_list(world, order)

    told = _count(world, 0, bin="A1")

    assert (told["on_hand"], told["allocated"], told["released"]) == (3, 3, 3)
    assert build.allocations(order, "allocated")[0][2] == 3
    assert [n for _, n in _pick_list(world, order)] == [3]
    _sound()


def test_counts_of_two_bins_of_one_request_are_added_up_before_claims_give_way() -> None:
    world = build.world(stock=0, locations=1, products=1)
    place, sku = world.locations[0], world.skus[0]
    set_bins([BinItem(location=place, bin=b, position=1) for b in ("A1", "B1")], actor=build.TESTER)
    counts = [CountItem(sku=sku, location=place, quantity=4, bin="A1")]
    count_stock_levels(counts, actor=build.TESTER)[0].require()
    order = world.place((sku, 4))
    [before] = build.allocations(order)

    moved = [
        CountItem(sku=sku, location=place, quantity=1, bin="A1"),
        CountItem(sku=sku, location=place, quantity=3, bin="B1"),
    ]
    outcomes = count_stock_levels(moved, actor=build.TESTER)

    assert [o.require().data["released"] for o in outcomes] == [0, 0]
    assert build.allocations(order) == [before]
    _sound()


def test_a_correction_is_as_true_as_a_count() -> None:
    world = build.world(stock=3, locations=1, products=1)
    order = world.place((world.skus[0], 3))
    item = AdjustItem(
        sku=world.skus[0], location=world.locations[0], difference=-2, reason="broken"
    )

    told = adjust_stock_levels([item], actor=build.TESTER)[0].require().data

    assert (told["on_hand"], told["allocated"], told["released"]) == (1, 1, 2)
    assert build.order(order)["status"] == "awaiting_stock"
    _sound()


def test_what_left_after_the_count_stays_gone_and_open_demand_stays_open() -> None:
    world = build.world(stock=10, locations=1, products=1)
    leaving, open_order = world.place((world.skus[0], 4)), world.place((world.skus[0], 3))
    counted_at = clock.now()
    ship_shipments([ShipItem(shipment_id=build.shipments(leaving)[0])], actor=build.TESTER)[
        0
    ].require()

    told = _count(world, 9, counted_at=counted_at)

    assert (told["on_hand"], told["allocated"], told["available"]) == (5, 3, 2)
    assert build.order(open_order)["units_allocated"] == 3


def test_the_same_feed_twice_corrects_once_and_an_older_one_is_refused() -> None:
    world = build.world(stock=12, locations=1, products=1)
    first, second = clock.now(), clock.now() + timedelta(microseconds=1)

    assert [_count(world, 10, counted_at=second)["on_hand"] for _ in range(2)] == [10, 10]
    assert _refused(world, 11, counted_at=first) == "count_outdated"
    assert _refused(world, 11, counted_at=clock.now() + timedelta(days=1)) == "counted_in_future"
    assert world.levels()[(world.skus[0], world.locations[0])] == (10, 0)


def test_a_feed_that_arrives_late_counts_what_an_earlier_one_corrected_once() -> None:
    world = build.world(stock=12, locations=1, products=1)
    first = clock.now()
    second = first + timedelta(microseconds=1)

    _count(world, 10, counted_at=first)
    told = _count(world, 10, counted_at=second)

    assert told["on_hand"] == 10


def test_the_staging_bin_is_not_counted() -> None:
    world = build.world(stock=12, locations=1, products=1)

    assert _refused(world, 4, bin="STAGING") == "staging_not_counted"


def test_claims_of_every_shop_give_way_to_the_truth_about_a_shared_location() -> None:
    world = build.world(stock=3, locations=1, products=1)
    order = world.place((world.skus[0], 3))
    stranger = build.world(products=1)
    sql.execute(
        "insert into shops_shop_location (id, shop_id, location_id) values (gen_random_uuid(), %s, %s)",
        (stranger.shop_id, world.location_ids[world.locations[0]]),
    )
    actor = build.limited(stranger.shop_id)

    item = CountItem(sku=world.skus[0], location=world.locations[0], quantity=1)
    told = count_stock_levels([item], actor=actor)[0].require().data

    assert told["released"] == 2
    assert build.order(order)["units_allocated"] == 1


def test_a_batch_is_given_up_after_one_of_its_orders_was_cancelled() -> None:
    world = build.world(stock=9, locations=1, products=1)
    gone, kept = world.place((world.skus[0], 2)), world.place((world.skus[0], 3))
    _pick_list(world, gone, kept)
    cancel_orders([CancelItem(order_id=gone, reason="x")], actor=build.TESTER)[0].require()
    [(key,)] = sql.fetch("select id from picklists_pick_list")

    cancel_pick_lists([CancelPickListItem(pick_list_id=key)], actor=build.TESTER)[0].require()

    assert [a[1] for a in build.allocations(kept)] == ["allocated"]
    assert world.levels()[(world.skus[0], world.locations[0])] == (9, 3)
    _sound()


def test_the_order_that_was_placed_last_loses_whichever_came_in_first() -> None:
    world = build.world(stock=2, locations=1, products=1)
    late = world.place((world.skus[0], 1), placed_at="2026-11-20T12:00:00+01:00")
    early = world.place((world.skus[0], 1), placed_at="2026-11-20T09:00:00+01:00")

    _count(world, 1)

    assert build.order(late)["status"] == "awaiting_stock"
    assert build.order(early)["status"] == "awaiting_shipment"


def test_the_numbers_of_another_shops_orders_are_not_told() -> None:
    mine, theirs = build.shared_worlds()
    mine.count(mine.locations[0], {mine.skus[0]: 3})
    order = theirs.place((theirs.skus[0], 3))
    fewer = CountItem(sku=mine.skus[0], location=mine.locations[0], quantity=1)

    told = count_stock_levels([fewer], actor=build.limited(mine.shop_id))[0].require().data

    assert (told["released"], told["orders"]) == (2, [])
    assert build.order(order)["units_allocated"] == 1
