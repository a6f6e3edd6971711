"""Where a shop works with pick lists, only what was picked leaves; what was let go stands nowhere any more."""

from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from orderwerk.core import sql
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from tests import build

pytestmark = pytest.mark.django_db


def ship(order: UUID) -> str | None:
    item = ShipItem(shipment_id=build.shipments(order)[0])
    outcome = ship_shipments([item], actor=build.TESTER)[0]
    return outcome.error.code if outcome.error else None


def pick(world: build.World) -> UUID:
    item = CreatePickListItem(location=world.locations[0])
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    assert made.id is not None
    return made.id


def claims(order: UUID) -> list[tuple[str, int, int, bool]]:
    return [
        tuple(row)
        for row in sql.fetch(
            "select status, quantity, picked, shipped_unpicked from allocations_allocation where order_id = %s",
            (order,),
        )
    ]


def past_the_program(statement: str, *parameters: UUID) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        cursor.execute("set constraints all immediate")


def test_only_what_was_picked_leaves() -> None:
    world = build.world(use_pick_lists=True)
    order = world.place((world.skus[0], 2))

    assert ship(order) == "not_picked"
    complete_pick_lists([CompleteItem(pick_list_id=pick(world))], actor=build.TESTER)[0].require()
    assert ship(order) is None

    assert claims(order) == [("shipped", 2, 2, False)]


def test_a_shop_without_pick_lists_ships_and_it_is_kept_that_nobody_picked() -> None:
    world = build.world()
    order = world.place((world.skus[0], 2))

    assert ship(order) is None
    upsert_shops(
        [ShopItem(code=world.shop, name="Shop", locale="nl", currency="EUR", use_pick_lists=True)],
        actor=build.TESTER,
    )[0].require()

    assert claims(order) == [("shipped", 2, 0, True)]


def test_the_database_lets_nothing_leave_that_was_not_picked() -> None:
    world = build.world(use_pick_lists=True)
    order = world.place((world.skus[0], 2))
    leave = "update allocations_allocation set status = 'shipped' where order_id = %s"

    with pytest.raises(OperationalError, match="ships only what was picked"):
        past_the_program(leave, order)
    with pytest.raises(OperationalError, match="ships only what was picked"):
        past_the_program(leave.replace("set ", "set shipped_unpicked = true, "), order)

    assert claims(order) == [("allocated", 2, 0, False)]


def test_the_database_lets_go_of_nothing_that_is_still_planned() -> None:
    world = build.world()
    order, other = world.place((world.skus[0], 2)), world.place((world.skus[1], 1))
    let_go = "update allocations_allocation set status = 'released' where order_id = %s"

    with pytest.raises(IntegrityError, match="still stands in a shipment or on an open pick list"):
        past_the_program(let_go, order)
    pick(world)
    off = "update shipments_line set is_live = false where order_id = %s"
    with pytest.raises(IntegrityError, match="still stands in a shipment or on an open pick list"):
        past_the_program(f"{off}; {let_go}", other, other)

    assert [row[0] for row in claims(order)] == ["picking"]
