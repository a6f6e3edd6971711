"""A short pick corrects its bin, so that nobody is sent there again, asks for a count, and routes everybody again at once."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.allocations.queries import order_allocations
from orderwerk.checks.run import ALL
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.rules import cause_of, empties_bin
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.count_queries import (
    CountRequestFilters,
    count_request_page,
    open_count_requests,
)
from tests import build

pytestmark = pytest.mark.django_db


def shelves(**bins: int) -> build.World:
    """A world of one product, lying in named bins of its first location in this walking order."""
    world = build.world(locations=2, products=1, stock=0)
    place = world.locations[0]
    set_bins([BinItem(location=place, bin=code, position=i) for i, code in enumerate(bins, 1)], actor=build.TESTER)  # fmt: skip
    counts = [CountItem(sku=world.skus[0], location=place, quantity=n, bin=code) for code, n in bins.items()]  # fmt: skip
    for outcome in count_stock_levels(counts, actor=build.TESTER):
        outcome.require()
    return world


def listed(world: build.World, *orders: UUID) -> list[UUID]:
    """The lines of one pick list for each order."""
    items = [
        CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(key, "open"))
        for key in orders
    ]
    made = [o.require().id for o in create_pick_lists(items, actor=build.TESTER)]
    return [line for key in made for line, _ in build.pick_lines_of(key)]  # type: ignore[arg-type]


def pick(line: UUID, picked: int, short: int, reason: str, actor: Actor = build.TESTER) -> dict[str, Any]:  # fmt: skip
    item = PickItem(pick_line_id=line, picked=picked, short=short, reason=reason)
    return pick_lines([item], actor=actor)[0].require().data


def bins(world: build.World) -> dict[str, tuple[int, int]]:
    """What lies in each bin of the first location and what of it is planned."""
    rows = sql.fetch(
        "select b.code, s.quantity, s.planned from stock_bin_stock s join stock_bin b on b.id = s.bin_id "
        "where s.location_id = %s and s.quantity > 0",
        (world.location_ids[world.locations[0]],),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def asked(world: build.World) -> list[tuple[str, str, int]]:
    """Bin, reason and book quantity of the counts that are asked for."""
    found = count_request_page(build.TESTER, CountRequestFilters(open=True, sku=world.skus[0]))
    return [(row.bin, row.reason, row.quantity) for row in found.items]


def sound() -> None:
    sql.execute("set constraints all immediate")
    sql.execute("set constraints all deferred")
    for invariant in ALL:
        if invariant.id not in {"durable", "stuck-outbox"}:
            assert sql.fetch(invariant.sql) == [], invariant.id


@pytest.mark.parametrize(
    ("reason", "cause", "empties"),
    [
        ("missing", "missing", True),
        ("Missing: looked twice", "missing", True),
        ("damaged", "damaged", False),
        ("damaged: wet", "damaged", False),
        ("other", "other", True),
        ("the box was damaged", "other", True),
        ("wrong article: socks", "other", True),
    ],
)
def test_the_first_word_of_a_reason_says_what_became_of_the_bin(reason: str, cause: str, empties: bool) -> None:  # fmt: skip
    assert (cause_of(reason), empties_bin(reason)) == (cause, empties)


def test_a_missing_piece_empties_the_bin_and_the_next_list_asks_another_one() -> None:
    world = shelves(A1=5, B1=9)
    order = world.place((world.skus[0], 3))
    [line] = listed(world, order)

    told = pick(line, 1, 2, "missing")

    assert (told["left"], told["pick_list_status"]) == (0, "picked")
    assert bins(world) == {"B1": (9, 0), "STAGING": (1, 0)}
    assert world.levels()[(world.skus[0], world.locations[0])] == (10, 3)
    assert build.order(order)["status"] == "awaiting_shipment"
    again = listed(world, order)
    assert sql.fetch("select b.code, l.quantity from picklists_line l join stock_bin b on b.id = l.bin_id where l.id = any(%s)", (again,)) == [("B1", 2)]  # fmt: skip
    assert asked(world) == [("A1", "missing", 0)]
    sound()


def test_damaged_pieces_leave_the_others_where_they_are() -> None:
    world = shelves(A1=5)
    [line] = listed(world, world.place((world.skus[0], 3)))

    pick(line, 1, 2, "damaged: wet")

    # The two that are routed again find two of the other pieces in the same bin.
    assert bins(world) == {"A1": (2, 0), "STAGING": (1, 0)}
    assert world.levels()[(world.skus[0], world.locations[0])] == (3, 3)
    assert asked(world) == [("A1", "damaged: wet", 2)]
    sound()


def test_others_who_were_to_take_from_the_bin_are_routed_elsewhere_at_once() -> None:
    world = shelves(A1=10)
    first, second, third = (world.place((world.skus[0], 3)) for _ in range(3))
    lines = listed(world, first, second)
    world.count(world.locations[1], {world.skus[0]: 20})

    told = pick(lines[0], 2, 1, "missing")

    assert told["left"] == 0
    assert bins(world) == {"STAGING": (2, 0)}
    assert world.levels()[(world.skus[0], world.locations[0])] == (2, 2)
    # What moved of the first was not its whole order; of the second it was.
    assert [order_allocations(build.TESTER, key)[-1].why.split(".")[0] for key in (first, second)] == [
        f"{world.locations[1]} is the first location by priority that has all of what was left of the order",
        f"{world.locations[1]} is the first location by priority that has the whole order",
    ]  # fmt: skip
    claims = [sorted(a[1:] for a in build.allocations(key, "allocated", "picked")) for key in (first, second, third)]  # fmt: skip
    there = world.locations[1]
    assert claims == [
        [("allocated", 1, there), ("picked", 2, world.locations[0])],
        [("allocated", 3, there)],
        [("allocated", 3, there)],
    ]
    assert build.pick_lines_of(sql.fetch("select pick_list_id from picklists_line where id = %s", (lines[1],))[0][0]) == []  # fmt: skip
    sound()


def test_the_rest_of_the_line_goes_too_when_nothing_is_left_in_the_bin() -> None:
    world = shelves(A1=5)
    order = world.place((world.skus[0], 5))
    [line] = listed(world, order)

    told = pick(line, 2, 1, "missing")

    assert (told["left"], told["pick_list_status"]) == (0, "picked")
    assert build.order(order)["units_picked"] == 2
    assert build.order(order)["units_allocated"] == 2
    assert build.order(order)["status"] == "awaiting_stock"
    sound()


def test_several_lines_of_one_call_take_from_the_bin_before_it_is_empty() -> None:
    world = shelves(A1=8, B1=8)
    orders = [world.place((world.skus[0], 2)) for _ in range(3)]
    lines = listed(world, *orders)
    items = [
        PickItem(pick_line_id=lines[0], picked=1, short=1, reason="missing"),
        PickItem(pick_line_id=lines[1], picked=2),
        PickItem(pick_line_id=lines[2], picked=1, short=1, reason="damaged"),
        PickItem(pick_line_id=lines[2], picked=1, short=1, reason="damaged"),
    ]

    outcomes = pick_lines(items, actor=build.TESTER)

    assert [o.ok for o in outcomes] == [True, True, True, False]
    assert bins(world) == {"B1": (8, 0), "STAGING": (4, 0)}
    assert [build.order(key)["units_picked"] for key in orders] == [1, 2, 1]
    assert [build.order(key)["units_allocated"] for key in orders] == [2, 2, 2]
    sound()


def test_pieces_from_another_bin_do_not_count_as_lying_in_the_empty_one() -> None:
    world = shelves(A1=4, B1=4)
    order, other = world.place((world.skus[0], 3)), world.place((world.skus[0], 4))
    [line] = listed(world, order)
    item = PickItem(pick_line_id=line, picked=2, short=1, reason="missing", bin="B1")

    pick_lines([item], actor=build.TESTER)[0].require()

    assert bins(world) == {"B1": (2, 0), "STAGING": (2, 0)}
    assert build.order(order)["units_allocated"] + build.order(other)["units_allocated"] == 4
    sound()


def test_an_order_of_another_shop_gives_way_too_though_the_picker_does_not_see_it() -> None:
    mine, theirs = build.shared_worlds()
    world = mine
    place, sku = world.locations[0], world.skus[0]
    world.count(place, {sku: 4})
    order, foreign = mine.place((sku, 2)), theirs.place((sku, 2))
    [line] = listed(world, order)

    pick(line, 1, 1, "missing", actor=build.limited(mine.shop_id))

    assert build.order(foreign)["status"] == "awaiting_stock"
    assert build.order(order)["units_allocated"] == 1
    sound()


def test_a_bin_is_asked_for_once_and_counting_it_closes_the_request() -> None:
    world = shelves(A1=6, B1=6)
    place, sku = world.locations[0], world.skus[0]
    lines = listed(world, *(world.place((sku, 2)) for _ in range(2)))
    pick(lines[0], 1, 1, "damaged")
    pick(lines[1], 1, 1, "damaged: torn")
    assert asked(world) == [("A1", "damaged", 2)]
    before = open_count_requests(build.TESTER)

    other = CountItem(sku=sku, location=place, quantity=6, bin="B1")
    count_stock_levels([other], actor=build.TESTER)[0].require()
    still = asked(world)
    count_stock_levels([CountItem(sku=sku, location=place, quantity=3, bin="A1")], actor=build.TESTER)[0].require()  # fmt: skip

    assert still == [("A1", "damaged", 2)]
    assert asked(world) == []
    assert open_count_requests(build.TESTER) == before - 1
    [closed] = count_request_page(build.TESTER, CountRequestFilters(open=False, sku=sku)).items
    assert (closed.bin, closed.closed_by, closed.quantity) == ("A1", "test", 3)
    sound()


def test_a_count_of_the_whole_location_answers_for_all_its_bins_but_an_older_one_for_none() -> None:
    world = shelves(A1=6)
    place, sku = world.locations[0], world.skus[0]
    [line] = listed(world, world.place((sku, 2)))
    [(before,)] = sql.fetch("select now()")
    pick(line, 0, 2, "missing")

    older = CountItem(sku=sku, location=place, quantity=0, counted_at=before)
    count_stock_levels([older], actor=build.TESTER)
    still = len(asked(world))
    count_stock_levels([CountItem(sku=sku, location=place, quantity=4)], actor=build.TESTER)[0].require()  # fmt: skip

    assert (still, asked(world)) == (1, [])
