"""One box, one code: what lies in the parcel of another shipment is followed by the code that the box has, whoever bears it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.letter_data import shipments_for_letters
from orderwerk.flows.pack_shipments import PackedLine, PackItem, pack_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.shipments.commands.report_labels import ShippingLabelNews, report_shipping_labels
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.shipments.commands.void_labels import VoidShippingLabelItem, void_shipping_labels
from orderwerk.shipments.packing import PackageItem, PackedItem
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.flows.test_combined_parcels import changed, parcel_data, ship, statuses, together
from tests.flows.test_parcel_contents import line_of
from tests.flows.test_regroup import healthy

pytestmark = pytest.mark.django_db


def told(shipment: UUID, kind: str) -> list[dict[str, Any]]:
    """What the events of a kind tell of a shipment, oldest first."""
    rows = sql.fetch("select payload from core_event where kind = %s and aggregate_id = %s order by seq", (kind, shipment))  # fmt: skip
    return [sql.from_json(row[0]) for row in rows]


def boxes(*codes: str, contents: Sequence[Sequence[tuple[UUID, int]]] = ()) -> list[PackageItem]:
    found = list(contents) or [()] * len(codes)
    return [
        PackageItem(tracking_code=code, contents=[PackedItem(shipment_line_id=key, quantity=n) for key, n in lies])
        for code, lies in zip(codes, found, strict=True)
    ]  # fmt: skip


def linked() -> str:
    code = f"c{build.serial()}"
    link = "https://follow.example/{code}/{postal_code}"
    item = CarrierItem(code=code, name="Carrier", tracking_link=link)
    upsert_carriers([item], actor=build.TESTER)[0].require()
    return code


def test_a_code_that_only_a_package_bears_is_told_of_all_in_the_box() -> None:
    world = build.world(locations=1)
    a, b, _ = world.skus
    _, [first, second] = together(world, [(a, 1)], [(b, 1)])
    carrier = linked()
    lines = [PackedLine(sku=sku, quantity=1) for sku in (a, b)]
    item = PackItem(shipment_id=first, contents=lines, packages=boxes("3SBOX"), carrier=carrier)

    pack_shipments([item], actor=build.TESTER)[0].require()

    assert parcel_data(second) == (carrier, "", "3SBOX", "")
    there = shipment_detail(build.TESTER, second).shipment
    link = f"https://follow.example/3SBOX/{''.join(there.delivery_address['postal_code'].split())}"
    letter = shipments_for_letters([second])[second]
    assert (there.tracking_link, letter["tracking_code"], letter["tracking_url"]) == (link, "3SBOX", link)  # fmt: skip
    healthy()


def test_it_is_the_code_of_the_package_in_which_it_lies_as_far_as_that_is_known() -> None:
    world = build.world(locations=1)
    a, b, c = world.skus
    _, [first, second, third] = together(world, [(a, 1)], [(b, 1)], [(c, 1)])
    lies = [[(line_of(first, a), 1)], [(line_of(second, b), 1)]]
    changed(first, packages=boxes("3SONE", "3STWO", contents=lies))
    # What waits may still be taken out: it has none yet.
    assert parcel_data(second)[2] == ""

    ship(first).require()

    assert [parcel_data(key)[2] for key in (first, second, third)] == ["", "3STWO", "3SONE"]
    assert told(second, "shipment.shipped")[0]["tracking_code"] == "3STWO"
    healthy()


def test_the_code_of_a_package_changes_and_is_taken_away_for_all_in_the_box() -> None:
    world = build.world(locations=1)
    _, [first, second] = together(world, [(world.skus[0], 1)], [(world.skus[1], 1)])
    ship(first).require()

    changed(first, packages=boxes("3SWRONG"))
    assert parcel_data(second)[2] == "3SWRONG"
    changed(first, packages=boxes("3SRIGHT"))
    assert parcel_data(second)[2] == "3SRIGHT"
    # The same, now for the whole shipment: nothing is new to the other.
    changed(first, tracking_code="3SRIGHT", packages=boxes(""))
    assert parcel_data(second)[2] == "3SRIGHT"
    changed(first, tracking_code="")
    assert parcel_data(second)[2] == ""
    changes = [each["changes"]["tracking_code"] for each in told(second, "shipment.updated")]
    assert changes == [["", "3SWRONG"], ["3SWRONG", "3SRIGHT"], ["3SRIGHT", ""]]
    healthy()


def labelled(world: build.World, packages: int) -> tuple[list[UUID], list[UUID], list[str]]:
    """Two shipments that left in one parcel of so many packages, each with its label: the shipments, the labels and their codes."""
    _, keys = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)])
    asked = build.parcels_asked(world, keys[0], packages=packages)
    news = [ShippingLabelNews(*each, b"%PDF") for each in asked]
    for outcome in report_shipping_labels(news, actor=build.TESTER):
        outcome.require()
    ship(keys[0]).require()
    rows = sql.fetch("select barcode from shipments_label where shipment_id = %s order by position", (keys[0],))  # fmt: skip
    return keys, [key for key, _ in asked], [row[0] for row in rows]


def test_when_the_first_label_is_given_up_the_next_one_is_followed() -> None:
    [first, second], labels, codes = labelled(build.world(locations=1), 2)
    assert [parcel_data(key)[2] for key in (first, second)] == [codes[0]] * 2

    void_shipping_labels([VoidShippingLabelItem(shipping_label_id=labels[0])], actor=build.TESTER)[0].require()  # fmt: skip

    assert parcel_data(second)[2] == codes[1]


def test_what_left_tells_the_code_of_its_parcel_at_once() -> None:
    [first, second], _, codes = labelled(build.world(locations=1), 1)

    [own], [others] = told(first, "shipment.shipped"), told(second, "shipment.shipped")

    assert own["tracking_code"] == others["tracking_code"] == codes[0] != ""


def test_with_the_label_of_a_shipment_that_is_undone_goes_the_code_of_what_stays_sent() -> None:
    keys, _, codes = labelled(build.world(locations=1), 1)
    assert parcel_data(keys[1])[2] == codes[0]

    cancel_shipments([CancelShipmentItem(shipment_id=keys[0])], actor=build.TESTER)[0].require()

    assert statuses(keys) == ["cancelled", "shipped"]
    assert parcel_data(keys[1])[2] == ""
    healthy()


def test_a_code_that_was_typed_stays_with_what_did_leave_under_it() -> None:
    world = build.world(locations=1)
    _, keys = together(world, [(world.skus[0], 2)], [(world.skus[1], 1)])
    changed(keys[0], tracking_code="3STYPED")
    ship(keys[0]).require()

    cancel_shipments([CancelShipmentItem(shipment_id=keys[0])], actor=build.TESTER)[0].require()

    assert parcel_data(keys[1])[2] == "3STYPED"
    healthy()


def test_what_is_split_off_goes_the_same_way_under_a_code_of_its_own() -> None:
    world = build.world(locations=1)
    [shipment] = build.shipments(world.place((world.skus[0], 2)))
    carrier = linked()
    changed(shipment, carrier=carrier, tracking_code="3SOLD", tracking_url="https://example.com/x")
    lines = [SplitLine(shipment_line_id=line_of(shipment, world.skus[0]), quantity=1)]
    item = SplitShipmentItem(shipment_id=shipment, lines=lines)

    part = split_shipments([item], actor=build.TESTER)[0].require().id

    assert part is not None
    assert parcel_data(part) == (carrier, "", "", "")
    assert parcel_data(shipment) == (carrier, "", "3SOLD", "https://example.com/x")
