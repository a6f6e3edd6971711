import io
import zipfile
from base64 import b64encode

import pytest

from orderwerk.core import ids, sql
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


def test_pictures_of_a_claim_come_as_base64_and_go_as_a_file(world: build.World, api: Api) -> None:
    claim = build.claim(build.shipped(world)).require().id
    jpeg = b"\xff\xd8\xff a picture"
    item = {"claim_id": str(claim), "photos": [b64encode(p).decode() for p in (jpeg, build.png())]}

    [result] = api.bulk("/claims/add-photos", item, key="p1")
    [again] = api.bulk("/claims/add-photos", item, key="p1")

    assert (result["ok"], result["photos"], again) == (True, 2, result)
    assert api.get(f"/claims/{claim}").json()["photos"] == 2
    answer = api.get(f"/claims/{claim}/photos.zip")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "1.jpg": jpeg,
            "2.png": build.png(),
        }
    for photo, code in (("%%", "invalid_value"), ("R0lGODlh", "not_a_picture")):
        [refused] = api.bulk("/claims/add-photos", item | {"photos": [photo]}, key=code)
        assert refused["error"]["errors"][0]["code"] == code
        assert refused["error"]["errors"][0]["pointer"].endswith("/photos/0")
    stranger = caller(shops=(build.world().shop,))
    [hidden] = stranger.bulk("/claims/add-photos", item, key="p2")
    assert hidden["error"]["errors"][0]["code"] == "unknown_claim"
    assert stranger.get(f"/claims/{claim}/photos.zip").status_code == 404


def test_pictures_of_a_return_request_come_and_go_the_same_way(
    world: build.World, api: Api
) -> None:
    request = build.request(build.shipped(world)).require().id
    jpeg = b"\xff\xd8\xff a picture"
    item = {"return_request_id": str(request), "photos": [b64encode(p).decode() for p in (jpeg, build.png())]}  # fmt: skip

    [result] = api.bulk("/return-requests/add-photos", item, key="p1")
    [again] = api.bulk("/return-requests/add-photos", item, key="p1")

    assert (result["ok"], result["photos"], again) == (True, 2, result)
    assert api.get(f"/return-requests/{request}").json()["photos"] == 2
    answer = api.get(f"/return-requests/{request}/photos.zip")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"1.jpg": jpeg, "2.png": build.png()}  # fmt: skip
    large = b64encode(jpeg + b"x" * 5 * 1024 * 1024).decode()
    for photos, code in ((["%%"], "invalid_value"), (["R0lGODlh"], "not_a_picture"), ([], "no_photos"), (item["photos"] * 2, "too_many_photos"), ([large], "photo_too_large")):  # fmt: skip
        [refused] = api.bulk("/return-requests/add-photos", item | {"photos": photos}, key=code)
        assert refused["error"]["errors"][0]["code"] == code
    assert api.get(f"/return-requests/{request}").json()["photos"] == 2
    # What was erased is a single byte, and no picture.
    sql.execute("alter table return_requests_photo disable trigger user")
    sql.execute("update return_requests_photo set content = '\\x00' where position = 1")
    with zipfile.ZipFile(io.BytesIO(api.get(f"/return-requests/{request}/photos.zip").content)) as archive:  # fmt: skip
        assert archive.namelist() == ["2.png"]


def test_a_claim_without_pictures_has_an_empty_file(world: build.World, api: Api) -> None:
    claim = build.claim(build.shipped(world)).require().id
    answer = api.get(f"/claims/{claim}/photos.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == []
