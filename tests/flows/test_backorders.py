"""The line of those who wait: whoever cannot be served now keeps nobody behind him waiting."""

from typing import Literal
from uuid import UUID

import pytest

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.rules import Rule
from orderwerk.core import sql
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.release_backorders import release_backorders
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.routes import ROUTES
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from orderwerk.stock.commands.close_inbounds import CloseInboundItem, close_inbounds
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.upsert_inbounds import InboundLineItem
from tests import build

pytestmark = pytest.mark.django_db


def _arrives(world: build.World, location: str, pieces: int) -> list[UUID]:
    """Count so many pieces of the first article and return the events of it."""
    before = sql.fetch("select id from core_event")
    world.count(location, {world.skus[0]: pieces})
    return [row[0] for row in sql.fetch("select id from core_event") if row not in before]


def _waits(world: build.World, quantity: int, hour: int, priority: int = 0) -> UUID:
    placed_at = f"2026-11-20T{hour:02}:00:00+01:00"
    order = world.place((world.skus[0], quantity), placed_at=placed_at)
    sql.execute("update orders_order set priority = %s where id = %s", (priority, order))
    return order


def _served(*orders: UUID) -> list[int]:
    return [build.order(key)["units_allocated"] for key in orders]


def test_orders_that_a_rule_keeps_back_keep_nobody_behind_them_waiting() -> None:
    world = build.world(locations=1, products=1, stock=0)
    item = RoutingItem(shop=world.shop, rules=[Rule(name="Whole", split="never")])
    set_routing_rules([item], actor=build.TESTER)[0].require()
    large = [_waits(world, 9, 12, 5), *(_waits(world, 9, hour) for hour in (8, 8, 9, 9))]
    last, late = _waits(world, 2, 10), _waits(world, 2, 11)
    events = _arrives(world, world.locations[0], 3)

    assert release_backorders(events, batch=2) == 1

    assert _served(*large, last, late) == [0, 0, 0, 0, 0, 2, 0]
    assert release_backorders(events, batch=2) == 0


def test_each_batch_takes_up_the_line_where_the_last_one_stopped() -> None:
    world = build.world(locations=1, products=1, stock=0)
    orders = [_waits(world, 1, 12, 5), _waits(world, 1, 8), _waits(world, 1, 8), _waits(world, 1, 9), _waits(world, 1, 7, -1)]  # fmt: skip
    events = _arrives(world, world.locations[0], 4)

    assert release_backorders(events, batch=1) == 4

    assert _served(*orders) == [1, 1, 1, 1, 0]


def test_stock_at_a_closed_location_calls_nobody() -> None:
    world = build.world(locations=2, products=1, stock=0)
    closed = LocationItem(code=world.locations[1], name="Closed", is_active=False)
    set_up_locations([closed], actor=build.TESTER)[0].require()
    order = _waits(world, 1, 8)
    events = _arrives(world, world.locations[1], 9)

    with sql.count_statements() as count:
        assert release_backorders(events) == 0

    assert count.total == 1
    assert _served(order) == [0]


def test_where_somebody_decides_nothing_goes_to_who_waits_by_itself() -> None:
    world = build.world(locations=1, products=1, stock=0, backorder_release="by_hand")
    asked, other = _waits(world, 1, 8), _waits(world, 1, 7)
    events = _arrives(world, world.locations[0], 2)

    assert release_backorders(events) == 0
    allocate_orders([AllocateItem(order_id=asked)], actor=build.TESTER)[0].require()
    assert _served(asked, other) == [1, 0]

    def now(mode: Literal["automatic", "by_hand"], name: str) -> int:
        before = _told("shop.updated")
        item = ShopItem(code=world.shop, name=name, currency="EUR", locale="nl", backorder_release=mode)  # fmt: skip
        upsert_shops([item], actor=build.TESTER)[0].require()
        return release_backorders([key for key in _told("shop.updated") if key not in before])

    assert now("by_hand", "Other name") == 0
    assert now("automatic", "Other name") == 1
    assert _served(asked, other) == [1, 1]
    assert ROUTES["shop.updated"] == ("backorders.release",)


def test_an_undone_shipment_gives_its_order_all_back_also_while_some_of_it_waits() -> None:
    world = build.world(locations=1, products=1, stock=5)
    order = world.place((world.skus[0], 7))
    [shipment] = build.shipments(order)
    before = (world.levels(), _lies(world), build.order(order)["status"])
    ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].require()
    assert (world.levels(), build.order(order)["status"]) == ({(world.skus[0], world.locations[0]): (0, 0)}, "partially_shipped")  # fmt: skip

    cancel_shipments([CancelShipmentItem(shipment_id=shipment)], actor=build.TESTER)[0].require()

    assert (world.levels(), _lies(world), build.order(order)["status"]) == before
    assert before == ({(world.skus[0], world.locations[0]): (5, 5)}, [("DEFAULT", 5)], "awaiting_stock")  # fmt: skip
    assert [build.order(order)[name] for name in ("units_allocated", "units_shipped")] == [5, 0]
    # Two pieces wait as before, and get what comes in.
    assert release_backorders(_arrives(world, world.locations[0], 7)) == 1
    assert _served(order) == [7]


def _lies(world: build.World) -> list[tuple[str, int]]:
    """What lies in which bin."""
    rows = sql.fetch(
        "select b.code, s.quantity from stock_bin_stock s join stock_bin b on b.id = s.bin_id "
        "where s.product_id = %s and s.quantity <> 0 order by b.code",
        (world.product_ids[world.skus[0]],),
    )
    return [(row[0], row[1]) for row in rows]


def _told(kind: str) -> list[UUID]:
    return [row[0] for row in sql.fetch("select id from core_event where kind = %s", (kind,))]


def test_a_location_that_is_open_again_serves_who_waits() -> None:
    world = build.world(locations=2, products=1, stock=0)
    code = world.locations[1]

    def turn(*, is_active: bool, name: str = "Second") -> list[UUID]:
        before = _told("location.updated")
        item = LocationItem(code=code, name=name, is_active=is_active)
        set_up_locations([item], actor=build.TESTER)[0].require()
        return [key for key in _told("location.updated") if key not in before]

    turn(is_active=False)
    world.count(code, {world.skus[0]: 9})
    order = _waits(world, 1, 8)

    assert release_backorders(turn(is_active=False, name="Other name")) == 0
    assert release_backorders(turn(is_active=True)) == 1
    assert _served(order) == [1]
    assert ROUTES["location.updated"] == ("allocations.leave_closed", "backorders.release")


def test_a_location_that_a_shop_may_draw_from_now_serves_who_waits() -> None:
    world, other = build.world(locations=1, products=1, stock=0), build.world(locations=1, stock=0)
    code = other.locations[0]
    other.skus = world.skus
    other.count(code, {world.skus[0]: 1})
    order = _waits(world, 1, 8)
    before = _told("shop.locations_set")

    link_locations([LocationShops(location=code, shops=[world.shop])], actor=build.TESTER)[0].require()  # fmt: skip

    assert release_backorders([e for e in _told("shop.locations_set") if e not in before]) == 1
    assert _served(order) == [1]
    assert ROUTES["shop.locations_set"] == ("backorders.release",)


@pytest.mark.parametrize("back", [True, False])
def test_goods_that_go_back_to_where_they_came_from_serve_who_waits(back: bool) -> None:
    world = build.world(locations=2, products=1, stock=0)
    here, there = world.locations
    world.count(here, {world.skus[0]: 3})
    line = InboundLineItem(sku=world.skus[0], quantity=3)
    item = SendItem(origin=here, to=there, lines=[line])
    sent = send_transfers([item], actor=build.TESTER)[0].require().id
    assert sent is not None
    order = _waits(world, 2, 8)

    close = CloseInboundItem(inbound_id=sent, reason="x", back_to_origin=back)
    close_inbounds([close], actor=build.TESTER)[0].require()

    assert release_backorders(_told("inbound.closed")) == int(back)
    assert _served(order) == [2 if back else 0]
    assert ROUTES["inbound.closed"] == ("backorders.release",)


def test_a_batch_takes_as_many_statements_for_one_order_as_for_fifty() -> None:
    counted = set()
    for waiting in (1, 7, 50):
        world = build.world(locations=1, products=1, stock=0)
        for _ in range(waiting):
            _waits(world, 1, 8)
        events = _arrives(world, world.locations[0], 99)
        with sql.count_statements() as count:
            assert release_backorders(events) == waiting
        counted.add(count.total)

    assert len(counted) == 1
