"""Boxes: a shop's list of them, the one that is proposed, and what a package keeps of the one that was chosen."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotAllowed, NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.flows.pack_shipments import PackedLine, PackItem, pack_shipments
from orderwerk.shipments.box_queries import box_sizes_detail, box_sizes_of_shop, proposed_box
from orderwerk.shipments.commands.set_box_sizes import (
    MOST_BOXES,
    BoxSizeItem,
    BoxSizesItem,
    set_box_sizes,
)
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.packing import PackageItem
from orderwerk.shipments.queries import shipment_detail
from tests import build

pytestmark = pytest.mark.django_db


def box(name: str, edge: int = 100, **fields: Any) -> BoxSizeItem:
    return BoxSizeItem(name=name, length_mm=edge, width_mm=edge, height_mm=edge, **fields)


def put(shop: str, *boxes: BoxSizeItem, actor: Actor = build.TESTER) -> Outcome:
    return set_box_sizes([BoxSizesItem(shop=shop, boxes=list(boxes))], actor=actor)[0]


def test_a_shop_has_the_boxes_that_were_set_last_in_their_order() -> None:
    world, other = build.world(stock=0), build.world(stock=0)
    put(other.shop, box("Theirs"))
    put(world.shop, box("Old"))

    assert put(world.shop, box("M", 300, weight_grams=120), box("S", 200)).require().data["boxes"] == 2  # fmt: skip

    found = box_sizes_of_shop(build.TESTER, world.shop)
    assert found.boxes == [box("M", 300, weight_grams=120), box("S", 200)]
    assert box_sizes_detail(build.TESTER, world.shop_id) == found
    assert [each.name for each in box_sizes_of_shop(build.TESTER, other.shop).boxes] == ["Theirs"]
    told = sql.fetch("select count(*) from core_event where kind = 'box_sizes.set' and shop_id = %s", (world.shop_id,))  # fmt: skip
    assert told == [(2,)]
    put(world.shop).require()
    assert box_sizes_of_shop(build.TESTER, world.shop).boxes == []


def test_two_boxes_of_one_name_are_refused_and_nothing_changes() -> None:
    world = build.world(stock=0)
    put(world.shop, box("S")).require()

    refused = put(world.shop, box("M"), box("L"), box("M", 400))

    assert refused.error is not None
    assert (refused.error.code, refused.error.pointer) == ("duplicate_box", "/boxes/2/name")
    assert box_sizes_of_shop(build.TESTER, world.shop).boxes == [box("S")]


def test_a_shop_has_no_more_boxes_than_fit_a_list() -> None:
    world = build.world()
    put(world.shop, *(box(f"B{n}") for n in range(MOST_BOXES))).require()

    refused = put(world.shop, *(box(f"C{n}") for n in range(MOST_BOXES + 1)))

    assert refused.error is not None
    assert refused.error.code == "too_many_boxes"
    assert len(box_sizes_of_shop(build.TESTER, world.shop).boxes) == MOST_BOXES


def test_nobody_sees_or_sets_the_boxes_of_another_shop() -> None:
    world, other = build.world(stock=0), build.world(stock=0)
    limited = build.limited(other.shop_id)

    refused = put(world.shop, box("S"), actor=limited)

    assert refused.error is not None
    assert refused.error.code == "unknown_shop"
    for read in (lambda: box_sizes_of_shop(limited, world.shop), lambda: box_sizes_detail(limited, world.shop_id)):  # fmt: skip
        with pytest.raises(NotFound):
            read()
    with pytest.raises(NotAllowed):
        put(world.shop, box("S"), actor=Actor("user", "x", location_ids=frozenset()))


@pytest.mark.parametrize("wrong", ["height_mm = 0", "weight_grams = -1", "max_weight_grams = 0", "position = 0", "name = 'S'"])  # fmt: skip
def test_the_database_keeps_no_box_that_is_none(wrong: str) -> None:
    world = build.world(stock=0)
    put(world.shop, box("S"), box("M"))

    with pytest.raises(IntegrityError), atomic():
        sql.execute(f"update shipments_box_size set {wrong} where name = 'M' and shop_id = %s", (world.shop_id,))  # fmt: skip


@pytest.mark.parametrize(
    ("grams", "name"),
    [(0, None), (1, "S"), (1000, "S"), (1001, "M"), (5000, "M"), (5001, "Any"), (90_000, "Any")],
)
def test_the_smallest_box_that_bears_the_weight_is_proposed(grams: int, name: str | None) -> None:
    boxes = [box("Any", 50), box("L", 400, max_weight_grams=5000), box("M", 300, max_weight_grams=5000), box("S", 200, max_weight_grams=1000)]  # fmt: skip

    found = proposed_box(boxes, grams)

    assert (found.name if found else None) == name
    assert proposed_box(boxes[1:], 5001) is None


def packages(shipment: UUID) -> list[tuple[str, int | None]]:
    found = shipment_detail(build.TESTER, shipment).parts.packages
    return [(package.box, package.length_mm) for package in found]


def test_a_package_keeps_the_box_that_it_was_packed_in() -> None:
    world = build.world(locations=1)
    put(world.shop, box("S", 200))
    [shipment] = build.shipments(world.place((world.skus[0], 1)))
    wanted = [PackageItem(box="S", length_mm=200, width_mm=200, height_mm=200), PackageItem()]
    update_shipments([UpdateShipmentItem(shipment_id=shipment, packages=wanted)], actor=build.TESTER)[0].require()  # fmt: skip
    again = update_shipments([UpdateShipmentItem(shipment_id=shipment, packages=wanted)], actor=build.TESTER)[0].require()  # fmt: skip
    assert again.data["changed"] == []
    assert packages(shipment) == [("S", 200), ("", None)]

    item = PackItem(shipment_id=shipment, contents=[PackedLine(sku=world.skus[0], quantity=1)], packages=wanted[:1])  # fmt: skip
    pack_shipments([item], actor=build.TESTER)[0].require()
    put(world.shop)

    assert packages(shipment) == [("S", 200)]
