"""Kits that come back: counted and credited in whole kits, and put on the shelf by the components they were sold with."""

from uuid import UUID

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.core import sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.returns.commands.inspect import InspectItem, inspect_returns
from tests import build
from tests.flows.test_kits import kit, sound

pytestmark = pytest.mark.django_db


def on_hand(world: build.World, place: int = 0) -> list[int]:
    """What lies of the world's first two articles at one of its locations."""
    levels = world.levels()
    return [levels.get((sku, world.locations[place]), (0, 0))[0] for sku in world.skus[:2]]


def kits_back(order: UUID) -> tuple[int, int, int]:
    """Shipped, returned and credited of an order's first line, in kits."""
    [row] = sql.fetch("select shipped, returned, credited from orders_line where order_id = %s and position = 1", (order,))  # fmt: skip
    return row[0], row[1], row[2]


def put_back(outcome: Outcome) -> list[tuple[str, int]]:
    """The movements of a return: article and pieces."""
    rows = sql.fetch("select p.sku, m.delta from returns_line k join stock_movement m on m.source_id = k.id join catalog_product p on p.id = m.product_id where k.parent_id = %s order by p.sku", (outcome.id,))  # fmt: skip
    return [(row[0], row[1]) for row in rows]


def test_kits_come_back_in_part_and_then_the_rest_by_component() -> None:
    world = build.world(locations=1, stock=10)
    order = build.shipped(world, (kit(world, a=2, b=1), 3))
    assert on_hand(world) == [4, 7]

    one = build.give_back(order, build.back(order, 1, restock=True)).require()

    assert put_back(one) == [(world.skus[0], 2), (world.skus[1], 1)]
    assert (on_hand(world), kits_back(order)) == ([6, 8], (3, 1, 1))
    assert [c["amount"] for c in one.data["credit_invoices"]] == ["10.00"]

    rest = build.give_back(order, build.back(order, 2, restock=True)).require()

    assert put_back(rest) == [(world.skus[0], 4), (world.skus[1], 2)]
    assert (on_hand(world), kits_back(order)) == ([10, 10], (3, 3, 3))
    assert [c["amount"] for c in rest.data["credit_invoices"]] == ["20.00"]
    again = build.give_back(order, build.back(order, 1, restock=True)).error
    assert again is not None
    assert again.code == "too_many_to_return"
    sound()


def test_no_component_goes_back_twice_when_the_shipment_of_a_returned_kit_is_undone() -> None:
    world = build.world(locations=1, stock=10)
    order = build.shipped(world, (kit(world, a=2, b=1), 3))
    build.give_back(order, build.back(order, 1, restock=True)).require()

    undone = cancel_shipments([CancelShipmentItem(shipment_id=build.shipments(order)[0])], actor=build.TESTER)[0].error  # fmt: skip

    assert undone is not None
    assert undone.code == "returned"
    assert on_hand(world) == [6, 8]
    sound()


def test_a_kit_that_is_looked_at_later_lies_nowhere_until_then_and_one_that_is_disposed_of_never() -> (
    None
):
    world = build.world(locations=2, stock=10)
    order = build.shipped(world, (kit(world, a=2, b=1), 3))

    kept = build.give_back(order, build.back(order, 1), build.back(order, 1, disposition="dispose")).require()  # fmt: skip

    assert (put_back(kept), on_hand(world), kits_back(order)) == ([], [4, 7], (3, 2, 2))
    [(line,)] = sql.fetch("select id from returns_line where parent_id = %s and disposition is null", (kept.id,))  # fmt: skip
    item = InspectItem(return_line_id=line, disposition="restock", location=world.locations[1])
    inspect_returns([item], actor=build.TESTER)[0].require()
    assert (on_hand(world), on_hand(world, 1)) == ([4, 7], [12, 11])
    sound()


def test_what_a_kit_is_made_of_since_changes_nothing_of_one_that_was_sold() -> None:
    world = build.world(locations=1, stock=10)
    sku = kit(world, a=2, b=1)
    order = build.shipped(world, (sku, 1))
    parts = [ComponentItem(sku=world.skus[2], quantity=5)]
    upsert_products([ProductItem(sku=sku, name="Gift set", components=parts)], actor=build.TESTER)[0].require()  # fmt: skip

    done = build.give_back(order, build.back(order, 1, restock=True)).require()

    assert put_back(done) == [(world.skus[0], 2), (world.skus[1], 1)]
    assert world.levels()[(world.skus[2], world.locations[0])] == (10, 0)
    sound()
