"""Scenarios of steering walks and of scanning; they register themselves in the same table."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import clock, sql
from orderwerk.core.ids import new_id
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.pack_shipments import PackedLine, PackItem, pack_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.record_scans import ScanItem, record_scans
from orderwerk.flows.release_pick_lists import ReleasePickListItem, release_pick_lists
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.picklists.commands.create import (
    CreatePickListItem,
    create_pick_lists,
    propose_pick_lists,
)
from orderwerk.picklists.commands.pause import (
    PauseItem,
    ResumeItem,
    pause_pick_lists,
    resume_pick_lists,
)
from orderwerk.picklists.commands.prioritise import PrioritiseItem, prioritise_pick_lists
from orderwerk.picklists.commands.snooze import (
    SnoozeItem,
    WakeItem,
    snooze_pick_lists,
    wake_pick_lists,
)
from orderwerk.shipments.commands.note_scans import WrongScanItem, note_wrong_scans
from orderwerk.shipments.packing import PackageItem
from tests import build
from tests.bulk.scenarios import ALL, lists, placed, scenario

__all__ = ["ALL"]


@scenario(propose_pick_lists)
def _propose(n: int) -> Sequence[Any]:
    world, _ = placed(n)
    wave = CreatePickListItem(location=world.locations[0], kind="batch", max_units=3)
    return [wave for _ in range(n)]


@scenario(propose_pick_lists, "oldest first")
def _preview(n: int) -> Sequence[Any]:
    world, _ = placed(n)
    return [CreatePickListItem(location=world.locations[0], limit=1) for _ in range(n)]


@scenario(prioritise_pick_lists)
def _prioritise(n: int) -> Sequence[Any]:
    return [PrioritiseItem(pick_list_id=key) for key in lists(n)]


@scenario(pause_pick_lists)
def _pause(n: int) -> Sequence[Any]:
    return [PauseItem(pick_list_id=key, reason="lunch") for key in lists(n)]


@scenario(resume_pick_lists)
def _resume(n: int) -> Sequence[Any]:
    chosen = lists(n)
    pause_pick_lists([PauseItem(pick_list_id=key) for key in chosen], actor=build.TESTER)
    return [ResumeItem(pick_list_id=key) for key in chosen]


@scenario(snooze_pick_lists)
def _snooze(n: int) -> Sequence[Any]:
    until = clock.now() + timedelta(hours=1)
    return [SnoozeItem(pick_list_id=key, until=until, note="later") for key in lists(n)]


@scenario(wake_pick_lists)
def _wake(n: int) -> Sequence[Any]:
    items = _snooze(n)
    snooze_pick_lists(items, actor=build.TESTER)
    return [WakeItem(pick_list_id=item.pick_list_id) for item in items]


@scenario(release_pick_lists)
def _release_lists(n: int) -> Sequence[Any]:
    chosen = lists(n)
    first = [PickItem(pick_line_id=build.pick_lines_of(key)[0][0], picked=1) for key in chosen]
    pick_lines(first, actor=build.TESTER)
    return [ReleasePickListItem(pick_list_id=key) for key in chosen]


@scenario(record_scans)
def _scan(n: int) -> Sequence[Any]:
    chosen = lists(n)
    lines = [build.pick_lines_of(key)[0][0] for key in chosen]
    skus = sql.fetch("select distinct p.sku from picklists_line k join catalog_product p on p.id = k.product_id where k.id = any(%s)", (lines,))  # fmt: skip
    phones = [ProductItem(sku=row[0], name="Phone", tracking="serial") for row in skus]
    upsert_products(phones, actor=build.TESTER)
    right = [
        ScanItem(key=new_id(), pick_list_id=key, pick_line_id=line, picked=1, serials=[f"SN{line}"])
        for key, line in zip(chosen, lines, strict=True)
    ]
    wrong = [ScanItem(key=new_id(), pick_list_id=key, code="x", expected="A-1") for key in chosen]
    return [*right, *wrong]


@scenario(pack_shipments)
def _pack(n: int) -> Sequence[Any]:
    world, orders = placed(n)
    contents = [PackedLine(sku=world.skus[0], quantity=2), PackedLine(sku=world.skus[1], quantity=1)]  # fmt: skip
    return [
        PackItem(
            shipment_id=build.shipments(key)[0],
            contents=contents,
            packages=[PackageItem(weight_grams=900), PackageItem()],
            wrong_scans=["x"],
        )
        for key in orders
    ]


def _counted(world: build.World) -> None:
    items = [CountItem(sku=sku, location=world.locations[0], quantity=1000, bin="DEFAULT") for sku in world.skus[:2]]  # fmt: skip
    for outcome in count_stock_levels(items, actor=build.TESTER):
        outcome.require()
    world.count(world.locations[0], dict.fromkeys(world.skus[:2], 1000))


@scenario(record_scans, "told after a count")
def _scan_late(n: int) -> Sequence[Any]:
    world, orders = placed(n)
    items = [CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(key)) for key in orders]  # fmt: skip
    made = [outcome.require().id for outcome in create_pick_lists(items, actor=build.TESTER)]
    taken = clock.now()
    _counted(world)
    told: list[ScanItem] = []
    for key in made:
        [whole, part] = sorted(build.pick_lines_of(key), key=lambda line: line[1])  # type: ignore[arg-type]
        told += [
            ScanItem(key=new_id(), pick_list_id=key, pick_line_id=whole[0], picked=1, at=taken),  # type: ignore[arg-type]
            ScanItem(key=new_id(), pick_list_id=key, pick_line_id=part[0], picked=1, short=1, reason="missing", at=taken),  # type: ignore[arg-type]
        ]  # fmt: skip
    return told


@scenario(ship_shipments, "told after a count")
def _ship_late(n: int) -> Sequence[Any]:
    world, orders = placed(n)
    taken = clock.now()
    _counted(world)
    return [ShipItem(shipment_id=build.shipments(key)[0], taken_at=taken) for key in orders]


@scenario(note_wrong_scans)
def _note_scans(n: int) -> Sequence[Any]:
    _, orders = placed(n)
    return [WrongScanItem(shipment_id=build.shipments(key)[0], code="x") for key in orders]
