"""Carrier and service are proposed by the first rule that fits when a shipment is opened."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.core.decode import convert
from orderwerk.core.errors import BadInput
from orderwerk.core.outcome import Outcome
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.shipments.commands.set_shipping_rules import (
    MOST_RULES,
    ShippingRuleItem,
    ShippingRulesItem,
    set_shipping_rules,
)
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.packing import PackageItem
from orderwerk.shipments.rule_queries import shipping_rules_of_shop
from tests import build

pytestmark = pytest.mark.django_db


def rules(world: build.World, *wanted: dict[str, Any]) -> Outcome:
    """Set the rules of a shop."""
    item = convert({"shop": world.shop, "rules": list(wanted)}, ShippingRulesItem)
    return set_shipping_rules([item], actor=build.TESTER)[0]


def service(order: UUID) -> list[str]:
    """The services of an order's shipments."""
    rows = sql.fetch("select service from shipments_shipment where order_id = %s order by id", (order,))  # fmt: skip
    return [row[0] for row in rows]


@pytest.fixture
def world() -> build.World:
    """A shop whose articles weigh a kilogram, with a rule for everything that can be asked."""
    built = build.world(locations=1, currency="EUR")
    upsert_products([ProductItem(sku=sku, name="x", weight_grams=1000) for sku in built.skus], actor=build.TESTER)  # fmt: skip
    rules(
        built,
        {"name": "Belgium", "countries": ["BE"], "service": "abroad"},
        {"name": "Letter box", "methods": ["letter"], "service": "letter"},
        {"name": "Pallet", "min_weight_grams": 5000, "service": "pallet"},
        {"name": "Insured", "min_value": "25.00", "max_value": "40.00", "service": "insured"},
        {"name": "Others", "max_weight_grams": 1000, "service": "small"},
    ).require()
    return built


@pytest.mark.parametrize(
    ("pieces", "fields", "expected"),
    [
        (1, {}, "small"),
        (2, {}, ""),
        (3, {}, "insured"),
        (6, {}, "pallet"),
        (1, {"country": "BE"}, "abroad"),
        (1, {"method": "letter"}, "letter"),
    ],
)
def test_the_first_rule_that_fits_proposes(
    world: build.World, pieces: int, fields: dict[str, str], expected: str
) -> None:
    more: dict[str, Any] = {}
    if "country" in fields:
        address = world.json()["billing_address"]
        more["delivery_address"] = {**address, "country": fields["country"]}
    if "method" in fields:
        more["shipping"] = {"method": fields["method"], "name": "x", "price": "0.00", "tax_rate": "21.00"}  # fmt: skip

    assert service(world.place((world.skus[0], pieces), **more)) == [expected]


def test_a_shipment_that_is_opened_later_asks_the_rules_too(world: build.World) -> None:
    order = world.place((world.skus[0], 101))
    world.count(world.locations[0], {world.skus[0]: 101})
    later = world.place((world.skus[0], 1))
    world.count(world.locations[0], {world.skus[0]: 102})

    allocate_orders([AllocateItem(order_id=later)], actor=build.TESTER)[0].require()

    assert service(order) == ["pallet"]
    assert service(later) == ["small"]


@pytest.mark.parametrize("chosen", [False, True])
def test_what_a_shipment_holds_later_is_proposed_for_again_unless_somebody_chose(
    world: build.World, chosen: bool
) -> None:
    sku, place = world.skus[0], world.locations[0]
    world.count(place, {sku: 1})
    order = world.place((sku, 6))
    [shipment] = build.shipments(order)
    assert service(order) == ["small"]
    if chosen:
        wish = UpdateShipmentItem(shipment_id=shipment, service="mine")
        update_shipments([wish], actor=build.TESTER)[0].require()
    world.count(place, {sku: 6})
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()
    assert service(order) == ["mine" if chosen else "pallet"]

    rows = sql.fetch("select id, quantity from shipments_line where shipment_id = %s and is_live", (shipment,))  # fmt: skip
    rest = [SplitLine(shipment_line_id=key, quantity=n) for key, n in rows if n > 1]
    split = SplitShipmentItem(shipment_id=shipment, lines=rest)
    part = split_shipments([split], actor=build.TESTER)[0].require().id
    assert part is not None
    assert service(order) == (["mine", "mine"] if chosen else ["small", "pallet"])
    merge = MergeShipmentsItem(shipment_ids=[shipment, part])
    merge_shipments([merge], actor=build.TESTER)[0].require()
    assert service(order)[0] == ("mine" if chosen else "pallet")
    told = sql.fetch("select payload -> 'changes' -> 'service' from core_event where kind = 'shipment.updated' and aggregate_id = %s order by seq", (shipment,))  # fmt: skip
    assert len(told) == (1 if chosen else 3)


@pytest.mark.parametrize(
    "label",
    [
        {"tracking_code": "3STYPED"},
        {"packages": [PackageItem(), PackageItem(tracking_code="3SPACKAGE")]},
    ],
)
def test_a_shipment_that_bears_a_code_keeps_the_carrier_of_that_label_when_more_comes_into_it(
    world: build.World, label: dict[str, Any]
) -> None:
    sku, place = world.skus[0], world.locations[0]
    world.count(place, {sku: 1})
    order = world.place((sku, 6))
    [shipment] = build.shipments(order)
    printed = UpdateShipmentItem(shipment_id=shipment, **label)
    update_shipments([printed], actor=build.TESTER)[0].require()
    world.count(place, {sku: 6})

    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()

    assert build.shipments(order) == [shipment]
    assert service(order) == ["small"]


def test_a_rule_up_to_a_weight_is_not_for_what_nobody_weighed(world: build.World) -> None:
    upsert_products([ProductItem(sku="unweighed", name="x")], actor=build.TESTER)[0].require()
    world.count(world.locations[0], {"unweighed": 10})
    assert service(world.place(("unweighed", 1))) == [""]
    assert service(world.place(("unweighed", 1), (world.skus[0], 5))) == ["pallet"]


def test_a_value_in_another_currency_fits_no_rule_by_value(world: build.World) -> None:
    rules(
        world,
        {"name": "From", "min_value": "25.00", "service": "from"},
        {"name": "To", "max_value": "40.00", "service": "to"},
        {"name": "All", "service": "all"},
    ).require()

    assert service(world.place((world.skus[0], 3))) == ["from"]
    assert service(world.place((world.skus[0], 1))) == ["to"]
    assert service(world.place((world.skus[0], 3), currency="USD")) == ["all"]
    assert service(world.place((world.skus[0], 1), currency="USD")) == ["all"]


def test_other_shops_and_shops_without_rules_have_no_proposal(world: build.World) -> None:
    assert service(build.world().place()) == [""]
    rules(world).require()
    assert service(world.place()) == [""]


def test_rules_are_read_as_they_were_set(world: build.World) -> None:
    [first, *_, fourth, last] = shipping_rules_of_shop(build.TESTER, world.shop).rules

    assert (first.countries, fourth.min_value, last.max_weight_grams) == (["BE"], "25.00", 1000)


@pytest.mark.parametrize(
    ("wrong", "code", "pointer"),
    [
        ({"carrier": "pigeon"}, "unknown_carrier", "/rules/0/carrier"),
        ({"min_value": "1.005"}, "too_precise", "/rules/0/min_value"),
        ({"min_weight_grams": 5, "max_weight_grams": 4}, "empty_bounds", "/rules/0"),
        ({"min_value": "5.00", "max_value": "4.00"}, "empty_bounds", "/rules/0"),
    ],
)
def test_wrong_rules_are_refused_and_nothing_changes(
    world: build.World, wrong: dict[str, Any], code: str, pointer: str
) -> None:
    refused = rules(world, {"name": "x", **wrong}).error

    assert isinstance(refused, BadInput)
    assert refused.pointer == pointer
    assert refused.code in {code, "invalid_amount", "too_many_decimals", "amount_too_precise"}
    assert len(shipping_rules_of_shop(build.TESTER, world.shop).rules) == 5
    strange = convert({"shop": "nobody", "rules": []}, ShippingRulesItem)
    assert set_shipping_rules([strange], actor=build.TESTER)[0].error is not None


def test_more_rules_than_fit_a_list_are_refused_however_they_come(world: build.World) -> None:
    rule = convert({"name": "All", "carrier": "manual"}, ShippingRuleItem)
    item = ShippingRulesItem(shop=world.shop, rules=[rule] * (MOST_RULES + 1))
    before = shipping_rules_of_shop(build.TESTER, world.shop)

    refused = set_shipping_rules([item], actor=build.TESTER)[0]

    assert refused.error is not None
    assert (refused.error.code, refused.error.pointer) == ("too_many_shipping_rules", "/rules")
    assert shipping_rules_of_shop(build.TESTER, world.shop) == before
