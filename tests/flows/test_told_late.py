"""Picks, shorts and parcels that are told late are true of their own moment: a count in between is right, or asked for again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from msgspec import structs

from orderwerk.core import clock, sql
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.device_clocks import Moment, by_our_clock
from orderwerk.flows.pack_shipments import PackedLine, PackItem, pack_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.record_scans import ScanItem, record_scans
from orderwerk.flows.record_stock_scans import StockScanItem
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.shipments.packing import PackageItem
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.count_requests import TOLD_LATE
from tests import build
from tests.flows.test_short_picks import asked, bins, listed, shelves, sound
from tests.flows.test_stock_scans import scan as floor_scan
from tests.flows.test_stock_scans import send as floor_sent

pytestmark = pytest.mark.django_db


def count(world: build.World, pieces: int, code: str | None = None, at: datetime | None = None) -> None:  # fmt: skip
    """Somebody counts a bin, or (without one) all of the location."""
    item = CountItem(sku=world.skus[0], location=world.locations[0], quantity=pieces, bin=code, counted_at=at)  # fmt: skip
    count_stock_levels([item], actor=build.TESTER)[0].require()


def came(world: build.World, pieces: int, code: str) -> None:
    item = ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=pieces, bin=code)
    receive_stock([item], actor=build.TESTER)[0].require()


def list_of(line: UUID) -> tuple[UUID, datetime]:
    """The list that a line stands on, and when it was made."""
    [row] = sql.fetch("select p.id, p.created_at from picklists_line l join picklists_pick_list p on p.id = l.pick_list_id where l.id = %s", (line,))  # fmt: skip
    return row[0], row[1]


def scanned(line: UUID, picked: int, at: datetime, short: int = 0, reason: str = "", now: datetime | None = None) -> Outcome:  # fmt: skip
    scan = ScanItem(key=new_id(), pick_list_id=list_of(line)[0], pick_line_id=line, picked=picked, short=short, reason=reason, at=at, now=now)  # fmt: skip
    return record_scans([scan], actor=build.TESTER)[0]


def moments(world: build.World, kind: str) -> list[datetime]:
    rows = sql.fetch("select distinct at from stock_movement where product_id = %s and kind = %s order by 1", (world.product_ids[world.skus[0]], kind))  # fmt: skip
    return [row[0] for row in rows]


def on_hand(world: build.World) -> int:
    return world.levels()[world.skus[0], world.locations[0]][0]


def to_pick(pieces: int, **lying: int) -> tuple[build.World, UUID]:
    """A world, and the line of a pick list that wants so many pieces of its first bin."""
    world = shelves(**lying)
    [line] = listed(world, world.place((world.skus[0], pieces)))
    return world, line


def test_a_bin_that_a_colleague_counted_before_the_pick_was_told_is_to_be_counted_again() -> None:
    world, line = to_pick(2, A1=10)
    taken = clock.now()
    count(world, 8, "A1")

    scanned(line, 2, taken).require()

    assert bins(world) == {"A1": (6, 0), "STAGING": (2, 0)}
    assert asked(world) == [("A1", TOLD_LATE, 6)]
    assert moments(world, "picked") == [taken]
    count(world, 8, "A1")
    assert (on_hand(world), asked(world)) == (10, [])
    sound()


@pytest.mark.parametrize("first", ["pick", "count"])
def test_what_one_device_picked_and_then_counted_is_right_or_counted_again(first: str) -> None:
    world, line = to_pick(2, A1=10)
    taken = clock.now()
    counted = floor_scan(world, "count", 8, bin="A1", at=clock.now())

    if first == "pick":
        scanned(line, 2, taken).require()
    floor_sent(counted)[0].require()
    if first == "count":
        scanned(line, 2, taken).require()

    right = first == "pick"
    assert bins(world) == {"A1": (8 if right else 6, 0), "STAGING": (2, 0)}
    assert [code for code, _, _ in asked(world)] == ([] if right else ["A1"])
    sound()


def test_a_pick_that_is_told_as_it_happens_asks_for_no_count() -> None:
    world, line = to_pick(4, A1=10)
    count(world, 10, "A1")

    scanned(line, 1, clock.now()).require()
    scanned(line, 1, clock.now() + timedelta(hours=1)).require()
    pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0].require()

    assert asked(world) == []
    assert max(moments(world, "picked")) <= clock.now()
    sound()


def test_nothing_was_picked_before_its_list_was_made() -> None:
    world, line = to_pick(1, A1=10)
    count(world, 10, "A1")

    scanned(line, 1, datetime(1970, 1, 1, tzinfo=UTC)).require()

    assert moments(world, "picked") == [list_of(line)[1]]
    assert [code for code, _, _ in asked(world)] == ["A1"]
    sound()


@pytest.mark.parametrize("how", ["typed", "complete"])
@pytest.mark.parametrize("counted", ["before", "since", "whole"])
def test_what_is_typed_in_from_paper_asks_where_a_bin_was_counted_since_its_list_was_made(how: str, counted: str) -> None:  # fmt: skip
    world, line = to_pick(2, A1=10)
    if counted == "since":
        count(world, 8, "A1")
    elif counted == "whole":
        # A feed of another system, each quarter of an hour: it counts what is in a cart.
        count(world, 10)

    if how == "typed":
        item = PickItem(pick_line_id=line, picked=2, is_undated=True)
        pick_lines([item], actor=build.TESTER)[0].require()
    else:
        complete_pick_lists([CompleteItem(pick_list_id=list_of(line)[0])], actor=build.TESTER)[0].require()  # fmt: skip

    assert [code for code, _, _ in asked(world)] == (["A1"] if counted == "since" else [])
    sound()


@pytest.mark.parametrize("how", ["scanned", "typed"])
@pytest.mark.parametrize("left", [0, 1])
def test_a_pick_that_a_count_has_overtaken_is_refused_and_its_bin_counted_again(how: str, left: int) -> None:  # fmt: skip
    world, line = to_pick(2, A1=2)
    taken = clock.now()
    count(world, left, "A1")

    told = {"scanned": PickItem(pick_line_id=line, picked=2, picked_at=taken), "typed": PickItem(pick_line_id=line, picked=2, is_undated=True)}  # fmt: skip
    [refused] = pick_lines([told[how]], actor=build.TESTER)

    assert refused.error is not None
    assert [code for code, _, _ in asked(world)] == ["A1"]
    sound()


def test_what_is_refused_without_a_piece_taken_asks_for_no_count() -> None:
    world, line = to_pick(2, A1=10)
    taken = clock.now()
    count(world, 10, "A1")
    nothing = PickItem(pick_line_id=line, picked=0, picked_at=taken)
    pick = PickItem(pick_line_id=line, picked=2)

    done = [pick_lines([item], actor=build.TESTER)[0] for item in (nothing, pick, structs.replace(pick, picked_at=taken))]  # fmt: skip

    assert [outcome.ok for outcome in done] == [False, True, False]
    assert asked(world) == []
    sound()


def test_a_refused_pick_out_of_another_bin_has_that_one_counted() -> None:
    world, line = to_pick(2, A1=2, A2=30)
    taken = clock.now()
    count(world, 1, "A2")

    [refused] = pick_lines([PickItem(pick_line_id=line, picked=2, bin="A2", picked_at=taken)], actor=build.TESTER)  # fmt: skip

    assert refused.error is not None
    assert [code for code, _, _ in asked(world)] == ["A2"]
    sound()


def test_a_count_of_the_shelves_that_saw_no_cart_is_asked_for_again() -> None:
    world, line = to_pick(2, A1=10)
    taken = clock.now()
    count(world, 8)

    scanned(line, 2, taken).require()

    assert asked(world) == [("A1", TOLD_LATE, 6)]
    sound()


def test_what_came_after_somebody_found_a_bin_empty_lies_there() -> None:
    world, line = to_pick(3, A1=3)
    seen = clock.now()
    came(world, 50, "A1")

    scanned(line, 1, seen, short=2, reason="missing").require()

    assert on_hand(world) == 51
    assert {code: n for code, (n, _) in bins(world).items()} == {"A1": 50, "STAGING": 1}
    assert asked(world) == [("A1", "missing", 50)]
    assert moments(world, "short") == [seen]
    sound()


def test_what_somebody_counted_after_a_bin_was_found_empty_lies_there() -> None:
    world, line = to_pick(3, A1=3)
    seen = clock.now()
    count(world, 5, "A1")

    scanned(line, 0, seen, short=3, reason="missing").require()

    assert {code: n for code, (n, _) in bins(world).items()} == {"A1": 5}
    assert asked(world) == [("A1", "missing", 5)]
    sound()


@pytest.mark.parametrize("last", ["late", "now"])
def test_who_saw_a_bin_empty_last_is_believed(last: str) -> None:
    world = shelves(A1=4)
    lines = listed(world, *(world.place((world.skus[0], 2)) for _ in range(2)))
    first = clock.now()
    came(world, 5, "A1")
    second = clock.now()
    came(world, 7, "A1")
    told = [first, second if last == "late" else None]
    items = [PickItem(pick_line_id=line, picked=0, short=2, reason="missing", picked_at=at) for line, at in zip(lines, told, strict=True)]  # fmt: skip

    for outcome in pick_lines(items, actor=build.TESTER):
        outcome.require()

    assert {code: n for code, (n, _) in bins(world).items()} == ({"A1": 7} if last == "late" else {})  # fmt: skip
    assert (moments(world, "short") == [second]) == (last == "late")
    sound()


def test_a_short_that_is_told_after_a_count_of_the_location_asks_for_all_its_bins() -> None:
    world, line = to_pick(3, A1=3, A2=4)
    seen = clock.now()
    count(world, 6)

    scanned(line, 2, seen, short=1, reason="damaged").require()

    assert sorted(asked(world)) == [("A1", "damaged", 0), ("A2", TOLD_LATE, 3)]
    count(world, 6)
    assert (on_hand(world), asked(world)) == (6, [])
    sound()


def packed(world: build.World, shipment: UUID, at: datetime | None) -> None:
    item = PackItem(shipment_id=shipment, contents=[PackedLine(sku=world.skus[0], quantity=2)], packages=[PackageItem()], packed_at=at)  # fmt: skip
    pack_shipments([item], actor=build.TESTER)[0].require()


def shipped(_: build.World, shipment: UUID, at: datetime | None) -> None:
    ship_shipments([ShipItem(shipment_id=shipment, taken_at=at)], actor=build.TESTER)[0].require()


Leave = Callable[[build.World, UUID, datetime | None], None]


@pytest.mark.parametrize("leave", [packed, shipped])
@pytest.mark.parametrize("counted", ["A1", None])
def test_a_parcel_that_is_told_after_a_count_asks_for_another_one(leave: Leave, counted: str | None) -> None:  # fmt: skip
    world = shelves(A1=10)
    [shipment] = build.shipments(world.place((world.skus[0], 2)))
    left = clock.now()
    count(world, 8, counted)

    leave(world, shipment, left)

    assert on_hand(world) == 6
    assert asked(world) == [("A1", TOLD_LATE, 6)]
    assert moments(world, "shipped") == [left]
    count(world, 8, counted)
    assert (on_hand(world), asked(world)) == (8, [])
    sound()


@pytest.mark.parametrize("leave", [packed, shipped])
@pytest.mark.parametrize("seen", [0, 1])
def test_of_pieces_that_nobody_picked_no_bin_is_known_and_each_in_question_is_counted(leave: Leave, seen: int) -> None:  # fmt: skip
    world = shelves(A1=2 + seen, A2=8, A3=5)
    [shipment] = build.shipments(world.place((world.skus[0], 2)))
    left = clock.now()
    count(world, seen, "A1")

    leave(world, shipment, left)

    assert on_hand(world) == 11 + seen
    assert sorted(code for code, _, _ in asked(world)) == ["A1", "A2"]
    count(world, seen, "A1")
    count(world, 8, "A2")
    assert (on_hand(world), asked(world)) == (13 + seen, [])
    sound()


@pytest.mark.parametrize("leave", [packed, shipped])
def test_a_feed_that_saw_a_parcel_leave_takes_it_off_once(leave: Leave) -> None:
    world = shelves(A1=10)
    [shipment] = build.shipments(world.place((world.skus[0], 2)))
    left = clock.now()
    figures = clock.now()

    leave(world, shipment, left)
    count(world, 8, at=figures)

    assert (on_hand(world), asked(world)) == (8, [])
    sound()


def test_a_parcel_that_leaves_as_it_is_told_asks_for_no_count() -> None:
    world = shelves(A1=10)
    orders = [world.place((world.skus[0], 2)) for _ in range(2)]
    count(world, 10)

    shipped(world, build.shipments(orders[0])[0], clock.now() + timedelta(hours=1))
    packed(world, build.shipments(orders[1])[0], None)

    assert (on_hand(world), asked(world)) == (6, [])
    assert max(moments(world, "shipped")) <= clock.now()
    sound()


def test_picked_pieces_that_left_before_a_count_of_the_location_ask_for_all_its_bins() -> None:
    world = shelves(A1=2, A2=8)
    order = world.place((world.skus[0], 2))
    [line] = listed(world, order)
    pick_lines([PickItem(pick_line_id=line, picked=2)], actor=build.TESTER)[0].require()
    left = clock.now()
    count(world, 8)

    packed(world, build.shipments(order)[0], left)

    assert on_hand(world) == 6
    assert sorted(code for code, _, _ in asked(world)) == ["A1", "A2"]
    sound()


def test_a_parcel_left_no_earlier_than_there_was_one() -> None:
    world = shelves(A1=10)
    [shipment] = build.shipments(world.place((world.skus[0], 2)))
    shipped(world, shipment, datetime(1970, 1, 1, tzinfo=UTC))

    [(made,)] = sql.fetch("select created_at from shipments_shipment where id = %s", (shipment,))
    assert moments(world, "shipped") == [made]


NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "sent", "ours"),
    [
        (NOON - timedelta(hours=1), None, NOON - timedelta(hours=1)),
        (NOON + timedelta(hours=1), None, NOON),
        # The way of a message is no fault of a clock.
        (NOON - timedelta(hours=1), NOON - timedelta(seconds=5), NOON - timedelta(hours=1)),
        (NOON - timedelta(hours=3), NOON - timedelta(hours=2), NOON - timedelta(hours=1)),
        (NOON + timedelta(hours=1), NOON + timedelta(hours=2), NOON - timedelta(hours=1)),
        # A clock that was set back before it was sent.
        (NOON, NOON - timedelta(hours=2), NOON),
        (datetime(1970, 1, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, 2, tzinfo=UTC), NOON - timedelta(hours=1)),
        (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), NOON - timedelta(days=30)),
        (None, NOON, None),
    ],
)  # fmt: skip
def test_how_long_ago_it_was_is_what_the_device_itself_measured(at: datetime | None, sent: datetime | None, ours: datetime | None) -> None:  # fmt: skip
    moment = by_our_clock(at, sent, NOON)
    assert (moment and moment.at) == ours


HOUR = 3_600_000
SLOW = timedelta(hours=2)


@pytest.mark.parametrize(
    ("at", "sent", "off", "moment"),
    [
        # It was as wrong then as it is now, a slow request more or less.
        (NOON - timedelta(hours=3), NOON - timedelta(hours=2), 2 * HOUR, Moment(NOON - timedelta(hours=1))),
        (NOON - timedelta(hours=3), NOON - timedelta(hours=2, seconds=9), 2 * HOUR, Moment(NOON - timedelta(hours=1))),
        (NOON - timedelta(hours=1), NOON - timedelta(seconds=8), 400, Moment(NOON - timedelta(hours=1))),
        # Somebody set it in between: forward, back, or to the hour.
        (NOON - timedelta(hours=3), NOON, 2 * HOUR, Moment(NOON - timedelta(hours=1), is_doubtful=True)),
        (NOON + timedelta(hours=1), NOON, -2 * HOUR, Moment(NOON - timedelta(hours=1), is_doubtful=True)),
        (NOON - timedelta(hours=1), NOON - timedelta(hours=2), 0, Moment(NOON - timedelta(hours=1), is_doubtful=True)),
        # Set back, and it never measured how it stood.
        (NOON + timedelta(hours=1), NOON, None, Moment(NOON, is_doubtful=True)),
        # A request that was long under way is no clock that is slow: the earlier moment is the safe one.
        (NOON - timedelta(seconds=9), NOON - timedelta(seconds=8), None, Moment(NOON - timedelta(seconds=9))),
        # One that lost its battery.
        (datetime(1970, 1, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, 2, tzinfo=UTC), 0, Moment(NOON - timedelta(days=30), is_doubtful=True)),
        (datetime(1970, 1, 1, tzinfo=UTC), None, None, Moment(NOON - timedelta(days=30), is_doubtful=True)),
        (NOON, NOON, 10**13, Moment(NOON, is_doubtful=True)),
        (NOON, NOON, -(10**13), Moment(NOON - timedelta(days=30), is_doubtful=True)),
    ],
)  # fmt: skip
def test_a_clock_that_was_set_between_scan_and_sending_is_told_from_one_that_is_wrong(at: datetime, sent: datetime, off: int | None, moment: Moment) -> None:  # fmt: skip
    assert by_our_clock(at, sent, NOON, off) == moment


def test_a_count_of_a_clock_that_was_set_since_is_to_be_made_again() -> None:
    world = build.world(products=1, stock=0)
    came(world, 8, "DEFAULT")
    now = clock.now()

    [refused] = floor_sent(floor_scan(world, "count", 6, bin="DEFAULT", at=now - SLOW, now=now, off=2 * HOUR))  # fmt: skip

    assert refused.error is not None
    assert refused.error.code == "counted_long_ago"
    assert on_hand(world) == 8


def test_a_pick_of_a_clock_that_was_set_since_may_have_been_at_any_time() -> None:
    world, line = to_pick(2, A1=10)
    count(world, 8, "A1")
    now = clock.now()
    pick = ScanItem(key=new_id(), pick_list_id=list_of(line)[0], pick_line_id=line, picked=2, at=now + SLOW, now=now)  # fmt: skip

    record_scans([pick], actor=build.TESTER)[0].require()

    assert [code for code, _, _ in asked(world)] == ["A1"]
    assert moments(world, "picked")[0] <= clock.now()
    sound()


def test_goods_that_came_or_moved_by_a_clock_that_was_set_since_are_counted() -> None:
    world = build.world(products=1, stock=0)
    came(world, 8, "DEFAULT")
    set_bins([BinItem(location=world.locations[0], bin=code, position=1) for code in ("A1", "A2")], actor=build.TESTER)  # fmt: skip
    now = clock.now()
    wrong = {"at": now - SLOW, "now": now, "off": 2 * HOUR}
    told = [
        floor_scan(world, "receive", 3, bin="A1", **wrong),
        floor_scan(world, "move", 2, origin="DEFAULT", bin="A2", **wrong),
        # Refused, and a wrong scan: of these nothing moved.
        floor_scan(world, "move", 99, origin="A2", bin="A1", **wrong),
        StockScanItem(key=new_id(), flow="move", location=world.locations[0], step="from", code="?", **wrong),
    ]  # fmt: skip

    outcomes = floor_sent(*told)

    assert [outcome.ok for outcome in outcomes] == [True, True, False, True]
    assert sorted((code, why) for code, why, _ in asked(world)) == [(code, TOLD_LATE) for code in ("A1", "A2", "DEFAULT")]  # fmt: skip
    sound()


def test_a_count_of_a_device_whose_clock_is_slow_is_true_of_when_it_was_made() -> None:
    world = build.world(products=1, stock=0)
    came(world, 8, "DEFAULT")
    now = clock.now() - SLOW

    floor_sent(floor_scan(world, "count", 8, bin="DEFAULT", at=now, now=now))[0].require()

    assert on_hand(world) == 8
    sound()


def test_a_pick_of_a_device_whose_clock_is_slow_is_of_when_it_was_made() -> None:
    world, line = to_pick(2, A1=10)
    count(world, 10, "A1")
    now = clock.now() - SLOW

    scanned(line, 2, now, now=now).require()

    assert asked(world) == []
    assert moments(world, "picked")[0] > clock.now() - SLOW
    sound()


def test_a_scan_that_is_sent_again_later_is_the_same_scan() -> None:
    world, line = to_pick(2, A1=10, A2=0)
    at = clock.now() - SLOW
    pick = ScanItem(key=new_id(), pick_list_id=list_of(line)[0], pick_line_id=line, picked=1, at=at, now=at)  # fmt: skip
    move = floor_scan(world, "move", 1, origin="A1", bin="A2", at=at, now=at)
    later = at + timedelta(minutes=1)

    picked = [record_scans([each], actor=build.TESTER)[0] for each in (pick, structs.replace(pick, now=later))]  # fmt: skip
    moved = [floor_sent(each)[0] for each in (move, structs.replace(move, now=later))]

    assert [outcome.ok for outcome in (*picked, *moved)] == [True] * 4
    assert (picked[0], moved[0]) == (picked[1], moved[1])
    assert bins(world) == {"A1": (8, 1), "A2": (1, 0), "STAGING": (1, 0)}
    sound()


def test_a_count_from_before_anybody_kept_scans_is_to_be_made_again() -> None:
    world = build.world(products=1, stock=0)
    came(world, 8, "DEFAULT")
    at = datetime(1970, 1, 1, tzinfo=UTC)

    [outcome] = floor_sent(floor_scan(world, "count", 8, bin="DEFAULT", at=at))

    assert outcome.error is not None
    assert outcome.error.code == "counted_long_ago"
    assert on_hand(world) == 8
