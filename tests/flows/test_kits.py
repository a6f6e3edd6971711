"""Kits: claimed, picked, shipped and cancelled by component, counted on the order in whole kits."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.checks.run import ALL
from orderwerk.core import sql
from orderwerk.core.errors import Refusal
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.map_lines import map_lines
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.release_backorders import release_backorders
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build

pytestmark = pytest.mark.django_db


def kit(world: build.World, **parts: int) -> str:
    """Make a kit of a world's products, named by "a", "b", "c" with their number of pieces."""
    sku = f"KIT{build.serial()}"
    components = [ComponentItem(sku=world.skus["abc".index(name)], quantity=n) for name, n in parts.items()]  # fmt: skip
    upsert_products([ProductItem(sku=sku, name="Gift set", components=components)], actor=build.TESTER)[0].require()  # fmt: skip
    return sku


def counters(order: UUID, position: int = 1) -> tuple[int, ...]:
    """Cancelled, allocated, picked and shipped of a line, in kits."""
    names = "cancelled, allocated, picked, shipped"
    return sql.fetch(f"select {names} from orders_line where order_id = %s and position = %s", (order, position))[0]  # fmt: skip


def parts(order: UUID) -> list[tuple[int, ...]]:
    """Needed, allocated, picked and shipped of each component, in pieces."""
    names = "c.needed, c.allocated, c.picked, c.shipped"
    return sql.fetch(f"select {names} from orders_component c join catalog_product p on p.id = c.product_id where order_id = %s order by p.sku", (order,))  # fmt: skip


def sound() -> None:
    sql.execute("set constraints all immediate")
    sql.execute("set constraints all deferred")
    for invariant in ALL:
        if invariant.id not in {"durable", "stuck-outbox"}:
            assert sql.fetch(invariant.sql) == [], invariant.id


def _code(refusal: Refusal | None) -> str:
    assert refusal is not None
    return refusal.code


def test_a_kit_claims_its_components_and_counts_whole_kits() -> None:
    world = build.world(locations=1, stock=10)
    order = world.place((kit(world, a=2, b=1), 3))

    assert parts(order) == [(6, 6, 0, 0), (3, 3, 0, 0)]
    assert counters(order) == (0, 3, 0, 0)
    assert build.order(order)["status"] == "awaiting_shipment"
    assert {n for _, _, n, _ in build.allocations(order)} == {6, 3}
    sound()


def test_a_kit_with_a_component_missing_waits_though_the_others_are_claimed() -> None:
    world = build.world(locations=1, stock=0)
    world.count(world.locations[0], {world.skus[0]: 5, world.skus[1]: 1})
    order = world.place((kit(world, a=2, b=1), 2))

    assert parts(order) == [(4, 4, 0, 0), (2, 1, 0, 0)]
    assert counters(order) == (0, 1, 0, 0)
    assert build.order(order)["status"] == "awaiting_stock"

    world.count(world.locations[0], {world.skus[1]: 4})
    events = sql.fetch("select id from core_event where kind = 'stock.counted'")
    assert release_backorders([row[0] for row in events]) == 1
    assert counters(order) == (0, 2, 0, 0)
    assert build.order(order)["status"] == "awaiting_shipment"
    sound()


def test_the_same_article_alone_and_in_a_kit_is_summed_before_it_is_claimed() -> None:
    world = build.world(locations=1, stock=0)
    world.count(world.locations[0], {world.skus[0]: 5, world.skus[1]: 5})
    order = world.place((kit(world, a=2, b=1), 2), (world.skus[0], 3))

    assert parts(order)[0] == (4, 4, 0, 0)
    assert counters(order, 2) == (0, 1, 0, 0)
    assert world.levels()[(world.skus[0], world.locations[0])] == (5, 5)
    sound()


def test_a_kit_is_picked_and_shipped_by_component() -> None:
    world = build.world(locations=1, stock=10)
    order = world.place((kit(world, a=2, b=1), 1))
    item = CreatePickListItem(location=world.locations[0])
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    lines = build.pick_lines_of(made.id)  # type: ignore[arg-type]

    pick_lines([PickItem(pick_line_id=lines[0][0], picked=lines[0][1])], actor=build.TESTER)
    half = counters(order)
    pick_lines([PickItem(pick_line_id=lines[1][0], picked=lines[1][1])], actor=build.TESTER)
    whole = counters(order)
    ship_shipments([ShipItem(shipment_id=build.shipments(order)[0])], actor=build.TESTER)[0].require()  # fmt: skip

    assert (half, whole, counters(order)) == ((0, 1, 0, 0), (0, 1, 1, 0), (0, 0, 0, 1))
    assert parts(order) == [(2, 0, 0, 2), (1, 0, 0, 1)]
    assert build.order(order)["status"] == "shipped"
    assert {level for (sku, _), level in world.levels().items() if sku in world.skus[:2]} == {(8, 0), (9, 0)}  # fmt: skip
    sound()


def test_a_short_component_takes_its_kit_with_it() -> None:
    world = build.world(locations=1, stock=0)
    world.count(world.locations[0], {world.skus[0]: 2, world.skus[1]: 1})
    order = world.place((kit(world, a=2, b=1), 1))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    line = next(key for key, n in build.pick_lines_of(made.id) if n == 2)  # type: ignore[arg-type]

    item = PickItem(pick_line_id=line, picked=1, short=1, reason="not found")
    pick_lines([item], actor=build.TESTER)[0].require()

    assert parts(order) == [(2, 1, 1, 0), (1, 1, 0, 0)]
    assert counters(order) == (0, 0, 0, 0)
    assert build.order(order)["status"] == "awaiting_stock"
    sound()


def test_cancelling_kits_gives_their_components_back_once() -> None:
    world = build.world(locations=1, stock=10)
    order = world.place((kit(world, a=2, b=1), 3))
    item = CancelItem(order_id=order, reason="x", lines=[CancelLine(order_line_id=build.order_lines(order)[0], quantity=2)])  # fmt: skip

    cancel_orders([item], actor=build.TESTER)[0].require()

    assert parts(order) == [(2, 2, 0, 0), (1, 1, 0, 0)]
    assert counters(order) == (2, 1, 0, 0)
    assert _code(cancel_orders([item], actor=build.TESTER)[0].error) == "too_many_to_cancel"
    assert world.levels()[(world.skus[0], world.locations[0])] == (10, 2)
    sound()


def test_a_kit_of_which_a_part_has_left_is_not_cancelled_and_undoing_brings_all_back() -> None:
    world = build.world(locations=2, stock=0)
    world.count(world.locations[0], {world.skus[0]: 5})
    world.count(world.locations[1], {world.skus[1]: 5})
    order = world.place((kit(world, a=2, b=1), 2))
    first = build.shipments(order)[0]
    ship_shipments([ShipItem(shipment_id=first)], actor=build.TESTER)[0].require()

    refused = cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0]
    assert _code(refused.error) == "nothing_open"
    assert counters(order) == (0, 2, 0, 0)
    sound()

    cancel_shipments([CancelShipmentItem(shipment_id=first)], actor=build.TESTER)[0].require()
    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    assert counters(order) == (2, 0, 0, 0)
    assert {level for level in world.levels().values() if level != (0, 0)} == {(5, 0)}
    sound()


def test_an_order_keeps_the_kit_it_was_placed_with() -> None:
    world = build.world(locations=1, stock=10)
    sku = kit(world, a=1)
    order = world.place((sku, 2))

    components = [ComponentItem(sku=world.skus[1], quantity=5)]
    upsert_products([ProductItem(sku=sku, name="Gift set", components=components)], actor=build.TESTER)[0].require()  # fmt: skip
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)

    assert parts(order) == [(2, 2, 0, 0)]
    assert parts(world.place((sku, 1))) == [(5, 5, 0, 0)]
    sound()


def test_a_kit_that_the_catalogue_learns_later_claims_its_components() -> None:
    world = build.world(locations=1, stock=10)
    order = world.place(("LATER-KIT", 2))
    components = [ComponentItem(sku=world.skus[0], quantity=3)]
    upsert_products([ProductItem(sku="LATER-KIT", name="x", components=components)], actor=build.TESTER)  # fmt: skip
    events = sql.fetch("select id from core_event where kind = 'product.created' and payload ->> 'sku' = 'LATER-KIT'")  # fmt: skip

    assert map_lines([row[0] for row in events]) == 1

    assert parts(order) == [(6, 6, 0, 0)]
    assert counters(order) == (0, 2, 0, 0)
    sound()


@pytest.mark.parametrize("code", ["kit_in_kit", "duplicate_component", "unknown_sku", "is_component"])  # fmt: skip
def test_a_kit_of_kits_of_itself_or_of_nothing_is_refused(code: str) -> None:
    world = build.world(locations=1, stock=0)
    known = kit(world, a=1)
    wanted: dict[str, Any] = {
        "kit_in_kit": (world.skus[2], known),
        "duplicate_component": (world.skus[1], world.skus[1]),
        "unknown_sku": (world.skus[1], "no-such-thing"),
        "is_component": (world.skus[0], world.skus[1]),
    }
    sku, part = wanted[code]
    before = sql.fetch("select kit_id, product_id, quantity from catalog_component order by 1, 2")

    item = ProductItem(sku=sku, name="x", components=[ComponentItem(sku=part)])
    refused = upsert_products([item], actor=build.TESTER)[0].error

    assert _code(refused) == ("kit_in_kit" if code == "is_component" else code)
    assert sql.fetch("select kit_id, product_id, quantity from catalog_component order by 1, 2") == before  # fmt: skip


def test_the_database_refuses_a_kit_in_a_kit_and_a_component_claimed_twice() -> None:
    world = build.world(locations=1, stock=10)
    order = world.place((kit(world, a=2), 1))
    with pytest.raises(IntegrityError, match="part of a kit"), atomic():
        sql.execute(
            "insert into catalog_component (id, kit_id, product_id, quantity) values (gen_random_uuid(), %s, "
            "(select kit_id from catalog_component where product_id = %s), 1)",
            (world.product_ids[world.skus[2]], world.product_ids[world.skus[0]]),
        )
    with pytest.raises(IntegrityError, match="orders_component_quantities"), atomic():
        sql.execute("update orders_component set allocated = 3 where order_id = %s", (order,))
