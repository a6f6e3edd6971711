"""An order that lies at two locations leaves as one shipment: what it has elsewhere travels first, for that order alone."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError
from django.db.transaction import atomic

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.pegging import Sent, Waiting, keep_for_orders
from orderwerk.allocations.promises import pegged_to_inbound, promises
from orderwerk.allocations.queries import order_allocations
from orderwerk.allocations.rules import Rule
from orderwerk.allocations.transfer_queries import travelling_for
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.checks import floor, goods, lines
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.close_transfers import close_expected
from orderwerk.flows.consolidate_orders import ConsolidateItem, consolidate_orders
from orderwerk.flows.gather_split import gather_split_orders
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.receive_goods import receive_goods
from orderwerk.flows.record_stock_scans import StockScanItem, record_stock_scans
from orderwerk.flows.reject_shipments import RejectShipmentItem, reject_shipments
from orderwerk.flows.set_lots import LotItem, set_lots
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.queries import shipment_detail
from orderwerk.stock.commands.close_inbounds import CloseInboundItem
from orderwerk.stock.commands.receive import ReceiveItem
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.upsert_inbounds import InboundLineItem
from tests import build

pytestmark = pytest.mark.django_db


def split(*, there: int = 5, wanted: int = 3) -> tuple[build.World, UUID]:
    """An order of one piece that lies at the first location and some that lie at the second."""
    world = build.world(stock=0, products=2)
    world.count(world.locations[0], {world.skus[0]: 5})
    world.count(world.locations[1], {world.skus[1]: there})
    order = world.place((world.skus[0], 1), (world.skus[1], wanted))
    assert [a[3] for a in build.allocations(order)] == world.locations
    return world, order


def gather(world: build.World, order: UUID, place: int = 0, actor: Actor = build.TESTER) -> Outcome:
    return consolidate_orders(
        [ConsolidateItem(order_id=order, to=world.locations[place])], actor=actor
    )[0]


def sent(outcome: Outcome) -> dict[str, Any]:
    """The one transfer that an order was gathered with."""
    [found] = outcome.require().data["transfers"]
    return dict(found)


def receive(world: build.World, transfer: dict[str, Any], quantity: int, **fields: Any) -> Outcome:
    item = ReceiveItem(
        sku=world.skus[1], location=world.locations[0], quantity=quantity, inbound=transfer["number"], **fields
    )  # fmt: skip
    return receive_goods([item], actor=build.TESTER)[0]


def close(transfer: dict[str, Any], **fields: Any) -> Outcome:
    item = CloseInboundItem(inbound_id=transfer["id"], reason="lost on the road", **fields)
    return close_expected([item], actor=build.TESTER)[0]


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def kinds(order: UUID, kind: str) -> list[Any]:
    rows = sql.fetch("select payload from core_event where order_id = %s and kind = %s order by id", (order, kind))  # fmt: skip
    return [sql.from_json(row[0]) for row in rows]


@pytest.fixture(autouse=True)
def _true() -> Any:
    """After each test: nothing that must hold is broken, at the end of the transaction neither."""
    yield
    sql.execute("set constraints all immediate")
    wrong = {i.id: sql.fetch(i.sql) for m in (floor, goods, lines) for i in m.INVARIANTS}
    assert {key: rows for key, rows in wrong.items() if rows} == {}


def test_what_lies_elsewhere_travels_first_and_the_order_leaves_as_one_shipment() -> None:
    world, order = split()
    here, there = world.locations

    outcome = gather(world, order)

    transfer = sent(outcome)
    assert (outcome.data["to"], outcome.data["units"], transfer["from"], transfer["units"]) == (here, 3, there, 3)  # fmt: skip
    assert (world.levels()[(world.skus[1], there)], world.levels()[(world.skus[0], here)]) == ((2, 0), (5, 1))  # fmt: skip
    assert build.order(order)["status"] == "awaiting_stock"
    [told] = kinds(order, "order.consolidated")
    assert told == {"transfer": transfer["number"], "from": there, "to": here, "units": 3}
    [shipment] = build.shipments(order, "open")

    receive(world, transfer, 3).require()

    assert build.order(order)["status"] == "awaiting_shipment"
    assert build.shipments(order, "open") == [shipment]
    assert [a[2:] for a in build.allocations(order, "allocated")] == [(1, here), (3, here)]
    assert "transfer" in order_allocations(build.TESTER, order)[-1].why
    assert ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].ok
    assert build.order(order)["status"] == "shipped"


def test_nobody_claims_twice_what_is_on_its_way_for_the_order() -> None:
    world, order = split()
    transfer = sent(gather(world, order))
    world.count(world.locations[0], {world.skus[1]: 9})

    [outcome] = allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)

    assert (outcome.require().data["allocated"], len(build.allocations(order, "allocated"))) == (0, 1)  # fmt: skip
    assert receive(world, transfer, 3).ok


def test_what_travels_is_promised_to_its_order_and_to_nobody_before_it() -> None:
    world, order = split(there=3)
    first = world.place((world.skus[1], 2), placed_at="2026-11-01T10:00:00Z")
    transfer = sent(gather(world, order))
    line = build.order_lines(order)[1]

    mine = promises([order])[line]

    assert [(p.number, p.quantity) for p in mine.pegs] == [(transfer["number"], 3)]
    assert promises([first])[build.order_lines(first)[0]].pegs == []
    assert [(r.order_id, r.quantity) for r in pegged_to_inbound(build.TESTER, transfer["id"])] == [(order, 3)]  # fmt: skip
    [row] = travelling_for(build.TESTER, order)
    assert (row.transfer, row.units) == (transfer["number"], 3)
    receive(world, transfer, 3).require()
    allocate_orders([AllocateItem(order_id=first)], actor=build.TESTER)
    assert (build.order(first)["units_allocated"], build.order(order)["units_allocated"]) == (0, 4)


def test_a_promise_that_came_in_meanwhile_is_no_stumbling_block() -> None:
    line, product = uuid4(), uuid4()
    coming = Sent(line, product, uuid4(), "I1", None, 2)

    pegs, rest = keep_for_orders([Waiting(line, uuid4(), uuid4(), product, 3)], [], [coming])

    assert ([p.quantity for p in pegs], [w.quantity for w in rest]) == ([2], [1])


def test_until_then_it_is_neither_picked_nor_sent_whole_but_a_part_may_leave() -> None:
    world, order = split()
    transfer = sent(gather(world, order))
    [shipment] = build.shipments(order, "open")
    here = world.locations[0]

    whole = ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0]
    named = create_pick_lists([CreatePickListItem(location=here, shipment_ids=[shipment])], actor=build.TESTER)[0]  # fmt: skip
    ready = create_pick_lists([CreatePickListItem(location=here)], actor=build.TESTER)[0]

    assert (code(whole), code(named), code(ready)) == ("waits_for_transfer", "waits_for_transfer", "nothing_to_pick")  # fmt: skip
    assert whole.error
    assert f"transfer {transfer['number']} from {world.locations[1]}, 3 pieces" in whole.error.message  # fmt: skip
    found = shipment_detail(build.TESTER, shipment)
    assert found.shipment.waits_for == [transfer["number"]]
    part = ShipLine(shipment_line_id=found.parts.lines[0].id, quantity=1)
    assert ship_shipments([ShipItem(shipment_id=shipment, lines=[part])], actor=build.TESTER)[0].ok
    receive(world, transfer, 3).require()
    [rest] = build.shipments(order, "open")
    assert ship_shipments([ShipItem(shipment_id=rest)], actor=build.TESTER)[0].ok


def test_a_part_that_was_split_off_waits_for_nothing() -> None:
    world = build.world(stock=0, products=2)
    world.count(world.locations[0], {world.skus[0]: 5})
    world.count(world.locations[1], {world.skus[1]: 5})
    order = world.place((world.skus[0], 2), (world.skus[1], 1))
    gather(world, order).require()
    [shipment] = build.shipments(order, "open")
    [line] = shipment_detail(build.TESTER, shipment).parts.lines
    item = SplitShipmentItem(shipment_id=shipment, lines=[SplitLine(shipment_line_id=line.id, quantity=1)])  # fmt: skip
    part = split_shipments([item], actor=build.TESTER)[0].require().id
    assert part is not None

    assert ship_shipments([ShipItem(shipment_id=part)], actor=build.TESTER)[0].ok
    assert code(ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0]) == "waits_for_transfer"  # fmt: skip


def test_the_rest_of_it_takes_in_what_waits_for_nothing_and_not_the_other_way_round() -> None:
    world = build.world(stock=0, products=2)
    world.count(world.locations[0], {world.skus[0]: 5})
    world.count(world.locations[1], {world.skus[1]: 5})
    order = world.place((world.skus[0], 2), (world.skus[1], 1))
    gather(world, order).require()
    [shipment] = build.shipments(order, "open")
    [line] = shipment_detail(build.TESTER, shipment).parts.lines
    item = SplitShipmentItem(shipment_id=shipment, lines=[SplitLine(shipment_line_id=line.id, quantity=1)])  # fmt: skip
    part = split_shipments([item], actor=build.TESTER)[0].require().id
    assert part is not None

    def merge(*keys: UUID) -> Outcome:
        return merge_shipments([MergeShipmentsItem(shipment_ids=list(keys))], actor=build.TESTER)[0]

    assert code(merge(part, shipment)) == "waits_for_transfer"
    merge(shipment, part).require()
    assert code(announce_shipments([AnnounceItem(shipment_id=shipment)], actor=build.TESTER)[0]) == "waits_for_transfer"  # fmt: skip


def test_what_does_not_come_is_looked_for_elsewhere_or_waits() -> None:
    world, order = split(there=4)
    transfer = sent(gather(world, order))
    receive(world, transfer, 1).require()

    close(transfer).require()

    # One came, one lies at the other location still, one waits; two of the transfer are lost.
    claims = [a[2:] for a in build.allocations(order, "allocated")]
    assert claims == [(1, world.locations[0]), (1, world.locations[0]), (1, world.locations[1])]
    assert build.order(order)["status"] == "awaiting_stock"
    assert world.levels()[(world.skus[1], world.locations[0])] == (1, 1)
    assert [(e["units"], e["reason"]) for e in kinds(order, "order.transfer_ended")] == [(2, "the transfer was closed")]  # fmt: skip
    assert travelling_for(build.TESTER, order) == []
    [shipment, _] = build.shipments(order, "open")
    assert ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].ok


def test_what_goes_back_is_claimed_where_it_lies_again() -> None:
    world, order = split(there=3)
    transfer = sent(gather(world, order))

    close(transfer, back_to_origin=True).require()

    assert [a[2:] for a in build.allocations(order, "allocated")] == [(1, world.locations[0]), (3, world.locations[1])]  # fmt: skip
    assert world.levels()[(world.skus[1], world.locations[1])] == (3, 3)
    assert code(close(transfer)) == "inbound_finished"
    assert gather(world, order).ok


def test_a_rule_does_not_send_again_what_somebody_let_go_back() -> None:
    world = build.world(stock=0, products=2)
    rule = Rule(name="One parcel", split="gather")
    set_routing_rules([RoutingItem(shop=world.shop, rules=[rule])], actor=build.TESTER)[0].require()
    world.count(world.locations[0], {world.skus[0]: 1})
    world.count(world.locations[1], {world.skus[1]: 3})
    order = world.place((world.skus[0], 1), (world.skus[1], 3))
    gather_split_orders(_events(order))
    [(transfer,)] = sql.fetch("select id from stock_inbound where order_id = %s", (order,))
    asked = kinds(order, "order.to_gather")

    close({"id": transfer}, back_to_origin=True).require()

    assert len(build.allocations(order, "allocated")) == 2
    assert kinds(order, "order.to_gather") == asked


def test_nothing_is_gathered_where_the_order_was_rejected() -> None:
    world, order = split()
    [shipment] = [key for key in build.shipments(order, "open") if shipment_detail(build.TESTER, key).shipment.location == world.locations[0]]  # fmt: skip
    reject_shipments([RejectShipmentItem(shipment_id=shipment, reason="no room")], actor=build.TESTER)[0].require()  # fmt: skip

    assert code(gather(world, order)) == "location_rejected"


def test_a_transfer_for_nobody_is_closed_as_ever() -> None:
    world, _order = split()
    lines = [InboundLineItem(sku=world.skus[1], quantity=2)]
    item = SendItem(origin=world.locations[1], to=world.locations[0], lines=lines)
    made = send_transfers([item], actor=build.TESTER)[0].require()

    assert close({"id": made.id}, back_to_origin=True).ok


def test_a_cancelled_orders_pieces_come_in_as_ordinary_stock() -> None:
    world, order = split()
    transfer = sent(gather(world, order))
    line = build.order_lines(order)[1]
    some = CancelItem(order_id=order, reason="x", lines=[CancelLine(order_line_id=line, quantity=1)])  # fmt: skip

    cancel_orders([some], actor=build.TESTER)[0].require()
    assert [row.units for row in travelling_for(build.TESTER, order)] == [2]
    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    receive(world, transfer, 3).require()

    assert world.levels()[(world.skus[1], world.locations[0])] == (3, 0)
    assert build.order(order)["status"] == "cancelled"
    assert [e["units"] for e in kinds(order, "order.transfer_ended")] == [1, 2]


def test_a_cancelled_piece_that_has_no_stock_at_all_leaves_the_travelling_ones_alone() -> None:
    world, order = split(there=2, wanted=3)
    gather(world, order).require()
    line = build.order_lines(order)[1]
    one = CancelItem(order_id=order, reason="x", lines=[CancelLine(order_line_id=line, quantity=1)])

    cancel_orders([one], actor=build.TESTER)[0].require()

    assert [row.units for row in travelling_for(build.TESTER, order)] == [2]


def test_scanning_it_in_hands_it_over_and_only_what_came() -> None:
    world, order = split()
    transfer = sent(gather(world, order))
    scans = [
        StockScanItem(
            key=new_id(), flow="receive", location=world.locations[0], sku=world.skus[1], bin="DEFAULT", quantity=n, inbound=transfer["number"]
        )
        for n in (2, 4)
    ]  # fmt: skip

    outcomes = record_stock_scans([*scans, scans[0]], actor=build.TESTER)

    assert [code(o) for o in outcomes] == [None, "more_than_sent", None]
    assert build.order(order)["units_allocated"] == 3
    assert [row.units for row in travelling_for(build.TESTER, order)] == [1]


def test_whoever_receives_need_not_see_the_order() -> None:
    world, order = split()
    transfer = sent(gather(world, order))
    stranger = Actor("token", "dock", location_ids=frozenset({world.location_ids[world.locations[0]]}))  # fmt: skip
    sql.execute("update shipments_shipment set version = version where order_id = %s", (order,))
    item = ReceiveItem(sku=world.skus[1], location=world.locations[0], quantity=3, inbound=transfer["number"])  # fmt: skip

    receive_goods([item], actor=stranger)[0].require()

    assert build.order(order)["units_allocated"] == 4


def test_a_kits_components_are_gathered() -> None:
    world = build.world(stock=0, products=2)
    kit = f"KIT{build.serial()}"
    parts = [ComponentItem(sku=sku, quantity=2) for sku in world.skus]
    upsert_products([ProductItem(sku=kit, name="Kit", components=parts)], actor=build.TESTER)
    world.count(world.locations[0], {world.skus[0]: 5})
    world.count(world.locations[1], {world.skus[1]: 5})
    order = world.place((kit, 1))
    transfer = sent(gather(world, order))
    assert build.order(order)["units_allocated"] == 0

    receive(world, transfer, 2).require()

    assert build.order(order)["units_allocated"] == 1
    [shipment] = build.shipments(order, "open")
    assert ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].ok


def test_two_locations_send_to_a_third_and_more_may_follow() -> None:
    world = build.world(stock=0, products=2, locations=3)
    world.count(world.locations[1], {world.skus[0]: 1})
    world.count(world.locations[2], {world.skus[1]: 3})
    order = world.place((world.skus[0], 2), (world.skus[1], 1))

    first = gather(world, order).require()
    world.count(world.locations[1], {world.skus[0]: 4})
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()
    second = gather(world, order).require()

    assert [(t["from"], t["units"]) for t in first.data["transfers"]] == [(world.locations[1], 1), (world.locations[2], 1)]  # fmt: skip
    assert [(t["from"], t["units"]) for t in second.data["transfers"]] == [(world.locations[1], 1)]
    came = [
        ReceiveItem(sku=sku, location=world.locations[0], quantity=1, inbound=t["number"])
        for sku, t in zip(
            (world.skus[0], world.skus[1], world.skus[0]),
            (*first.data["transfers"], *second.data["transfers"]),
            strict=True,
        )
    ]
    assert all(o.ok for o in receive_goods(came[:1], actor=build.TESTER))
    assert sum(row.units for row in travelling_for(build.TESTER, order)) == 2
    assert all(o.ok for o in receive_goods(came[1:], actor=build.TESTER))
    assert (build.order(order)["units_allocated"], len(build.shipments(order, "open"))) == (3, 1)


@pytest.fixture
def by_lot() -> tuple[build.World, UUID]:
    """An order whose second article is kept by lot and lies elsewhere."""
    world = build.world(stock=0, products=2)
    upsert_products([ProductItem(sku=world.skus[1], name="Vaccine", tracking="lot")], actor=build.TESTER)[0].require()  # fmt: skip
    world.count(world.locations[0], {world.skus[0]: 5})
    came = ReceiveItem(sku=world.skus[1], location=world.locations[1], quantity=3, lot="L1")
    receive_goods([came], actor=build.TESTER)[0].require()
    return world, world.place((world.skus[0], 1), (world.skus[1], 3))


def test_a_lot_that_was_blocked_on_the_road_is_not_handed_over(
    by_lot: tuple[build.World, UUID],
) -> None:
    world, order = by_lot
    transfer = sent(gather(world, order))
    set_lots([LotItem(sku=world.skus[1], lot="L1", blocked=True, reason="recalled")], actor=build.TESTER)[0].require()  # fmt: skip

    receive(world, transfer, 3, lot="L1").require()

    assert (build.order(order)["units_allocated"], travelling_for(build.TESTER, order)) == (1, [])


def test_a_lot_whose_day_is_over_does_not_set_out(by_lot: tuple[build.World, UUID]) -> None:
    world, order = by_lot
    day = clock.now().date().replace(year=2020)
    sql.execute("update stock_lot set expires_on = %s where code = 'L1' and product_id = %s", (day, world.product_ids[world.skus[1]]))  # fmt: skip

    assert code(gather(world, order)) == "lot_blocked"
    assert build.order(order)["units_allocated"] == 4
    sql.execute("update stock_lot set expires_on = null where code = 'L1' and product_id = %s", (world.product_ids[world.skus[1]],))  # fmt: skip


def test_a_place_that_said_no_gets_no_claim_when_they_come() -> None:
    world, order = split()
    transfer = sent(gather(world, order))
    [shipment] = build.shipments(order, "open")
    reject_shipments([RejectShipmentItem(shipment_id=shipment, reason="no room")], actor=build.TESTER)[0].require()  # fmt: skip

    receive(world, transfer, 3).require()

    assert world.levels()[(world.skus[1], world.locations[0])] == (3, 0)
    assert build.allocations(order, "allocated") == []


def test_refusals() -> None:
    world, order = split()
    other = build.world(locations=1)
    held = world.place((world.skus[0], 1), (world.skus[1], 1))
    hold_orders([HoldItem(order_id=held, reason="x")], actor=build.TESTER)[0].require()
    items = [
        ConsolidateItem(order_id=new_id(), to=world.locations[0]),
        ConsolidateItem(order_id=order, to="nowhere"),
        ConsolidateItem(order_id=order, to=other.locations[0]),
        ConsolidateItem(order_id=held, to=world.locations[0]),
        ConsolidateItem(order_id=order, to=world.locations[0]),
        ConsolidateItem(order_id=order, to=world.locations[0]),
        ConsolidateItem(order_id=order, to=world.locations[1]),
    ]

    outcomes = consolidate_orders(items, actor=build.TESTER)

    assert [code(o) for o in outcomes] == [
        "unknown_order", "unknown_location", "location_not_linked", "order_on_hold", None, "nothing_elsewhere", "consolidated_elsewhere",
    ]  # fmt: skip
    assert code(gather(world, order, 1)) == "consolidated_elsewhere"


def test_who_sees_one_location_takes_nothing_from_another() -> None:
    world, order = split()
    here, there = (
        Actor("token", "one place", location_ids=frozenset({world.location_ids[place]}))
        for place in world.locations
    )
    before = world.levels()

    assert code(gather(world, order, actor=here)) == "nothing_elsewhere"
    assert code(gather(world, order, actor=there)) == "unknown_location"
    assert code(gather(world, order, actor=build.limited(new_id()))) == "unknown_order"
    assert world.levels() == before
    assert gather(world, order, actor=build.limited(world.shop_id)).ok


def test_a_rule_gathers_orders_by_itself_where_most_of_each_lies() -> None:
    world = build.world(stock=0, products=2)
    rule = Rule(name="One parcel", split="gather", most_shipments=1, least_value="999.00")
    set_routing_rules([RoutingItem(shop=world.shop, rules=[rule])], actor=build.TESTER)[0].require()
    world.count(world.locations[0], {world.skus[0]: 9})
    world.count(world.locations[1], {world.skus[1]: 3})
    whole = world.place((world.skus[0], 1))
    order = world.place((world.skus[0], 1), (world.skus[1], 4))
    assert kinds(whole, "order.to_gather") == []
    assert kinds(order, "order.to_gather") == [{"rule": "One parcel"}]

    assert gather_split_orders(_events(order)) == 1

    [row] = travelling_for(build.TESTER, order)
    assert (row.location_name, row.units) == (world.locations[1], 1)
    assert gather_split_orders(_events(order)) == 0
    # What comes later for it lies elsewhere again: it travels to the same place.
    world.count(world.locations[0], {world.skus[1]: 5})
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()
    assert gather_split_orders(_events(order)) == 1
    assert [row.units for row in travelling_for(build.TESTER, order)] == [1, 1]
    assert gather_split_orders(_events(whole)) == 0
    assert gather_split_orders([]) == 0


def _events(order: UUID) -> list[UUID]:
    return [row[0] for row in sql.fetch("select id from core_event where order_id = %s and kind = 'order.to_gather'", (order,))]  # fmt: skip


def broken(*statements: str) -> str:
    """The guard that refuses statements, by its name; nothing of them stays."""
    try:
        with atomic():
            for statement in statements:
                sql.execute(statement)
            sql.execute("set constraints all immediate")
            raise AssertionError("nothing refused it")
    except DatabaseError as error:
        return str(error.__cause__.diag.constraint_name)  # type: ignore[union-attr]
    finally:
        sql.execute("set constraints all deferred")


_PEG = """
insert into allocations_transfer_peg (id, shop_id, order_id, order_line_id, product_id, location_id, inbound_line_id, quantity, arrived,
  dropped, created_at)
select gen_random_uuid(), shop_id, {order}, {line}, product_id, location_id, {inbound_line}, {n}, 0, 0, created_at
from allocations_transfer_peg where order_id = '{own}' limit 1
"""


def test_the_database_refuses_what_the_program_never_does() -> None:
    world, order = split()
    elsewhere = world.place((world.skus[1], 1))
    theirs = build.order_lines(elsewhere)[0]
    first = build.order_lines(order)[0]
    gather(world, order).require()
    mine = f"where order_id = '{order}'"
    peg = "update allocations_transfer_peg set"
    lines_of = f"where inbound_id in (select id from stock_inbound {mine})"
    same = {"own": order, "inbound_line": "inbound_line_id", "n": 1}
    claim = f"""
    insert into allocations_allocation (id, shop_id, order_id, order_line_id, product_id, location_id, quantity, picked, status,
      explanation, created_at)
    select gen_random_uuid(), p.shop_id, p.order_id, p.order_line_id, p.product_id, i.origin_id, 1, 0, 'allocated', '{{}}', now()
    from allocations_transfer_peg p join stock_inbound i using (order_id) {mine.replace("order_id", "p.order_id")}"""

    found = [
        broken(f"{peg} quantity = 9 {mine}"),
        broken(f"{peg} arrived = 4 {mine}"),
        broken(f"{peg} dropped = 1 {mine}", f"{peg} dropped = 0 {mine}"),
        broken(f"delete from allocations_transfer_peg {mine}"),
        broken(f"update stock_inbound set order_id = null {mine}"),
        broken(f"update stock_inbound_line set closed = 1 {lines_of}"),
        broken(_PEG.format(order=f"'{elsewhere}'", line=f"'{theirs}'", **same)),
        broken(_PEG.format(order="order_id", line=f"'{first}'", **same)),
        broken(_PEG.format(order="order_id", line="order_line_id", **same)),
        broken(claim),
    ]

    assert found == [
        "allocations_transfer_peg_frozen", "allocations_transfer_peg_quantities", "allocations_transfer_peg_frozen",
        "allocations_transfer_peg_append_only", "stock_inbound_frozen", "allocations_transfer_peg_in_transit",
        "allocations_transfer_peg_of_order", "allocations_transfer_peg_in_transit", "allocations_transfer_peg_once",
        "allocations_transfer_peg_wanted",
    ]  # fmt: skip


def test_a_purchase_order_is_for_no_order_and_pieces_travel_to_one_place_at_a_time() -> None:
    world, order = split()
    transfer = sent(gather(world, order))
    place = world.location_ids[world.locations[1]]
    to_there = f"""
    with i as (
      insert into stock_inbound (id, number, kind, location_id, origin_id, supplier, reference, status, created_at, version, order_id)
      select gen_random_uuid(), number || 'x', kind, origin_id, location_id, '', '', 'open', created_at, 1, order_id
      from stock_inbound where id = '{transfer["id"]}' returning id
    )
    insert into stock_inbound_line (id, inbound_id, location_id, product_id, position, expected, received, closed, may_exceed)
    select '{transfer["id"]}', i.id, '{place}', '{world.product_ids[world.skus[1]]}', 1, 1, 0, 0, false from i"""
    back = f"""
    insert into allocations_transfer_peg (id, shop_id, order_id, order_line_id, product_id, location_id, inbound_line_id, quantity, arrived,
      dropped, created_at)
    select gen_random_uuid(), shop_id, order_id, order_line_id, product_id, '{place}', '{transfer["id"]}', 1, 0, 0, created_at
    from allocations_transfer_peg where order_id = '{order}'"""
    bought = f"update stock_inbound set kind = 'purchase', origin_id = null where id = '{transfer['id']}'"

    assert broken(to_there, back) == "allocations_transfer_peg_one_place"
    assert (
        broken("set local session_replication_role = replica", bought) == "stock_inbound_for_order"
    )
