"""The papers of a round: pick lists with their slips in one file, in the order of the walk."""

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pypdf import PdfReader

from orderwerk.core.actor import Actor
from orderwerk.core.errors import LimitExceeded, NotFound
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.floor_papers import floor_papers
from orderwerk.flows.pack_shipments import PackedLine, PackItem, pack_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from orderwerk.shipments.documents import packing_slips
from orderwerk.shipments.packing import PackageItem
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from tests import build
from tests.api.conftest import caller
from tests.console.conftest import enter  # noqa: F401 - a fixture
from tests.console.morning import numbers

pytestmark = pytest.mark.django_db


def titles(content: bytes) -> list[str]:
    """The number on each page: a pick list's or a shipment's."""
    found = []
    for page in PdfReader(io.BytesIO(content)).pages:
        text = page.extract_text()
        words = text.replace("\n", " ").split()
        found.append(next(w for w in words if w[0] in "PS" and w[1:].isdecimal()))
    return found


@pytest.fixture
def floor() -> tuple[build.World, list[str], list[UUID]]:
    """Three orders whose goods lie in three bins, placed against the order of the walk."""
    world = build.world(locations=1, stock=0)
    place = world.locations[0]
    for position, sku in enumerate(world.skus, start=1):
        code = f"B-{position}"
        set_bins([BinItem(location=place, bin=code, position=position)], actor=build.TESTER)
        item = CountItem(sku=sku, location=place, quantity=9, bin=code)
        count_stock_levels([item], actor=build.TESTER)[0].require()
    orders = [world.place((sku, 1)) for sku in reversed(world.skus)]
    keys = [build.shipments(order)[0] for order in orders]
    return world, numbers("shipments_shipment", keys), keys


def batch(world: build.World, keys: list[UUID]) -> UUID:
    """One walk for shipments."""
    item = CreatePickListItem(location=world.locations[0], shipment_ids=keys, kind="batch")
    made = create_pick_lists([item], actor=build.TESTER)[0].require().id
    assert made is not None
    return made


def test_slips_lie_behind_their_list_as_the_walk_meets_them(floor: Any) -> None:
    world, names, keys = floor
    key = batch(world, keys[:2])
    [number] = numbers("picklists_pick_list", [key])

    by_list = floor_papers([key], [], actor=build.TESTER)
    by_shipments = floor_papers([], keys, actor=build.TESTER, language="nl")
    one = floor_papers([], keys[:1], actor=build.TESTER)

    assert titles(by_list.content) == [number, names[1], names[0]]
    assert titles(by_shipments.content) == [number, names[1], names[0], names[2]]
    assert titles(one.content) == [number, names[0]]
    assert by_shipments.name == "papieren.pdf"


def test_without_lists_slips_come_as_the_goods_lie(floor: Any) -> None:
    _, names, keys = floor

    assert titles(floor_papers([], keys, actor=build.TESTER).content) == names[::-1]


def test_what_is_not_there_is_refused(floor: Any) -> None:
    world, _, keys = floor
    key = batch(world, keys)
    elsewhere = Actor("user", "x", location_ids=frozenset())

    for wrong in (([], []), ([keys[0]], []), ([], [key])):
        with pytest.raises(NotFound):
            floor_papers(*wrong, actor=build.TESTER)
    for lists, shipments in (([key], []), ([], keys)):
        with pytest.raises(NotFound):
            floor_papers(lists, shipments, actor=elsewhere)
    with pytest.raises(LimitExceeded):
        floor_papers(
            [], [build.order_lines(world.place())[0] for _ in range(201)], actor=build.TESTER
        )


def test_a_cancelled_shipment_of_a_list_has_no_slip(floor: Any) -> None:
    world, names, keys = floor
    key = batch(world, keys[:2])
    cancel_shipments([CancelShipmentItem(shipment_id=keys[0])], actor=build.TESTER)[0].require()

    assert titles(floor_papers([key], [], actor=build.TESTER).content)[1:] == [names[1]]


def test_the_console_prints_the_chosen_rows_in_one_file(
    floor: Any,
    enter: Callable[..., Client],  # noqa: F811
) -> None:
    world, names, keys = floor
    key = batch(world, keys)
    client = enter("warehouse")

    lists = client.post("/pick-lists/round.pdf", {"id": [str(key)]})
    slips = client.post("/shipments/round.pdf", {"id": [str(x) for x in keys]})

    assert lists["Content-Type"] == "application/pdf"
    assert titles(lists.content) == titles(slips.content)
    assert titles(lists.content)[1:] == names[::-1]


def test_a_shared_parcel_brings_the_slips_of_all_its_orders(
    enter: Callable[..., Client],  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = build.world(locations=1)
    customer = {"name": "Test Persoon", "email": f"slip{build.serial()}@example.com"}
    orders = [world.place((sku, n), customer=customer) for n, sku in enumerate(world.skus, start=1)]
    lone = build.shipments(world.place())[0]
    keys = [build.shipments(order)[0] for order in orders]
    combine_shipments([CombineShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0].require()
    cancel_shipments([CancelShipmentItem(shipment_id=keys[2])], actor=build.TESTER)[0].require()
    first, second, alone = numbers("shipments_shipment", [*keys[:2], lone])
    person, api = enter("warehouse"), caller()
    by_hand = {"id": [str(keys[1]), str(lone), str(keys[0])]}

    slip = packing_slips([keys[0]], actor=build.TESTER)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(slip.content)).pages)

    assert slip.name == f"pakbon-{first}.pdf"
    assert titles(slip.content) == [first, second]
    assert [build.order(order)["number"] in text for order in orders] == [True, True, False]
    assert titles(packing_slips([keys[1]], actor=build.TESTER).content) == [second]
    # What lies in the parcels of as many as may be asked for comes on top.
    monkeypatch.setattr("orderwerk.shipments.documents.MOST_SLIPS", 1)
    assert titles(packing_slips([keys[0]], actor=build.TESTER).content) == [first, second]
    monkeypatch.undo()
    assert titles(person.get(f"/shipments/{first}/packing-slip.pdf").content) == [first, second]
    assert titles(person.post("/shipments/packing-slips.pdf", by_hand).content) == [second, alone, first]  # fmt: skip
    assert titles(person.post("/shipments/round.pdf", {"id": [str(keys[0])]}).content) == [first, second]  # fmt: skip
    assert titles(api.get(f"/shipments/{keys[0]}/packing-slip.pdf").content) == [first, second]
    gone = pack_it(keys[0], {world.skus[0]: 1, world.skus[1]: 2})
    assert titles(person.get(gone).content) == [first, second]


def pack_it(shipment: UUID, contents: dict[str, int]) -> str:
    """Pack and ship a parcel; where its slip is afterwards."""
    lines = [PackedLine(sku=sku, quantity=n) for sku, n in contents.items()]
    item = PackItem(shipment_id=shipment, contents=lines, packages=[PackageItem()])
    pack_shipments([item], actor=build.TESTER)[0].require()
    return f"/shipments/{numbers('shipments_shipment', [shipment])[0]}/packing-slip.pdf"
