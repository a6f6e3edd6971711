"""Cancel requests: what is in the warehouse's hands is asked for, the rest goes at once."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.decide_cancel_requests import (
    AcceptCancelRequestItem,
    RejectCancelRequestItem,
    accept_cancel_requests,
    reject_cancel_requests,
)
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from tests import build

pytestmark = pytest.mark.django_db


def asking(**fields: Any) -> build.World:
    """A shop that asks the warehouse."""
    return build.world(stock=20, cancel_while_picking="ask", **fields)


def listed(world: build.World, order: UUID) -> UUID:
    """A pick list for an order's first shipment."""
    item = CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(order, "open")[:1])  # fmt: skip
    made = create_pick_lists([item], actor=build.TESTER)[0].require().id
    assert made is not None
    return made


def picked(world: build.World, order: UUID) -> UUID:
    """The same, with everything picked."""
    key = listed(world, order)
    complete_pick_lists([CompleteItem(pick_list_id=key)], actor=build.TESTER)[0].require()
    return key


def cancel(order: UUID, **lines: Any) -> Outcome:
    """Cancel an order, or what is named of it."""
    return cancel_orders([CancelItem(order_id=order, reason="Changed his mind", **lines)], actor=build.TESTER)[0]  # fmt: skip


def accept(request: Any) -> Outcome:
    """Let the goods go."""
    items = [AcceptCancelRequestItem(cancel_request_id=request)]
    return accept_cancel_requests(items, actor=build.TESTER)[0]


def healthy() -> None:
    """No invariant is broken."""
    report = run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}])
    assert report.findings == []


def test_what_is_picked_is_asked_for_and_the_rest_goes_at_once() -> None:
    world = asking(locations=1)
    order = world.place((world.skus[0], 3), (world.skus[1], 25))
    picked(world, order)

    done = cancel(order).require()

    # Twenty of the second article are picked, five wait for stock.
    assert (done.data["cancelled"], done.data["requested"]) == (5, 23)
    assert done.data["status"] == "awaiting_shipment"
    assert build.order(order)["units_cancelled"] == 5
    healthy()


def test_before_work_on_the_list_has_begun_all_goes_at_once() -> None:
    world = asking()
    order = world.place((world.skus[0], 3))
    listed(world, order)

    done = cancel(order).require()

    assert (done.data["cancelled"], done.data["requested"]) == (3, 0)
    assert build.order(order)["status"] == "cancelled"


def test_once_the_first_piece_is_picked_the_whole_line_is_asked_for() -> None:
    world = asking()
    order = world.place((world.skus[0], 3))
    [(line, _)] = build.pick_lines_of(listed(world, order))
    pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0].require()

    assert cancel(order).require().data["requested"] == 3


def test_a_shop_that_does_not_ask_cancels_at_once_as_ever() -> None:
    world = build.world(stock=20)
    order = world.place((world.skus[0], 3))
    picked(world, order)

    done = cancel(order).require()

    assert (done.data["cancelled"], done.data["requested"]) == (3, 0)
    assert "cancel_request_id" not in done.data
    healthy()


def test_nothing_of_it_is_shipped_or_announced_meanwhile() -> None:
    world = asking()
    order = world.place((world.skus[0], 3))
    picked(world, order)
    cancel(order)
    [shipment] = build.shipments(order, "open")

    shipped = ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0]
    announced = announce_shipments([AnnounceItem(shipment_id=shipment)], actor=build.TESTER)[0]

    assert [o.error.code for o in (shipped, announced) if o.error] == ["cancel_requested"] * 2
    assert build.order(order)["units_shipped"] == 0


def test_accepted_the_goods_are_cancelled_and_back_in_their_bin() -> None:
    world = asking(locations=1)
    before = _bins(world)
    order = world.place((world.skus[0], 3))
    picked(world, order)
    request = cancel(order).require().data["cancel_request_id"]

    done = accept(request).require()

    assert done.data["order_status"] == "cancelled"
    assert _bins(world) == before
    assert world.levels()[(world.skus[0], world.locations[0])] == (20, 0)
    assert accept(request).error.code == "cancel_request_decided"  # type: ignore[union-attr]
    healthy()


def test_rejected_the_order_goes_on_and_is_shipped() -> None:
    world = asking()
    order = world.place((world.skus[0], 3))
    picked(world, order)
    request = cancel(order).require().data["cancel_request_id"]

    item = RejectCancelRequestItem(cancel_request_id=request, reason="In the van")
    reject_cancel_requests([item], actor=build.TESTER)[0].require()
    [shipment] = build.shipments(order, "open")
    ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].require()

    assert build.order(order)["status"] == "shipped"
    note = sql.fetch("select note from orders_cancel_request where id = %s", (request,))[0][0]
    assert note == "In the van"
    healthy()


def test_a_piece_is_asked_for_once() -> None:
    world = asking()
    order = world.place((world.skus[0], 3))
    picked(world, order)
    [line] = build.order_lines(order)
    cancel(order, lines=[CancelLine(order_line_id=line, quantity=2)]).require()

    again = cancel(order, lines=[CancelLine(order_line_id=line, quantity=2)])
    rest = cancel(order).require()
    none = cancel(order)

    assert again.error is not None
    assert again.error.code == "too_many_to_cancel"
    assert rest.data["requested"] == 1
    assert none.error is not None
    assert none.error.code == "cancel_requested"
    healthy()


def test_a_kit_of_which_a_part_is_picked_is_asked_for() -> None:
    world = asking(locations=1)
    kit = f"KIT{build.serial()}"
    parts = [ComponentItem(sku=sku, quantity=2) for sku in world.skus[:2]]
    upsert_products([ProductItem(sku=kit, name="Kit", components=parts)], actor=build.TESTER)
    order = world.place((kit, 3))
    lines = build.pick_lines_of(listed(world, order))
    pick_lines([PickItem(pick_line_id=lines[0][0], picked=6)], actor=build.TESTER)[0].require()

    done = cancel(order).require()
    accept(done.data["cancel_request_id"]).require()

    assert done.data["requested"] == 3
    assert build.order(order)["status"] == "cancelled"
    healthy()


def test_who_works_at_one_location_decides_about_its_goods_only() -> None:
    world = asking()
    order = world.place((world.skus[0], 30))
    for shipment in build.shipments(order):
        place = sql.fetch("select l.code from shipments_shipment s join stock_location l on l.id = s.location_id where s.id = %s", (shipment,))[0][0]  # fmt: skip
        made = create_pick_lists([CreatePickListItem(location=place, shipment_ids=[shipment])], actor=build.TESTER)[0]  # fmt: skip
        complete_pick_lists([CompleteItem(pick_list_id=made.require().id)], actor=build.TESTER)  # type: ignore[arg-type]
    request = cancel(order).require().data["cancel_request_id"]
    here = Actor("user", "x", location_ids=frozenset({world.location_ids[world.locations[0]]}))

    refused = accept_cancel_requests([AcceptCancelRequestItem(cancel_request_id=request)], actor=here)[0]  # fmt: skip
    other = accept_cancel_requests([AcceptCancelRequestItem(cancel_request_id=request)], actor=build.limited(request))[0]  # fmt: skip

    assert refused.error is not None
    assert refused.error.code == "held_elsewhere"
    assert other.error is not None
    assert other.error.code == "unknown_cancel_request"


def test_the_database_itself_never_lets_a_piece_be_shipped_and_asked_back() -> None:
    world = asking()
    order = world.place((world.skus[0], 3))
    [line] = build.order_lines(order)

    for wrong in (
        "cancel_requested = 4",
        "cancel_requested = 2, cancelled = 2",
        "cancel_requested = -1",
    ):
        with pytest.raises(IntegrityError, match="orders_line_"), atomic():
            sql.execute(f"update orders_line set {wrong} where id = %s", (line,))


def _bins(world: build.World) -> list[Any]:
    return sql.fetch(
        "select b.code, k.quantity, k.planned from stock_bin_stock k join stock_bin b on b.id = k.bin_id "
        "join catalog_product p on p.id = k.product_id where p.sku = %s and k.quantity > 0 order by 1",
        (world.skus[0],),
    )
