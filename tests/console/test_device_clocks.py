"""What a device tells whose clock is wrong is booked by ours: at the dock and the shelves, on a pick list and at the packing table."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from orderwerk.core import clock, sql
from orderwerk.core.ids import new_id
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build
from tests.console.morning import numbers

Enter = Callable[..., Client]


def addressed(world: build.World, what: str) -> tuple[str, dict[str, Any]]:
    """Where a device sends a scan of this kind, and the scan."""
    sku, place = world.skus[0], world.locations[0]
    if what == "floor":
        return "/scan/scans/", {"flow": "receive", "location": place, "sku": sku, "bin": "DEFAULT", "quantity": 2}  # fmt: skip
    order = world.place((sku, 2))
    [number] = numbers("shipments_shipment", build.shipments(order))
    # It waits since yesterday: how long ago it was made bounds no moment of today.
    sql.execute("update shipments_shipment set created_at = created_at - interval '1 day' where number = %s", (number,))  # fmt: skip
    if what == "pack":
        return f"/shipments/{number}/pack/", {"contents": [{"sku": sku, "quantity": 2}], "packages": [{}]}  # fmt: skip
    made = create_pick_lists([CreatePickListItem(location=place)], actor=build.TESTER)[0].require()
    assert made.id is not None
    sql.execute("update picklists_pick_list set created_at = created_at - interval '1 day' where id = %s", (made.id,))  # fmt: skip
    [(line, quantity)] = build.pick_lines_of(made.id)
    return f"/pick-lists/{made.data['pick_lists'][0]['number']}/scans/", {"pick_line_id": str(line), "picked": quantity}  # fmt: skip


@pytest.mark.parametrize("what", ["floor", "pick", "pack"])
@pytest.mark.parametrize("hours", [-2, 0, 2])
def test_the_moment_of_a_scan_is_by_our_clock_whatever_the_device_has(enter: Enter, what: str, hours: int) -> None:  # fmt: skip
    client, world = enter("warehouse"), build.world(locations=1, products=1)
    address, scan = addressed(world, what)
    began = clock.now()
    at, sent = (clock.now() + timedelta(hours=hours, seconds=n) for n in (0, 7))
    kept = {"key": str(new_id()), "at": at.isoformat(), **scan}

    def send(now: datetime) -> Any:
        body = json.dumps({"scans": [kept], "now": now.isoformat()})
        return client.post(address, body, content_type="application/json").json()["results"]

    first, again = send(sent), send(sent + timedelta(minutes=1))

    assert [told["ok"] for told in first] == [True]
    assert first == again
    [(moved,)] = sql.fetch("select distinct at from stock_movement where location_id = %s and kind in ('received', 'picked', 'shipped')", (world.location_ids[world.locations[0]],))  # fmt: skip
    assert began - timedelta(seconds=7) <= moved <= clock.now()


@pytest.mark.parametrize("what", ["floor", "pick", "pack"])
@pytest.mark.parametrize("now", [5, "soon", "2026-11-28T12:00:00", None])
def test_a_clock_that_cannot_be_read_costs_no_scan(enter: Enter, what: str, now: object) -> None:
    client, world = enter("warehouse"), build.world(locations=1, products=1)
    address, scan = addressed(world, what)
    kept = {"key": str(new_id()), "at": clock.now().isoformat(), **scan}

    body = json.dumps({"scans": [kept], "now": now})
    told = client.post(address, body, content_type="application/json").json()["results"]

    assert [answer["ok"] for answer in told] == [True]


def test_a_parcel_of_a_clock_that_was_set_since_may_have_left_at_any_time(enter: Enter) -> None:
    client, world = enter("warehouse"), build.world(locations=1, products=1)
    address, scan = addressed(world, "pack")
    now = clock.now()
    kept = {"key": str(new_id()), "at": now.isoformat(), "off": 7_200_000, **scan}

    body = json.dumps({"scans": [kept], "now": now.isoformat()})
    told = client.post(address, body, content_type="application/json").json()["results"]

    assert [answer["ok"] for answer in told] == [True]
    place = world.location_ids[world.locations[0]]
    asked = sql.fetch("select count(*) from stock_count_request where location_id = %s", (place,))
    assert asked == [(1,)]
