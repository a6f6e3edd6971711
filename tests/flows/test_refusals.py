"""What the warehouse's commands do not do, one by one: each says why with a code, and nothing changes."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.core import clock, decode, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Again, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.flows.adjust_stock import AdjustItem, adjust_stock_levels
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.capture_payments import CaptureItem, capture_payments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.expire_orders import ExpireItem, expire_orders
from orderwerk.flows.losing_claims import Shortage, choose
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.move_shipments import MoveShipmentItem, move_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.record_stock_scans import StockScanItem, record_stock_scans
from orderwerk.flows.reject_shipments import RejectShipmentItem, reject_shipments
from orderwerk.flows.repair_stock import RepairItem, repair_stock_levels
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.flows.short_picks import Told, who_follows
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.flows.try_rules import try_routing_rules
from orderwerk.picklists.commands.assign import AssignItem, assign_pick_lists
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.combine import (
    CombineShipmentsItem,
    SeparateShipmentItem,
    combine_shipments,
    separate_shipments,
)
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db
NOBODY = UUID(int=1)


def code(outcomes: list[Outcome], index: int = 0) -> str:
    """The code with which one item was refused."""
    error = outcomes[index].error
    assert error is not None
    return error.code


def pick_list(world: build.World, *shipments: UUID) -> UUID:
    """A pick list of some shipments."""
    wanted = CreatePickListItem(location=world.locations[0], shipment_ids=list(shipments))
    made = create_pick_lists([wanted], actor=build.TESTER)[0].require().id
    assert made is not None
    return made


def lines(shipment: UUID) -> list[UUID]:
    """The live lines of a shipment."""
    return [row[0] for row in sql.fetch("select id from shipments_line where shipment_id = %s and is_live", (shipment,))]  # fmt: skip


def test_adjusting_by_nothing() -> None:
    world = build.world()
    item = AdjustItem(sku=world.skus[0], location=world.locations[0], difference=0, reason="Found")
    assert code(adjust_stock_levels([item], actor=build.TESTER)) == "no_difference"


def test_cancelling_lines_of_other_orders_or_one_line_twice() -> None:
    world = build.world()
    mine, other = world.place(), world.place()
    foreign = CancelLine(order_line_id=build.order_lines(other)[0], quantity=1)
    twice = [CancelLine(order_line_id=build.order_lines(mine)[0], quantity=1)] * 2
    items = [
        CancelItem(order_id=mine, reason="Test", lines=[foreign]),
        CancelItem(order_id=mine, reason="Test", lines=twice),
    ]
    done = cancel_orders(items, actor=build.TESTER)
    assert (code(done), code(done, 1)) == ("unknown_order_line", "duplicate_line")
    assert build.order(mine)["units_cancelled"] == 0


def test_cancelling_an_order_that_waits_beside_one_that_is_claimed() -> None:
    world = build.world(locations=1, stock=3)
    claimed, waits = world.place((world.skus[0], 3)), world.place((world.skus[0], 2))
    assert (build.order(claimed)["units_allocated"], build.order(waits)["units_allocated"]) == (
        3,
        0,
    )

    cancel_orders([CancelItem(order_id=waits, reason="Test")], actor=build.TESTER)[0].require()

    assert build.order(waits)["units_cancelled"] == 2
    # What was never claimed is not given back: the neighbour keeps its pieces, and nothing is free.
    assert build.order(claimed)["units_allocated"] == 3
    assert world.levels()[(world.skus[0], world.locations[0])] == (3, 3)
    sound()


def test_capturing_for_an_order_that_is_not_there_or_named_twice() -> None:
    order = build.world().place()
    items = [CaptureItem(order_id=key) for key in (NOBODY, order, order)]
    done = capture_payments(items, actor=build.TESTER)
    assert code(done) == "unknown_order"
    assert [o.data["captures"] for o in done[1:]] == [[], []]


def test_ending_an_order_that_is_not_there() -> None:
    assert code(expire_orders([ExpireItem(order_id=NOBODY)], actor=build.TESTER)) == "unknown_order"


def test_merging_a_shipment_with_itself() -> None:
    world = build.world()
    [key] = build.shipments(world.place())
    items = [MergeShipmentsItem(shipment_ids=[key, key])]
    assert code(merge_shipments(items, actor=build.TESTER)) == "duplicate_shipment"


def test_moving_a_claim_to_where_it_is_or_where_the_shop_takes_nothing_from() -> None:
    world, foreign = build.world(), build.world()
    [(claim, _, _, location)] = build.allocations(world.place())
    there = [location, foreign.locations[0]]
    items = [MoveAllocationItem(allocation_id=claim, location=to) for to in there]
    done = [move_allocations([item], actor=build.TESTER) for item in items]
    assert [code(d) for d in done] == ["same_location", "location_not_linked"]


def test_moving_a_shipment_twice_or_while_it_is_picked() -> None:
    world = build.world()
    [first], [second] = build.shipments(world.place()), build.shipments(world.place())
    pick_list(world, second)
    items = [MoveShipmentItem(shipment_id=k, location=world.locations[1]) for k in (first, first, second)]  # fmt: skip
    done = move_shipments(items, actor=build.TESTER)
    assert done[0].ok
    assert (code(done, 1), code(done, 2)) == ("shipment_empty", "allocation_picking")


def test_shipping_a_line_that_is_named_twice() -> None:
    world = build.world()
    [key] = build.shipments(world.place((world.skus[0], 2)))
    twice = [ShipLine(shipment_line_id=lines(key)[0], quantity=1)] * 2
    done = ship_shipments([ShipItem(shipment_id=key, lines=twice)], actor=build.TESTER)
    assert code(done) == "duplicate_line"


def test_shipping_a_shipment_that_is_named_twice_or_is_empty() -> None:
    world = build.world()
    [key] = build.shipments(world.place())
    done = ship_shipments([ShipItem(shipment_id=key)] * 2, actor=build.TESTER)
    assert done[0].ok
    assert code(done, 1) == "shipment_shipped"


def test_shipping_a_part_of_a_parcel_in_which_others_lie() -> None:
    world = build.world()
    customer = {"customer": {"name": "Test Persoon", "email": "same@example.com"}}
    keys = [build.shipments(world.place((world.skus[0], 2), **customer))[0] for _ in range(2)]
    combine_shipments([CombineShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0].require()
    part = [ShipLine(shipment_line_id=lines(keys[0])[0], quantity=1)]
    done = ship_shipments([ShipItem(shipment_id=keys[0], lines=part)], actor=build.TESTER)
    assert code(done) == "carries"


def test_combining_what_travels_with_others_and_separating_what_does_not() -> None:
    world = build.world()
    customer = {"customer": {"name": "Test Persoon", "email": "same@example.com"}}
    keys = [build.shipments(world.place((world.skus[0], 1), **customer))[0] for _ in range(3)]
    combine_shipments([CombineShipmentsItem(shipment_ids=keys[:2])], actor=build.TESTER)[0].require()  # fmt: skip
    again = combine_shipments([CombineShipmentsItem(shipment_ids=[keys[2], keys[1]])], actor=build.TESTER)  # fmt: skip
    alone = separate_shipments([SeparateShipmentItem(shipment_id=keys[2])], actor=build.TESTER)
    assert (code(again), code(alone)) == ("combined", "not_combined")


def test_picking_too_many_or_short_without_a_reason_or_from_a_bin_that_is_not_there() -> None:
    world = build.world()
    [key] = build.shipments(world.place((world.skus[0], 2)))
    [(line, _)] = build.pick_lines_of(pick_list(world, key))
    items = [
        PickItem(pick_line_id=line, picked=2, short=1, reason="missing"),
        PickItem(pick_line_id=line, picked=1, short=1),
        PickItem(pick_line_id=line, picked=1, bin="nowhere"),
    ]
    done = [code(pick_lines([item], actor=build.TESTER)) for item in items]
    assert done == ["too_many_picked", "reason_required", "unknown_bin"]
    assert build.order(sql.fetch("select order_id from shipments_shipment where id = %s", (key,))[0][0])["units_picked"] == 0  # fmt: skip


def test_giving_a_list_to_somebody_who_is_not_there() -> None:
    world = build.world()
    key = pick_list(world, *build.shipments(world.place()))
    done = assign_pick_lists([AssignItem(pick_list_id=key, user="nobody")], actor=build.TESTER)
    assert code(done) == "unknown_user"


def test_cancelling_a_pick_list_that_is_not_there() -> None:
    done = cancel_pick_lists([CancelPickListItem(pick_list_id=NOBODY)], actor=build.TESTER)
    assert code(done) == "unknown_pick_list"


def test_rejecting_a_shipment_twice() -> None:
    world = build.world()
    [key] = build.shipments(world.place())
    done = reject_shipments([RejectShipmentItem(shipment_id=key, reason="Broken")] * 2, actor=build.TESTER)  # fmt: skip
    assert done[0].ok
    assert code(done, 1) == "shipment_empty"


def test_splitting_a_shipment_twice() -> None:
    world = build.world()
    [key] = build.shipments(world.place((world.skus[0], 3)))
    part = [SplitLine(shipment_line_id=lines(key)[0], quantity=1)]
    done = split_shipments([SplitShipmentItem(shipment_id=key, lines=part)] * 2, actor=build.TESTER)
    assert done[0].ok
    assert code(done, 1) == "duplicate_shipment"


def test_repairing_where_nothing_was_ever_kept() -> None:
    world = build.world(stock=0)
    item = RepairItem(sku=world.skus[0], location=world.locations[0])
    assert repair_stock_levels([item], actor=build.TESTER)[0].require().data["repaired"] is False


def test_a_location_for_a_shop_that_is_not_there() -> None:
    item = LocationItem(code=f"loc{build.serial()}", name="Test", shops=["nowhere"])
    assert code(set_up_locations([item], actor=build.TESTER)) == "unknown_shop"


def test_trying_rules_of_a_shop_that_is_not_there() -> None:
    with pytest.raises(Refusal, match="There is no shop nowhere"):
        try_routing_rules("nowhere", [], actor=build.TESTER)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"flow": "receive", "quantity": 0, "bin": "a"}, "invalid_value"),
        ({"flow": "receive", "quantity": 1}, "bin_required"),
        ({"flow": "move", "quantity": 1, "bin": "a"}, "bin_required"),
    ],
)
def test_scans_that_lack_something(fields: dict[str, Any], expected: str) -> None:
    world = build.world()
    item = {"key": str(uuid4()), "location": world.locations[0], "sku": world.skus[0], "at": clock.now().isoformat()}  # fmt: skip
    made = decode.convert({**item, **fields}, StockScanItem)
    assert code(record_stock_scans([made], actor=build.TESTER)) == expected


def paid(order: UUID, **fields: Any) -> PaymentItem:
    """News of a payment of 5.00."""
    return decode.convert({"order_id": str(order), "provider": "test", "reference": f"p{order}", "status": "pending", "amount": "5.00", **fields}, PaymentItem)  # fmt: skip


def test_payments_of_another_amount() -> None:
    order = build.world().place(payments=[])
    items = [paid(order), paid(order, amount="6.00")]  # fmt: skip
    done = record_payments(items, actor=build.TESTER)
    assert done[0].ok
    assert code(done, 1) == "amount_differs"


def test_a_new_payment_that_moves_in_the_same_call_is_one_payment() -> None:
    order = build.world().place(payments=[])
    done = record_payments([paid(order), paid(order, status="paid")], actor=build.TESTER)
    assert done[0].require().id == done[1].require().id
    assert sql.fetch("select status from payments_payment where order_id = %s", (order,)) == [("paid",)]  # fmt: skip


def step(**fields: Any) -> TrackItem:
    """A step of a parcel."""
    return decode.convert({"status": "in_transit", "at": clock.now().isoformat(), **fields}, TrackItem)  # fmt: skip


def test_steps_of_no_parcel_or_of_a_time_to_come() -> None:
    world = build.world()
    [key] = build.shipments(build.shipped(world))
    named = {"shipment_id": str(key)}
    items = [step(), step(**named, at="2199-01-01T10:00:00Z")]  # fmt: skip
    done = track_shipments(items, actor=build.TESTER)
    assert [code(done, i) for i in range(2)] == ["no_shipment", "in_future"]


def test_a_step_told_twice_is_kept_once() -> None:
    world = build.world()
    [key] = build.shipments(build.shipped(world))
    item = step(shipment_id=str(key))
    for _ in range(2):
        track_shipments([item], actor=build.TESTER)[0].require()
    assert sql.fetch("select count(*) from shipments_tracking_event where shipment_id = %s", (key,)) == [(1,)]  # fmt: skip


def test_changing_a_cancelled_shipment_or_naming_a_carrier_that_is_not_there() -> None:
    world = build.world()
    order, other = world.place(), world.place()
    [gone], [key] = build.shipments(order), build.shipments(other)
    cancel_orders([CancelItem(order_id=order, reason="Test")], actor=build.TESTER)[0].require()
    items = [
        UpdateShipmentItem(shipment_id=gone, tracking_code="X"),
        UpdateShipmentItem(shipment_id=key, carrier="pigeon"),
    ]
    done = update_shipments(items, actor=build.TESTER)
    assert (code(done), code(done, 1)) == ("shipment_cancelled", "unknown_carrier")


def test_completing_a_list_twice() -> None:
    world = build.world()
    key = pick_list(world, *build.shipments(world.place()))
    item = decode.convert({"pick_list_id": str(key)}, CompleteItem)
    complete_pick_lists([item], actor=build.TESTER)[0].require()
    assert code(complete_pick_lists([item], actor=build.TESTER)) == "pick_list_finished"


def test_cancelling_a_line_of_an_article_that_nobody_knows() -> None:
    world = build.world()
    order = world.place(("unknown-article", 2))
    cancel_orders([CancelItem(order_id=order, reason="Test")], actor=build.TESTER)[0].require()
    assert (build.order(order)["units_cancelled"], build.order(order)["status"]) == (2, "cancelled")


def test_picking_from_the_bin_that_the_line_names_is_picking_from_it() -> None:
    world = build.world()
    [key] = build.shipments(world.place((world.skus[0], 2)))
    [(line, _)] = build.pick_lines_of(pick_list(world, key))
    [(name,)] = sql.fetch("select b.code from picklists_line l join stock_bin b on b.id = l.bin_id where l.id = %s", (line,))  # fmt: skip
    pick_lines([PickItem(pick_line_id=line, picked=2, bin=name)], actor=build.TESTER)[0].require()


def test_a_shipment_of_which_nothing_is_left_does_not_leave() -> None:
    world = build.world()
    [key] = build.shipments(world.place())
    # No command leaves one like that behind; a hand in the database may.
    sql.execute("set session_replication_role = replica")
    sql.execute("update shipments_line set is_live = false where shipment_id = %s", (key,))
    sql.execute("set session_replication_role = origin")
    assert code(ship_shipments([ShipItem(shipment_id=key)], actor=build.TESTER)) == "shipment_empty"


def test_goods_stay_claimed_where_the_location_that_has_all_of_them_comes_first() -> None:
    world = build.world(locations=2, products=2, stock=0)
    near, far = world.locations
    world.count(near, {world.skus[0]: 5})
    world.count(far, {world.skus[0]: 5, world.skus[1]: 5})
    item = {"shop": world.shop, "rules": [{"name": "Whole first", "sort": ["stock"]}]}
    set_routing_rules([decode.convert(item, RoutingItem)], actor=build.TESTER)[0].require()
    order = world.place((world.skus[0], 1), (world.skus[1], 1))
    assert {a[3] for a in build.allocations(order)} == {far}


def test_who_gives_way_is_asked_again_when_others_have_claimed_meanwhile() -> None:
    lacking = Shortage(released=3)
    with pytest.raises(Again, match="at the same moment"):
        choose({(NOBODY, NOBODY): lacking}, [])


def test_looking_ahead_at_a_bin_that_somebody_emptied_meanwhile_says_try_again() -> None:
    world = build.world(stock=0)
    world.count(world.locations[0], {world.skus[0]: 5})
    [first], [second] = (build.shipments(world.place((world.skus[0], 2))) for _ in range(2))
    [(line, _)] = build.pick_lines_of(pick_list(world, first))
    pick_list(world, second)
    sql.execute("set session_replication_role = replica")
    sql.execute("delete from stock_bin_stock where product_id = %s", (world.product_ids[world.skus[0]],))  # fmt: skip
    sql.execute("set session_replication_role = origin")
    assert who_follows([Told(line, 1, 1, "missing", None, None)]).orders == frozenset()


def test_shipping_what_is_not_paid_any_more() -> None:
    world = build.world()
    payment = {"provider": "test", "reference": f"a{build.serial()}", "status": "authorized", "amount": "10.00"}  # fmt: skip
    order = world.place(payments=[payment])
    [key] = build.shipments(order)
    failed = decode.convert({**payment, "order_id": str(order), "status": "failed"}, PaymentItem)
    record_payments([failed], actor=build.TESTER)[0].require()
    assert code(ship_shipments([ShipItem(shipment_id=key)], actor=build.TESTER)) == "not_paid"


def test_a_new_location_by_somebody_who_is_limited_to_one() -> None:
    world = build.world()
    actor = Actor("user", "ann", location_ids=frozenset({world.location_ids[world.locations[0]]}))
    item = LocationItem(code=f"loc{build.serial()}", name="Test")
    assert code(set_up_locations([item], actor=actor)) == "limited"
