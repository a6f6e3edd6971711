"""Puts pick lists aside for a while, and takes them up again."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.events import EventKind
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.picklists.events import PICK_LIST_PAUSED, PICK_LIST_RESUMED
from orderwerk.picklists.locking import ListState, check_unfinished, lock_pick_lists


class PauseItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list that nobody is to pick from for now, and why."""

    pick_list_id: UUID
    reason: fields.Line = ""


class ResumeItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list that goes on."""

    pick_list_id: UUID


def pause_pick_lists(items: Sequence[PauseItem], *, actor: Actor) -> list[Outcome]:
    """Pause pick lists: nothing is picked from them until they are resumed; what is on them stays planned.

    Refuses with NotFound, with WrongState a list that is finished or paused.
    """
    return retrying(lambda: _move(items, PICK_LIST_PAUSED, _not_paused, actor))


def resume_pick_lists(items: Sequence[ResumeItem], *, actor: Actor) -> list[Outcome]:
    """Resume pick lists; refuses with NotFound, with WrongState a list that is finished or not paused."""
    return retrying(lambda: _move(items, PICK_LIST_RESUMED, _paused, actor))


def _not_paused(found: ListState) -> None:
    if found.is_paused:
        raise WrongState(f"Pick list {found.number} is paused already.", code="pick_list_paused")


def _paused(found: ListState) -> None:
    if not found.is_paused:
        raise WrongState(f"Pick list {found.number} is not paused.", code="pick_list_not_paused")


def _move(
    items: Sequence[Any], kind: EventKind, check: Callable[[ListState], None], actor: Actor
) -> list[Outcome]:
    moment: datetime | None = clock.now() if kind is PICK_LIST_PAUSED else None
    with unit_of_work(actor) as unit:
        lists = lock_pick_lists(unit, [item.pick_list_id for item in items])
        outcomes: list[Outcome] = []
        chosen: dict[UUID, str] = {}
        for item in items:
            try:
                found = check_unfinished(lists.get(item.pick_list_id))
                check(found)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            found.is_paused = moment is not None
            chosen[found.id] = getattr(item, "reason", "")
            outcomes.append(Outcome.done(found.id, paused=found.is_paused))
        rows = sql.fetch(
            "update picklists_pick_list set paused_at = %s, version = version + 1 where id = any(%s) returning id, version",
            (moment, list(chosen)),
        )
        for key, version in rows:
            data = {"reason": chosen[key]} if moment else {}
            unit.record(kind, Subject("pick_list", key, version), STILL, data)
    return outcomes
