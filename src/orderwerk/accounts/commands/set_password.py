"""Set people's passwords."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.accounts import fields
from orderwerk.accounts.errors import unknown_user
from orderwerk.accounts.events import PASSWORD_SET
from orderwerk.accounts.models import User
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Subject, unit_of_work


class NewPassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person and the password to log in with from now on."""

    user_id: UUID
    password: str


_LOCK = "select id from accounts_user where id = any(%s::uuid[]) order by id for no key update"


def set_passwords(items: Sequence[NewPassword], *, actor: Actor) -> list[Outcome]:
    """Set passwords; every open session of these people ends. A refused item leaves the others alone.

    Refuses NotFound, BadInput (a password that is too weak), and NotAllowed who is limited to shops or locations and sets
    another's than their own.
    """
    with unit_of_work(actor) as unit:
        sql.fetch(_LOCK, ([item.user_id for item in items],))
        people = User.objects.in_bulk([item.user_id for item in items])
        outcomes = []
        for item in items:
            try:
                if item.user_id != actor.id:
                    actor.ensure_everything()
                user = _apply(item, people)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            unit.record(PASSWORD_SET, Subject("user", user.id))
            outcomes.append(Outcome.done(user.id))
        User.objects.bulk_update([people[o.id] for o in outcomes if o.id is not None], ["password"])
    return outcomes


def _apply(item: NewPassword, people: dict[UUID, User]) -> User:
    user = people.get(item.user_id)
    if user is None:
        raise unknown_user(item.user_id)
    # The session hash is made from the stored password, which has a fresh salt: old sessions no longer fit.
    user.set_password(fields.checked_password(item.password))
    return user
