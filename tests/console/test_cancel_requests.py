"""Cancel requests on the pages of customer service and of the warehouse."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.core import sql
from tests import build
from tests.flows.test_cancel_requests import asking, picked

pytestmark = pytest.mark.django_db


def test_the_console_stops_asks_and_decides(enter: Callable[..., Client]) -> None:
    world = asking()
    order = world.place((world.skus[0], 3))
    key = picked(world, order)
    number = build.order(order)["number"]
    service, floor = enter("customer_service"), enter("warehouse")

    service.post(f"/orders/{number}/do/cancel/", {"reason": "Changed his mind"})
    [(request,)] = sql.fetch("select id from orders_cancel_request where order_id = %s", (order,))
    shipment = sql.fetch("select number from shipments_shipment where order_id = %s", (order,))[0][
        0
    ]
    pick_list = sql.fetch("select number from picklists_pick_list where id = %s", (key,))[0][0]
    for client, path in (
        (service, f"/orders/{number}/"),
        (floor, f"/shipments/{shipment}/"),
        (floor, f"/pick-lists/{pick_list}/"),
        (floor, "/cancel-requests/"),
    ):
        text = client.get(path).content.decode()
        assert "Changed his mind" in text, path
        assert ("Let it go" in text) is (client is floor), path
    assert service.post(f"/cancel-requests/{request}/accept/").status_code == 403
    refused = floor.post(f"/cancel-requests/{request}/reject/", {"reason": ""})
    floor.post(f"/cancel-requests/{request}/accept/", {"next": "/shipments/"})

    assert refused.status_code == 422
    assert build.order(order)["status"] == "cancelled"
    assert "To be cancelled" in floor.get("/cancel-requests/?status=accepted").content.decode()
