"""What other systems were seen to do with stock and orders, and what never happens here: short examples."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from orderwerk.core import sql
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.release_allocations import ReleaseAllocationItem, release_allocations
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def _line(shipment: object) -> object:
    return sql.fetch("select id from shipments_line where shipment_id = %s and is_live", (shipment,))[0][0]  # fmt: skip


def test_one_article_on_two_lines_is_summed_before_it_is_claimed() -> None:
    world = build.world(locations=1, stock=3)
    sku, place = world.skus[0], world.locations[0]

    order = world.place((sku, 2), (sku, 2))

    assert world.levels()[(sku, place)] == (3, 3)
    assert sum(claim[2] for claim in build.allocations(order)) == 3
    assert build.order(order)["status"] == "awaiting_stock"
    sound()


@pytest.mark.parametrize("table", ["orders_line", "payments_payment", "allocations_allocation", "shipments_line", "core_event"])  # fmt: skip
def test_an_order_of_which_one_part_cannot_be_written_leaves_none_of_the_others(table: str) -> None:
    world = build.world(locations=1, stock=5)
    before = world.levels()
    tables = ("orders_order", "orders_line", "payments_payment", "allocations_allocation", "shipments_shipment", "core_event", "core_outbox", "emails_email")  # fmt: skip

    def rows() -> list[int]:
        return [sql.fetch(f"select count(*) from {each}")[0][0] for each in tables]

    known = rows()
    # As a disk that is full, a lost race, a bug: the database refuses one row of the order.
    sql.execute(
        "create function pg_temp.refuse_it() returns trigger language plpgsql as "
        "$$ begin raise exception 'not this one'; end $$"
    )
    sql.execute(f"create trigger never before insert on {table} for each row execute function pg_temp.refuse_it()")  # fmt: skip

    with pytest.raises(DatabaseError, match="not this one"), transaction.atomic():
        world.place((world.skus[0], 2))

    assert rows() == known
    assert world.levels() == before
    sql.execute(f"drop trigger never on {table}")
    world.place((world.skus[0], 2))
    assert world.levels()[(world.skus[0], world.locations[0])] == (5, 2)
    sound()


def test_a_product_that_is_called_otherwise_keeps_its_stock_claims_and_history() -> None:
    world = build.world(locations=1, stock=5)
    sku, place = world.skus[0], world.locations[0]
    order = world.place((sku, 2))
    renamed = f"{sku}-new"

    sql.execute("update catalog_product set sku = %s where sku = %s", (renamed, sku))
    [shipment] = build.shipments(order)
    ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].require()

    assert world.levels()[(renamed, place)] == (3, 0)
    assert build.order(order)["status"] == "shipped"
    sound()


def test_the_same_cancel_and_release_again_and_again_change_nothing() -> None:
    world = build.world(locations=1, stock=5)
    sku, place = world.skus[0], world.locations[0]
    order, other = world.place((sku, 2)), world.place((sku, 1))
    [(claim, *_)] = build.allocations(order)

    again = [cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0] for _ in range(20)]  # fmt: skip
    let_go = [release_allocations([ReleaseAllocationItem(allocation_id=claim)], actor=build.TESTER)[0] for _ in range(5)]  # fmt: skip

    assert [o.ok for o in again] == [True] + [False] * 19
    assert not any(o.ok for o in let_go)
    assert build.order(order)["units_cancelled"] == 2
    assert world.levels()[(sku, place)] == (5, 1)
    assert [row[1] for row in build.allocations(other)] == ["allocated"]
    sound()


def test_what_has_left_is_not_shipped_again_not_even_past_the_commands() -> None:
    world = build.world(locations=1, stock=5)
    order = build.shipped(world, (world.skus[0], 2))
    [shipment] = build.shipments(order)
    part = ShipLine(shipment_line_id=_line(shipment), quantity=1)  # type: ignore[arg-type]

    again = ship_shipments([ShipItem(shipment_id=shipment, lines=[part])], actor=build.TESTER)[0]

    assert again.error is not None
    assert again.error.code == "shipment_shipped"
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.execute("update orders_line set shipped = quantity + 1 where order_id = %s", (order,))
    sound()


def test_an_order_is_shipped_when_the_last_part_of_a_split_line_has_left_and_not_before() -> None:
    world = build.world(locations=1, stock=5)
    order = world.place((world.skus[0], 2))
    [first] = build.shipments(order)
    half = SplitLine(shipment_line_id=_line(first), quantity=1)  # type: ignore[arg-type]
    split_shipments([SplitShipmentItem(shipment_id=first, lines=[half])], actor=build.TESTER)[0].require()  # fmt: skip

    seen = []
    for key in build.shipments(order):
        ship_shipments([ShipItem(shipment_id=key)], actor=build.TESTER)[0].require()
        seen.append(build.order(order)["status"])

    assert seen == ["partially_shipped", "shipped"]
    sound()
