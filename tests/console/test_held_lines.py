"""Lines of orders on hold are told on the pick list, and nobody is sent to them by scanner."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build

pytestmark = pytest.mark.django_db


def test_a_held_order_is_marked_on_the_list_and_left_out_by_the_scanner(
    enter: Callable[..., Client],
) -> None:
    world = build.world(locations=1)
    held, free = world.place((world.skus[0], 2)), world.place((world.skus[1], 1))
    item = CreatePickListItem(location=world.locations[0], kind="batch", method="sort")
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    number = made.data["pick_lists"][0]["number"]
    hold_orders([HoldItem(order_id=held, reason="Look at it")], actor=build.TESTER)[0].require()
    client = enter("warehouse")

    page = client.get(f"/pick-lists/{number}/").content.decode()
    scanner = client.get(f"/pick-lists/{number}/scan/").content.decode()

    assert f"An order of this list is on hold: {build.order(held)['number']}" in page
    assert page.count("Wait: the order is on hold") == 1
    walk = json.loads(scanner.split('<script id="walk" type="application/json">')[1].split("</script>")[0])  # fmt: skip
    lines = {line["order"]: line["held"] for stop in walk["stops"] for line in stop["lines"]}
    assert lines == {build.order(held)["number"]: True, build.order(free)["number"]: False}
