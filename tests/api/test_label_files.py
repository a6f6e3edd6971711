"""The labels of many shipments in one file over the API, and which shipments could share a parcel."""

from io import BytesIO
from uuid import uuid4

import pytest
from pypdf import PdfReader, PdfWriter

from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from tests import build
from tests.api.conftest import caller
from tests.flows.test_collecting import collected

pytestmark = pytest.mark.django_db


def paper() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(width=100, height=150)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def test_labels_come_in_one_file_without_those_that_are_not_made() -> None:
    world, other = build.world(), build.world()
    first, second = (build.parcel_labelled(world, n, paper()) for n in (1, 2))
    bare = build.shipments(world.place())[0]
    api = caller("shipping:read", shops=(world.shop,))

    both = api.get("/labels.pdf", {"shipment_ids": f"{second}, {first}"})
    mixed = api.get("/labels.pdf", {"shipment_ids": f"{bare},{first}"})
    none = api.get("/labels.pdf", {"shipment_ids": str(bare)})

    assert [a.status_code for a in (both, mixed, none)] == [200, 200, 409]
    assert [a["Missing-Documents"] for a in (both, mixed)] == ["0", "1"]
    assert {a["Content-Type"] for a in (both, mixed)} == {"application/pdf"}
    assert [len(PdfReader(BytesIO(a.content)).pages) for a in (both, mixed)] == [3, 1]
    assert none.json()["errors"][0]["code"] == "label_not_made"
    cancelled = build.shipments(world.place())[0]
    cancel_shipments([CancelShipmentItem(shipment_id=cancelled, reason="x")], actor=build.TESTER)[0].require()  # fmt: skip
    for asked, why in (((bare, cancelled), "label_not_made"), ((cancelled, bare), "shipment_cancelled")):  # fmt: skip
        answer = api.get("/labels.pdf", {"shipment_ids": ",".join(map(str, asked))})
        assert answer.json()["errors"][0]["code"] == why
    many = ",".join(str(uuid4()) for _ in range(3))
    assert [api.get("/labels.pdf", {"shipment_ids": wish}).status_code for wish in ("", "x", many)] == [404, 404, 404]  # fmt: skip
    assert api.get("/labels.pdf", {"ids": str(first)}).status_code == 422
    stranger = caller("shipping:read", shops=(other.shop,))
    assert stranger.get("/labels.pdf", {"shipment_ids": str(first)}).status_code == 404


def test_what_could_lie_in_the_same_parcel_is_a_list_of_shipments() -> None:
    world = build.world(locations=1)
    customer = {"name": "Test Persoon", "email": f"door{build.serial()}@example.com"}
    mine, near, gone = (build.shipments(world.place(customer=customer))[0] for _ in range(3))
    build.shipments(world.place())
    collected(world, (world.skus[0], 1), at=0, customer=customer)
    api = caller("shipping:read", shops=(world.shop,))

    def there(key: object) -> list[str]:
        return [item["id"] for item in api.get("/shipments", {"same_door": str(key)}).json()["items"]]  # fmt: skip

    assert there(mine) == [str(gone), str(near)]
    combine_shipments([CombineShipmentsItem(shipment_ids=[mine, near])], actor=build.TESTER)[0].require()  # fmt: skip
    assert (there(mine), there(near), there(gone)) == ([str(gone)], [], [])
    assert there(uuid4()) == []
    assert api.get("/shipments", {"same_door": "x"}).status_code == 422


def test_where_postal_codes_lie_is_read_by_country_and_code() -> None:
    api = caller("settings:read", "settings:write")
    for country, code in (("NL", "1"), ("NL", "1012"), ("NL", "2"), ("BE", "1012")):
        api.bulk("/postal-places/upsert", {"country": country, "postal_code": code, "latitude": 5, "longitude": 6})  # fmt: skip

    def known(**query: str) -> list[tuple[str, str]]:
        return [(item["country"], item["postal_code"]) for item in api.get("/postal-places", query).json()["items"]]  # fmt: skip

    assert known(country="NL", limit="200")[:3] == [("NL", "1"), ("NL", "1012"), ("NL", "2")]
    assert known(postal_code="1012 ab", country="NL") == [("NL", "1"), ("NL", "1012")]
    assert known(postal_code="1012") == [("BE", "1012"), ("NL", "1"), ("NL", "1012")]
    [one] = api.get("/postal-places", {"postal_code": "1012", "country": "BE"}).json()["items"]
    assert api.get(f"/postal-places/{one['id']}").json() == one
    assert (one["latitude"], one["longitude"]) == (5.0, 6.0)
    assert api.get(f"/postal-places/{uuid4()}").status_code == 404
