import pytest

from orderwerk.core import ids
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build
from tests.api.conftest import Api, caller

pytestmark = pytest.mark.django_db


def test_paper_is_a_pdf_for_whoever_may_see_the_thing(world: build.World, api: Api) -> None:
    shipment_id = build.shipments(world.place())[0]
    item = CreatePickListItem(location=world.locations[0])
    list_id = create_pick_lists([item], actor=build.TESTER)[0].require().id
    addresses = (f"/shipments/{shipment_id}/packing-slip.pdf", f"/pick-lists/{list_id}.pdf")

    for address in addresses:
        answer = api.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF")
        assert caller(shops=(build.world().shop,)).get(address).status_code == 404
        assert caller("orders:read").get(address).status_code == 403
        assert caller(shops=(world.shop,)).get(address, {"x": "1"}).status_code == 422


def test_there_is_no_paper_of_nothing(world: build.World, api: Api) -> None:
    shipment_id = build.shipments(world.place())[0]
    cancel_shipments([CancelShipmentItem(shipment_id=shipment_id)], actor=build.TESTER)[0].require()

    assert api.get(f"/shipments/{shipment_id}/packing-slip.pdf").status_code == 409
    assert api.get(f"/shipments/{ids.new_id()}/packing-slip.pdf").status_code == 404
    assert api.get("/shipments/x/packing-slip.pdf").status_code == 404
    assert api.get("/pick-lists/x.pdf").status_code == 404
