"""What lies in which package of a parcel is kept of all orders in it, as long as it lies there."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.core import ids, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.pack_shipments import PackedLine, PackItem, pack_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.release_pick_lists import ReleasePickListItem, release_pick_lists
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.combine import (
    CombineShipmentsItem,
    SeparateShipmentItem,
    combine_shipments,
    separate_shipments,
)
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.packing import PackageItem, PackedItem
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.flows.test_combined_parcels import code, ship, statuses, together
from tests.flows.test_regroup import healthy

pytestmark = pytest.mark.django_db


def line_of(shipment: UUID, sku: str) -> UUID:
    lines = shipment_detail(build.TESTER, shipment).parts.lines
    [key] = [line.id for line in lines if line.sku == sku]
    return key


def package(*pieces: tuple[UUID, int]) -> PackageItem:
    return PackageItem(contents=[PackedItem(shipment_line_id=key, quantity=n) for key, n in pieces])


def say(shipment: UUID, *packages: PackageItem) -> Outcome:
    item = UpdateShipmentItem(shipment_id=shipment, packages=list(packages))
    return update_shipments([item], actor=build.TESTER)[0]


def told(shipment: UUID) -> list[dict[str, int]]:
    """What lies in each package, by article."""
    packages = shipment_detail(build.TESTER, shipment).parts.packages
    found: list[dict[str, int]] = []
    for each in packages:
        lies: dict[str, int] = {}
        for x in each.contents:
            lies[x.sku] = lies.get(x.sku, 0) + x.quantity
        found.append(lies)
    return found


def pack(shipment: UUID, contents: dict[str, int], *packages: PackageItem) -> Outcome:
    lines = [PackedLine(sku=sku, quantity=n) for sku, n in contents.items()]
    item = PackItem(shipment_id=shipment, contents=lines, packages=list(packages))
    return pack_shipments([item], actor=build.TESTER)[0]


def test_each_package_of_a_parcel_tells_what_of_every_order_lies_in_it() -> None:
    world = build.world(locations=1)
    a, b, _ = world.skus
    _, keys = together(world, [(a, 2)], [(a, 1), (b, 3)])
    first = package((line_of(keys[0], a), 1), (line_of(keys[1], b), 3))
    second = package((line_of(keys[0], a), 1), (line_of(keys[1], a), 1))

    pack(keys[0], {a: 3, b: 3}, first, second).require()

    assert statuses(keys) == ["shipped", "shipped"]
    assert told(keys[0]) == [{a: 1, b: 3}, {a: 2}]
    assert told(keys[1]) == [{}]
    healthy()


@pytest.mark.parametrize("how", ["pack", "say"])
def test_no_more_of_a_line_than_it_has_and_nothing_from_outside_the_parcel(how: str) -> None:
    world = build.world(locations=1)
    a, b, c = world.skus
    _, keys = together(world, [(a, 2)], [(b, 1)])
    stranger = build.shipments(world.place((c, 1)))[0]

    def ask(*packages: PackageItem) -> Outcome:
        return pack(keys[0], {a: 2, b: 1}, *packages) if how == "pack" else say(keys[0], *packages)

    own, carried = line_of(keys[0], a), line_of(keys[1], b)
    assert code(ask(package((own, 2)), package((carried, 2)))) == "too_many_packed"
    assert code(ask(package((own, 2), (carried, 1)), package((carried, 1)))) == "too_many_packed"
    assert code(ask(package((line_of(stranger, c), 1)))) == "unknown_shipment_line"
    assert code(say(keys[1], package((own, 1)))) == "unknown_shipment_line"
    assert told(keys[0]) == [{}]
    ask(package((own, 2), (carried, 1))).require()
    assert told(keys[0]) == [{a: 2, b: 1}]
    healthy()


def test_what_leaves_the_parcel_lies_in_none_of_its_packages() -> None:
    world = build.world(locations=1)
    a, b, c = world.skus
    orders, keys = together(world, [(a, 2)], [(b, 2)], [(c, 1)])
    say(keys[0], package((line_of(keys[0], a), 2), (line_of(keys[1], b), 1)), package((line_of(keys[1], b), 1), (line_of(keys[2], c), 1))).require()  # fmt: skip
    assert told(keys[0]) == [{a: 2, b: 1}, {b: 1, c: 1}]

    separate_shipments([SeparateShipmentItem(shipment_id=keys[2])], actor=build.TESTER)[0].require()
    assert told(keys[0]) == [{a: 2, b: 1}, {b: 1}]
    # One of its two pieces is cancelled: which of them is not known.
    one = CancelLine(order_line_id=build.order_lines(orders[1])[0], quantity=1)
    cancel_orders([CancelItem(order_id=orders[1], reason="x", lines=[one])], actor=build.TESTER)[0].require()  # fmt: skip
    assert told(keys[0]) == [{a: 2}, {}]
    # Nothing of what is passed over stands in the way of the next change.
    weigh: Any = UpdateShipmentItem(shipment_id=keys[0], packages=2, tracking_code="T1")
    update_shipments([weigh], actor=build.TESTER)[0].require()
    ship(keys[0]).require()
    assert statuses(keys) == ["shipped", "shipped", "open"]
    healthy()


def test_the_database_itself_keeps_the_packages_of_a_parcel_true() -> None:
    world = build.world(locations=1)
    a, b, c = world.skus
    _, keys = together(world, [(a, 2)], [(b, 1)])
    stranger = build.shipments(world.place((c, 1)))[0]
    [(box,)] = sql.fetch("select id from shipments_package where shipment_id = %s", (keys[0],))
    put = "insert into shipments_carried_line (id, shipment_id, package_id, shipment_line_id, quantity) values (%s, %s, %s, %s, %s)"

    for line, pieces in ((line_of(stranger, c), 1), (line_of(keys[1], b), 2), (line_of(keys[0], a), 1)):  # fmt: skip
        with pytest.raises(IntegrityError, match="of a parcel belongs"), atomic():
            sql.execute(put, (ids.new_id(), keys[0], box, line, pieces))
    sql.execute(put, (ids.new_id(), keys[0], box, line_of(keys[1], b), 1))

    assert told(keys[0]) == [{b: 1}]


def kept() -> list[UUID]:
    """The lines of which is kept that they lie in a package of another shipment."""
    rows = sql.fetch("select shipment_line_id from shipments_carried_line order by 1")
    return [row[0] for row in rows]


def combine(keys: list[UUID]) -> None:
    combine_shipments([CombineShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0].require()


def test_what_lay_in_a_parcel_before_is_not_told_when_it_comes_back() -> None:
    world = build.world(locations=1)
    a, b, c = world.skus
    _, keys = together(world, [(a, 1)], [(b, 2)], [(c, 1)])
    first, second, third = keys
    say(first, package((line_of(first, a), 1), (line_of(second, b), 1), (line_of(third, c), 1))).require()  # fmt: skip

    separate_shipments([SeparateShipmentItem(shipment_id=second)], actor=build.TESTER)[0].require()
    separate_shipments([SeparateShipmentItem(shipment_id=third)], actor=build.TESTER)[0].require()
    assert kept() == []
    combine([first, second, third])

    assert told(first) == [{a: 1}]
    healthy()


@pytest.mark.parametrize("how", ["split", "cancel", "release"])
def test_of_a_line_that_becomes_smaller_is_not_known_which_pieces_lay_there(how: str) -> None:
    world = build.world(locations=1)
    a, b, _ = world.skus
    orders, [first, second] = together(world, [(a, 1)], [(b, 3)])
    mine = line_of(second, b)
    listed = CreatePickListItem(location=world.locations[0], shipment_ids=[second])
    if how == "release":
        [walk] = create_pick_lists([listed], actor=build.TESTER)[0].require().data["pick_lists"]
        [(line, _)] = build.pick_lines_of(walk["id"])
        pick_lines([PickItem(pick_line_id=line, picked=2)], actor=build.TESTER)[0].require()
    say(first, package((line_of(first, a), 1), (mine, 1))).require()
    assert told(first) == [{a: 1, b: 1}]

    if how == "split":
        part = SplitShipmentItem(shipment_id=second, lines=[SplitLine(shipment_line_id=mine, quantity=1)])  # fmt: skip
        split_shipments([part], actor=build.TESTER)[0].require()
    elif how == "cancel":
        one = CancelLine(order_line_id=build.order_lines(orders[1])[0], quantity=1)
        cancel_orders([CancelItem(order_id=orders[1], reason="x", lines=[one])], actor=build.TESTER)[0].require()  # fmt: skip
    else:
        release_pick_lists([ReleasePickListItem(pick_list_id=walk["id"])], actor=build.TESTER)[0].require()  # fmt: skip

    assert (told(first), kept()) == ([{a: 1}], [])
    healthy()


def test_a_line_that_went_with_another_shipment_and_came_back_was_unpacked() -> None:
    world = build.world(locations=1)
    a, b, c = world.skus
    _, [first, second] = together(world, [(a, 1)], [(b, 2), (c, 1)])
    moving, staying = line_of(second, b), line_of(second, c)
    say(first, package((line_of(first, a), 1), (moving, 2), (staying, 1))).require()

    part = SplitShipmentItem(shipment_id=second, lines=[SplitLine(shipment_line_id=moving, quantity=2)])  # fmt: skip
    made = split_shipments([part], actor=build.TESTER)[0].require()
    assert (told(first), kept()) == ([{a: 1, c: 1}], [staying])
    merge_shipments([MergeShipmentsItem(shipment_ids=[second, made.id])], actor=build.TESTER)[0].require()  # fmt: skip

    assert told(first) == [{a: 1, c: 1}]
    healthy()


@pytest.mark.parametrize("how", ["cancel", "merge", "undo its own", "undo the other"])
def test_nothing_of_others_lies_in_a_parcel_that_is_no_more(how: str) -> None:
    world = build.world(locations=1)
    a, b, _ = world.skus
    orders, [first, second] = together(world, [(a, 2)], [(b, 2)])
    say(first, package((line_of(first, a), 1), (line_of(second, b), 1))).require()

    if how == "merge":
        part = SplitShipmentItem(shipment_id=first, lines=[SplitLine(shipment_line_id=line_of(first, a), quantity=1)])  # fmt: skip
        made = split_shipments([part], actor=build.TESTER)[0].require()
        merge_shipments([MergeShipmentsItem(shipment_ids=[made.id, first])], actor=build.TESTER)[0].require()  # fmt: skip
    elif how == "cancel":
        cancel_orders([CancelItem(order_id=orders[0], reason="x")], actor=build.TESTER)[0].require()
    else:
        ship(first).require()
        assert len(kept()) == 1
        gone = first if how == "undo its own" else second
        cancel_shipments([CancelShipmentItem(shipment_id=gone)], actor=build.TESTER)[0].require()

    assert kept() == []
    healthy()
