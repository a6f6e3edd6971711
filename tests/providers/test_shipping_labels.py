"""Labels of parcels at a carrier: one for a package whatever breaks, asked for again under the same barcode, failing in sight."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jsonschema_rs
import pytest
from django.db import IntegrityError, connection
from django.db.transaction import atomic
from pypdf import PdfReader

from orderwerk.core import effects, sql
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.integrations.carriers.registry import PARCEL_CARRIERS
from orderwerk.integrations.jobs import (
    make_due_parcel_labels,
    make_parcel_labels,
    order_parcel_labels,
)
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from orderwerk.shipments.commands.report_labels import ShippingLabelNews, report_shipping_labels
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.label_documents import shipping_labels
from orderwerk.shipments.labelling import make_shipping_labels
from orderwerk.shipments.ports import MadeLabel, ParcelAccount, ParcelOrder
from tests import build
from tests.doubles.parcels import (
    Warehouse,
    announce,
    ask,
    label,
    labels,
    make,
    void,
)
from tests.doubles.postnl import PostNLDouble
from tests.doubles.shop import hurry
from tests.doubles.wire import Reply, serving
from tests.providers.test_return_labels import code, events, healthy


@pytest.fixture
def house(transactional_db: None, settings: Any) -> Iterator[Warehouse]:
    with serving(PostNLDouble()) as double:
        settings.ORDERWERK_PROVIDER_URLS = {"postnl": double.url}
        yield Warehouse(double)  # type: ignore[arg-type]


def order_of(shipment: UUID) -> UUID:
    [(key,)] = sql.fetch("select order_id from shipments_shipment where id = %s", (shipment,))
    return key  # type: ignore[no-any-return]


def codes(shipment: UUID) -> tuple[str, list[str]]:
    """The tracking code of a shipment, and those of its packages."""
    [(own,)] = sql.fetch("select tracking_code from shipments_shipment where id = %s", (shipment,))
    rows = sql.fetch("select tracking_code from shipments_package where shipment_id = %s order by position", (shipment,))  # fmt: skip
    return own, [row[0] for row in rows]


def printed(*shipments: UUID) -> list[str]:
    """What of labels comes out of the printer, by their titles, or the code of the refusal."""
    try:
        document = shipping_labels(shipments, actor=build.TESTER)
    except Refusal as refusal:
        return [refusal.code]
    reader = PdfReader(BytesIO(document.content))
    return [document.name, str(len(reader.pages))]


def cancel(shipment: UUID) -> Outcome:
    return cancel_shipments([CancelShipmentItem(shipment_id=shipment)], actor=build.TESTER)[0]


def test_announcing_makes_a_label_for_each_package_and_packing_for_what_was_not_announced(house: Warehouse) -> None:  # fmt: skip
    first, second = house.announced(2), house.waiting()
    house.pack(second).require()

    order_parcel_labels(events("shipment.announced") + events("shipment.packed"))
    make_parcel_labels(events("shipping_label.ordered"))

    assert [(x["package"], x["status"], x["effect"], x["attempts"], x["asked"]) for x in labels(first)] == [(1, "made", "succeeded", 1, 1), (2, "made", "succeeded", 1, 1)]  # fmt: skip
    mine = [each["barcode"] for each in labels(first)]
    assert codes(first) == (mine[0], mine)
    theirs = label(second)["barcode"]
    assert codes(second) == (theirs, [theirs])
    assert house.double.charged == sorted([*mine, theirs])
    assert house.double.parcels[theirs]["Shipments"][0]["Dimension"] == {"Weight": 700}
    # Twice is once: the job again, the event again.
    order_parcel_labels(events("shipment.announced") + events("shipment.packed"))
    make_due_parcel_labels(0)
    assert len(house.double.charged) == 3
    [(number,)] = sql.fetch("select number from shipments_shipment where id = %s", (first,))
    assert printed(first) == [f"label-{number}.pdf", "2"]
    assert printed(second, first) == ["labels.pdf", "3"]
    alone = shipping_labels([second], actor=build.TESTER).content
    assert alone == bytes(label(second)["content"])
    # Packing what was announced keeps the label that is there, whatever it weighs.
    house.pack(first, [{"weight_grams": 900}, {"weight_grams": 100}]).require()
    assert codes(first)[1] == mine
    order_parcel_labels(events("shipment.packed"))
    assert len(labels(first)) == 2
    healthy()


def test_what_is_asked_for_is_what_postnl_specifies(house: Warehouse) -> None:
    shared = os.environ.get("ORDERWERK_SHARED_DATA")
    if not shared:
        pytest.skip("ORDERWERK_SHARED_DATA is not set: no specification to hold against")
    specification = json.loads((Path(shared) / "specs/postnl/openapi/Shipment.json").read_text())
    schema = specification["components"]["schemas"]["labellingRequest"]
    shipment = house.waiting()
    house.update(shipment, service="sign", packages=[{"weight_grams": 2500, "length_mm": 100, "width_mm": 300, "height_mm": 200}]).require()  # fmt: skip
    announce(shipment)
    ask(shipment)
    make()

    body = house.double.parcels[label(shipment)["barcode"]]
    assert list(jsonschema_rs.validator_for(schema).iter_errors(body)) == []
    [asked] = body["Shipments"]
    assert asked["ProductCodeDelivery"] == "3189"
    assert asked["Dimension"] == {"Weight": 2500, "Length": 300, "Width": 200, "Height": 100}
    [to] = asked["Addresses"]
    assert (to["AddressType"], to["Zipcode"], to["HouseNr"]) == ("01", "1234AB", "1")
    assert body["Customer"]["CollectionLocation"] == "123456"
    sender = body["Customer"]["Address"]
    assert (sender["CompanyName"], sender["Street"], sender["HouseNr"]) == (house.world.shop, "Magazijnweg", "5")  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize("fault", ["hang_before", "hang_after", "500_after", "cut_after", "garbage_after"])  # fmt: skip
def test_what_nobody_knows_is_asked_again_under_the_same_barcode(house: Warehouse, fault: str) -> None:  # fmt: skip
    shipment = house.announced()
    ask(shipment)
    house.double.fail(fault, on="label")
    make()
    first = label(shipment)
    assert (first["status"], first["effect"], first["asked"]) == ("ordered", "in_doubt", 1)
    assert make() == 0  # not before its time
    assert printed(shipment) == ["label_not_made"]
    hurry()
    make()
    assert (label(shipment)["status"], label(shipment)["barcode"]) == ("made", first["barcode"])
    assert house.double.charged == [first["barcode"]]
    healthy()


def test_a_crash_between_the_barcode_and_the_label_makes_one_parcel(house: Warehouse) -> None:
    shipment = house.announced()
    ask(shipment)

    class Dies:
        name = "postnl"

        def reserve(self, account: ParcelAccount) -> str:
            return PARCEL_CARRIERS["postnl"].reserve(account)

        def label(self, account: ParcelAccount, order: ParcelOrder) -> MadeLabel:
            PARCEL_CARRIERS["postnl"].label(account, order)
            raise SystemExit

    with pytest.raises(SystemExit):
        make_shipping_labels({"postnl": Dies()})
    kept = label(shipment)
    assert (kept["status"], kept["effect"], kept["asked"]) == ("ordered", "called", 1)
    assert make() == 0
    sql.execute("update core_effect set called_at = now() - interval '1 hour' where kind = 'shipping_label'")  # fmt: skip
    make()
    assert (label(shipment)["status"], label(shipment)["barcode"]) == ("made", kept["barcode"])
    assert house.double.charged == [kept["barcode"]]
    healthy()


@pytest.mark.once
@pytest.mark.parametrize(
    "paper", [b"<html>", b"%PDF" + b"0" * 2 * 1024 * 1024, b""], ids=["other", "large", "empty"]
)
def test_a_paper_that_is_none_is_not_taken(house: Warehouse, paper: bytes) -> None:
    shipment = house.announced()
    ask(shipment)
    house.double.paper = lambda _barcode: paper
    make()
    assert (label(shipment)["status"], label(shipment)["effect"]) == ("ordered", "in_doubt")
    assert label(shipment)["content"] is None


def test_a_no_fails_in_sight_and_is_asked_again_and_after_a_doubt_keeps_the_barcode(house: Warehouse) -> None:  # fmt: skip
    shipment, doubted = house.announced(2), house.announced()
    house.double.refuses = Reply(400, {"Errors": [{"Code": "1280201", "Description": "Incorrect address"}]})  # fmt: skip
    ask(shipment, doubted)
    house.double.fail("cut_after", on="label")
    make()
    hurry()
    make()
    assert [(x["status"], x["note"]) for x in labels(shipment)] == [("failed", "1280201 Incorrect address")] * 2  # fmt: skip
    barcodes = [x["barcode"] for x in [*labels(shipment), label(doubted)]]
    [kept] = [barcode for barcode in barcodes if barcode]
    assert printed(shipment) == ["label_not_made"]
    healthy()

    house.double.refuses = None
    assert ask(shipment, doubted)[0].require().data["labels"] == 2
    make()
    made = [*labels(shipment), label(doubted)]
    assert [(x["status"], x["attempts"]) for x in made] == [("made", 2)] * 3
    assert kept in [x["barcode"] for x in made]
    assert len(house.double.charged) == 3
    healthy()


def test_what_cannot_have_a_label_is_refused_and_changes_nothing(house: Warehouse) -> None:
    german = {"name": "A", "street": "Weg 1", "postal_code": "12345", "city": "B", "country": "DE"}
    there, abroad = house.announced(), house.announced(billing_address=german)
    waiting, gone, held = house.waiting(), house.announced(), house.announced()
    by_hand, elsewhere = house.announced(), house.announced()
    strange = house.waiting()
    house.update(strange, service="moon").require()
    announce(strange)
    cancel(gone).require()
    hold_orders([HoldItem(order_id=order_of(held), reason="x")], actor=build.TESTER)[0].require()
    house.update(by_hand, carrier="manual").require()
    sql.execute("update stock_location l set address = null from shipments_shipment s where s.location_id = l.id and s.id = %s", (elsewhere,))  # fmt: skip
    collected = house.world.place(shipping={"collect_at": house.world.locations[1]})
    ask(there)
    before = sql.fetch("select count(*) from core_event")

    refused = ask(there, abroad, waiting, gone, held, by_hand, strange, build.shipments(collected)[0], uuid4())  # fmt: skip

    assert [code(outcome) for outcome in refused] == [
        "no_sender_address", "no_label_to_country", "not_announced", "shipment_cancelled", "on_hold", "no_carrier_account",
        "no_label_product", "is_collected", "unknown_shipment",
    ]  # fmt: skip
    assert sql.fetch("select count(*) from core_event") == before
    sql.execute("update stock_location set address = %s where code = any(%s)", (json.dumps({"street": "A 1", "postal_code": "1000 AA", "city": "B"}), house.world.locations))  # fmt: skip
    assert ask(there)[0].ok
    assert code(ask(there)[0]) == "label_there"
    assert [o.ok for o in ask(elsewhere, elsewhere)] == [True, False]
    house.connect(is_active=False)
    assert code(ask(strange)[0]) == "no_carrier_account"
    assert printed(elsewhere) == ["label_not_made"]
    assert printed(waiting) == ["label_not_made"]
    assert printed(uuid4()) == ["unknown_shipment"]
    assert printed() == ["unknown_shipment"]
    # What asks by itself asks nobody who is not connected any more, and where somebody has typed a code.
    order_parcel_labels(events("shipment.announced"))
    assert labels(strange) == []


def test_goods_that_are_asked_back_are_not_labelled(house: Warehouse) -> None:
    shipment = house.labelled()
    sql.execute("update shops_shop set cancel_while_picking = 'ask' where id = %s", (house.world.shop_id,))  # fmt: skip
    other = house.announced()
    made = create_pick_lists([CreatePickListItem(location=house.world.locations[0], shipment_ids=[shipment, other])], actor=build.TESTER)  # fmt: skip
    lists = [CompleteItem(pick_list_id=x["id"]) for x in made[0].require().data["pick_lists"]]
    complete_pick_lists(lists, actor=build.TESTER)
    cancel_orders([CancelItem(order_id=order_of(key), reason="x") for key in (shipment, other)], actor=build.TESTER)  # fmt: skip
    assert printed(shipment) == ["cancel_requested"]
    assert code(ask(other)[0]) == "cancel_requested"


def test_a_cancelled_shipment_has_no_label_and_its_barcode_is_not_used_again(house: Warehouse) -> None:  # fmt: skip
    made, asked, failed, undone = house.labelled(), house.announced(), house.announced(), house.labelled()  # fmt: skip
    ask(asked, failed)
    house.double.refuses = Reply(400, {"Errors": []})
    house.double.fail("cut_after", on="label")
    make()
    barcode = label(made)["barcode"]
    ship_shipments([ShipItem(shipment_id=undone)], actor=build.TESTER)[0].require()

    for shipment in (made, asked, failed, undone):
        cancel(shipment).require()

    for shipment in (made, asked, failed, undone):
        [given_up] = labels(shipment)
        assert (given_up["status"], given_up["package_id"]) == ("void", None)
        assert printed(shipment) == ["shipment_cancelled"]
        assert code(ask(shipment)[0]) == "shipment_cancelled"
        assert code(void(given_up["id"])[0]) == "label_void"
    assert labels(made)[0]["barcode"] == barcode
    hurry()
    assert make() == 0
    [again] = build.shipments(order_of(undone), "open")
    house.double.refuses = None
    house.update(again, carrier=house.carrier).require()
    announce(again)
    ask(again)[0].require()
    make()
    assert label(again)["barcode"] not in {barcode, labels(undone)[0]["barcode"]}
    healthy()


def test_a_label_stays_true_of_its_parcel_or_is_given_up(house: Warehouse) -> None:
    shipment = house.labelled(2)
    first, second = labels(shipment)
    for change in ({"carrier": "manual"}, {"service": "sign"}, {"packages": 1}):
        assert code(house.update(shipment, **change)) == "label_in_use"
    mine = [{"weight_grams": 1}, {"weight_grams": 2}]
    assert code(house.update(shipment, packages=[{"tracking_code": "X"}, {}])) == "label_in_use"
    house.update(shipment, packages=mine, carrier=house.carrier, service="").require()
    assert codes(shipment)[1] == [first["barcode"], second["barcode"]]
    house.update(shipment, packages=3).require()
    house.update(shipment, packages=2).require()
    with pytest.raises(IntegrityError, match="another code"), atomic():
        sql.execute("update shipments_package set tracking_code = 'X' where id = %s", (first["package_id"],))  # fmt: skip
    with pytest.raises(IntegrityError, match="package_fk"), atomic():
        sql.execute("delete from shipments_package where id = %s", (first["package_id"],))

    void(second["id"], uuid4(), second["id"])
    assert codes(shipment) == (first["barcode"], [first["barcode"], ""])
    assert printed(shipment) == ["label_not_made"]
    house.update(shipment, packages=1).require()
    assert len(printed(shipment)) == 2
    void(first["id"])[0].require()
    assert codes(shipment) == ("", [""])
    house.update(shipment, service="sign").require()
    ask(shipment)[0].require()
    make()
    assert label(shipment)["barcode"] not in {first["barcode"], second["barcode"]}
    assert [x["status"] for x in labels(shipment)] == ["void", "void", "made"]
    healthy()


def test_packed_into_fewer_boxes_the_labels_of_the_others_are_given_up(house: Warehouse) -> None:
    shipment = house.labelled(2)
    first, second = labels(shipment)
    refused = house.pack(shipment, [{"tracking_code": second["barcode"]}])
    assert code(refused) == "label_in_use"
    house.pack(shipment, [{"weight_grams": 5}]).require()
    assert [(x["status"], x["barcode"]) for x in labels(shipment)] == [("void", second["barcode"]), ("made", first["barcode"])]  # fmt: skip
    assert codes(shipment) == (first["barcode"], [first["barcode"]])
    healthy()


def test_another_address_means_another_label(house: Warehouse) -> None:
    made, asked = house.labelled(), house.announced()
    ask(asked)
    street = {"name": "A", "street": "Kade", "house_number": "9", "postal_code": "1000 AA", "city": "B", "country": "NL"}  # fmt: skip
    items = [convert({"order_id": str(order_of(key)), "delivery_address": street}, UpdateItem) for key in (made, asked)]  # fmt: skip
    assert all(o.ok for o in update_orders(items, actor=build.TESTER))
    house.update(asked, packages=[{"weight_grams": 1}]).require()

    make()
    assert label(asked)["note"] == "The address was changed after the label was asked for."
    assert printed(made) == ["label_elsewhere"]
    assert code(ship_shipments([ShipItem(shipment_id=made)], actor=build.TESTER)[0]) == "label_elsewhere"  # fmt: skip
    assert code(house.pack(made)) == "label_elsewhere"
    assert code(ask(made)[0]) == "label_elsewhere"

    void(label(made)["id"])[0].require()
    ask(made, asked)
    make()
    for shipment in (made, asked):
        body = house.double.parcels[label(shipment)["barcode"]]
        assert body["Shipments"][0]["Addresses"][0]["Street"] == "Kade"
        assert len(printed(shipment)) == 2
    house.pack(made).require()
    assert len(printed(made)) == 2
    healthy()


def test_regrouped_parcels_keep_the_labels_that_are_true(house: Warehouse) -> None:
    customer = {"name": "Test Persoon", "email": "same@example.com"}
    leader, inside, failed = (house.announced(customer=customer) for _ in range(3))
    ask(leader, inside, failed)
    house.double.refuses = Reply(400, {"Errors": []})
    sql.execute("update core_effect e set next_attempt_at = now() + interval '1 hour' from shipments_label l where l.effect_id = e.id and l.shipment_id <> %s", (failed,))  # fmt: skip
    make()
    house.double.refuses = None
    hurry()
    make()
    refused = combine_shipments([CombineShipmentsItem(shipment_ids=[leader, inside])], actor=build.TESTER)  # fmt: skip
    assert code(refused[0]) == "label_in_use"
    with pytest.raises(IntegrityError, match="is no more"), atomic():
        sql.execute("update shipments_shipment set combined_into_id = %s where id = %s", (leader, inside))  # fmt: skip
    void(label(inside)["id"])[0].require()
    combine_shipments([CombineShipmentsItem(shipment_ids=[leader, inside, failed])], actor=build.TESTER)[0].require()  # fmt: skip
    assert [x["status"] for x in labels(failed)] == ["void"]
    assert printed(inside) == ["carried"]
    assert code(ask(inside)[0]) == "carried"
    ship_shipments([ShipItem(shipment_id=leader)], actor=build.TESTER)[0].require()
    assert code(ask(inside)[0]) == "carried"
    assert len(printed(leader)) == 2

    sku = house.world.skus[0]
    whole = house.waiting(1, (sku, 3))
    [(line,)] = sql.fetch("select id from shipments_line where shipment_id = %s", (whole,))
    split = SplitShipmentItem(shipment_id=whole, lines=[SplitLine(shipment_line_id=line, quantity=1)])  # fmt: skip
    part = split_shipments([split], actor=build.TESTER)[0].require().id
    assert part is not None
    for shipment in (whole, part):
        announce(shipment)
        ask(shipment)[0].require()
    make()
    merge_shipments([MergeShipmentsItem(shipment_ids=[whole, part])], actor=build.TESTER)[0].require()  # fmt: skip
    assert printed(part) == ["shipment_cancelled"]
    assert len(printed(whole)) == 2
    with pytest.raises(IntegrityError, match="no parcel for this label"), atomic():
        sql.execute("insert into shipments_label (id, shop_id, order_id, shipment_id, location_id, package_id, position, carrier_account_id, carrier, product, status, effect_id, attempts, barcode, asked, address, note, created_at, version) select gen_random_uuid(), shop_id, order_id, shipment_id, location_id, gen_random_uuid(), 1, carrier_account_id, carrier, product, 'ordered', gen_random_uuid(), 1, '', 0, '', '', now(), 1 from shipments_label where shipment_id = %s", (part,))  # fmt: skip
    healthy()


class Meanwhile:
    """The carrier, and what happens elsewhere while it is asked, once: before its barcode is kept, or before its answer is."""

    name = "postnl"

    def __init__(self, happens: Callable[[], Any], *, at_barcode: bool = False) -> None:
        self.happens: list[Callable[[], Any]] = [happens]
        self.at_barcode = at_barcode

    def reserve(self, account: ParcelAccount) -> str:
        barcode = PARCEL_CARRIERS["postnl"].reserve(account)
        while self.at_barcode and self.happens:
            self.happens.pop()()
        return barcode

    def label(self, account: ParcelAccount, order: ParcelOrder) -> MadeLabel:
        made = PARCEL_CARRIERS["postnl"].label(account, order)
        while self.happens:
            self.happens.pop()()
        return made


@pytest.mark.parametrize("at_barcode", [True, False])
def test_what_is_cancelled_while_the_carrier_is_asked_is_not_labelled(house: Warehouse, at_barcode: bool) -> None:  # fmt: skip
    shipment = house.announced()
    ask(shipment)
    make_shipping_labels({"postnl": Meanwhile(lambda: cancel(shipment).require(), at_barcode=at_barcode)})  # fmt: skip
    [given_up] = labels(shipment)
    assert (given_up["status"], given_up["content"], given_up["effect"]) == ("void", None, "failed")
    assert len(house.double.charged) == (0 if at_barcode else 1)
    assert printed(shipment) == ["shipment_cancelled"]
    healthy()


def test_what_is_given_up_before_it_is_put_off_or_asked_stays_given_up(house: Warehouse) -> None:
    put_off, kept = house.announced(), house.announced()
    ask(put_off)
    house.double.fail("429", on="label")

    class Late(Meanwhile):
        def label(self, account: ParcelAccount, order: ParcelOrder) -> MadeLabel:
            while self.happens:
                self.happens.pop()()
            return PARCEL_CARRIERS["postnl"].label(account, order)

    make_shipping_labels({"postnl": Late(lambda: void(label(put_off)["id"]))})
    assert [x["status"] for x in labels(put_off)] == ["void"]
    ask(kept)
    house.double.fail("429", "cut_after", "429", on="label")
    for _ in range(4):
        hurry()
        make()
    assert (label(kept)["status"], label(kept)["asked"]) == ("made", 2)
    healthy()


def test_what_arrives_or_is_erased_before_its_label_is_there_gets_no_paper(house: Warehouse) -> None:  # fmt: skip
    arrived, erased, late = house.announced(), house.labelled(), house.announced()
    ask(arrived, late)
    for shipment in (arrived, erased, late):
        ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].require()
    step = convert({"shipment_id": str(arrived), "status": "delivered", "at": "2026-01-01T00:00:00Z"}, TrackItem)  # fmt: skip
    track_shipments([step], actor=build.TESTER)[0].require()
    for shipment in (erased, late):
        build.invoice(order_of(shipment))
    [(key, effect)] = sql.fetch("select id, effect_id from shipments_label where shipment_id = %s", (late,))  # fmt: skip
    [(other, its)] = sql.fetch("select id, effect_id from shipments_label where shipment_id = %s", (arrived,))  # fmt: skip
    gone = erase_orders([EraseItem(order_id=order_of(x)) for x in (erased, late)], actor=build.TESTER)  # fmt: skip
    assert [o.error for o in gone] == [None, None]
    assert bytes(label(erased)["content"]) == b"\x00"
    assert label(erased)["barcode"]
    assert printed(erased) == ["label_erased"]
    # What the carrier answers later is kept without paper and words.
    sql.execute("update shipments_label set barcode = '3SDEVC999999999' where id = %s", (key,))
    report_shipping_labels([ShippingLabelNews(key, effect, b"%PDF of a person")], actor=build.TESTER)[0].require()  # fmt: skip
    assert (label(late)["status"], bytes(label(late)["content"])) == ("made", b"\x00")
    make()
    assert label(arrived)["note"] == "The shipment arrived before its label was there."
    assert code(void(label(arrived)["id"])[0]) == "shipment_delivered"
    assert code(ask(arrived)[0]) == "shipment_delivered"
    twice = [ShippingLabelNews(other, its, note="no"), ShippingLabelNews(uuid4(), its)]
    assert [code(o) for o in report_shipping_labels(twice, actor=build.TESTER)] == ["attempt_over", "unknown_shipping_label"]  # fmt: skip
    healthy()


def test_papers_that_cannot_be_read_are_printed_alone(
    house: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.double.paper = lambda barcode: b"%PDF-1.3 " + barcode.encode()
    shipment = house.labelled(2)
    single = house.labelled()
    assert printed(shipment) == ["label_unreadable"]
    monkeypatch.setattr("orderwerk.shipments.label_documents.MOST_LABELS", 1)
    assert printed(shipment) == ["too_many_labels"]
    assert shipping_labels([single], actor=build.TESTER).content.startswith(b"%PDF-1.3 3S")


def test_a_label_that_is_made_changes_no_more_and_no_package_has_two(house: Warehouse) -> None:
    shipment = house.labelled()
    for change in (
        "update shipments_label set barcode = '3SDEVC1'",
        "update shipments_label set content = 'x'",
        "update shipments_label set package_id = null",
        "update shipments_label set status = 'void', package_id = null, voided_at = now(), barcode = ''",
        "delete from shipments_label",
        "update shipments_shipment set status = 'cancelled', cancelled_at = now()",
        "update shipments_carrier_account set carrier = 'x'",
        "update shipments_carrier_account set secret = 'plain'",
        "insert into shipments_label (id, shop_id, order_id, shipment_id, location_id, package_id, position, carrier_account_id, carrier, product, status, effect_id, attempts, barcode, asked, address, note, created_at, version) select gen_random_uuid(), shop_id, order_id, shipment_id, location_id, package_id, position, carrier_account_id, carrier, product, 'ordered', gen_random_uuid(), 1, '', 0, address, '', now(), 1 from shipments_label",
        "update shipments_label set status = 'void', voided_at = now()",
    ):
        with pytest.raises(IntegrityError), atomic():
            sql.execute(change)
    assert label(shipment)["status"] == "made"


def _together(*works: Callable[[], Any]) -> list[Any]:
    gate, found = threading.Barrier(len(works)), []

    def run(work: Callable[[], Any]) -> None:
        try:
            gate.wait(30)
            found.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_thirty_two_that_announce_and_label_at_once_make_one_parcel(house: Warehouse) -> None:
    shipment = house.waiting(2)

    def work() -> None:
        announce(shipment)
        ask(shipment)
        make()

    _together(*[work] * 32)
    hurry()
    make()
    assert [x["status"] for x in labels(shipment)] == ["made", "made"]
    assert house.double.charged == sorted(x["barcode"] for x in labels(shipment))
    healthy()


def test_thirty_two_that_label_and_cancel_at_once_print_nothing_of_what_is_cancelled(house: Warehouse) -> None:  # fmt: skip
    shipments = [house.waiting() for _ in range(8)]

    def label_it(key: UUID) -> Callable[[], None]:
        def work() -> None:
            announce(key)
            ask(key)
            make()

        return work

    _together(*[label_it(key) for key in shipments] * 3, *[lambda key=key: cancel(key) for key in shipments])  # type: ignore[misc]  # fmt: skip
    hurry()
    make()
    for shipment in shipments:
        assert {x["status"] for x in labels(shipment)} <= {"void"}
        assert printed(shipment) == ["shipment_cancelled"]
    healthy()


def test_somebody_who_was_faster_is_let_be(house: Warehouse) -> None:
    shipment = house.announced()
    ask(shipment)
    [(effect,)] = sql.fetch("select effect_id from shipments_label")
    with atomic():
        effects.begin_call(effect)
    assert make() == 0
    assert house.double.calls == []
    with pytest.raises(WrongState):
        shipping_labels([shipment], actor=build.TESTER)
