"""Says which pick lists come first."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.picklists.events import PICK_LIST_PRIORITISED
from orderwerk.picklists.locking import check_unfinished, lock_pick_lists


class PrioritiseItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list, and whether it is urgent: urgent ones stand first."""

    pick_list_id: UUID
    urgent: bool = True


def prioritise_pick_lists(items: Sequence[PrioritiseItem], *, actor: Actor) -> list[Outcome]:
    """Mark pick lists as urgent or not; refuses with NotFound, with WrongState a finished list."""
    return retrying(lambda: _prioritise(items, actor))


def _prioritise(items: Sequence[PrioritiseItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        lists = lock_pick_lists(unit, [item.pick_list_id for item in items])
        outcomes: list[Outcome] = []
        chosen: dict[UUID, bool] = {}
        for item in items:
            try:
                check_unfinished(lists.get(item.pick_list_id))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen[item.pick_list_id] = item.urgent
            outcomes.append(Outcome.done(item.pick_list_id, urgent=item.urgent))
        rows = sql.fetch(
            "update picklists_pick_list p set is_urgent = t.urgent, version = p.version + 1 "
            "from unnest(%s::uuid[], %s::boolean[]) as t(id, urgent) where p.id = t.id returning p.id, p.version, p.is_urgent",
            (list(chosen), list(chosen.values())),
        )
        for key, version, urgent in rows:
            subject = Subject("pick_list", key, version)
            unit.record(PICK_LIST_PRIORITISED, subject, STILL, {"urgent": urgent})
    return outcomes
