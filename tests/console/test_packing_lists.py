"""What the first question of the packing table asks of the server: where a code is packed, and what it keeps of codes that mean nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from orderwerk.core.ids import new_id
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from orderwerk.shipments.queries import shipment_detail
from tests import build

pytestmark = pytest.mark.django_db


def a_list(world: build.World) -> str:
    """The number of a list of all that waits; nothing of it is picked."""
    item = CreatePickListItem(location=world.locations[0], kind="batch", method="sort")
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    return str(made.data["pick_lists"][0]["number"])


def numbers(*orders: Any) -> list[str]:
    return [shipment_detail(build.TESTER, build.shipments(o)[0]).shipment.number for o in orders]


def test_a_code_leads_where_it_is_packed(enter: Callable[..., Client]) -> None:
    world = build.world(locations=1)
    orders = [world.place((sku, 1)) for sku in world.skus[:2]]
    walk, [first, second] = a_list(world), numbers(*orders)
    person, stranger = enter("warehouse"), enter("warehouse", shops=[build.world().shop])

    def asked(**query: str) -> dict[str, Any]:
        return dict(person.get("/shipments/pack/where/", query).json())

    assert asked(code=first) == {"next": f"/shipments/{first}/pack/"}
    assert asked(code=second, list=walk) == {"next": f"/shipments/{second}/pack/?list={walk}"}
    assert asked(code=walk) == {"next": f"/shipments/pack/lists/{walk}/"}
    assert "still being picked" in asked(code=world.skus[0], list=walk)["text"]
    assert "wants x" in asked(code="x", list=walk)["text"]
    assert "nothing that waits to leave" in asked(code=world.skus[0])["text"]
    assert "nothing that waits to leave" in asked(code=world.skus[0], list="\0")["text"]
    there = person.get("/shipments/pack/", {"code": walk})
    assert (there.status_code, there["Location"]) == (302, f"/shipments/pack/lists/{walk}/")
    assert person.get(f"/shipments/pack/lists/{walk}/").status_code == 200
    assert stranger.get(f"/shipments/pack/lists/{walk}/").status_code == 404
    for number in ("a/b", "nothing"):
        assert person.get(f"/shipments/{first}/pack/", {"list": number}).status_code == 200


def test_whoever_comes_from_a_list_keeps_it_when_the_box_is_anothers(enter: Callable[..., Client]) -> None:  # fmt: skip
    world = build.world(locations=1)
    customer = {"name": "Test Persoon", "email": f"table{build.serial()}@example.com"}
    orders = [world.place((sku, 1), customer=customer) for sku in world.skus[:2]]
    first, second = numbers(*orders)
    keys = [build.shipments(order)[0] for order in orders]
    combine_shipments([CombineShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0].require()
    person = enter("warehouse")

    for query in ("", "?list=P1"):
        answer = person.get(f"/shipments/{second}/pack/{query}")
        assert (answer.status_code, answer["Location"]) == (302, f"/shipments/{first}/pack/{query}")


def test_only_wrong_scans_of_the_table_are_kept_by_whoever_packs(enter: Callable[..., Client]) -> None:  # fmt: skip
    world = build.world(locations=1)
    person = enter("warehouse")
    scan = {"key": str(new_id()), "location": world.locations[0], "code": "4711"}

    def sent(body: str) -> int:
        return person.post("/shipments/pack/", body, content_type="application/json").status_code

    good = json.dumps({"scans": [{**scan, "flow": "pack", "step": "parcel"}]})
    booking = json.dumps({"scans": [{**scan, "flow": "receive", "sku": world.skus[0], "quantity": 1, "bin": "DEFAULT"}]})  # fmt: skip
    assert [sent(good), sent(good), sent(booking), sent("x")] == [200, 200, 403, 400]
