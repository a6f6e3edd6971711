"""An order is gathered at one location on its own page, and many from the list of allocations."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from orderwerk.core import sql
from tests import build
from tests.console.morning import numbers

pytestmark = pytest.mark.django_db


def split() -> tuple[build.World, UUID, str]:
    """An order that lies at two locations, and its number."""
    world = build.world(stock=0, products=2)
    for place, sku in zip(world.locations, world.skus, strict=True):
        world.count(place, {sku: 9})
    order = world.place((world.skus[0], 1), (world.skus[1], 2))
    return world, order, numbers("orders_order", [order])[0]


def travelling(order: UUID) -> str:
    """The number of the transfer that was sent for an order."""
    [(number,)] = sql.fetch("select number from stock_inbound where order_id = %s", (order,))
    return str(number)


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_an_order_is_gathered_on_its_page_and_its_shipment_says_what_it_waits_for(
    enter: Callable[..., Client],
) -> None:
    person = enter()
    world, order, number = split()
    path = f"/orders/{number}/do/consolidate/"
    assert "Gather at one location" in text(person, f"/orders/{number}/allocations/")

    sent = person.post(path, {"to": world.locations[0], "expected_on": "2026-12-01"}, follow=True)

    transfer = travelling(order)
    assert f"On their way: 2 pieces with {transfer}." in sent.content.decode()
    again = person.post(path, {"to": world.locations[1]})
    assert again.status_code == 422
    [shipment] = numbers("shipments_shipment", build.shipments(order, "open"))
    page = text(person, f"/orders/{number}/allocations/")
    assert f"2 pieces are on their way from {world.locations[1]} to {world.locations[0]}" in page
    assert "Gather at one location" not in page
    assert f"It waits for 2 pieces from {world.locations[1]}" in text(person, f"/shipments/{shipment}/")  # fmt: skip
    assert f"Pieces still travel to this with {transfer}" in text(person, f"/shipments/{shipment}/pack/")  # fmt: skip
    assert transfer in text(person, "/shipments/")
    refused = person.post(f"/shipments/{shipment}/ship/", follow=True).content.decode()
    assert f"waits for transfer {transfer} from {world.locations[1]}, 2 pieces, expected on 2026-12-01" in refused  # fmt: skip
    person.post(f"/inbound/at/{transfer}/receive-all/")
    person.post(f"/shipments/{shipment}/ship/")
    assert build.order(order)["status"] == "shipped"
    history = text(person, f"/orders/{number}/general/")
    assert f"2 pieces travel from {world.locations[1]} to {world.locations[0]}, to leave in one shipment" in history  # fmt: skip


def test_orders_are_gathered_where_their_ticked_claims_are(enter: Callable[..., Client]) -> None:
    person = enter("warehouse")
    world, order, _number = split()
    [(first, *_), (second, *_)] = build.allocations(order)

    done = person.post("/allocations/bulk/consolidate/", {"id": [str(second), str(first)]})
    nothing = person.post("/allocations/bulk/consolidate/", {}, follow=True)
    closed = person.post(f"/inbound/at/{travelling(order)}/close/", {"reason": "no van", "back_to_origin": "on"})  # fmt: skip

    assert (done.context["done_count"], done.context["refused_count"]) == (1, 1)
    assert "Choose at least one row first." in nothing.content.decode()
    assert closed.status_code == 302
    assert {a[3] for a in build.allocations(order, "allocated")} == set(world.locations)


def test_who_may_not_claim_may_not_gather(enter: Callable[..., Client]) -> None:
    _world, order, number = split()
    [(claim, *_), _] = build.allocations(order)
    reader = enter("read_only")

    assert reader.get(f"/orders/{number}/do/consolidate/").status_code == 403
    assert reader.post("/allocations/bulk/consolidate/", {"id": [str(claim)]}).status_code == 403
