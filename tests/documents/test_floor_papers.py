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
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from tests import build
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
