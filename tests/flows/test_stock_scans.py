"""Scans at the dock and between the shelves: each once, goods are never made or lost, and what was told late is counted again."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from orderwerk.api.bulk import result_of
from orderwerk.core import clock, sql
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.record_stock_scans import StockScanItem, record_stock_scans
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.relocate import RelocateItem, relocate_stock
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.upsert_inbounds import InboundLineItem
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def floor(stock: int = 10) -> build.World:
    """A location with two shelves and a receiving place."""
    world = build.world(products=2, stock=stock)
    bins = [
        BinItem(location=world.locations[0], bin="A-1", position=1),
        BinItem(location=world.locations[0], bin="A-2", position=2),
        BinItem(location=world.locations[0], bin="DOCK", position=9, use="receiving"),
    ]
    for outcome in set_bins(bins, actor=build.TESTER):
        outcome.require()
    return world


def move(world: build.World, quantity: int, origin: str, to: str, **fields: Any) -> Outcome:
    item = RelocateItem(sku=world.skus[0], location=world.locations[0], origin=origin, to=to, quantity=quantity, **fields)  # fmt: skip
    return relocate_stock([item], actor=build.TESTER)[0]


def scan(world: build.World, flow: str, quantity: int = 0, **fields: Any) -> StockScanItem:
    if quantity:
        fields["sku"] = world.skus[0]
    return StockScanItem(
        key=new_id(), flow=flow, location=world.locations[0], quantity=quantity, **fields
    )  # type: ignore[arg-type]


def send(*items: StockScanItem) -> list[Outcome]:
    return record_stock_scans(items, actor=build.TESTER)


def lying(world: build.World) -> dict[str, int]:
    rows = sql.fetch(
        "select b.code, s.quantity from stock_bin_stock s join stock_bin b on b.id = s.bin_id "
        "where s.product_id = %s and s.location_id = %s and s.quantity > 0",
        (world.product_ids[world.skus[0]], world.location_ids[world.locations[0]]),
    )
    return {row[0]: row[1] for row in rows}


def to_count(world: build.World) -> list[str]:
    rows = sql.fetch(
        "select b.code from stock_count_request r join stock_bin b on b.id = r.bin_id "
        "where r.location_id = %s and r.closed_at is null order by 1",
        (world.location_ids[world.locations[0]],),
    )
    return [row[0] for row in rows]


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def test_goods_go_from_bin_to_bin_and_nothing_else_changes() -> None:
    world = floor()
    before = world.levels()

    outcome = move(world, 4, "DEFAULT", "A-1")

    assert outcome.ok
    assert lying(world) == {"DEFAULT": 6, "A-1": 4}
    assert world.levels() == before
    sound()


def test_what_pick_lists_ask_for_stays_where_they_look_for_it() -> None:
    world = floor()
    world.place((world.skus[0], 7))
    create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[
        0
    ].require()

    refused = [move(world, 4, "DEFAULT", "A-1"), move(world, 1, "DEFAULT", "DEFAULT"), move(world, 1, "DEFAULT", "STAGING"), move(world, 1, "A-9", "A-1"), move(world, 1, "A-1", "A-9")]  # fmt: skip
    done = move(world, 3, "DEFAULT", "A-1")

    assert [code(o) for o in refused] == ["not_enough_stock", "same_bin", "staging_not_moved", "unknown_bin", "unknown_bin"]  # fmt: skip
    assert [o.error.pointer for o in refused if o.error] == [
        "/quantity",
        "/to",
        "/to",
        "/from",
        "/to",
    ]
    assert done.ok
    assert lying(world) == {"DEFAULT": 7, "A-1": 3}
    sound()


def test_pieces_of_one_request_share_what_lies_free() -> None:
    world = floor()
    item = RelocateItem(sku=world.skus[0], location=world.locations[0], origin="DEFAULT", to="A-1", quantity=6)  # fmt: skip

    outcomes = relocate_stock([item, item], actor=build.TESTER)

    assert [code(o) for o in outcomes] == [None, "not_enough_stock"]
    assert lying(world) == {"DEFAULT": 4, "A-1": 6}
    sound()


def test_what_has_just_come_in_is_picked_last() -> None:
    world = floor(stock=0)
    receive_stock([ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=5, bin="DOCK")], actor=build.TESTER)[0].require()  # fmt: skip
    world_move = move(world, 2, "DOCK", "A-2")
    world.place((world.skus[0], 3))

    create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[
        0
    ].require()

    planned = sql.fetch(
        "select b.code, l.quantity from picklists_line l join stock_bin b on b.id = l.bin_id where l.location_id = %s order by 1",
        (world.location_ids[world.locations[0]],),
    )
    assert world_move.ok
    assert planned == [("A-2", 2), ("DOCK", 1)]
    sound()


def test_a_scan_that_is_sent_again_is_booked_once_and_answers_the_same() -> None:
    world = floor(stock=0)
    first = scan(world, "receive", 5, bin="DOCK")
    second = scan(world, "put_away", 3, origin="DOCK", bin="A-1")
    third = scan(world, "move", 1, origin="A-1", bin="A-2")
    fourth = scan(world, "count", 2, bin="A-1")

    before = send(first, second, third, fourth)
    again = send(fourth, first, third, second)

    assert all(o.ok for o in before)
    assert [o.data for o in again] == [
        before[3].data,
        before[0].data,
        before[2].data,
        before[1].data,
    ]
    assert lying(world) == {"DOCK": 2, "A-1": 2, "A-2": 1}
    sound()


def test_scans_come_in_whole_in_the_order_of_the_work_whatever_order_they_are_sent_in() -> None:
    world = floor(stock=0)
    late = [
        scan(world, "count", 3, bin="A-1"),
        scan(world, "put_away", 3, origin="DOCK", bin="A-1"),
        scan(world, "receive", 3, bin="DOCK"),
    ]

    outcomes = send(*late)

    assert [code(o) for o in outcomes] == [None, None, None]
    assert lying(world) == {"A-1": 3}
    sound()


def test_what_was_refused_stays_refused_under_its_key_and_wrong_scans_are_kept() -> None:
    world = floor(stock=0)
    empty = scan(world, "move", 1, origin="A-1", bin="A-2")
    wrong = scan(world, "receive", code="4711", expected="PO-1")
    nameless = StockScanItem(key=new_id(), flow="count", location=world.locations[0], sku=world.skus[0], quantity=1)  # fmt: skip
    nowhere = StockScanItem(key=new_id(), flow="count", location="nowhere", sku=world.skus[0], bin="A-1", quantity=1)  # fmt: skip

    first = send(empty, wrong, nameless, nowhere)
    receive_stock([ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=5, bin="A-1")], actor=build.TESTER)[0].require()  # fmt: skip
    again = send(empty, wrong, nameless, nowhere)

    assert [code(o) for o in first] == [
        "not_enough_stock",
        None,
        "bin_required",
        "unknown_location",
    ]
    assert [code(o) for o in again] == [code(o) for o in first]
    told = sql.fetch("select payload ->> 'code' from core_event where kind = 'stock.scan_refused' and aggregate_id = %s", (world.location_ids[world.locations[0]],))  # fmt: skip
    assert told == [("4711",)]
    assert lying(world) == {"A-1": 5}
    sound()


def test_what_means_no_parcel_at_the_packing_table_is_kept_and_nothing_is_packed_that_way() -> None:
    world = floor(stock=0)
    wrong = scan(world, "pack", code="4711", step="parcel")

    outcomes = send(wrong, wrong, scan(world, "pack", 1, bin="A-1"))

    assert [code(o) for o in outcomes] == [None, None, "invalid_value"]
    told = sql.fetch("select payload from core_event where kind = 'stock.scan_refused' and aggregate_id = %s", (world.location_ids[world.locations[0]],))  # fmt: skip
    assert [sql.from_json(row[0]) for row in told] == [{"flow": "pack", "step": "parcel", "code": "4711", "expected": ""}]  # fmt: skip


def test_more_than_a_transfer_sent_is_refused_by_scan_too() -> None:
    world = floor()
    lines = [InboundLineItem(sku=world.skus[0], quantity=2)]
    sent = send_transfers([SendItem(origin=world.locations[1], to=world.locations[0], lines=lines)], actor=build.TESTER)[0].require()  # fmt: skip

    outcomes = send(
        scan(world, "receive", 2, bin="DOCK", inbound=sent.data["number"]),
        scan(world, "receive", 1, bin="DOCK", inbound=sent.data["number"]),
    )

    assert [code(o) for o in outcomes] == [None, "more_than_sent"]
    assert lying(world) == {"DEFAULT": 10, "DOCK": 2}
    sound()


def test_what_is_told_after_its_bin_was_counted_asks_for_another_count() -> None:
    world = floor(stock=0)
    receive_stock([ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=10)], actor=build.TESTER)[0].require()  # fmt: skip
    earlier = clock.now() - timedelta(minutes=10)
    count = CountItem(sku=world.skus[0], location=world.locations[0], quantity=10, bin="DEFAULT")
    count_stock_levels([count], actor=build.TESTER)[0].require()

    move(world, 2, "DEFAULT", "A-1", moved_at=earlier)
    receive_stock([ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=1, bin="A-2", received_at=earlier)], actor=build.TESTER)[0].require()  # fmt: skip

    assert to_count(world) == ["DEFAULT"]
    sound()


def test_a_count_is_true_of_the_moment_at_which_it_was_made() -> None:
    world = floor()
    now = clock.now()
    moved = scan(world, "move", 4, origin="DEFAULT", bin="A-1", at=now - timedelta(minutes=5))
    counted = scan(world, "count", 4, bin="A-1", at=now - timedelta(minutes=4))

    send(counted, moved)

    assert lying(world) == {"DEFAULT": 6, "A-1": 4}
    sound()


def test_what_comes_in_late_after_a_count_of_the_whole_location_asks_for_another_count() -> None:
    world = floor()
    earlier = clock.now() - timedelta(minutes=10)
    world.count(world.locations[0], {world.skus[0]: 10})
    receive = ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=1, bin="A-2")

    move(world, 2, "DEFAULT", "A-1", moved_at=earlier).require()
    receive_stock([receive], actor=build.TESTER)[0].require()
    assert to_count(world) == []
    receive_stock([structs.replace(receive, received_at=earlier)], actor=build.TESTER)[0].require()

    assert to_count(world) == ["A-2"]
    sound()


def ago(minutes: int) -> Any:
    return clock.now() - timedelta(minutes=minutes)


def test_scans_of_one_call_are_booked_as_they_happened_whatever_order_they_are_sent_in() -> None:
    world = floor(stock=0)
    happened = [
        scan(world, "count", 4, bin="A-1", at=ago(9)),
        scan(world, "move", 4, origin="A-1", bin="A-2", at=ago(8)),
        scan(world, "receive", 2, bin="A-1", at=ago(7)),
        scan(world, "put_away", 1, origin="A-1", bin="A-2", at=ago(6)),
        scan(world, "count", 3, bin="A-2", at=ago(5)),
        scan(world, "move", code="4711", at=ago(4)),
        scan(world, "move", 3, origin="A-2", bin="DOCK", at=ago(3)),
    ]

    outcomes = send(*happened[::-1])

    assert [code(o) for o in outcomes] == [None] * 7
    assert lying(world) == {"A-1": 1, "DOCK": 3}
    assert [o.data for o in send(*happened)] == [o.data for o in outcomes[::-1]]
    sound()


def test_what_was_moved_before_it_came_in_is_refused() -> None:
    world = floor(stock=0)
    moved = scan(world, "put_away", 2, origin="DOCK", bin="A-1", at=ago(9))
    came = scan(world, "receive", 2, bin="DOCK", at=ago(8))

    assert [code(o) for o in send(came, moved)] == [None, "not_enough_stock"]
    assert lying(world) == {"DOCK": 2}


def counted(world: build.World, *counts: tuple[str | None, int, int]) -> list[Outcome]:
    """Counts of a bin (or of the whole location), so many pieces, so many minutes ago; told in one call."""
    items = [CountItem(sku=world.skus[0], location=world.locations[0], bin=name, quantity=n, counted_at=ago(minutes)) for name, n, minutes in counts]  # fmt: skip
    return count_stock_levels(items, actor=build.TESTER)


@pytest.mark.parametrize(("newer", "older"), [("A-1", "A-1"), (None, None), (None, "A-1")], ids=str)
@pytest.mark.parametrize("found", [0, 3])
def test_an_older_count_in_the_same_call_does_not_overrule_a_newer_one(
    newer: str | None, older: str | None, found: int
) -> None:
    world = floor(stock=0)

    outcomes = counted(world, (newer, found, 5), (older, 7, 9))

    assert [code(o) for o in outcomes] == [None, "count_outdated"]
    assert sum(lying(world).values()) == found
    sound()


def test_a_count_without_a_moment_is_of_now_for_the_rest_of_its_call() -> None:
    world = floor(stock=0)
    now = CountItem(sku=world.skus[0], location=world.locations[0], bin="A-1", quantity=3)

    outcomes = count_stock_levels([now, structs.replace(now, quantity=7, counted_at=ago(1))], actor=build.TESTER)  # fmt: skip

    assert [code(o) for o in outcomes] == [None, "count_outdated"]
    assert lying(world) == {"A-1": 3}


def test_a_newer_count_in_the_same_call_follows_an_older_one() -> None:
    world = floor(stock=0)

    assert all(o.ok for o in counted(world, ("A-1", 7, 9), ("A-1", 3, 5)))

    assert lying(world) == {"A-1": 3}
    sound()


@pytest.mark.parametrize("at_once", [True, False])
def test_an_older_count_of_the_whole_location_keeps_what_a_bin_was_found_to_hold_since(
    at_once: bool,
) -> None:
    world = floor(stock=0)
    receive_stock([ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=5, bin="A-1", received_at=ago(20))], actor=build.TESTER)[0].require()  # fmt: skip
    told: list[tuple[str | None, int, int]] = [("A-1", 3, 5), (None, 5, 9)]

    outcomes = counted(world, *told) if at_once else [counted(world, each)[0] for each in told]

    assert all(o.ok for o in outcomes)
    assert lying(world) == {"A-1": 3}
    sound()


def test_nobody_scans_at_a_location_of_another_shop() -> None:
    mine, theirs = floor(), floor()
    item = scan(mine, "receive", 1, bin="DOCK")

    outcome = record_stock_scans([item], actor=build.limited(theirs.shop_id))[0]

    assert code(outcome) == "unknown_location"
    assert lying(mine) == {"DEFAULT": 10}


def test_a_key_belongs_to_the_location_where_it_came_first() -> None:
    world, other = floor(stock=0), floor(stock=0)
    first = scan(world, "receive", 5, bin="DOCK")
    elsewhere = structs.replace(first, location=other.locations[0], sku=other.skus[0])
    both = scan(world, "receive", 2, bin="DOCK")
    second = structs.replace(both, location=other.locations[0], sku=other.skus[0])

    outcomes = [*send(first), *send(elsewhere), *send(first), *send(both, second)]

    assert [code(o) for o in outcomes] == [None, "key_in_use", None, None, "key_in_use"]
    assert (lying(world), lying(other)) == ({"DOCK": 7}, {})
    sound()


def test_a_key_belongs_to_what_was_said_under_it_first() -> None:
    world = floor(stock=0)
    first = scan(world, "receive", 5, bin="DOCK")
    other = structs.replace(first, quantity=9)
    counted = structs.replace(first, flow="count")
    both = scan(world, "receive", 1, bin="DOCK")

    outcomes = [*send(first), *send(other), *send(counted), *send(both, structs.replace(both, quantity=7))]  # fmt: skip

    assert [code(o) for o in outcomes] == [None, "key_in_use", "key_in_use", None, "key_in_use"]
    assert lying(world) == {"DOCK": 6}
    sound()


def test_an_equal_scan_is_answered_exactly_as_the_first() -> None:
    world = floor(stock=0)
    scans = [
        scan(world, "receive", 5, bin="DOCK"),
        scan(world, "count", 5, bin="DOCK"),
        scan(world, "move", 7, origin="DOCK", bin="A-1"),
        scan(world, "receive", 1, bin="NOWHERE"),
        scan(world, "receive", code="4711"),
    ]

    first, again = ([result_of(o, 0) for o in send(*scans)] for _ in range(2))

    assert again == first
    assert [r["error"].status for r in first if not r["ok"]] == [409, 404]
