"""Collect in store: claimed where the customer comes, put ready, handed over; late ones become a task."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from orderwerk.allocations.promises import promises
from orderwerk.allocations.queries import order_allocations
from orderwerk.core import clock, decode, sql
from orderwerk.core.errors import BadInput
from orderwerk.core.outcome import Outcome
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.collect_shipments import CollectShipmentItem, collect_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.hold_unrouted import hold_unrouted_orders
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.move_shipments import MoveShipmentItem, move_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.ready_shipments import (
    ReadyShipmentItem,
    ready_shipments,
    report_not_collected,
)
from orderwerk.flows.reject_shipments import RejectShipmentItem, reject_shipments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.document import OrderDocument
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.packing_queries import packing_list
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from orderwerk.shipments.queries import ShipmentFilters, shipment_detail, shipment_page
from orderwerk.shipments.serials import SerialPiece
from orderwerk.stock.commands.upsert_inbounds import (
    InboundItem,
    InboundLineItem,
    upsert_inbounds,
)
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations
from tests import build
from tests.flows.test_packing import packed
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def collected(world: build.World, *lines: tuple[str, int], at: int = 1, **fields: Any) -> UUID:
    """An order that is collected at one of the world's locations (the second, which is no first choice)."""
    shipping = {"method": "collect", "collect_at": world.locations[at]}
    return world.place(*lines, shipping=shipping, **fields)


def ready(*shipments: UUID) -> list[Outcome]:
    return ready_shipments([ReadyShipmentItem(shipment_id=key) for key in shipments], actor=build.TESTER)  # fmt: skip


def handed_over(shipment: UUID, **fields: Any) -> Outcome:
    item = CollectShipmentItem(shipment_id=shipment, collected_by="Test Persoon", **fields)
    return collect_shipments([item], actor=build.TESTER)[0]


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def test_it_is_claimed_where_the_customer_comes_and_what_lacks_there_waits() -> None:
    world = build.world()
    world.count(world.locations[1], {world.skus[0]: 1})

    order = collected(world, (world.skus[0], 3), (world.skus[1], 1))

    assert [a[2:] for a in build.allocations(order)] == [(1, world.locations[1]), (1, world.locations[1])]  # fmt: skip
    assert build.order(order)["status"] == "awaiting_stock"
    found = order_allocations(build.TESTER, order)[0]
    assert found.why.startswith(f"The customer collects the order at {world.locations[1]}.")

    # The first choice has plenty; nothing of it is taken when the rest is allocated by hand either.
    again = allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()
    assert again.data["allocated"] == 0
    world.count(world.locations[1], {world.skus[0]: 3})
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()
    assert build.order(order)["status"] == "awaiting_shipment"
    assert {a[3] for a in build.allocations(order)} == {world.locations[1]}
    sound()


def test_it_is_promised_only_what_comes_to_that_place() -> None:
    world = build.world(stock=0)
    order = collected(world, (world.skus[0], 2))
    day = clock.now().date() + timedelta(days=2)

    def expect(place: str) -> None:
        lines = [InboundLineItem(sku=world.skus[0], quantity=5)]
        item = InboundItem(location=place, lines=lines, expected_on=day)
        upsert_inbounds([item], actor=build.TESTER)[0].require()

    expect(world.locations[0])
    assert [promise.pegged for promise in promises([order]).values()] == [0]
    expect(world.locations[1])
    assert [(promise.pegged, promise.day) for promise in promises([order]).values()] == [(2, day)]


def test_it_goes_by_pick_list_and_packing_to_the_counter_and_out_of_the_door() -> None:
    world = build.world(use_pick_lists=True)
    order = collected(world, (world.skus[0], 2))
    [shipment] = build.shipments(order)
    assert code(ready(shipment)[0]) == "not_picked"
    wanted = CreatePickListItem(location=world.locations[1], shipment_ids=[shipment])
    pick_list = create_pick_lists([wanted], actor=build.TESTER)[0].require().id
    assert code(ready(shipment)[0]) == "being_picked"
    assert pick_list is not None
    complete_pick_lists([CompleteItem(pick_list_id=pick_list)], actor=build.TESTER)[0].require()

    assert packed(shipment, {world.skus[0]: 2}).require().data["status"] == "announced"

    detail = shipment_detail(build.TESTER, shipment).shipment
    assert (detail.status, detail.collects, detail.package_count) == ("announced", True, 2)
    assert detail.announced_at is not None
    assert detail.collect_by is not None
    outcome = handed_over(shipment, note="Showed the e-mail").require()
    assert outcome.data == {"status": "delivered", "order_status": "shipped"}
    detail = shipment_detail(build.TESTER, shipment).shipment
    assert detail.delivered_at == detail.shipped_at
    assert (detail.collected_by, detail.collect_note) == ("Test Persoon", "Showed the e-mail")
    assert world.levels()[(world.skus[0], world.locations[1])] == (98, 0)
    kinds = [row[0] for row in sql.fetch("select kind from core_event where aggregate_id = %s order by seq", (shipment,))]  # fmt: skip
    assert kinds[-4:] == [
        "shipment.ready",
        "shipment.packed",
        "shipment.shipped",
        "shipment.delivered",
    ]
    assert code(handed_over(shipment)) == "shipment_delivered"
    sound()


def test_what_comes_later_waits_in_a_shipment_of_its_own() -> None:
    world = build.world()
    world.count(world.locations[1], {world.skus[0]: 1})
    order = collected(world, (world.skus[0], 2))
    [first] = build.shipments(order)
    ready(first)[0].require()

    world.count(world.locations[1], {world.skus[0]: 2})
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()

    first_again, later = build.shipments(order)
    assert first_again == first
    assert shipment_detail(build.TESTER, first).shipment.units == 1
    merge = MergeShipmentsItem(shipment_ids=[first, later])
    assert code(merge_shipments([merge], actor=build.TESTER)[0]) == "not_mergeable"
    handed_over(first).require()
    # Nobody has to put it ready first: the customer may stand there already.
    assert handed_over(later).require().data["order_status"] == "shipped"
    sound()


def test_it_goes_nowhere_else_and_no_carrier_gets_it() -> None:
    world = build.world()
    order, other = collected(world), world.place()
    [shipment], [sent] = build.shipments(order), build.shipments(other)
    [(claim, *_)] = build.allocations(order)
    first = world.locations[0]

    move = MoveAllocationItem(allocation_id=claim, location=first)
    refused = [
        move_allocations([move], actor=build.TESTER)[0],
        move_shipments([MoveShipmentItem(shipment_id=shipment, location=first)], actor=build.TESTER)[0],
        announce_shipments([AnnounceItem(shipment_id=shipment)], actor=build.TESTER)[0],
        ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0],
        combine_shipments([CombineShipmentsItem(shipment_ids=[sent, shipment])], actor=build.TESTER)[0],
    ]  # fmt: skip

    assert [code(o) for o in refused] == ["is_collected"] * 5
    assert code(ready(sent)[0]) == code(handed_over(sent)) == "is_sent"
    assert build.allocations(order) == [(claim, "allocated", 1, world.locations[1])]
    sound()


def test_ready_is_refused_for_what_cannot_be_handed_over() -> None:
    world = build.world()
    unpaid = collected(world, payments=[])
    world.count(world.locations[1], {world.skus[0]: 100})
    order, held = collected(world), collected(world)
    hold_orders([HoldItem(order_id=held, reason="Look at it")], actor=build.TESTER)[0].require()
    [shipment], [stopped] = build.shipments(order), build.shipments(held)

    assert build.shipments(unpaid) == []
    assert code(ready(stopped)[0]) == "on_hold"
    assert [code(o) for o in ready(shipment, shipment)] == [None, "shipment_ready"]
    assert code(ready(shipment)[0]) == "shipment_ready"
    cancel_shipments([CancelShipmentItem(shipment_id=shipment)], actor=build.TESTER)[0].require()
    assert code(ready(shipment)[0]) == "shipment_cancelled"


def test_an_order_that_is_not_paid_any_more_or_empty_is_not_put_ready() -> None:
    world = build.world()
    order = collected(world, (world.skus[0], 2))
    [shipment] = build.shipments(order)
    [line] = shipment_detail(build.TESTER, shipment).parts.lines
    item = SplitShipmentItem(shipment_id=shipment, lines=[SplitLine(shipment_line_id=line.id, quantity=1)])  # fmt: skip
    part = split_shipments([item], actor=build.TESTER)[0].require().id
    assert part is not None
    # A part of its own stays one.
    ready(part)[0].require()
    merge = MergeShipmentsItem(shipment_ids=[part, shipment])
    assert code(merge_shipments([merge], actor=build.TESTER)[0]) == "not_mergeable"
    sql.execute("update orders_order set captured_minor = 0 where id = %s", (order,))
    assert code(ready(shipment)[0]) == "not_paid"
    sql.execute("update shipments_line set is_live = false where shipment_id = %s", (shipment,))
    sql.execute(
        "update orders_order set captured_minor = grand_total_minor where id = %s", (order,)
    )
    assert code(ready(shipment)[0]) == "shipment_empty"


@pytest.mark.parametrize("code_", ["nowhere", "unlinked"])
def test_a_place_that_the_shop_does_not_draw_from_is_refused(code_: str) -> None:
    world, other = build.world(), build.world()
    place = {"nowhere": "nowhere", "unlinked": other.locations[0]}[code_]
    document = world.document(shipping={"collect_at": place})

    refused = place_orders([document], actor=build.TESTER)[0].error

    assert isinstance(refused, BadInput)
    assert (refused.code, refused.pointer) == ("location_not_linked", "/shipping/collect_at")


def test_null_means_that_it_is_sent_and_is_the_same_document_as_leaving_it_out() -> None:
    world = build.world()
    plain = world.json(shipping={"method": "standard"})
    given = {**plain, "shipping": {"method": "standard", "collect_at": None}}

    made = [place_orders([decode.convert(json, OrderDocument)], actor=build.TESTER)[0].require() for json in (plain, given)]  # fmt: skip

    assert [o.data["created"] for o in made] == [True, False]


def closed(location: str) -> None:
    item = LocationData(code=location, name=location, is_active=False)
    upsert_locations([item], actor=build.TESTER)[0].require()


def test_where_the_place_is_closed_a_person_is_asked_instead_of_sending_it() -> None:
    world = build.world()
    closed(world.locations[1])

    order = collected(world)

    assert build.allocations(order) == []
    [(event,)] = sql.fetch("select id from core_event where order_id = %s and kind = 'order.not_routed'", (order,))  # fmt: skip
    assert hold_unrouted_orders([event]) == 1
    assert build.order(order)["status"] == "on_hold"
    sound()


def test_a_place_that_says_no_is_asked_about_and_no_other_takes_it() -> None:
    world = build.world()
    order = collected(world)
    [shipment] = build.shipments(order)

    item = RejectShipmentItem(shipment_id=shipment, reason="Flooded")
    reject_shipments([item], actor=build.TESTER)[0].require()

    assert [a[1] for a in build.allocations(order)] == ["released"]
    rows = sql.fetch("select id from core_event where order_id = %s and kind = 'order.not_routed'", (order,))  # fmt: skip
    assert hold_unrouted_orders([rows[0][0]]) == 1
    sound()


def problems(shipment: UUID) -> list[tuple[str, str, str]]:
    return sql.fetch("select kind, status, note from shipments_exception where shipment_id = %s", (shipment,))  # type: ignore[return-value]  # fmt: skip


def test_what_nobody_came_for_becomes_a_task_once_and_is_settled_by_the_customer() -> None:
    world = build.world(collect_days=3)
    orders = [collected(world), collected(world)]
    (late,), (fresh,) = (build.shipments(order) for order in orders)
    now = clock.now()
    with clock.told(now - timedelta(days=3)):
        ready(late)[0].require()
    ready(fresh)[0].require()

    assert [report_not_collected(actor=build.TESTER), report_not_collected(actor=build.TESTER)] == [1, 0]  # fmt: skip

    assert problems(late) == [("not_collected", "open", "")]
    assert problems(fresh) == []
    found = {key: [row.id for row in shipment_page(build.TESTER, ShipmentFilters(collect=key, shop=world.shop)).items] for key in ("waiting", "ready", "overdue", "collected")}  # type: ignore[arg-type]  # fmt: skip
    assert found == {"waiting": [], "ready": [fresh, late], "overdue": [late], "collected": []}
    handed_over(late).require()
    assert problems(late) == [("not_collected", "closed", "collected")]
    # What was dealt with is not asked about again.
    assert report_not_collected(actor=build.TESTER) == 0
    sound()


def test_serial_numbers_are_asked_at_the_counter() -> None:
    world = build.world()
    sql.execute("update catalog_product set tracking = 'serial' where sku = %s", (world.skus[0],))
    order = collected(world)
    [shipment] = build.shipments(order)
    serials = [SerialPiece(sku=world.skus[0], serial="SN-1")]

    item = ReadyShipmentItem(shipment_id=shipment, serials=serials)
    ready_shipments([item], actor=build.TESTER)[0].require()

    assert code(handed_over(shipment, serials=[])) == "serials_missing"
    handed_over(shipment).require()
    sound()


def test_what_a_customer_collects_is_packed_when_it_lies_ready() -> None:
    world = build.world()
    order = collected(world, (world.skus[0], 1))
    [shipment] = build.shipments(order)
    item = CreatePickListItem(location=world.locations[1], kind="batch", method="singles")
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    walk = made.data["pick_lists"][0]["number"]
    [(line, n)] = build.pick_lines_of(made.data["pick_lists"][0]["id"])
    pick_lines([PickItem(pick_line_id=line, picked=n)], actor=build.TESTER)[0].require()
    before = packing_list(build.TESTER, walk)

    packed(shipment, {world.skus[0]: 1}).require()

    after = packing_list(build.TESTER, walk)
    assert before is not None
    assert after is not None
    assert (before.packed, after.packed, after.parcels) == (0, 1, 1)
