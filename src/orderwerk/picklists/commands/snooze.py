"""Sets pick lists aside until a moment, at which they come back by themselves, and takes them up again before it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.picklists.events import PICK_LIST_SNOOZED, PICK_LIST_WOKEN
from orderwerk.picklists.locking import check_going, check_unfinished, lock_pick_lists


class SnoozeItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list that nobody is to see among what is to be done before a moment, and why."""

    pick_list_id: UUID
    until: datetime
    note: fields.Line = ""


class WakeItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list that comes back now."""

    pick_list_id: UUID


def snooze_pick_lists(items: Sequence[SnoozeItem], *, actor: Actor) -> list[Outcome]:
    """Set pick lists aside: nothing is picked from them before the moment; what is on them stays planned. Again: another moment.

    Refuses with NotFound, with WrongState a list that is finished or paused, with BadInput a moment that has passed.
    """
    return retrying(lambda: _snooze(items, actor))


def wake_pick_lists(items: Sequence[WakeItem], *, actor: Actor) -> list[Outcome]:
    """Take pick lists up again; refuses with NotFound, with WrongState a list that is finished or not set aside."""
    return retrying(lambda: _wake(items, actor))


def _snooze(items: Sequence[SnoozeItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        lists = lock_pick_lists(unit, [item.pick_list_id for item in items])
        outcomes: list[Outcome] = []
        chosen: dict[UUID, SnoozeItem] = {}
        for item in items:
            try:
                found = check_going(lists.get(item.pick_list_id), snoozed=True)
                if item.until <= clock.now():
                    raise BadInput(
                        "A list is set aside until a moment in the future.",
                        code="snooze_passed",
                        pointer="/until",
                    )
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen[found.id] = item
            outcomes.append(Outcome.done(found.id, until=item.until))
        rows = sql.fetch(
            "update picklists_pick_list p set snoozed_until = t.until, snooze_note = t.note, snoozed_by = %s, version = p.version + 1 "
            "from unnest(%s::uuid[], %s::timestamptz[], %s::text[]) as t(id, until, note) where p.id = t.id returning p.id, p.version",
            (
                actor.name,
                list(chosen),
                [item.until for item in chosen.values()],
                [item.note for item in chosen.values()],
            ),
        )
        for key, version in rows:
            data = {"until": chosen[key].until, "note": chosen[key].note}
            unit.record(PICK_LIST_SNOOZED, Subject("pick_list", key, version), STILL, data)
    return outcomes


def _wake(items: Sequence[WakeItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        lists = lock_pick_lists(unit, [item.pick_list_id for item in items])
        outcomes: list[Outcome] = []
        chosen: list[UUID] = []
        for item in items:
            try:
                found = check_unfinished(lists.get(item.pick_list_id))
                if not found.is_snoozed:
                    raise WrongState(
                        f"Pick list {found.number} is not set aside.", code="pick_list_not_snoozed"
                    )
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            found.is_snoozed = False
            chosen.append(found.id)
            outcomes.append(Outcome.done(found.id))
        rows = sql.fetch(
            "update picklists_pick_list set snoozed_until = null, snooze_note = '', snoozed_by = '', version = version + 1 "
            "where id = any(%s) returning id, version",
            (chosen,),
        )
        for key, version in rows:
            unit.record(PICK_LIST_WOKEN, Subject("pick_list", key, version), STILL, {})
    return outcomes
