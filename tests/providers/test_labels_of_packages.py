"""Labels as the packing table and the door need them: the whole address, no dead code, one for what comes to it, and told where there is none."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.core.errors import LimitExceeded
from orderwerk.integrations.carriers.registry import PARCEL_CARRIERS
from orderwerk.integrations.jobs import make_parcel_labels, order_parcel_labels
from orderwerk.shipments.label_documents import shipping_labels
from orderwerk.shipments.label_errands import MOST_CALLS
from orderwerk.shipments.labelling import make_shipping_labels
from orderwerk.shipments.ports import MadeLabel, ParcelAccount, ParcelOrder
from orderwerk.shipments.queries import ShipmentFilters, shipment_page
from tests import build
from tests.doubles.parcels import Warehouse, ask, label, labels, make, void
from tests.doubles.postnl import PostNLDouble
from tests.doubles.shop import hurry
from tests.doubles.wire import Reply, serving
from tests.providers.test_return_labels import code, events, healthy
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


class Breaks:
    """The carrier, whose label of one shipment breaks in a way that nobody foresaw."""

    name = "postnl"

    def __init__(self, number: str) -> None:
        self.number = number

    def reserve(self, account: ParcelAccount) -> str:
        return PARCEL_CARRIERS["postnl"].reserve(account)

    def label(self, account: ParcelAccount, order: ParcelOrder) -> MadeLabel:
        if order.number == self.number:
            raise KeyError(order.number)
        return PARCEL_CARRIERS["postnl"].label(account, order)


def test_one_label_that_breaks_stops_no_other_and_fails_in_sight_in_the_end(house: Warehouse) -> None:  # fmt: skip
    broken, whole = house.announced(), house.announced()
    ask(broken, whole)
    [(number,)] = sql.fetch("select number from shipments_shipment where id = %s", (broken,))
    carriers = {"postnl": Breaks(number)}
    make_shipping_labels(carriers)
    assert label(whole)["status"] == "made"
    assert (label(broken)["status"], label(broken)["effect"]) == ("ordered", "in_doubt")
    for _ in range(MOST_CALLS - 1):
        hurry()
        make_shipping_labels(carriers)
    assert label(broken)["status"] == "failed"
    assert "unforeseen way (KeyError)" in label(broken)["note"]
    # Asked for again it goes on under its barcode.
    before = label(broken)["barcode"]
    assert ask(broken)[0].ok
    make()
    assert (label(broken)["status"], label(broken)["barcode"]) == ("made", before)
    # A barcode that somebody has already is no barcode.
    third, fourth = house.announced(), house.announced()
    ask(third, fourth)
    house.double.instead = {"Barcode": before}
    make()
    assert [label(key)["effect"] for key in (third, fourth)] == ["in_doubt", "in_doubt"]
    house.double.instead = None
    hurry()
    make()
    assert [label(key)["status"] for key in (third, fourth)] == ["made", "made"]
    healthy()


def test_labels_are_counted_before_they_are_read(house: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr("orderwerk.shipments.label_documents.MOST_LABELS", 1)
    with pytest.raises(LimitExceeded):
        shipping_labels([house.announced(2)], actor=build.TESTER)


def test_what_failed_under_another_contract_is_given_up_with_it(house: Warehouse) -> None:
    doubted, refused = house.announced(), house.announced()
    ask(doubted, refused)
    house.double.refuses = Reply(400, {"Errors": []})
    house.double.fail("cut_after", on="label")
    for _ in range(2):
        make()
        hurry()
    [kept] = [key for key in (doubted, refused) if label(key)["barcode"]]
    before = label(kept)["barcode"]
    house.connect(collection_location="654321")
    assert label(kept)["barcode"] == before
    house.connect(mode="live", customer_code="LIVE")
    assert [(x["status"], x["barcode"]) for x in labels(kept)] == [("void", before)]
    assert sql.fetch("select payload ->> 'why' from core_event where kind = 'shipping_label.voided'") == [("account changed",)]  # fmt: skip
    house.double.refuses = None
    assert all(outcome.ok for outcome in ask(doubted, refused))
    make()
    assert all(label(key)["barcode"].startswith("3SLIVE") for key in (doubted, refused))
    house.connect(customer_number="1")
    healthy()


def test_no_code_is_typed_over_a_label_that_is_on_its_way(house: Warehouse) -> None:
    shipment = house.announced()
    ask(shipment)
    refused = [house.update(shipment, packages=[{"tracking_code": "X"}]), house.pack(shipment, [{"tracking_code": "X"}])]  # fmt: skip
    assert [code(outcome) for outcome in refused] == ["label_in_use"] * 2
    house.pack(shipment).require()
    make()
    barcode = label(shipment)["barcode"]
    assert codes(shipment) == (barcode, [barcode])
    healthy()
