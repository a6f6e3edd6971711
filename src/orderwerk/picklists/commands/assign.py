"""Gives pick lists to a person, or takes them back."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.accounts.models import User
from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.picklists.events import PICK_LIST_ASSIGNED
from orderwerk.picklists.locking import check_unfinished, lock_pick_lists


class AssignItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list and the login name of who picks it; null takes it back."""

    pick_list_id: UUID
    user: fields.Name | None


def assign_pick_lists(items: Sequence[AssignItem], *, actor: Actor) -> list[Outcome]:
    """Assign pick lists; refuses with NotFound a list or person, with WrongState a finished list."""
    return retrying(lambda: _assign(items, actor))


def _assign(items: Sequence[AssignItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        lists = lock_pick_lists(unit, [item.pick_list_id for item in items])
        names = {item.user for item in items if item.user}
        people = {
            row[0]: row[1]
            for row in User.objects.filter(username__in=names, is_active=True).values_list(
                "username", "id"
            )
        }
        outcomes: list[Outcome] = []
        chosen: dict[UUID, str] = {}
        for item in items:
            try:
                check_unfinished(lists.get(item.pick_list_id))
                if item.user and item.user not in people:
                    raise NotFound(
                        f"There is no active user {item.user}.",
                        code="unknown_user",
                        pointer="/user",
                    )
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen[item.pick_list_id] = item.user or ""
            outcomes.append(Outcome.done(item.pick_list_id, user=item.user))
        rows = sql.fetch(
            "update picklists_pick_list p set assigned_to = t.user_id, assigned_name = t.name, version = p.version + 1 "
            "from unnest(%s::uuid[], %s::uuid[], %s::text[]) as t(id, user_id, name) where p.id = t.id returning p.id, p.version",
            (list(chosen), [people.get(name) for name in chosen.values()], list(chosen.values())),
        )
        for key, version in rows:
            unit.record(
                PICK_LIST_ASSIGNED,
                Subject("pick_list", key, version),
                STILL,
                {"user": chosen[key] or None},
            )
    return outcomes
