"""Splitting, merging, moving and combining shipments on their pages."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.core import sql
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.packing import PackageItem
from tests import build
from tests.console.morning import numbers

pytestmark = pytest.mark.django_db


def open_numbers(order: object) -> list[str]:
    """The numbers of an order's open shipments."""
    return numbers("shipments_shipment", build.shipments(order, "open"))  # type: ignore[arg-type]


def test_a_shipment_is_split_packed_and_put_together_again(enter: Callable[..., Client]) -> None:
    floor = enter("warehouse")
    world = build.world(locations=1)
    order = world.place((world.skus[0], 5))
    [first] = open_numbers(order)
    [(line,)] = sql.fetch("select id from shipments_line where order_id = %s", (order,))

    assert f"line-{line}" in floor.get(f"/shipments/{first}/split/").content.decode()
    assert floor.post(f"/shipments/{first}/split/", {f"line-{line}": "0"}).status_code == 422
    floor.post(f"/shipments/{first}/split/", {f"line-{line}": "2"})
    [_, second] = open_numbers(order)
    sizes = {"count": "1", "weight-1": "800", "size-1": "300 x 200 x 100"}
    floor.post(f"/shipments/{first}/packages/", sizes)
    floor.post(f"/shipments/{first}/contents/", {f"pack-1-{line}": "3"})
    page = floor.get(f"/shipments/{first}/").content.decode()
    too_many = floor.post(f"/shipments/{first}/contents/", {f"pack-1-{line}": "4"})
    floor.post(f"/shipments/{first}/merge/", {"other": second})

    assert "300 × 200 × 100" in page
    assert f"3 × Article {world.skus[0]}" in page
    assert too_many.status_code == 422
    assert open_numbers(order) == [first]
    assert build.order(order)["units_allocated"] == 5


def test_shipments_for_one_door_are_offered_combined_and_separated(
    enter: Callable[..., Client],
) -> None:
    floor = enter("warehouse")
    world = build.world(locations=2)
    customer = {"name": "Test Persoon", "email": "door@example.com"}
    orders = [world.place((world.skus[0], 1), customer=customer) for _ in range(2)]
    orders.append(world.place((world.skus[0], 1)))
    one, two, three = (open_numbers(order)[0] for order in orders)

    page = floor.get(f"/shipments/{one}/").content.decode()
    assert f"/shipments/{two}/" in page
    assert f"/shipments/{three}/" not in page
    floor.post(f"/shipments/{one}/combine/")
    assert one in floor.get(f"/shipments/{two}/").content.decode()
    floor.post(f"/shipments/{two}/separate/")
    ids = [build.shipments(order)[0] for order in orders]
    answer = floor.post("/shipments/bulk/combine/", {"id": [str(key) for key in ids]})
    assert "No other chosen one goes to this door" in answer.content.decode()
    floor.post(f"/shipments/{one}/ship/")
    floor.post(f"/shipments/{three}/move/", {"location": world.locations[1]})

    assert [build.order(order)["status"] for order in orders] == ["shipped", "shipped", "awaiting_shipment"]  # fmt: skip
    assert {a[3] for a in build.allocations(orders[2], "allocated")} == {world.locations[1]}


def test_shipping_rules_are_added_changed_and_taken_out(enter: Callable[..., Client]) -> None:
    owner = enter()
    world = build.world(locations=1)
    here = f"/settings/shipping/{world.shop}/rules"
    rule = {"name": "Insured", "min_value": "5,00", "carrier": "manual", "service": "Insured"}

    owner.post(f"{here}/new/", {"name": "Abroad", "countries": "be", "carrier": "manual", "seen": "0"})  # fmt: skip
    owner.post(f"{here}/new/", {**rule, "seen": "1"})
    owner.post(f"{here}/1/up/", {"seen": "2"})
    wrong = owner.post(f"{here}/0/", {**rule, "max_value": "1,00", "seen": "3"})
    order = world.place((world.skus[0], 1))
    [number] = open_numbers(order)

    assert wrong.status_code == 422
    assert "Insured" in owner.get(f"/shipments/{number}/").content.decode()
    owner.post(f"/shipments/{number}/track/", {"tracking_code": "3S", "service": "Express"})
    assert "Express" in owner.get(f"/shipments/{number}/").content.decode()
    assert owner.post(f"{here}/0/remove/").status_code == 404
    owner.post(f"{here}/0/remove/", {"seen": "3"})
    assert owner.post(f"{here}/9/remove/", {"seen": "4"}).status_code == 404
    assert owner.get(f"{here}/9/").status_code == 404
    assert "Insured" not in owner.get("/settings/shipping/").content.decode()


def test_a_delivery_problem_is_seen_on_the_order_and_dealt_with(
    enter: Callable[..., Client],
) -> None:
    service = enter("customer_service")
    world = build.world()
    found = build.lost(world)
    [(order,)] = sql.fetch("select order_id from shipments_exception where id = %s", (found,))
    number = build.order(order)["number"]

    for path in (f"/orders/{number}/", "/delivery-problems/"):
        assert "Not found in the depot" in service.get(path).content.decode(), path
    assert "/delivery-problems/" in service.get("/orders/").content.decode()
    assert enter("finance").get(f"/delivery-problems/{found}/close/").status_code == 403
    assert service.post(f"/delivery-problems/{found}/close/", {"note": ""}).status_code == 422
    service.post(f"/delivery-problems/{found}/close/", {"note": "Sent anew"})

    assert "Sent anew" in service.get("/delivery-problems/?status=closed").content.decode()
    assert "Delivery problem</" not in service.get(f"/orders/{number}/").content.decode()


def test_an_order_names_the_code_that_only_a_package_bears(
    enter: Callable[..., Client],
) -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 1))
    [shipment] = build.shipments(order)
    item = UpdateShipmentItem(shipment_id=shipment, packages=[PackageItem(tracking_code="3SBOX")])
    update_shipments([item], actor=build.TESTER)[0].require()

    page = enter().get(f"/orders/{build.order(order)['number']}/shipments/").content.decode()

    assert "Track & trace: <code>3SBOX</code>" in page
