"""Collecting in store on its pages: the counter's list, putting ready, handing over, and what the customer sees and reads."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.core import clock, sql
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.orders.links import track_url
from tests import build
from tests.console.morning import numbers
from tests.flows.test_collecting import collected, handed_over, ready

pytestmark = pytest.mark.django_db


def test_an_order_is_put_ready_found_at_the_counter_and_handed_over(
    enter: Callable[..., Client],
) -> None:
    floor = enter("warehouse")
    world = build.world()
    order, other = collected(world, (world.skus[0], 2)), world.place()
    [number] = numbers("shipments_shipment", build.shipments(order))
    [sent] = numbers("shipments_shipment", build.shipments(other))
    order_number = build.order(order)["number"]

    listed = floor.get(f"/collect/?q={order_number}").content.decode()
    assert number in listed
    assert sent not in floor.get("/collect/").content.decode()
    assert "/collect/" in floor.get("/shipments/").content.decode()
    floor.post(f"/shipments/{number}/ready/", {"next": "/collect/"})
    assert number in floor.get("/collect/?status=ready").content.decode()
    page = floor.get(f"/shipments/{number}/").content.decode()
    assert f"/shipments/{number}/collect/" in page
    assert f"/shipments/{number}/announce/" not in page
    assert floor.post(f"/shipments/{number}/collect/", {"collected_by": ""}).status_code == 422
    floor.post(f"/shipments/{number}/collect/", {"collected_by": "Test Buur", "note": "Passport"})

    assert build.order(order)["status"] == "shipped"
    assert "Test Buur" in floor.get("/collect/?status=collected").content.decode()
    assert "Passport" in floor.get(f"/shipments/{number}/").content.decode()
    assert floor.get("/collect/?file=csv&status=collected").status_code == 200
    assert floor.post(f"/shipments/{sent}/collect/", {"collected_by": "x"}).status_code == 422


def test_many_are_put_ready_at_once_and_a_reader_may_only_look(
    enter: Callable[..., Client],
) -> None:
    floor, reader = enter("warehouse"), enter("read_only")
    world = build.world()
    shipments = [build.shipments(collected(world))[0] for _ in range(2)]

    floor.post("/shipments/bulk/ready/", {"id": [str(key) for key in shipments]})

    rows = sql.fetch("select status from shipments_shipment where id = any(%s)", (shipments,))
    assert rows == [("announced",), ("announced",)]
    [number, _] = numbers("shipments_shipment", shipments)
    assert reader.get("/collect/").status_code == 200
    assert reader.post(f"/shipments/{number}/collect/", {"collected_by": "x"}).status_code == 403


def test_the_customer_reads_where_and_until_when_and_nothing_about_a_carrier(
    client: Client,
) -> None:
    world = build.world(collect_days=5, locale="en")
    order = collected(world, locale="en", placed_at=clock.now().isoformat())
    [shipment] = build.shipments(order)
    [email] = sql.fetch("select customer_email from orders_order where id = %s", (order,))[0]
    page = track_url(order, email)
    assert "ready to be collected" not in client.get(page).content.decode()

    ready(shipment)[0].require()
    written = write_event_emails([row[0] for row in sql.fetch("select id from core_event where order_id = %s and kind in ('order.placed', 'shipment.ready', 'shipment.shipped', 'shipment.delivered') order by id", (order,))])  # fmt: skip

    rows = sql.fetch("select subject, body_text from emails_email where id = any(%s) order by id", (written,))  # fmt: skip
    assert [row[0].split(" order")[0] for row in rows] == ["We have received your", "Your"]
    assert f"You collect it at {world.locations[1]}." in rows[0][1]
    assert f"at:\n{world.locations[1]}" in rows[1][1]
    shown = client.get(page).content.decode()
    assert "Your order is ready to be collected." in shown
    assert world.locations[1] in shown

    handed_over(shipment).require()
    after = [row[0] for row in sql.fetch("select id from core_event where order_id = %s and kind in ('order.placed', 'shipment.ready', 'shipment.shipped', 'shipment.delivered') order by id", (order,))]  # fmt: skip
    assert write_event_emails(after) == []
    assert "You have collected your order." in client.get(page).content.decode()
