"""Waves that are chosen: orders that share aisles, urgent and due ones first, within limits, and only what is really there."""

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import clock, sql
from orderwerk.core.errors import Again
from orderwerk.core.outcome import Outcome
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.picklists.commands import create
from orderwerk.picklists.commands.create import (
    CreatePickListItem,
    create_pick_lists,
    preview_pick_lists,
    propose_pick_lists,
)
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.shelves import read_shelves
from tests import build
from tests.flows.test_batches import item
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def aisles(*, named: bool = True) -> build.World:
    """A location with three articles in an aisle each; the first article lies in the third aisle too."""
    world = build.world(locations=1, products=3, stock=0)
    place = world.locations[0]
    codes = [f"A{n}" for n in (1, 2, 3)]
    bins = [BinItem(location=place, bin=code, position=n, aisle=n if named else 0) for n, code in enumerate(codes, start=1)]  # fmt: skip
    set_bins(bins, actor=build.TESTER)
    lying = [*zip(world.skus, codes, strict=True), (world.skus[0], "A3")]
    counts = [CountItem(sku=sku, location=place, quantity=50, bin=code) for sku, code in lying]
    for outcome in count_stock_levels(counts, actor=build.TESTER):
        outcome.require()
    return world


def placed(world: build.World, *lines: tuple[int, int], **fields: Any) -> UUID:
    order = world.place(*((world.skus[index], n) for index, n in lines), **fields)
    [shipment] = build.shipments(order)
    return shipment


def proposed(world: build.World, **wish: Any) -> Outcome:
    return propose_pick_lists([item(world, **wish)], actor=build.TESTER)[0]


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def test_orders_that_share_an_aisle_make_the_wave_and_are_taken_from_it() -> None:
    world = aisles()
    placed(world, (0, 1), (1, 1))
    together = [placed(world, (0, 1), (2, 2)), placed(world, (2, 3))]

    told = proposed(world, min_units=4, max_units=6).require()
    figures = told.data["proposal"]
    assert told.data["shipment_ids"] == together
    assert (figures["units"], figures["counted"], figures["visited"], figures["units_each"]) == (6, "aisles", 1, "6.00")  # fmt: skip
    assert float(figures["oldest_first"]) < 6 <= float(figures["upper_bound"])
    shown = preview_pick_lists(item(world, min_units=4, max_units=6, wave="x"), actor=build.TESTER)
    assert (shown.shipments, shown.units) == (2, 6)
    assert shown.proposal is not None
    made = create_pick_lists([item(world, min_units=4, max_units=6, wave="Noon")], actor=build.TESTER)[0].require()  # fmt: skip

    assert made.data["proposal"] == figures
    assert made.data["wave"]["number"].startswith("W")
    [walk] = [each["id"] for each in made.data["pick_lists"]]
    rows = sql.fetch("select distinct b.code from picklists_line k join stock_bin b on b.id = k.bin_id where k.pick_list_id = %s", (walk,))  # fmt: skip
    assert rows == [("A3",)]
    sound()


def test_what_a_plain_batch_would_make_is_told_and_nothing_is_made() -> None:
    world = aisles()
    keys = [placed(world, (0, 1), (1, 1)), placed(world, (0, 2)), placed(world, (2, 3))]

    told = proposed(world, limit=2, method="totes", max_orders=1).require()
    single = proposed(world, kind="single", shipment_ids=keys[2:]).require()

    assert told.data == {
        "shipment_ids": keys[:2],
        "lists": 2,
        "shipments": 2,
        "lines": 3,
        "units": 4,
        "proposal": None,
    }
    assert (single.data["lists"], single.data["shipment_ids"], single.data["units"]) == (1, keys[2:], 3)  # fmt: skip
    assert sql.fetch("select count(*) from picklists_pick_list where location_id = (select id from stock_location where code = %s)", (world.locations[0],)) == [(0,)]  # fmt: skip
    sound()


def test_of_what_one_item_would_take_the_next_one_gets_nothing() -> None:
    world = aisles()
    placed(world, (0, 1))

    first, second = propose_pick_lists([item(world), item(world)], actor=build.TESTER)

    assert first.require().data["shipments"] == 1
    assert code(second) == "nothing_to_pick"


def test_shipments_of_another_shop_are_not_told_of() -> None:
    mine, theirs = build.shared_worlds()
    theirs.count(theirs.locations[0], {theirs.skus[0]: 5})
    [key] = build.shipments(theirs.place((theirs.skus[0], 1)))
    wish = CreatePickListItem(location=theirs.locations[0], shipment_ids=[key])

    [told] = propose_pick_lists([wish], actor=build.TESTER)
    [refused] = propose_pick_lists([wish], actor=build.limited(mine.shop_id))

    assert told.require().data["shipment_ids"] == [key]
    assert code(refused) == "nothing_to_pick"


def test_what_zones_leave_out_is_not_named() -> None:
    world = aisles(named=False)
    set_bins([BinItem(location=world.locations[0], bin="A3", position=3, zone="cold")], actor=build.TESTER)  # fmt: skip
    warm, cold = placed(world, (1, 1)), placed(world, (2, 1))

    told = proposed(world, zones=["cold"]).require()

    assert (told.data["shipment_ids"], told.data["shipments"]) == ([cold], 1)
    assert warm != cold


def test_claims_and_bins_of_different_moments_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    world = aisles()
    key = placed(world, (0, 1))
    looks: list[int] = []

    def read(keys: Any) -> Any:
        shelves = read_shelves(keys)
        looks.append(len(shelves))
        if len(looks) == 1:
            # Somebody has made a list between the two reads.
            for shelf in shelves.values():
                for row in shelf.bins:
                    row.planned = row.quantity
        return shelves

    monkeypatch.setattr(create, "read_shelves", read)

    # A call of its own is run again; within a test's transaction it says so.
    with pytest.raises(Again, match="meanwhile"):
        proposed(world)
    assert proposed(world).require().data["shipment_ids"] == [key]


def test_without_aisles_bins_count_and_zones_leave_out_what_they_do_not_hold() -> None:
    world = aisles(named=False)
    place = world.locations[0]
    set_bins([BinItem(location=place, bin="A3", position=3, zone="cold")], actor=build.TESTER)
    one, two = placed(world, (0, 1), (1, 1)), placed(world, (1, 2))

    everywhere = proposed(world, max_units=3).require()
    cold = proposed(world, max_units=3, zones=["cold"]).require()

    assert everywhere.data["proposal"]["counted"] == "bins"
    assert everywhere.data["shipment_ids"] == [two]
    assert cold.data["shipment_ids"] == [one]
    assert cold.data["proposal"]["units"] == 1


def test_urgent_and_due_orders_go_in_first_and_alone_where_not_all_of_them_fit() -> None:
    world = aisles()
    place = LocationItem(code=world.locations[0], name="Main", shops=[world.shop], cut_off=time(16))  # fmt: skip
    set_up_locations([place], actor=build.TESTER)[0].require()
    early, late = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 3, 17, tzinfo=UTC)
    with clock.told(late):
        due = placed(world, (1, 1), placed_at=early.isoformat())
        later = [placed(world, (2, 3), placed_at=late.isoformat()) for _ in (1, 2)]
        urgent = placed(world, (0, 2), placed_at=late.isoformat())
        [(order,)] = sql.fetch("select order_id from shipments_shipment where id = %s", (urgent,))
        update_orders([UpdateItem(order_id=order, priority=5)], actor=build.TESTER)[0].require()

        all_in = proposed(world, max_units=6).require()
        urgent_alone = proposed(world, max_units=2).require()
        few = proposed(world, max_units=50, limit=1).require()
        filled = proposed(world, max_units=9).require()

    assert set(all_in.data["shipment_ids"]) == {urgent, due, later[0]}
    assert all_in.data["proposal"]["first"] == 2
    assert urgent_alone.data["shipment_ids"] == [urgent]
    assert few.data["shipment_ids"] == [urgent]
    assert set(filled.data["shipment_ids"]) == {urgent, due, *later}


def test_waves_of_one_call_share_nothing_and_what_is_too_small_is_refused() -> None:
    world = aisles()
    for _ in range(4):
        placed(world, (2, 2))
    wave = item(world, min_units=4, max_units=4)

    made = create_pick_lists([wave, wave, wave], actor=build.TESTER)
    nothing = proposed(world, min_units=2, max_units=4)

    assert [code(o) for o in made] == [None, None, "wave_too_small"]
    assert [o.data["proposal"]["units"] for o in made[:2]] == [4, 4]
    assert code(nothing) == "wave_too_small"
    assert nothing.error is not None
    assert "Only 0 pieces" in nothing.error.message
    sound()


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"min_units": 3}, "/max_units"), ({"min_units": 3, "max_units": 2}, "/max_units"),
        ({"kind": "single", "max_units": 2}, "/max_units"), ({"max_units": 2, "shipment_ids": [str(UUID(int=1))]}, "/shipment_ids"),
        ({"max_units": 2, "location": "nowhere"}, "/location"),
    ],
)  # fmt: skip
def test_limits_that_make_no_sense_are_refused(wish: dict[str, Any], pointer: str) -> None:
    world = aisles()
    placed(world, (2, 2))

    refused = proposed(world, **wish)

    assert refused.error is not None
    assert refused.error.pointer == pointer
