"""All shipments of a list at once: asked about, shipped in parts, and refused rather than cut."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from orderwerk.console.views import shipments_all
from orderwerk.core.ids import new_id
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from tests import build
from tests.console.morning import numbers
from tests.flows.test_combined_parcels import together

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def test_all_of_a_list_is_shipped_in_parts_and_what_is_refused_is_named(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    client, world = enter("warehouse"), build.world(locations=1)
    orders = [world.place((world.skus[0], 1)) for _ in range(5)]
    hold_orders([HoldItem(order_id=orders[1], reason="x")], actor=build.TESTER)[0].require()
    [held] = numbers("shipments_shipment", build.shipments(orders[1]))
    asked = {"status": "not_shipped", "location": world.locations[0]}
    monkeypatch.setattr(shipments_all, "_PART", 2)

    page = client.get("/shipments/all/", asked)

    assert "5 shipments, as the list is filtered now" in page.content.decode()
    sent = {"verb": "ship", "id": [str(key) for key in page.context["ids"]]}
    for left in (3, 1, 0):
        answer = client.post("/shipments/all/", sent)
        assert len(answer.context["rest"]) == left
        sent = {"verb": "ship", "id": [str(key) for key in answer.context["rest"]], "done": answer.context["done"], "refused": answer.context["refused"]}  # fmt: skip
    assert (answer.context["done"], answer.context["total"]) == (4, 5)
    [refused] = answer.context["refused"]
    assert refused.startswith(f"{held}: ")
    assert [build.order(key)["status"] for key in orders].count("shipped") == 4
    assert "of 5" in answer.content.decode()
    part = client.post("/shipments/all/", sent, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part


def test_what_lies_in_the_parcel_of_another_one_leaves_with_it_and_is_refused_nowhere(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    client, world = enter("warehouse"), build.world(locations=1)
    listed, ticked, alone = (together(world, [(world.skus[0], 1)], [(world.skus[1], 1)]) for _ in range(3))  # fmt: skip
    monkeypatch.setattr(shipments_all, "_PART", 1)
    asked = {"status": "not_shipped", "location": world.locations[0]}

    def bulk(*keys: UUID) -> str:
        sent = {"id": [str(key) for key in keys]}
        return client.post("/shipments/bulk/ship/", sent, follow=True).content.decode()

    # Ticked by itself it is refused as ever.
    [first, second] = numbers("shipments_shipment", alone[1])
    assert first in bulk(alone[1][1])
    assert second not in bulk(*alone[1])
    assert "lies in the parcel" not in bulk(*ticked[1])
    page = client.get("/shipments/all/", asked)
    words = page.content.decode()
    # The question, what is confirmed, the bar and what became of it count the same.
    assert "1 shipment, as the list is filtered now" in words
    assert "1 more lies in the parcel of one of them and goes with that one." in words
    assert "This is done with 1 shipment." in words
    assert page.context["ids"] == listed[1][:1]
    answer = client.post("/shipments/all/", {"verb": "ship", "id": [str(listed[1][0])]})

    assert (answer.context["done"], answer.context["refused"]) == (1, [])
    words = answer.content.decode()
    assert "1 of 1" in words
    assert "1 done" in words
    orders = [key for placed, _ in (listed, ticked, alone) for key in placed]
    assert {build.order(key)["status"] for key in orders} == {"shipped"}


def test_more_than_may_be_done_at_once_is_refused_and_nothing_is_cut(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    client, world = enter("warehouse"), build.world(locations=1)
    for _ in range(3):
        world.place((world.skus[0], 1))
    monkeypatch.setattr(shipments_all, "MOST_OF_ALL", 2)
    asked = {"status": "not_shipped", "location": world.locations[0]}

    assert "more than 2" in client.get("/shipments/all/", asked).content.decode()

    ids = [str(new_id()) for _ in range(201)]
    assert client.post("/shipments/all/", {"verb": "ship", "id": ids}).status_code == 400
    assert client.post("/shipments/bulk/ship/", {"id": ids}).status_code == 400
    assert client.post("/shipments/all/", {"verb": "combine"}).status_code == 404
    assert client.get("/shipments/all/", {"status": "shipped"}).status_code == 404
    assert enter("read_only").get("/shipments/all/", asked).status_code == 403
    empty = client.get("/shipments/all/", {"status": "not_shipped", "location": "nowhere"})
    assert "Nothing waits to be shipped" in empty.content.decode()


def test_a_list_of_several_pages_leads_to_all_of_it(enter: Enter) -> None:
    client, world = enter("warehouse"), build.world(locations=1)
    asked = {"status": "not_shipped", "location": world.locations[0]}
    for _ in range(51):
        world.place((world.skus[0], 1))

    listing = client.get("/shipments/", asked).context["listing"]

    assert listing.whole_url == f"/shipments/all/?status=not_shipped&location={world.locations[0]}"
    assert len(client.get(listing.whole_url).context["ids"]) == 51
    assert client.get("/shipments/", {**asked, "q": "nothing"}).context["listing"].whole_url == ""
