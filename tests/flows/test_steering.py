"""Steering walks: urgent ones first, pausing, resuming, releasing the rest, and who has come how far."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import clock, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.release_pick_lists import ReleasePickListItem, release_pick_lists
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.commands.pause import (
    PauseItem,
    ResumeItem,
    pause_pick_lists,
    resume_pick_lists,
)
from orderwerk.picklists.commands.prioritise import PrioritiseItem, prioritise_pick_lists
from orderwerk.picklists.queries import PickListFilters, pick_list_page, pick_progress
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.packing import PackageItem, PackedItem
from tests import build
from tests.flows.test_regroup import lines, split
from tests.flows.test_shipping_rules import rules
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def listed(world: build.World, *orders: UUID) -> UUID:
    """One walk for some orders."""
    shipments = [build.shipments(key, "open")[0] for key in orders]
    item = CreatePickListItem(location=world.locations[0], shipment_ids=shipments, kind="batch")
    made = create_pick_lists([item], actor=build.TESTER)[0].require().id
    assert made is not None
    return made


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def release(key: UUID) -> Outcome:
    return release_pick_lists([ReleasePickListItem(pick_list_id=key)], actor=build.TESTER)[0]


def test_what_was_not_picked_can_stand_on_another_list_at_once() -> None:
    world = build.world(locations=1)
    begun, untouched = world.place((world.skus[0], 5)), world.place((world.skus[1], 2))
    pick_list = listed(world, begun, untouched)
    line = build.pick_lines_of(pick_list)[0][0]
    pick_lines([PickItem(pick_line_id=line, picked=2)], actor=build.TESTER)[0].require()
    before = (world.levels(), build.order(begun)["units_allocated"])

    released = release(pick_list).require()

    assert released.data["released"] == 5
    assert sorted(a[1:3] for a in build.allocations(begun)) == [("allocated", 3), ("picked", 2)]
    assert [a[1:3] for a in build.allocations(untouched)] == [("allocated", 2)]
    assert (world.levels(), build.order(begun)["units_allocated"]) == before
    assert code(release(pick_list)) == "pick_list_finished"
    again = listed(world, begun, untouched)
    assert sorted(n for _, n in build.pick_lines_of(again)) == [2, 3]
    complete_pick_lists([CompleteItem(pick_list_id=again)], actor=build.TESTER)[0].require()
    ship_shipments([ShipItem(shipment_id=build.shipments(begun)[0])], actor=build.TESTER)[0].require()  # fmt: skip
    assert build.order(begun)["status"] == "shipped"
    sound()


def test_what_was_packed_of_a_claim_that_is_split_is_unpacked() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 5))
    pick_list = listed(world, order)
    line = build.pick_lines_of(pick_list)[0][0]
    pick_lines([PickItem(pick_line_id=line, picked=2)], actor=build.TESTER)[0].require()
    [shipment] = build.shipments(order)
    packed = PackedItem(shipment_line_id=lines(shipment)[world.skus[0]][0], quantity=4)
    item = UpdateShipmentItem(shipment_id=shipment, packages=[PackageItem(contents=[packed])])
    update_shipments([item], actor=build.TESTER)[0].require()

    release(pick_list).require()

    told = sql.fetch("select quantity, packed from shipments_line where shipment_id = %s and is_live order by 1", (shipment,))  # fmt: skip
    assert told == [(2, 0), (3, 0)]
    assert sql.fetch("select count(*) from shipments_package_line") == [(0,)]
    sound()


def test_the_rest_of_a_walk_stays_in_the_parcel_that_was_split_off() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 8))
    [first] = build.shipments(order)
    apart = split(first, **{world.skus[0].replace("-", "_"): 5}).require().id
    made = create_pick_lists([CreatePickListItem(location=world.locations[0], shipment_ids=[apart])], actor=build.TESTER)[0].require()  # fmt: skip
    assert made.id is not None
    line = build.pick_lines_of(made.id)[0][0]
    pick_lines([PickItem(pick_line_id=line, picked=2)], actor=build.TESTER)[0].require()

    release(made.id).require()

    rows = sql.fetch("select shipment_id, quantity from shipments_line where order_id = %s and is_live", (order,))  # fmt: skip
    assert sorted(rows) == sorted([(first, 3), (apart, 2), (apart, 3)])
    told = sql.fetch("select aggregate_id, payload from core_event where kind = 'shipment.lines_changed' order by id")  # fmt: skip
    assert [(row[0], sql.from_json(row[1]).keys()) for row in told] == [(first, {"number", "removed"}), (apart, {"number"})]  # fmt: skip
    sound()


def test_a_walk_that_ends_early_leaves_the_carrier_that_somebody_chose() -> None:
    world = build.world(locations=1)
    upsert_products([ProductItem(sku=world.skus[0], name="x", weight_grams=500)], actor=build.TESTER)  # fmt: skip
    light = {"name": "Light", "max_weight_grams": 1000, "service": "box"}
    rules(world, light, {"name": "Heavy", "service": "pallet"}).require()
    order = world.place((world.skus[0], 5))
    [shipment] = build.shipments(order)
    # As the rules propose for the one piece that is picked below, but not for what the shipment holds.
    update_shipments([UpdateShipmentItem(shipment_id=shipment, service="box")], actor=build.TESTER)[0].require()  # fmt: skip
    pick_list = listed(world, order)
    line = build.pick_lines_of(pick_list)[0][0]
    pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0].require()

    release(pick_list).require()

    [row] = sql.fetch("select service from shipments_shipment where id = %s", (shipment,))
    assert row == ("box",)
    sound()


def test_a_list_that_nobody_began_is_cancelled_by_releasing_it_and_a_begun_one_is_picked() -> None:
    world = build.world(locations=1)
    first, second = (listed(world, world.place((world.skus[0], 2))) for _ in range(2))
    line = build.pick_lines_of(second)[0][0]
    pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0].require()

    for key in (first, second):
        release(key).require()

    rows = dict(sql.fetch("select id, status from picklists_pick_list where id = any(%s)", ([first, second],)))  # fmt: skip
    assert rows == {first: "cancelled", second: "picked"}
    sound()


def test_a_paused_list_waits_until_it_is_resumed() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 2))
    pick_list = listed(world, order)
    line = build.pick_lines_of(pick_list)[0][0]
    pause = [PauseItem(pick_list_id=pick_list, reason="lunch")]
    resume = [ResumeItem(pick_list_id=pick_list)]

    def picked() -> Outcome:
        return pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0]

    assert code(resume_pick_lists(resume, actor=build.TESTER)[0]) == "pick_list_not_paused"
    assert [code(o) for o in pause_pick_lists(pause * 2, actor=build.TESTER)] == [None, "pick_list_paused"]  # fmt: skip
    done = complete_pick_lists([CompleteItem(pick_list_id=pick_list)], actor=build.TESTER)[0]
    assert (code(picked()), code(done)) == ("pick_list_paused", "pick_list_paused")
    assert build.order(order)["units_picked"] == 0
    resume_pick_lists(resume, actor=build.TESTER)[0].require()
    assert code(picked()) is None
    pause_pick_lists(pause, actor=build.TESTER)[0].require()
    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    assert sql.fetch("select status, paused_at from picklists_pick_list where id = %s", (pick_list,)) == [("picked", None)]  # fmt: skip
    sound()


def test_urgent_lists_stand_first() -> None:
    world = build.world(locations=1)
    lists = [listed(world, world.place()) for _ in range(3)]

    prioritise_pick_lists([PrioritiseItem(pick_list_id=lists[0])], actor=build.TESTER)[0].require()

    def shown(**filters: Any) -> list[UUID]:
        wanted = PickListFilters(location=world.locations[0], **filters)
        return [row.id for row in pick_list_page(build.TESTER, wanted, sort="-urgent").items]

    assert shown() == [lists[0], lists[2], lists[1]]
    assert shown(urgent=True) == [lists[0]]
    ordinary = PrioritiseItem(pick_list_id=lists[0], urgent=False)
    prioritise_pick_lists([ordinary], actor=build.TESTER)[0].require()
    assert shown() == lists[::-1]
    complete_pick_lists([CompleteItem(pick_list_id=lists[0])], actor=build.TESTER)
    assert code(prioritise_pick_lists([ordinary], actor=build.TESTER)[0]) == "pick_list_finished"


def test_progress_is_told_per_person_over_this_shift() -> None:
    world = build.world(locations=1)
    lists = [listed(world, world.place((world.skus[0], 2))) for _ in range(3)]
    sql.execute("update picklists_pick_list set assigned_name = 'wim' where id = any(%s)", (lists[:2],))  # fmt: skip
    complete_pick_lists([CompleteItem(pick_list_id=lists[0])], actor=build.TESTER)[0].require()
    actor = build.limited(world.shop_id)

    now = pick_progress(actor, clock.now() - timedelta(hours=12))
    later = pick_progress(actor, clock.now() + timedelta(hours=1))

    assert [(p.name, p.list_count, p.open_list_count, p.units, p.units_done) for p in now] == [("wim", 2, 1, 4, 2), ("", 1, 1, 2, 0)]  # fmt: skip
    assert [(p.name, p.list_count) for p in later] == [("wim", 1), ("", 1)]
