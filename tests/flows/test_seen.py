"""Settings that two people change at once: who has not seen the last change is refused, and nothing of his is kept."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.groups import Group
from orderwerk.allocations.rule_queries import routing_of_shop
from orderwerk.core import decode, sql
from orderwerk.core.errors import Refusal
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.queries import PolicyFilters, policy_page
from orderwerk.shipments.box_queries import box_sizes_of_shop
from orderwerk.shipments.commands.set_box_sizes import BoxSizesItem, set_box_sizes
from orderwerk.shipments.commands.set_shipping_rules import ShippingRulesItem, set_shipping_rules
from orderwerk.shipments.rule_queries import shipping_rules_of_shop
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations
from orderwerk.stock.queries import LocationRow, location_page
from tests import build

pytestmark = pytest.mark.django_db


def _now(statement: str) -> None:
    """Run a statement with everything that would be checked at the end of its transaction."""
    sql.execute(statement)
    sql.execute("set constraints all immediate")


def _told(refusal: Refusal | None) -> tuple[str, str, str]:
    assert refusal is not None
    return refusal.family, refusal.code, refusal.pointer


def test_routing_rules_that_somebody_changed_meanwhile_are_not_overwritten() -> None:
    world = build.world()

    def put(name: str, version: int | None, *, draft: bool = False) -> Refusal | None:
        item = RoutingItem(shop=world.shop, groups=[Group(name=name)], is_draft=draft, version=version)  # fmt: skip
        return set_routing_rules([item], actor=build.TESTER)[0].error

    def names() -> tuple[list[str], list[str]]:
        row = routing_of_shop(build.TESTER, world.shop)
        return [g.name for g in row.groups], [g.name for g in row.draft or []]

    assert _told(put("Early", 1)) == ("conflict", "stale_rules", "/version")
    assert put("First", 0) is None
    assert _told(put("Second", 0)) == ("conflict", "stale_rules", "/version")
    assert put("Draft", 1, draft=True) is None
    assert put("Draft of another", 1, draft=True) is not None
    # What is put into force is what was looked at, not what somebody has made of it since.
    assert put("Draft", 1) is not None
    assert names() == (["First"], ["Draft"])
    assert put("Without", None) is None
    assert names() == (["Without"], [])
    items = [RoutingItem(shop=world.shop, groups=[], version=3)] * 2
    assert [o.ok for o in set_routing_rules(items, actor=build.TESTER)] == [True, False]


def _location(code: str) -> LocationRow:
    return location_page(build.TESTER, code=code).items[0]


def _set_up(code: str, **given: Any) -> Refusal | None:
    item = decode.convert({"code": code, "name": code} | given, LocationItem)
    return set_up_locations([item], actor=build.TESTER)[0].error


def test_a_location_that_somebody_changed_meanwhile_is_not_overwritten() -> None:
    world = build.world()
    code = world.locations[0]
    seen = _location(code).version

    assert _set_up(code, daily_capacity=5, version=seen) is None
    assert _told(_set_up(code, daily_capacity=9, shops=[], version=seen)) == ("conflict", "stale_location", "/version")  # fmt: skip

    row = _location(code)
    assert (row.daily_capacity, row.shops, row.version) == (5, [world.shop], seen + 1)
    assert _set_up(code, daily_capacity=9, version=row.version) is None
    assert _set_up(code, daily_capacity=10) is None
    # What changes nothing is no new version: both may have seen the same.
    assert _set_up(code, daily_capacity=10, version=seen + 3) is None
    assert _location(code).version == seen + 3


def test_shops_of_a_location_count_as_a_change_of_it() -> None:
    world, other = build.world(), build.world()
    code = world.locations[0]
    seen = _location(code).version

    assert _set_up(code, shops=[world.shop, other.shop], version=seen) is None
    assert _told(_set_up(code, shops=[world.shop], version=seen))[1] == "stale_location"

    assert (_location(code).shops, _location(code).version) == (
        sorted([world.shop, other.shop]),
        seen + 1,
    )
    again = [LocationShops(location=code, shops=[other.shop, world.shop]), LocationShops(location=code, shops=[world.shop])]  # fmt: skip
    assert all(o.ok for o in link_locations(again, actor=build.TESTER))
    assert (_location(code).shops, _location(code).version) == ([world.shop], seen + 2)
    [(kinds,)] = sql.fetch(
        "select array_agg(kind order by seq) from core_event where aggregate_id = %s and seq > %s",
        (world.location_ids[code], seen),
    )
    assert kinds == ["shop.locations_set"] * 2


def test_a_new_location_takes_nobodys_code() -> None:
    world = build.world()
    code = world.locations[0]

    assert _told(_set_up(code, shops=[], version=0)) == ("conflict", "location_exists", "/code")
    assert _told(_set_up("brand-new", version=1)) == ("conflict", "stale_location", "/version")
    items = [LocationData(code="brand-new", name=name, version=0) for name in ("One", "Two")]
    made = upsert_locations(items, actor=build.TESTER)

    assert [o.ok for o in made] == [True, False]
    assert (_location("brand-new").name, _location(code).shops) == ("One", [world.shop])


def test_shipping_rules_that_somebody_changed_meanwhile_are_not_overwritten() -> None:
    world, other = build.world(), build.world()

    def put(name: str | None, version: int | None, shop: str = world.shop) -> Refusal | None:
        rules = [{"name": name}] if name else []
        item = decode.convert({"shop": shop, "rules": rules, "version": version}, ShippingRulesItem)
        return set_shipping_rules([item], actor=build.TESTER)[0].error

    assert _told(put("Early", 1)) == ("conflict", "stale_rules", "/version")
    assert put("First", 0) is None
    assert _told(put("Second", 0)) == ("conflict", "stale_rules", "/version")
    # Taking all out is a change too: the version goes on.
    assert put(None, 1) is None
    assert _told(put("Third", 1)) == ("conflict", "stale_rules", "/version")
    assert put("Third", None) is None
    assert put("Elsewhere", 0, other.shop) is None

    row = shipping_rules_of_shop(build.TESTER, world.shop)
    assert ([rule.name for rule in row.rules], row.version) == (["Third"], 3)
    # In one call each meets what the one before has left.
    items = [decode.convert({"shop": world.shop, "rules": [], "version": n}, ShippingRulesItem) for n in (3, 3, 4)]  # fmt: skip
    told = [o.error and o.error.code for o in set_shipping_rules(items, actor=build.TESTER)]
    assert told == [None, "stale_rules", None]
    assert shipping_rules_of_shop(build.TESTER, world.shop).version == 5


def test_boxes_that_somebody_changed_meanwhile_are_not_overwritten() -> None:
    world, other = build.world(), build.world()
    size = {"length_mm": 300, "width_mm": 200, "height_mm": 100}

    def put(name: str | None, version: int | None, shop: str = world.shop) -> Refusal | None:
        boxes = [{"name": name, **size}] if name else []
        item = decode.convert({"shop": shop, "boxes": boxes, "version": version}, BoxSizesItem)
        return set_box_sizes([item], actor=build.TESTER)[0].error

    assert _told(put("Early", 1)) == ("conflict", "stale_boxes", "/version")
    assert put("First", 0) is None
    assert _told(put("Second", 0)) == ("conflict", "stale_boxes", "/version")
    assert put(None, 1) is None
    assert put("Third", None) is None
    assert put("Elsewhere", 0, other.shop) is None

    row = box_sizes_of_shop(build.TESTER, world.shop)
    assert ([box.name for box in row.boxes], row.version) == (["Third"], 3)
    items = [decode.convert({"shop": world.shop, "boxes": [], "version": n}, BoxSizesItem) for n in (3, 3, 4)]  # fmt: skip
    told = [o.error and o.error.code for o in set_box_sizes(items, actor=build.TESTER)]
    assert told == [None, "stale_boxes", None]
    # Who keeps a version without saying what became of it, or forgets it, is stopped by the database.
    for wrong in ("update shipments_boxes set version = 0", "update shipments_boxes set version = version + 1", "delete from shipments_boxes"):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            _now(wrong)


def test_rules_for_returns_that_somebody_changed_meanwhile_are_not_overwritten() -> None:
    world, other = build.world(), build.world()

    def put(fee: str, version: int | None, shop: str = world.shop) -> Refusal | None:
        item = PolicyItem(shop=shop, fee=fee, version=version)
        return set_return_policies([item], actor=build.TESTER)[0].error

    assert _told(put("1.00", 1)) == ("conflict", "stale_rules", "/version")
    assert put("1.00", 0) is None
    assert _told(put("2.00", 0)) == ("conflict", "stale_rules", "/version")
    # Nothing changed: nobody's version is out of date by it.
    assert put("1.00", 1) is None
    assert put("2.00", 1) is None
    assert put("3.00", None) is None
    assert put("9.00", 0, other.shop) is None
    # In one call each meets what the one before has left.
    items = [PolicyItem(shop=world.shop, fee=fee, version=n) for fee, n in (("4.00", 3), ("8.00", 3), ("5.00", 4))]  # fmt: skip
    told = [o.error and o.error.code for o in set_return_policies(items, actor=build.TESTER)]

    assert told == [None, "stale_rules", None]
    [row] = policy_page(build.TESTER, PolicyFilters(shop=world.shop)).items
    assert (row.fee_minor, row.version) == (500, 5)
    with (
        pytest.raises(IntegrityError, match="return_requests_policy_version"),
        transaction.atomic(),
    ):
        sql.execute("update return_requests_policy set version = 0")
