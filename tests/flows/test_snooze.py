"""Pick lists that are set aside until a moment: nobody is sent there, nothing is lost, and they come back by themselves."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.core import clock, sql
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.picklists.commands.pause import (
    PauseItem,
    ResumeItem,
    pause_pick_lists,
    resume_pick_lists,
)
from orderwerk.picklists.commands.snooze import (
    SnoozeItem,
    WakeItem,
    snooze_pick_lists,
    wake_pick_lists,
)
from orderwerk.picklists.queries import (
    PickListFilters,
    pick_list_page,
    pick_list_tab_counts,
    pick_progress,
)
from orderwerk.picklists.selection import zone_of
from tests import build
from tests.flows.test_short_picks import sound
from tests.flows.test_steering import code, listed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def snooze(key: UUID, until: datetime | None = None, note: str = "") -> Outcome:
    item = SnoozeItem(pick_list_id=key, until=until or clock.now() + HOUR, note=note)
    return snooze_pick_lists([item], actor=build.TESTER)[0]


def wake(key: UUID) -> Outcome:
    return wake_pick_lists([WakeItem(pick_list_id=key)], actor=build.TESTER)[0]


def pick(key: UUID) -> Outcome:
    line = build.pick_lines_of(key)[0][0]
    return pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0]


def kept(key: UUID) -> Any:
    [row] = sql.fetch("select status, snoozed_until, snooze_note, snoozed_by from picklists_pick_list where id = %s", (key,))  # fmt: skip
    return row


def test_a_list_that_is_set_aside_is_not_to_be_done_and_comes_back_by_itself() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 2))
    waits, other = listed(world, order), listed(world, world.place((world.skus[0], 2)))
    before = (world.levels(), build.allocations(order))
    until = clock.now() + HOUR

    def shown(**filters: Any) -> list[UUID]:
        wanted = PickListFilters(location=world.locations[0], **filters)
        return [row.id for row in pick_list_page(build.TESTER, wanted).items]

    assert snooze(waits, until, "lift is broken").require().data["until"] == until

    assert (world.levels(), build.allocations(order)) == before
    assert shown(finished=False) == [other, waits]
    assert shown(finished=False, snoozed=False) == shown(snoozed=False) == [other]
    assert shown(snoozed=True) == shown(finished=False, snoozed=True) == [waits]
    assert shown() == shown(status="open") == [other, waits]
    assert pick_list_tab_counts(build.TESTER, world.locations[0]) == {"open": 1, "picking": 0, "snoozed": 1}  # fmt: skip
    assert [p.list_count for p in pick_progress(build.limited(world.shop_id), until)] == [1]
    done = complete_pick_lists([CompleteItem(pick_list_id=waits)], actor=build.TESTER)[0]
    assert (code(pick(waits)), code(done)) == ("pick_list_snoozed", "pick_list_snoozed")
    assert kept(waits) == ("open", until, "lift is broken", build.TESTER.name)
    told = sql.fetch("select payload from core_event where kind = 'pick_list.snoozed' and aggregate_id = %s", (waits,))  # fmt: skip
    assert [sql.from_json(row[0])["note"] for row in told] == ["lift is broken"]
    with clock.told(until + timedelta(seconds=1)):
        assert shown(finished=False) == [other, waits]
        assert shown(snoozed=True) == []
        assert code(pick(waits)) is None
        assert code(wake(waits)) == "pick_list_not_snoozed"
    sound()


def test_a_list_is_woken_before_its_time_and_set_aside_for_another() -> None:
    world = build.world(locations=1)
    key = listed(world, world.place((world.skus[0], 2)))
    assert code(wake(key)) == "pick_list_not_snoozed"
    pick(key).require()
    snooze(key).require()
    later = clock.now() + 2 * HOUR
    snooze(key, later, "again").require()
    assert kept(key)[:3] == ("picking", later, "again")

    twice = wake_pick_lists([WakeItem(pick_list_id=key)] * 2, actor=build.TESTER)

    assert [code(outcome) for outcome in twice] == [None, "pick_list_not_snoozed"]
    assert kept(key) == ("picking", None, "", "")
    assert code(pick(key)) is None
    kinds = sql.fetch("select kind from core_event where aggregate_id = %s and kind like 'pick_list.%%' order by seq", (key,))  # fmt: skip
    assert [row[0] for row in kinds][2:-1] == ["pick_list.snoozed", "pick_list.snoozed", "pick_list.woken"]  # fmt: skip
    sound()


def test_what_cannot_be_set_aside_is_refused_and_nothing_changes() -> None:
    world = build.world(locations=1)
    key, done = (listed(world, world.place((world.skus[0], 1))) for _ in range(2))
    complete_pick_lists([CompleteItem(pick_list_id=done)], actor=build.TESTER)[0].require()

    assert code(snooze(key, clock.now())) == "snooze_passed"
    assert code(snooze(new_id())) == "unknown_pick_list"
    assert [code(snooze(done)), code(wake(done))] == ["pick_list_finished", "pick_list_finished"]
    pause_pick_lists([PauseItem(pick_list_id=key)], actor=build.TESTER)[0].require()
    assert code(snooze(key)) == "pick_list_paused"
    resume_pick_lists([ResumeItem(pick_list_id=key)], actor=build.TESTER)[0].require()
    strange = SnoozeItem(pick_list_id=key, until=clock.now() + HOUR)
    assert code(snooze_pick_lists([strange], actor=build.limited(new_id()))[0]) == "unknown_pick_list"  # fmt: skip
    assert kept(key) == ("open", None, "", "")


def test_what_is_set_aside_is_cancelled_with_its_order_and_then_waits_for_nothing() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 2))
    key = listed(world, order)
    snooze(key, note="later").require()

    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()

    assert kept(key) == ("cancelled", None, "", "")
    for wrong in ("snoozed_until = now()", "snooze_note = 'x'", "snoozed_by = 'x'"):
        with pytest.raises(IntegrityError, match="picklists_pick_list_snoozed"), atomic():
            sql.execute(f"update picklists_pick_list set {wrong} where id = %s", (key,))
    sound()


def test_the_time_of_a_location_is_that_of_a_shop_that_draws_from_it() -> None:
    world = build.world(locations=1)

    assert zone_of(world.locations[0]) == "Europe/Amsterdam"
    assert zone_of("nowhere") == "UTC"
