"""Reading every other room: what a list shows, who sees it, and that it costs the same for one row and twenty."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from orderwerk.allocations.queries import (
    AllocationFilters,
    allocation_detail,
    allocation_page,
    allocation_tab_counts,
    order_allocations,
)
from orderwerk.catalog.queries import (
    ProductFilters,
    product_detail,
    product_detail_by_sku,
    product_page,
)
from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page
from orderwerk.emails.queries import EmailFilters, email_page
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.memos.queries import MemoFilters, memo_detail, memo_page
from orderwerk.orders.queries import order_detail
from orderwerk.payments.queries import PaymentFilters, order_payments, payment_detail, payment_page
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.queries import (
    PickListFilters,
    pick_list_detail,
    pick_list_page,
    pick_list_tab_counts,
)
from orderwerk.shipments.queries import (
    ShipmentFilters,
    order_shipments,
    shipment_detail,
    shipment_page,
    shipment_tab_counts,
)
from orderwerk.shops.queries import shop_detail, shop_page
from orderwerk.stock.bin_contents import bin_page_of_product
from orderwerk.stock.bin_queries import BinFilters, bin_page
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.upsert_inbounds import InboundLineItem
from orderwerk.stock.inbound_queries import inbound_by_number
from orderwerk.stock.queries import (
    LevelFilters,
    MovementFilters,
    level_detail,
    level_page,
    levels_of_product,
    location_detail,
    location_page,
    movement_detail,
    movement_page,
)
from tests import build

pytestmark = pytest.mark.django_db


def limited(world: build.World, *locations: str) -> Actor:
    return Actor(
        kind="user",
        name="Wim",
        id=ids.new_id(),
        shop_ids=frozenset({world.shop_id}),
        location_ids=frozenset(world.location_ids[code] for code in locations) or None,
    )


PAGES: dict[str, Callable[[Actor, Any], Page[Any]]] = {
    "allocations": lambda a, c: allocation_page(a, AllocationFilters(), cursor=c, limit=2),
    "shipments": lambda a, c: shipment_page(a, ShipmentFilters(shipped=False), cursor=c, limit=2),
    "pick_lists": lambda a, c: pick_list_page(
        a, PickListFilters(finished=False), cursor=c, limit=2
    ),
    "payments": lambda a, c: payment_page(a, PaymentFilters(), cursor=c, limit=2),
    "memos": lambda a, c: memo_page(a, MemoFilters(), cursor=c, limit=2),
    "emails": lambda a, c: email_page(a, EmailFilters(), cursor=c, limit=2),
    "levels": lambda a, c: level_page(a, LevelFilters(), cursor=c, limit=2),
    "locations": lambda a, c: location_page(a, cursor=c, limit=2),
    "bins": lambda a, c: bin_page(a, BinFilters(), cursor=c, limit=2),
    "movements": lambda a, c: movement_page(a, MovementFilters(), cursor=c, limit=2),
    "shops": lambda a, c: shop_page(a, cursor=c, limit=2),
    "products": lambda a, c: product_page(a, ProductFilters(q="sku"), cursor=c, limit=2),
}


def filled(orders: int = 1) -> tuple[build.World, UUID]:
    world = build.world()
    order_id = world.place()
    for _ in range(orders - 1):
        order_id = world.place()
    create_memos([MemoItem(order_id=order_id, text="call back")] * orders, actor=build.TESTER)
    create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)
    return world, order_id


@pytest.mark.parametrize("room", PAGES)
def test_every_list_costs_one_statement_and_shows_each_row_once(room: str) -> None:
    world, _ = filled(5)
    actor = limited(world)

    seen: list[Any] = []
    cursor = None
    while True:
        with sql.count_statements() as count:
            page = PAGES[room](actor, cursor)
        assert count.total == 1
        seen += page.items
        cursor = page.next
        if cursor is None:
            break

    keys = [getattr(row, "id", row) for row in seen]
    assert len(set(keys)) == len(keys)
    expected = {
        "emails": 0,
        "shops": 1,
        "locations": 2,
        "levels": 6,
        "movements": 6,
        "bins": 4,
        "products": 3,
    }
    assert len(keys) >= 5 if room not in expected else len(keys) == expected[room]


@pytest.mark.parametrize("room", [name for name in PAGES if name != "products"])
def test_another_shop_sees_nothing(room: str) -> None:
    filled(2)
    stranger = Actor(kind="token", name="x", shop_ids=frozenset({ids.new_id()}))

    assert PAGES[room](stranger, None).items == []


@pytest.mark.parametrize("room", [name for name in PAGES if name not in ("products", "shops")])
def test_another_location_sees_nothing(room: str) -> None:
    world, _ = filled(2)
    elsewhere = Actor(
        kind="user",
        name="x",
        shop_ids=frozenset({world.shop_id}),
        location_ids=frozenset({ids.new_id()}),
    )

    assert PAGES[room](elsewhere, None).items == []


def test_an_allocation_says_why() -> None:
    world, order_id = filled()
    actor = limited(world)

    [row] = order_allocations(actor, order_id)

    assert row.why.startswith(f"{world.locations[0]} is the first location by priority")
    assert (row.sku, row.location, row.quantity, row.status) == (
        world.skus[0],
        world.locations[0],
        1,
        "picking",
    )
    assert row.shipment_number is not None
    assert allocation_detail(actor, row.id) == row
    assert allocation_tab_counts(actor) == {"allocated": 0, "picking": 1, "picked": 0}
    assert allocation_page(
        actor, AllocationFilters(q=world.skus[0], status="picking", shipment_id=row.shipment_id)
    ).items == [row]
    with pytest.raises(NotFound):
        allocation_detail(limited(world, world.locations[1]), row.id)


def test_a_shipment_is_found_by_its_own_number_and_its_orders() -> None:
    world, order_id = filled()
    actor = limited(world)
    [detail] = order_shipments(actor, order_id)
    shipment = detail.shipment

    for text in (shipment.number, shipment.number[:3], shipment.order_number):
        assert (
            shipment
            in shipment_page(actor, ShipmentFilters(q=text, location=world.locations[0])).items
        )
    assert shipment_page(actor, ShipmentFilters(q="none")).items == []
    assert shipment_page(actor, ShipmentFilters(shipped=True)).items == []
    assert (shipment.units, shipment.line_count, shipment.delivery_address["city"]) == (
        1,
        1,
        "Testdorp",
    )
    assert [line.sku for line in detail.parts.lines] == [world.skus[0]]
    assert shipment_tab_counts(actor) == {"open": 1, "announced": 0, "not_shipped": 1}
    with sql.count_statements() as count:
        assert shipment_detail(actor, shipment.id) == detail
    assert count.total == 4
    with pytest.raises(NotFound):
        shipment_detail(limited(world, world.locations[1]), shipment.id)


def test_a_pick_list_shows_its_lines_in_walking_order() -> None:
    world, order_id = filled(3)
    actor = limited(world)

    rows = pick_list_page(actor, PickListFilters(order_id=order_id)).items
    detail = pick_list_detail(actor, rows[0].id)

    assert (detail.pick_list.status, detail.pick_list.units_picked) == ("open", 0)
    assert [line.position for line in detail.lines] == sorted(
        line.position for line in detail.lines
    )
    assert sum(line.left for line in detail.lines) == detail.pick_list.units
    assert sum(pick_list_tab_counts(actor).values()) == len(
        pick_list_page(actor, PickListFilters()).items
    )
    assert pick_list_page(actor, PickListFilters(q=detail.pick_list.number)).items == [
        detail.pick_list
    ]
    with pytest.raises(NotFound):
        pick_list_detail(limited(world, world.locations[1]), rows[0].id)


def test_stock_is_read_by_level_bin_and_history() -> None:
    world, _ = filled(2)
    actor = limited(world)

    [level] = level_page(actor, LevelFilters(sku=world.skus[0], location=world.locations[0])).items
    [movement] = movement_page(
        actor, MovementFilters(sku=world.skus[0], location=world.locations[0])
    ).items

    assert (level.on_hand, level.allocated, level.available) == (100, 2, 98)
    assert level_detail(actor, level.id) == level
    assert len(levels_of_product(actor, level.product_id)) == 2
    assert [b.quantity for b in bin_page_of_product(actor, level.product_id).items] == [100, 100]
    assert (movement.delta, movement.kind) == (100, "counted")
    assert movement_detail(actor, movement.id) == movement
    assert level_page(actor, LevelFilters(short=True)).items == []
    assert len(level_page(actor, LevelFilters(q=f"article {world.skus[0]}")).items) == 2
    assert level_page(actor, LevelFilters(q=world.skus[0][:-1], shop=world.shop)).items


def test_payments_shops_locations_and_products_are_read_one_by_one() -> None:
    world, order_id = filled()
    actor = limited(world)

    [payment] = order_payments(actor, order_id)
    shop = shop_detail(actor, world.shop_id)
    location = location_detail(actor, world.location_ids[world.locations[0]])
    product = product_detail_by_sku(actor, world.skus[0])

    assert (payment.amount_minor, payment.status) == (1000, "paid")
    assert payment_detail(actor, payment.id) == payment
    assert (shop.code, shop.locations) == (world.shop, world.locations)
    assert (location.code, location.shops) == (world.locations[0], [world.shop])
    assert (product.on_hand, product.allocated) == (200, 1)
    assert product_detail(limited(world, world.locations[1]), product.id).on_hand == 100
    memo = memo_page(actor, MemoFilters(order_id=order_id)).items[0]
    assert memo_detail(actor, memo.id).text == "call back"


@pytest.mark.parametrize(
    "read", [allocation_detail, shipment_detail, pick_list_detail, payment_detail, memo_detail, level_detail, movement_detail,
             location_detail, shop_detail, product_detail],
)  # fmt: skip
def test_what_is_not_there_is_not_found(read: Callable[[Actor, UUID], Any]) -> None:
    with pytest.raises(NotFound):
        read(build.TESTER, ids.new_id())


def test_the_tabs_of_an_order_count_what_the_reader_may_see() -> None:
    world = build.world(locations=2, products=1, stock=0)
    world.count(world.locations[0], {world.skus[0]: 2})
    world.count(world.locations[1], {world.skus[0]: 3})
    order_id = world.place((world.skus[0], 5))
    create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)

    def counted(actor: Actor) -> tuple[int, int, int]:
        counts = order_detail(actor, order_id).counts
        return counts.allocations, counts.pick_lists, counts.shipments

    assert counted(build.TESTER) == (2, 1, 2)
    assert counted(limited(world, world.locations[0])) == (1, 1, 1)
    assert counted(limited(world, world.locations[1])) == (1, 0, 1)


def test_who_works_where_a_transfer_goes_sees_it_at_once() -> None:
    world = build.world(locations=2, products=1)
    item = SendItem(
        origin=world.locations[0],
        to=world.locations[1],
        lines=[InboundLineItem(sku=world.skus[0], quantity=1)],
    )
    number = send_transfers([item], actor=build.TESTER)[0].require().data["number"]

    assert inbound_by_number(limited(world, world.locations[1]), number).status == "open"
