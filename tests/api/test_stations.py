"""What the desks of the warehouse ask, over the API: whose goods come in, what is to be counted, what is packed now and into which box."""

from datetime import timedelta
from typing import Any

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import clock, sql
from orderwerk.core.ids import new_id
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from tests import build
from tests.api.conftest import Api, caller
from tests.flows.test_promises import SOON, expect
from tests.stock.test_count_plans import counted, plan

pytestmark = pytest.mark.django_db


def told(api: Api, address: str, **query: Any) -> dict[str, Any]:
    answer = api.get(address, query)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def batch(world: build.World) -> dict[str, Any]:
    """A pick list of all that waits, sorted at the table."""
    item = CreatePickListItem(location=world.locations[0], kind="batch", method="sort")
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    return dict(made.data["pick_lists"][0])


def test_an_inbound_says_whose_pieces_it_brings_in_turn() -> None:
    world = build.world(stock=0)
    sku, other = world.skus[0], build.world(stock=0, products=1)
    first, second = (world.place((sku, n), placed_at=f"2026-11-2{n}T10:00:00Z") for n in (2, 3))
    world.place((sku, 9), placed_at="2026-11-25T10:00:00Z")
    inbound = expect(world, 4, SOON)
    address, api = f"/inbounds/{inbound.id}/orders", caller(shops=(world.shop,))

    whole = told(api, address)

    assert (whole["orders"], whole["units"]) == (2, 4)
    assert [(row["order_id"], row["sku"], row["quantity"]) for row in whole["rows"]] == [(str(first), sku, 2), (str(second), sku, 2)]  # fmt: skip
    cut = told(api, address, limit=1)
    assert (cut["orders"], cut["units"], cut["rows"]) == (2, 4, whole["rows"][:1])
    assert api.get(address, {"limit": 0}).status_code == 422
    assert api.get(f"/inbounds/{new_id()}/orders").status_code == 404
    assert caller(shops=(other.shop,)).get(address).status_code == 404
    assert caller(locations=(world.locations[1],)).get(address).status_code == 404


def test_a_count_plan_says_what_is_due_before_it_is_asked_for() -> None:
    world = build.world(locations=2, products=2)
    build.shipped(world, (world.skus[0], 3))
    plan(world, a_days=10, b_days=10, c_days=90)
    counted(world, 20)
    api = caller()
    [found] = told(api, "/count-plans", location=world.locations[0])["items"]
    address = f"/count-plans/{found['id']}/due"

    [due] = told(api, address)["items"]

    assert (due["sku"], due["bin"], due["abc"], due["days"]) == (world.skus[0], "DEFAULT", "a", 10)
    assert due["counted_at"] is not None
    counted(world, 200)
    assert told(api, address)["location"] == world.locations[0]
    assert [row["sku"] for row in told(api, address)["items"]] == world.skus
    assert [row["sku"] for row in told(api, address, limit=1)["items"]] == world.skus[:1]
    api.bulk("/count-plans/request", {"location": world.locations[0]})
    assert told(api, address)["items"] == []
    assert caller(locations=(world.locations[1],)).get(address).status_code == 404


def test_what_can_be_packed_now_is_told_in_turn_page_by_page() -> None:
    world, other = build.world(locations=2, products=1), build.world(locations=1)
    place = world.locations[0]
    orders = [world.place((world.skus[0], n)) for n in (1, 2, 3)]
    held = world.place((world.skus[0], 1))
    hold_orders([HoldItem(order_id=held, reason="x")], actor=build.TESTER)[0].require()
    sql.execute("update orders_order set priority = 5 where id = %s", (orders[2],))
    turn = [str(orders[n]) for n in (2, 0, 1)]
    api = caller(shops=(world.shop,))

    first = told(api, "/shipments/to-pack", location=place, limit=2)
    rest = told(api, "/shipments/to-pack", location=place, limit=2, cursor=first["next"])

    found = first["items"] + rest["items"]
    assert [row["order_id"] for row in found] == turn
    assert [(row["quantity"], row["urgent"]) for row in found] == [(3, True), (1, False), (2, False)]  # fmt: skip
    assert rest["next"] is None
    assert found[0]["shipment_id"] == str(build.shipments(orders[2])[0])
    batch(world)
    assert told(api, "/shipments/to-pack", location=place)["items"] == []
    assert told(api, "/shipments/to-pack", location=world.locations[1])["items"] == []
    theirs = caller(shops=(other.shop,))
    assert told(theirs, "/shipments/to-pack", location=place)["items"] == []
    assert api.get("/shipments/to-pack").status_code == 422


def test_a_scanned_article_goes_into_the_oldest_parcel_of_the_list_that_wants_it() -> None:
    world = build.world(locations=1)
    [a, b, c] = world.skus
    upsert_products([ProductItem(sku=b, name="Shared", gtin="0012345678905")], actor=build.TESTER)[0].require()  # fmt: skip
    customer = {"name": "Test Persoon", "email": f"sort{build.serial()}@example.com"}
    orders = [world.place((a, 1), (b, 1)), world.place((b, 2)), world.place((c, 1), customer=customer), world.place((c, 2), customer=customer)]  # fmt: skip
    keys = [build.shipments(order)[0] for order in orders]
    combine_shipments([CombineShipmentsItem(shipment_ids=keys[2:])], actor=build.TESTER)[0].require()  # fmt: skip
    made = batch(world)
    address, api = f"/pick-lists/{made['id']}/parcels", caller(shops=(world.shop,))
    [*lines] = build.pick_lines_of(made["id"])

    whole = told(api, address)
    # What is picked goes first.
    for key, quantity in lines:
        if sql.fetch("select 1 from picklists_line where id = %s and shipment_id = %s", (key, keys[1])):  # fmt: skip
            pick_lines([PickItem(pick_line_id=key, picked=quantity)], actor=build.TESTER)[0].require()  # fmt: skip

    assert (whole["number"], whole["location"], whole["parcels"], whole["packed"]) == (made["number"], world.locations[0], 3, 0)  # fmt: skip
    assert [(row["shipment_id"], row["quantity"], row["picked"]) for row in whole["items"]] == [(str(key), n, False) for key, n in zip(keys[:3], (2, 2, 3), strict=True)]  # fmt: skip
    assert sorted(whole["items"][0]["skus"]) == sorted([a, b])
    assert len(whole["items"][2]["order_numbers"]) == 2
    for code in (b, "12345678905"):
        assert [(row["shipment_id"], row["picked"]) for row in told(api, address, code=code)["items"]] == [(str(keys[1]), True), (str(keys[0]), False)]  # fmt: skip
    assert told(api, address, code="nothing")["items"] == []
    assert caller(shops=(build.world().shop,)).get(address).status_code == 404


def test_of_a_list_for_several_shops_each_sees_its_own_parcels() -> None:
    world = build.world(locations=1)
    world.place((world.skus[0], 1))
    other = build.world(locations=1)
    api = caller()
    both = {"code": world.locations[0], "name": "Both", "shops": [world.shop, other.shop]}
    assert api.bulk("/stock-locations/upsert", both)[0]["ok"]
    theirs = other.place((world.skus[0], 1))
    made = batch(world)
    address = f"/pick-lists/{made['id']}/parcels"

    assert told(api, address)["parcels"] == 2
    [seen] = told(caller(shops=(other.shop,)), address)["items"]
    assert seen["shipment_id"] == str(build.shipments(theirs)[0])


def test_a_code_at_the_table_means_one_parcel_none_or_one_of_several() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 1))
    second = world.place((world.skus[1], 1))
    [shipment] = build.shipments(order)
    [(number, order_number)] = sql.fetch("select s.number, o.number from shipments_shipment s join orders_order o on o.id = s.order_id where s.id = %s", (shipment,))  # fmt: skip
    item = CreatePickListItem(location=world.locations[0], kind="batch", method="totes")
    walk = create_pick_lists([item], actor=build.TESTER)[0].require().data["pick_lists"][0]["number"]  # fmt: skip
    api = caller(shops=(world.shop,))

    def meant(code: str) -> tuple[str | None, bool]:
        found = told(api, "/shipments/by-code", code=code)
        return found["shipment_id"], found["several"]

    assert [meant(code) for code in (number, order_number, f"{walk}-1")] == [(str(shipment), False)] * 3  # fmt: skip
    assert meant(f"{walk}-2") == (str(build.shipments(second)[0]), False)
    assert meant(walk) == (None, True)
    assert meant("nothing") == (None, False)
    assert api.get("/shipments/by-code").status_code == 422


def _many(world: build.World, orders: int) -> dict[str, str]:
    """So many orders that wait, are due to be counted, can be packed, and are on a list."""
    for _ in range(orders):
        world.place((world.skus[0], 1))
    listed = batch(world)
    for _ in range(orders):
        world.place((world.skus[0], 1))
    upsert_products([ProductItem(sku=f"late{world.skus[0]}", name="Late")], actor=build.TESTER)[0].require()  # fmt: skip
    for _ in range(orders):
        world.place((f"late{world.skus[0]}", 1))
    inbound = expect(world, orders, SOON, sku=f"late{world.skus[0]}")
    plan(world, a_days=1, b_days=1, c_days=1)
    sql.execute("update stock_level set counted_at = %s where location_id = (select id from stock_location where code = %s)", (clock.now() - timedelta(days=9), world.locations[0]))  # fmt: skip
    [plan_id] = [row["id"] for row in told(caller(), "/count-plans", location=world.locations[0])["items"]]  # fmt: skip
    return {
        f"/inbounds/{inbound.id}/orders": "rows",
        f"/count-plans/{plan_id}/due": "items",
        f"/shipments/to-pack?location={world.locations[0]}": "items",
        f"/pick-lists/{listed['id']}/parcels": "items",
    }


def test_each_costs_the_same_for_one_and_for_many() -> None:
    prices = []
    for orders in (1, 12):
        world = build.world(locations=1, products=orders)
        api, found = caller(), []
        for address, rows in _many(world, orders).items():
            with sql.count_statements() as count:
                answer = told(api, address)
            assert len(answer[rows]) == orders, address
            found.append(count.total)
        prices.append(found)

    assert prices[0] == prices[1]
