"""Scans of a device: each once however often it is sent, in their order, and wrong ones are kept."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from orderwerk.core import clock, sql
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.record_scans import ScanItem, record_scans
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.commands.pause import PauseItem, pause_pick_lists
from orderwerk.picklists.commands.snooze import SnoozeItem, snooze_pick_lists
from tests import build
from tests.flows.test_short_picks import sound

pytestmark = pytest.mark.django_db


def walk(quantity: int) -> tuple[UUID, UUID, UUID]:
    """An order, its pick list and the list's one line."""
    world = build.world(locations=1)
    order = world.place((world.skus[0], quantity))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
    assert made.id is not None
    return order, made.id, build.pick_lines_of(made.id)[0][0]


def scan(pick_list: UUID, line: UUID | None, picked: int = 1, **fields: Any) -> ScanItem:
    return ScanItem(key=new_id(), pick_list_id=pick_list, pick_line_id=line, picked=picked if line else 0, **fields)  # fmt: skip


def send(*items: ScanItem) -> list[Outcome]:
    return record_scans(items, actor=build.TESTER)


def test_a_scan_that_is_sent_again_is_booked_once_and_answers_the_same() -> None:
    order, pick_list, line = walk(5)
    first, second = scan(pick_list, line), scan(pick_list, line, 2)

    before = send(first)
    again = send(first, second, second)
    later = send(second, first)

    assert build.order(order)["units_picked"] == 3
    assert before[0].data["left"] == 4
    assert [o.data["left"] for o in again] == [4, 2, 2]
    assert [o.data["left"] for o in later] == [2, 4]
    assert sql.fetch("select count(*) from picklists_scan where pick_list_id = %s", (pick_list,)) == [(2,)]  # fmt: skip
    sound()


def test_what_was_refused_stays_refused_under_its_key() -> None:
    order, pick_list, line = walk(1)
    good, late = scan(pick_list, line), scan(pick_list, line)

    first = send(good, late)
    again = send(late)

    codes = [o.error.code if o.error else None for o in (*first, *again)]
    assert codes == [None, "pick_line_done", "pick_line_done"]
    assert build.order(order)["units_picked"] == 1
    sound()


@pytest.mark.parametrize("how", ["paused", "snoozed"])
def test_what_was_taken_before_a_list_was_put_aside_is_taken_whenever_it_is_told(how: str) -> None:
    order, pick_list, line = walk(3)
    before, now = clock.now() - timedelta(minutes=5), clock.now()
    if how == "paused":
        pause_pick_lists([PauseItem(pick_list_id=pick_list)], actor=build.TESTER)[0].require()
    else:
        item = SnoozeItem(pick_list_id=pick_list, until=now + timedelta(days=1))
        snooze_pick_lists([item], actor=build.TESTER)[0].require()

    told = send(
        scan(pick_list, line, at=before),
        scan(pick_list, line, at=clock.now()),
        scan(pick_list, line),
    )

    assert [o.error.code if o.error else None for o in told] == [None, *[f"pick_list_{how}"] * 2]
    assert build.order(order)["units_picked"] == 1
    sound()


def test_short_pieces_are_told_by_scan_too() -> None:
    order, pick_list, line = walk(3)

    [outcome] = send(scan(pick_list, line, 1, short=2, reason="missing"))

    assert outcome.data["pick_list_status"] == "picked"
    assert build.order(order)["units_picked"] == 1
    sound()


def test_a_wrong_scan_is_kept_in_the_history_once() -> None:
    _, pick_list, _ = walk(1)
    wrong = scan(pick_list, None, step="bin", code="B-9", expected="DEFAULT")

    send(wrong)
    send(wrong)

    rows = sql.fetch("select payload from core_event where aggregate_id = %s and kind = 'pick_list.scan_refused'", (pick_list,))  # fmt: skip
    assert [sql.from_json(row[0]) for row in rows] == [{"step": "bin", "code": "B-9", "expected": "DEFAULT"}]  # fmt: skip
    sound()


def test_another_shops_list_is_not_there_and_nothing_is_kept() -> None:
    order, pick_list, line = walk(1)

    [outcome] = record_scans([scan(pick_list, line)], actor=build.limited(new_id()))

    assert outcome.error is not None
    assert outcome.error.code == "unknown_pick_list"
    assert build.order(order)["units_picked"] == 0
    assert sql.fetch("select 1 from picklists_scan where pick_list_id = %s", (pick_list,)) == []


def test_a_key_belongs_to_one_scan_of_one_list() -> None:
    order, pick_list, line = walk(5)
    other_order, other_list, other_line = walk(5)
    first = scan(pick_list, line)
    elsewhere = structs.replace(first, pick_list_id=other_list, pick_line_id=other_line)
    more = structs.replace(first, picked=2)

    outcomes = [*send(first), *send(elsewhere), *send(more), *send(first, more)]

    codes = [o.error.code if o.error else None for o in outcomes]
    assert codes == [None, "key_in_use", "key_in_use", None, "key_in_use"]
    assert [build.order(key)["units_picked"] for key in (order, other_order)] == [1, 0]
    assert outcomes[3] == outcomes[0]
    sound()
