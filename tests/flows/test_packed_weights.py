"""What the packing table weighs asks the rules of shipping again, unless somebody chose, or a label was made."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.core.decode import convert
from orderwerk.core.outcome import Outcome
from orderwerk.flows.pack_shipments import PackedLine, PackItem, pack_shipments
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.shipments.packing import PackageItem
from tests import build
from tests.flows.test_shipping_rules import rules
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> build.World:
    """A shop whose articles nobody weighed, with a rule for what is light and one for what is heavy."""
    built = build.world(locations=1)
    carrier = convert(
        {"code": "post", "name": "Post", "services": [{"code": "box", "name": "Box"}, {"code": "air", "name": "Air"}]}, CarrierItem,
    )  # fmt: skip
    upsert_carriers([carrier], actor=build.TESTER)[0].require()
    rules(
        built,
        {"name": "Light", "max_weight_grams": 1000, "carrier": "post", "service": "box"},
        {"name": "Heavy", "min_weight_grams": 1001, "service": "pallet"},
    ).require()
    return built


def opened(world: build.World) -> UUID:
    """A shipment of one piece."""
    [shipment] = build.shipments(world.place((world.skus[0], 1)))
    return shipment


def packed(world: build.World, shipment: UUID, *grams: int | None, **fields: Any) -> Outcome:
    """Pack it into packages of these weights."""
    lines = [PackedLine(sku=world.skus[0], quantity=1)]
    packages = [PackageItem(weight_grams=n) for n in grams]
    item = PackItem(shipment_id=shipment, contents=lines, packages=packages, **fields)
    return pack_shipments([item], actor=build.TESTER)[0]


def way(shipment: UUID) -> tuple[str, str, str]:
    """Status, carrier and service of a shipment."""
    [row] = sql.fetch("select status, carrier, service from shipments_shipment where id = %s", (shipment,))  # fmt: skip
    return row[0], row[1], row[2]


def changes(shipment: UUID) -> list[Any]:
    """What the history says was changed of it."""
    rows = sql.fetch("select payload -> 'changes' from core_event where aggregate_id = %s and kind = 'shipment.updated' order by id", (shipment,))  # fmt: skip
    return [sql.from_json(row[0]) for row in rows]


@pytest.mark.parametrize(
    ("grams", "goes"),
    [
        ((900,), ("post", "box")),
        ((500, 400), ("post", "box")),
        ((900, 200), ("manual", "pallet")),
        # A package that nobody weighed may weigh anything.
        ((900, None), ("manual", "")),
        ((None,), ("manual", "")),
    ],
)
def test_the_weight_of_all_packages_together_decides(
    world: build.World, grams: tuple[int | None, ...], goes: tuple[str, str]
) -> None:
    shipment = opened(world)
    assert way(shipment) == ("open", "manual", "")

    outcome = packed(world, shipment, *grams).require()

    assert way(shipment) == ("shipped", *goes)
    said = (outcome.data.get("carrier"), outcome.data.get("service"))
    assert said == (goes if goes != ("manual", "") else (None, None))
    assert len(changes(shipment)) == (goes != ("manual", ""))
    sound()


def test_a_weight_that_is_only_proposed_is_kept_and_asks_no_rules(world: build.World) -> None:
    shipment = opened(world)

    outcome = packed(world, shipment, 900, 200, is_weighed=False).require()

    assert way(shipment) == ("shipped", "manual", "")
    assert "carrier" not in outcome.data
    kept = sql.fetch("select weight_grams from shipments_package where shipment_id = %s order by position", (shipment,))  # fmt: skip
    assert kept == [(900,), (200,)]


def test_what_somebody_chose_before_or_at_the_table_stays(world: build.World) -> None:
    before, there, same, service = (opened(world) for _ in range(4))
    chosen = UpdateShipmentItem(shipment_id=before, carrier="post", service="air")
    update_shipments([chosen], actor=build.TESTER)[0].require()

    packed(world, before, 900).require()
    packed(world, there, 900, carrier="post", service="air").require()
    # Chosen as it stood is chosen too.
    packed(world, same, 900, carrier="manual").require()
    packed(world, service, 900, service="by bike").require()

    assert [way(key)[1:] for key in (before, there, same, service)] == [
        ("post", "air"), ("post", "air"), ("manual", ""), ("manual", "by bike"),
    ]  # fmt: skip
    assert changes(there) == [{"carrier": ["manual", "post"], "service": ["", "air"]}]
    assert changes(same) == []


def test_what_is_refused_goes_no_other_way(world: build.World) -> None:
    shipment = opened(world)
    unknown = packed(world, shipment, 900, carrier="post", service="submarine")
    nobody = packed(world, shipment, 900, carrier="nobody")
    [order] = sql.fetch("select order_id from shipments_shipment where id = %s", (shipment,))[0]
    hold_orders([HoldItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    held = packed(world, shipment, 900, carrier="post", service="air")
    light = packed(world, shipment, 900)

    codes = [each.error and each.error.code for each in (unknown, nobody, held, light)]
    assert codes == ["unknown_service", "unknown_carrier", "on_hold", "on_hold"]
    assert way(shipment) == ("open", "manual", "")


def test_a_parcel_with_a_label_goes_as_its_label_says() -> None:
    world = build.world(locations=1)
    shipment = build.parcel_labelled(world)
    [(carrier, sku, quantity)] = sql.fetch(
        "select h.carrier, p.sku, l.quantity from shipments_shipment h join shipments_line l on l.shipment_id = h.id "
        "join catalog_product p on p.id = l.product_id where h.id = %s",
        (shipment,),
    )
    rules(world, {"name": "All", "service": "pallet"}).require()
    said = {
        "shipment_id": shipment, "contents": [PackedLine(sku=sku, quantity=quantity)], "packages": [PackageItem(weight_grams=900)],
    }  # fmt: skip

    refused = pack_shipments([PackItem(**said, carrier="manual", service="")], actor=build.TESTER)[0]  # fmt: skip
    pack_shipments([PackItem(**said)], actor=build.TESTER)[0].require()

    assert refused.error is not None
    assert refused.error.code == "label_in_use"
    assert way(shipment)[1] == carrier


def test_what_bears_a_label_of_somebody_else_keeps_the_carrier_of_that_label(
    world: build.World,
) -> None:
    scanned, known, of_package = (opened(world) for _ in range(3))
    codes = [
        UpdateShipmentItem(shipment_id=known, tracking_code="3SKNOWN"),
        UpdateShipmentItem(shipment_id=of_package, packages=[PackageItem(tracking_code="3SPACKAGE")]),
    ]  # fmt: skip
    for outcome in update_shipments(codes, actor=build.TESTER):
        outcome.require()
    lines = [PackedLine(sku=world.skus[0], quantity=1)]
    parcels = [PackageItem(weight_grams=1100, tracking_code="3SABC")]

    pack_shipments([PackItem(shipment_id=scanned, contents=lines, packages=parcels)], actor=build.TESTER)[0].require()  # fmt: skip
    packed(world, known, 1100).require()
    packed(world, of_package, 1100).require()

    ways = [way(key) for key in (scanned, known, of_package)]
    assert ways == [("shipped", "manual", "")] * 3


def test_an_announced_shipment_keeps_the_carrier_that_was_told(world: build.World) -> None:
    shipment = opened(world)
    announce_shipments([AnnounceItem(shipment_id=shipment)], actor=build.TESTER)[0].require()

    packed(world, shipment, 1100).require()

    assert way(shipment) == ("shipped", "manual", "")


def test_many_packages_may_weigh_more_than_a_small_number_holds(world: build.World) -> None:
    shipment = opened(world)

    packed(world, shipment, *[100_000_000] * 22).require()

    assert way(shipment) == ("shipped", "manual", "pallet")


def test_the_choice_of_a_second_item_that_is_refused_is_not_carried_out(
    world: build.World,
) -> None:
    chosen, weighed = opened(world), opened(world)
    first = {"contents": [PackedLine(sku=world.skus[0], quantity=1)], "packages": [PackageItem(weight_grams=900)]}  # fmt: skip
    second = {**first, "carrier": "post", "service": "air"}
    items = [
        PackItem(shipment_id=chosen, **first, carrier="post", service="box"), PackItem(shipment_id=chosen, **second),
        PackItem(shipment_id=weighed, **first), PackItem(shipment_id=weighed, **second),
    ]  # fmt: skip

    outcomes = pack_shipments(items, actor=build.TESTER)

    assert [outcome.ok for outcome in outcomes] == [True, False] * 2
    assert [way(key) for key in (chosen, weighed)] == [("shipped", "post", "box")] * 2
