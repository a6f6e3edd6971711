"""Labels as the packing table and the door need them: the whole address, no dead code, one for what comes to it, and told where there is none."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.integrations.jobs import make_parcel_labels, order_parcel_labels
from orderwerk.shipments.queries import ShipmentFilters, shipment_page
from tests import build
from tests.doubles.parcels import Warehouse, ask, label, labels, make, void
from tests.doubles.postnl import PostNLDouble
from tests.doubles.wire import serving
from tests.providers.test_return_labels import events, healthy
from tests.providers.test_shipping_labels import codes


@pytest.fixture
def house(transactional_db: None, settings: Any) -> Iterator[Warehouse]:
    with serving(PostNLDouble()) as double:
        settings.ORDERWERK_PROVIDER_URLS = {"postnl": double.url}
        yield Warehouse(double)  # type: ignore[arg-type]


def test_two_labels_given_up_at_once_leave_no_dead_code(house: Warehouse) -> None:
    there, back = house.labelled(2), house.labelled(2)
    # The rows come back as they lie: the one that the shipment is followed by is the last here, the first there.
    sql.execute("update shipments_label set note = 'later' where shipment_id = %s and position = 2", (there,))  # fmt: skip
    sql.execute("update shipments_label set note = 'later' where shipment_id = %s and position = 1", (back,))  # fmt: skip
    every = [each["id"] for key in (there, back) for each in labels(key)]
    assert all(outcome.ok for outcome in void(*every, *reversed(every))[:4])
    assert (codes(there), codes(back)) == (("", ["", ""]), ("", ["", ""]))
    assert all(outcome.ok for outcome in ask(there, back))
    make()
    for shipment in (there, back):
        mine = [x["barcode"] for x in labels(shipment) if x["status"] == "made"]
        assert codes(shipment) == (mine[0], mine)
    healthy()


def test_the_label_leads_to_the_door_or_is_refused(house: Warehouse) -> None:
    wanted: dict[tuple[str | None, str | None, str], tuple[str, str | None, str | None]] = {
        ("12-14A", None, "Gebouw B, unit 12"): ("12", "14A", "Gebouw B, unit 12"),
        ("1234 A", "bis", ""): ("1234", "A bis", None),
        ("12 bis hs", None, ""): ("12", "bis hs", None),
        ("7", "II", ""): ("7", "II", None),
    }
    base = {"name": "A", "street": "Kade", "postal_code": "1000 AA", "city": "B", "country": "NL"}
    for (number, suffix, line2), expected in wanted.items():
        address = {**base, "house_number": number, "house_number_suffix": suffix, "line2": line2 or None}  # fmt: skip
        shipment = house.labelled(billing_address=address)
        [to] = house.double.parcels[label(shipment)["barcode"]]["Shipments"][0]["Addresses"]
        found = (to["HouseNr"], to.get("HouseNrExt"), to.get("Buildingname"))
        assert (to["Street"], found) == ("Kade", expected)
    made = list(house.double.charged)
    for change, named in (
        ({"house_number": "123456"}, "house number may have 5"),
        ({"house_number": "bij 7"}, "begins with no digit"),
        ({"house_number": "7", "house_number_suffix": "x" * 36}, "addition may have 35"),
        ({"house_number": "7", "street": "x" * 96}, "street may have 95"),
        ({"house_number": "7", "postal_code": "NL-1000 AA"}, "postal code may have 6"),
        ({"house_number": "7", "line2": "x" * 36}, "second line may have 35"),
    ):
        refused = label(house.labelled(billing_address={**base, **change}))
        assert (refused["status"], refused["barcode"]) == ("failed", "")
        assert named in refused["note"]
    assert house.double.charged == made
    healthy()


def refusals() -> list[tuple[str, str]]:
    """Which shipments were told not to get a label, and why."""
    rows = sql.fetch("select e.payload ->> 'number', e.payload ->> 'reason' from core_event e where e.kind = 'shipping_label.refused' order by e.id")  # fmt: skip
    return [(row[0], row[1]) for row in rows]


def missing() -> set[UUID]:
    """The shipments of the list whose label is missing."""
    return {x.id for x in shipment_page(build.TESTER, ShipmentFilters(label="none"), limit=100).items}  # fmt: skip


def test_a_package_that_comes_to_it_gets_its_label_and_what_gets_none_is_told(house: Warehouse) -> None:  # fmt: skip
    german = {"name": "A", "street": "Weg 1", "postal_code": "12345", "city": "B", "country": "DE"}
    parcel, abroad, typed = house.labelled(), house.waiting(billing_address=german), house.waiting()
    collected = house.world.place(shipping={"collect_at": house.world.locations[1]})
    first = label(parcel)["barcode"]
    # Packed into two boxes: one has the label of the announcement, the other none yet.
    house.pack(parcel, [{"weight_grams": 5}, {"weight_grams": 6}]).require()
    house.pack(abroad).require()
    house.pack(typed, [{"tracking_code": "3STYPED1"}, {"weight_grams": 4}]).require()
    assert missing() >= {parcel, abroad}
    assert not missing() & {typed, *build.shipments(collected)}

    order_parcel_labels(events("shipment.packed"))
    make_parcel_labels(events("shipping_label.ordered"))

    mine = [each["barcode"] for each in labels(parcel)]
    assert (mine[0], len(mine), codes(parcel)) == (first, 2, (first, mine))
    assert labels(typed) == labels(abroad) == []
    [(number,)] = sql.fetch("select number from shipments_shipment where id = %s", (abroad,))
    assert refusals() == [(number, "PostNL makes no labels to DE here.")]
    assert missing() & {parcel, abroad, typed} == {abroad}
    # What left before the carrier was connected, or long ago, is not looked for.
    sql.execute("update shipments_carrier_account set created_at = now() + interval '1 hour' where carrier = %s", (house.carrier,))  # fmt: skip
    assert abroad not in missing()
    healthy()
