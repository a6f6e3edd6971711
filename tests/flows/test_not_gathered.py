"""An order that a rule wants in one parcel and that cannot be gathered says why; what travels says where."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.explain import not_gathered
from orderwerk.allocations.rules import Rule
from orderwerk.allocations.transfer_queries import is_only_travelling, on_the_way, why_not_gathered
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.core import sql
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.consolidate_orders import ConsolidateItem, consolidate_orders
from orderwerk.flows.gather_split import gather_split_orders
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.routes import ROUTES
from tests import build
from tests.portal.tokens import own_token

pytestmark = pytest.mark.django_db


def split() -> tuple[build.World, UUID]:
    """An order whose rule wants it in one parcel, and that lies at two of three locations."""
    world = build.world(locations=3, stock=0, products=2)
    rule = Rule(name="One parcel", split="gather")
    set_routing_rules([RoutingItem(shop=world.shop, rules=[rule])], actor=build.TESTER)[0].require()
    world.count(world.locations[0], {world.skus[0]: 9})
    world.count(world.locations[1], {world.skus[1]: 9})
    return world, world.place((world.skus[0], 1), (world.skus[1], 2))


def asked(order: UUID) -> int:
    rows = sql.fetch("select id from core_event where order_id = %s and kind = 'order.to_gather'", (order,))  # fmt: skip
    return gather_split_orders([row[0] for row in rows])


def told(order: UUID) -> list[dict[str, Any]]:
    rows = sql.fetch("select payload from core_event where order_id = %s and kind = 'order.not_gathered' order by id", (order,))  # fmt: skip
    return [sql.from_json(row[0]) for row in rows]


def gather(order: UUID, to: str) -> None:
    consolidate_orders([ConsolidateItem(order_id=order, to=to)], actor=build.TESTER)[0].require()


def test_an_order_on_hold_is_not_gathered_and_says_so_once() -> None:
    world, order = split()
    hold_orders([HoldItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()

    assert (asked(order), asked(order)) == (0, 0)

    assert told(order) == [{"rule": "One parcel", "code": "order_on_hold", "to": world.locations[1]}]  # fmt: skip
    assert why_not_gathered(order) == ("One parcel", "order_on_hold")
    assert not_gathered("One parcel", "order_on_hold") == (
        "Rule One parcel wants the order gathered at one location. That was not done: it is on hold."
    )
    assert "may not travel now" in not_gathered("x", "anything")


def released(order: UUID) -> int:
    release_orders([ReleaseOrderItem(order_id=order)], actor=build.TESTER)[0].require()
    rows = sql.fetch("select id from core_event where order_id = %s and kind = 'order.released'", (order,))  # fmt: skip
    return gather_split_orders([row[0] for row in rows])


def test_the_release_of_a_hold_gathers_what_stayed_because_of_it() -> None:
    _, order = split()
    hold_orders([HoldItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    assert asked(order) == 0

    assert (released(order), asked(order)) == (1, 0)

    assert len(told(order)) == 1
    assert on_the_way(build.TESTER, order).lines
    assert ROUTES["order.released"] == ("orders.gather",)


def test_a_release_gathers_nothing_that_no_rule_or_another_reason_keeps_apart() -> None:
    world, order = split()
    hold_orders([HoldItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    # Nobody has tried yet: that is the task of the event that asks for it.
    assert released(order) == 0
    set_routing_rules([RoutingItem(shop=world.shop, groups=[])], actor=build.TESTER)[0].require()
    other = world.place((world.skus[0], 1), (world.skus[1], 2))
    hold_orders([HoldItem(order_id=other, reason="x")], actor=build.TESTER)[0].require()

    assert released(other) == 0
    assert told(other) == []


def test_what_is_being_picked_stays_and_the_order_says_so() -> None:
    world, order = split()
    for place in world.locations[:2]:
        [shipment] = [row[0] for row in sql.fetch("select s.id from shipments_shipment s join stock_location l on l.id = s.location_id where s.order_id = %s and l.code = %s", (order, place))]  # fmt: skip
        create_pick_lists([CreatePickListItem(location=place, shipment_ids=[shipment])], actor=build.TESTER)[0].require()  # fmt: skip

    assert asked(order) == 0

    assert [each["code"] for each in told(order)] == ["nothing_elsewhere"]


def test_what_comes_after_pieces_set_out_for_another_place_says_where_it_stays() -> None:
    world, _ = split()
    order = world.place((world.skus[0], 1), (world.skus[1], 9))
    gather(order, world.locations[2])
    assert why_not_gathered(order) is None
    world.count(world.locations[0], {world.skus[1]: 5})
    allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)[0].require()

    assert asked(order) == 0

    assert [each["code"] for each in told(order)] == ["consolidated_elsewhere"]


def test_nothing_is_told_where_all_lies_at_one_location_by_now() -> None:
    world, order = split()
    gather(order, world.locations[0])

    assert asked(order) == 0
    assert told(order) == []


def test_a_line_says_what_of_it_is_on_its_way_and_what_waits() -> None:
    world, order = split()
    assert on_the_way(build.TESTER, order).lines == {}
    assert is_only_travelling(build.TESTER, order) is False

    gather(order, world.locations[0])

    second = build.order_lines(order)[1]
    found = on_the_way(build.TESTER, order)
    [pieces] = found.lines[second]
    assert (pieces.origin_name, pieces.location_name, pieces.units) == (world.locations[1], world.locations[0], 2)  # fmt: skip
    assert not any(found.waiting.values())
    assert is_only_travelling(build.TESTER, order)


def test_a_kit_waits_for_the_parts_that_do_not_travel() -> None:
    world = build.world(stock=0, products=3)
    sku = f"KIT{build.serial()}"
    components = [ComponentItem(sku=world.skus[0], quantity=1), ComponentItem(sku=world.skus[1], quantity=2)]  # fmt: skip
    upsert_products([ProductItem(sku=sku, name="Set", components=components)], actor=build.TESTER)[0].require()  # fmt: skip
    world.count(world.locations[0], {world.skus[0]: 3})
    world.count(world.locations[1], {world.skus[1]: 3})
    order = world.place((sku, 3))

    gather(order, world.locations[0])

    [line] = build.order_lines(order)
    found = on_the_way(build.TESTER, order)
    # Six parts are wanted and three travel: two of the three kits lack some.
    assert ([p.units for p in found.lines[line]], found.waiting) == ([3], {line: 2})
    assert is_only_travelling(build.TESTER, order) is False


def test_the_customer_reads_that_the_order_is_brought_together(client: Client) -> None:
    world, order = split()
    gather(order, world.locations[0])

    page = client.get(f"/track/{own_token(order)}?lang=en").content.decode()

    assert "We are bringing your order together" in page
    assert world.locations[1] not in page
