"""Carriers that the merchant sets up: they are proposed, chosen, and say where parcels are followed."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.core import sql
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotAllowed, NotFound
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.letter_data import shipments_for_letters
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.schemas.goods import shipments as public
from orderwerk.shipments.carrier_queries import (
    CarrierFilters,
    all_carriers,
    carrier_by_code,
    carrier_detail,
    carrier_page,
)
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.set_shipping_rules import ShippingRulesItem, set_shipping_rules
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.shipments.queries import shipment_detail
from orderwerk.shipments.tracking_links import READY, check_template, tracking_link
from tests import build

pytestmark = pytest.mark.django_db
LINK = "https://follow.example/{code}-{country}-{postal_code}"


def set_up(code: str, **values: Any) -> Outcome:
    """Set a carrier up, or change it."""
    item = convert({"code": code, "name": f"Carrier {code}", **values}, CarrierItem)
    return upsert_carriers([item], actor=build.TESTER)[0]


def rule(world: build.World, *rules: dict[str, Any]) -> Outcome:
    """Set the shipping rules of a shop."""
    item = convert({"shop": world.shop, "rules": list(rules)}, ShippingRulesItem)
    return set_shipping_rules([item], actor=build.TESTER)[0]


def change(shipment: UUID, **values: Any) -> Outcome:
    """Change a shipment."""
    item = convert({"shipment_id": str(shipment), **values}, UpdateShipmentItem)
    return update_shipments([item], actor=build.TESTER)[0]


def refusal(outcome: Outcome) -> tuple[str, str | None]:
    """Code and pointer of a refusal."""
    assert outcome.error is not None
    return outcome.error.code, outcome.error.pointer


def at_once(statement: str, value: Any) -> None:
    """Run a statement with the rules that otherwise wait for the end of the transaction."""
    with atomic():
        sql.execute(statement, (value,))
        sql.execute("set constraints all immediate", ())


@pytest.fixture
def code() -> str:
    """A carrier with a link and two services."""
    made = f"carrier{build.serial()}"
    services = [{"code": "door", "name": "To the door"}, {"code": "box", "name": "Letter box"}]
    set_up(made, tracking_link=LINK, services=services).require()
    return made


@pytest.fixture
def world() -> build.World:
    """A shop with one location."""
    return build.world(locations=1)


def test_a_carrier_is_set_up_changed_and_switched_off(code: str) -> None:
    row = carrier_by_code(build.TESTER, code)
    assert (row.name, row.tracking_link, row.is_active, row.version) == (f"Carrier {code}", LINK, True, 1)  # fmt: skip
    assert [(s.code, s.name) for s in row.services] == [("door", "To the door"), ("box", "Letter box")]  # fmt: skip

    assert set_up(code).require().data["created"] is False
    assert carrier_detail(build.TESTER, row.id) == row  # nothing else was said, nothing changed
    set_up(code, is_active=False, services=[], version=1).require()

    off = carrier_by_code(build.TESTER, code)
    assert (off.is_active, off.services, off.tracking_link, off.version) == (False, [], LINK, 2)
    assert off in all_carriers(build.TESTER)
    assert off not in carrier_page(build.TESTER, CarrierFilters(is_active=True), limit=200).items
    told = sql.fetch("select payload from core_event where aggregate_id = %s order by id", (row.id,))  # fmt: skip
    assert [sql.from_json(payload)["code"] for (payload,) in told] == [code, code]


def test_wrong_carriers_are_refused_and_nothing_changes(code: str) -> None:
    two = [{"code": "a", "name": "A"}, {"code": "a", "name": "B"}]
    assert refusal(set_up(code, services=two)) == ("duplicate_service", "/services/1/code")
    assert refusal(set_up(code, version=0)) == ("carrier_exists", "/code")
    assert refusal(set_up(code, version=7)) == ("stale_carrier", "/version")
    assert refusal(set_up("manual")) == ("reserved_carrier", "/code")
    assert refusal(set_up(f"{code}-2", version=1)) == ("stale_carrier", "/version")
    assert refusal(set_up(code, tracking_link="https://x.example/")) == ("bad_tracking_link", "/tracking_link")  # fmt: skip
    assert carrier_by_code(build.TESTER, code).version == 1
    with pytest.raises(NotFound):
        carrier_by_code(build.TESTER, f"{code}-2")
    with pytest.raises(NotFound):
        carrier_detail(build.TESTER, new_id())
    with pytest.raises(NotAllowed):
        upsert_carriers([CarrierItem(code="x", name="x")], actor=build.limited(new_id()))


@pytest.mark.parametrize(
    "template",
    [
        "http://x.example/{code}", "javascript:alert(1)//{code}", "https://{code}/", "https://x.example/{name}/{code}", "//x.example/{code}",
        'https://x.example/"{code}', "https://x.example/{code}<", "https://a@x.example/{code}", "https://x.example/{code}{", "https://x.example/a",
        "https://x.example/{code} ", "https://x.example/{code}\n", "https://x.example/{{code}}", "https://x.example/({code})",
    ],
)  # fmt: skip
def test_a_link_that_leads_elsewhere_is_refused(code: str, template: str) -> None:
    assert refusal(set_up(code, tracking_link=template)) == ("bad_tracking_link", "/tracking_link")


def test_a_link_is_made_of_what_is_known_and_quoted() -> None:
    assert tracking_link(LINK, " 3S/&ä ", "1234 AB", "NL") == "https://follow.example/3S%2F%26%C3%A4-NL-1234AB"  # fmt: skip
    assert tracking_link(LINK, "", "1234 AB", "NL") == ""
    assert tracking_link(LINK, "3S", "", "NL") == ""
    assert tracking_link("", "3S", "1234 AB", "NL") == ""
    # A code that looks like a placeholder is a code.
    assert (
        tracking_link(LINK, "{country}", "1", "NL") == "https://follow.example/%7Bcountry%7D-NL-1"
    )
    check_template("")
    for each in READY:
        check_template(each.tracking_link)
        assert tracking_link(each.tracking_link, "X1", "1234AB", "NL").startswith("https://")
    assert {each.name for each in READY} >= {"PostNL", "DHL eCommerce"}


def test_a_rule_proposes_a_carrier_that_is_on_and_is_passed_over_when_it_is_off(
    world: build.World, code: str
) -> None:
    rule(
        world,
        {"name": "First", "carrier": code, "service": "door"},
        {"name": "Else", "service": "by bike"},
    ).require()

    def proposed() -> list[tuple[str, str]]:
        [key] = build.shipments(world.place((world.skus[0], 1)))
        return sql.fetch("select carrier, service from shipments_shipment where id = %s", (key,))  # type: ignore[return-value]

    assert proposed() == [(code, "door")]
    set_up(code, services=[{"code": "box", "name": "Letter box"}]).require()
    assert proposed() == [("manual", "by bike")]
    set_up(code, services=[]).require()
    assert proposed() == [(code, "door")]
    set_up(code, is_active=False).require()
    assert proposed() == [("manual", "by bike")]


def test_rules_name_only_what_is_set_up(world: build.World, code: str) -> None:
    fine = {"name": "Fine", "carrier": code}
    assert refusal(rule(world, fine, {"name": "x", "carrier": "pigeon"})) == ("unknown_carrier", "/rules/1/carrier")  # fmt: skip
    assert refusal(rule(world, {**fine, "service": "pallet"})) == ("unknown_service", "/rules/0/service")  # fmt: skip
    set_up(code, is_active=False).require()
    assert refusal(rule(world, fine)) == ("carrier_off", "/rules/0/carrier")
    rule(world, {"name": "x", "service": "whatever"}).require()


def test_a_carrier_that_is_off_leaves_the_rules_that_name_it_and_they_can_be_changed(
    world: build.World, code: str
) -> None:
    first, second = {"name": "NL", "carrier": code}, {"name": "BE", "carrier": code}
    rule(world, first, second).require()
    set_up(code, is_active=False).require()

    rule(world, second, first).require()
    rule(world, first, {**second, "name": "Belgium"}, {"name": "x"}).require()

    assert refusal(rule(world, first, {**second, "service": "door"})) == ("carrier_off", "/rules/1/carrier")  # fmt: skip
    rule(world, {"name": "x"}).require()
    assert refusal(rule(world, first)) == ("carrier_off", "/rules/0/carrier")


def test_a_shipment_takes_only_what_is_set_up_and_keeps_what_it_has(
    world: build.World, code: str
) -> None:
    [key] = build.shipments(world.place((world.skus[0], 1)))

    assert refusal(change(key, carrier="pigeon")) == ("unknown_carrier", "/carrier")
    assert refusal(change(key, carrier=code, service="pallet")) == ("unknown_service", "/service")
    change(key, service="free text").require()
    assert refusal(change(key, carrier=code)) == ("unknown_service", "/service")
    change(key, carrier=code, service="door").require()
    set_up(code, is_active=False).require()
    change(key, carrier=code, tracking_code="X").require()
    assert refusal(change(key, service="box")) == ("carrier_off", "/carrier")
    announce_shipments([AnnounceItem(shipment_id=key)], actor=build.TESTER)[0].require()
    change(key, carrier="manual", service="free text").require()


def test_what_is_not_set_up_stands_nowhere(world: build.World, code: str) -> None:
    [key] = build.shipments(world.place((world.skus[0], 1)))
    rule(world, {"name": "x"}).require()
    for wrong, value in (
        ("update shipments_shipment set carrier = 'pigeon' where id = %s", key),
        ("update shipments_rule set carrier = 'pigeon' where shop_id = %s", world.shop_id),
        ("update shipments_carrier set tracking_link = 'http://x.example/{code}' where code = %s", code),
        ("update shipments_carrier set services = '{}' where code = %s", code),
        ("update shipments_carrier set code = 'manual' where code = %s", code),
        ("update shipments_carrier set version = 0 where code = %s", code),
        ("update shipments_carrier set version = version + 1 where code = %s", code),
        ("delete from shipments_carrier where code = %s", code),
    ):  # fmt: skip
        with pytest.raises(IntegrityError):
            at_once(wrong, value)


def test_the_link_of_a_parcel_is_its_carriers_unless_one_was_typed(
    world: build.World, code: str
) -> None:
    address = {**world.json()["billing_address"], "postal_code": "1011 AB", "country": "NL"}
    order = world.place((world.skus[0], 1), delivery_address=address)
    [key] = build.shipments(order)

    def told() -> tuple[str, str, str]:
        row = shipment_detail(build.TESTER, key).shipment
        [shown], letter = public([row]), shipments_for_letters([key])[key]
        return row.tracking_link, shown.tracking_url, letter["tracking_url"]

    change(key, carrier=code, service="door").require()
    assert told() == ("", "", "")
    ship_shipments([ShipItem(shipment_id=key, tracking_code="3S 1")], actor=build.TESTER)[0].require()  # fmt: skip
    row = shipment_detail(build.TESTER, key).shipment
    assert (row.carrier_name, row.service_name) == (f"Carrier {code}", "To the door")
    assert shipments_for_letters([key])[key]["carrier_name"] == f"Carrier {code}"
    assert told() == ("https://follow.example/3S%201-NL-1011AB",) * 3
    set_up(code, is_active=False).require()
    assert told() == ("https://follow.example/3S%201-NL-1011AB",) * 3
    change(key, tracking_url="https://typed.example/1").require()
    assert told() == ("https://typed.example/1",) * 3
