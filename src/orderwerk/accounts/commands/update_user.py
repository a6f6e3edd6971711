"""Change what is known of people, what they may do, and whether they may enter at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.db import IntegrityError
from django.db.models.functions import Lower
from msgspec import UNSET, UnsetType

from orderwerk.accounts import fields
from orderwerk.accounts.errors import email_taken, last_owner, unknown_user
from orderwerk.accounts.events import USER_ACTIVATED, USER_DEACTIVATED, USER_UPDATED
from orderwerk.accounts.limits import Places, find_places, note_limits, write_limits
from orderwerk.accounts.models import Role, User
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work


class UserChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change of one person; a field left out stays. Shops and locations by code, None for all."""

    user_id: UUID
    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    language: str | UnsetType = UNSET
    theme: str | UnsetType = UNSET
    shops: tuple[str, ...] | UnsetType | None = UNSET
    locations: tuple[str, ...] | UnsetType | None = UNSET


_CHECKS = {
    "name": fields.checked_name,
    "email": fields.checked_email,
    "role": fields.checked_role,
    "language": fields.checked_language,
    "theme": fields.checked_theme,
}
_COLUMNS = (*_CHECKS, "is_active", "session_epoch", "all_shops", "all_locations")

# Owners are locked too: two requests must not each take away the other's owner.
_LOCK = """
select id from accounts_user where id = any(%s::uuid[]) or (role = 'owner' and is_active)
order by id for no key update
"""


def update_users(items: Sequence[UserChange], *, actor: Actor) -> list[Outcome]:
    """Change people; deactivating ends their sessions at once. A refused item leaves the others alone.

    Refuses NotFound, BadInput (a field is not valid), Conflict (address in use) and LimitExceeded (the last owner).
    Refuses NotAllowed: who is limited to shops or locations changes nobody else, and not what they may do themselves.
    """
    return retrying(lambda: _update(items, actor), also=(IntegrityError,))


@dataclass
class _Batch:
    """What the items of one call share: the people as they are now, and what is taken."""

    people: dict[UUID, User]
    places: Places
    mails: dict[str, UUID]
    owners: set[UUID]
    limits: dict[UUID, tuple[list[UUID] | None, list[UUID] | None]]


def _update(items: Sequence[UserChange], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        batch = _read(items)
        outcomes = []
        for item in items:
            try:
                _ensure_may(item, actor)
                outcomes.append(_apply(item, batch, unit))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
        changed = [batch.people[o.id] for o in outcomes if o.id is not None]
        User.objects.bulk_update(changed, _COLUMNS)
        write_limits(batch.limits)
    return outcomes


def _ensure_may(item: UserChange, actor: Actor) -> None:
    rights = (item.role, item.is_active, item.shops, item.locations)
    if item.user_id != actor.id or any(value is not UNSET for value in rights):
        actor.ensure_everything()


def _read(items: Sequence[UserChange]) -> _Batch:
    locked = [row[0] for row in sql.fetch(_LOCK, ([item.user_id for item in items],))]
    people = {
        user.id: user
        for user in User.objects.filter(id__in=locked).prefetch_related(
            "shop_limits", "location_limits"
        )
    }
    mails = [item.email.strip().lower() for item in items if item.email is not UNSET]
    found = User.objects.annotate(mail=Lower("email")).filter(
        mail__in=[mail for mail in mails if mail]
    )
    return _Batch(
        people,
        find_places((i.shops or None for i in items), (i.locations or None for i in items)),
        dict(found.values_list("mail", "id")),
        {user.id for user in people.values() if _rules_the_house(user)},
        {},
    )


def _apply(item: UserChange, batch: _Batch, unit: UnitOfWork) -> Outcome:
    user = batch.people.get(item.user_id)
    if user is None:
        raise unknown_user(item.user_id)
    values = _checked(item, user, batch)
    was_active = user.is_active
    limits = _limits(item, user, batch.places, values["role"])
    stays_owner = values["role"] == Role.OWNER and values["is_active"] and limits[0] is None
    if not stays_owner and batch.owners == {user.id}:
        raise last_owner()
    for field, value in values.items():
        setattr(user, field, value)
    note_limits(user, *limits)
    batch.limits[user.id] = limits
    _count_owner(user, batch)
    changed = sorted(
        name
        for name in item.__struct_fields__
        if name != "user_id" and getattr(item, name) is not UNSET
    )
    if was_active and not user.is_active:
        user.session_epoch += 1
        unit.record(USER_DEACTIVATED, Subject("user", user.id))
    elif user.is_active and not was_active:
        unit.record(USER_ACTIVATED, Subject("user", user.id))
    else:
        unit.record(USER_UPDATED, Subject("user", user.id), STILL, {"changed": changed})
    return Outcome.done(user.id, username=user.username)


def _checked(item: UserChange, user: User, batch: _Batch) -> dict[str, object]:
    """Return the new values of a person's own fields; refuses before anything is touched."""
    values: dict[str, object] = {name: getattr(user, name) for name in _CHECKS}
    for name, check in _CHECKS.items():
        given = getattr(item, name)
        if given is not UNSET:
            values[name] = check(given)
    values["is_active"] = user.is_active if item.is_active is UNSET else item.is_active
    if batch.mails.get(str(values["email"]).lower(), user.id) != user.id:
        raise email_taken(str(values["email"]))
    return values


def _limits(
    item: UserChange, user: User, places: Places, role: object
) -> tuple[list[UUID] | None, list[UUID] | None]:
    shops = None if user.all_shops else [limit.shop_id for limit in user.shop_limits.all()]
    locations = (
        None if user.all_locations else [limit.location_id for limit in user.location_limits.all()]
    )
    if item.shops is not UNSET:
        shops = places.shop_ids(item.shops)
    if item.locations is not UNSET:
        locations = places.location_ids(item.locations)
    if role != Role.WAREHOUSE:
        if item.locations is not UNSET and item.locations is not None:
            raise BadInput(
                "Only warehouse people are limited to locations.",
                code="locations_of_warehouse",
                pointer="/locations",
            )
        locations = None
    return shops, locations


def _rules_the_house(user: User) -> bool:
    # Somebody must be left who may let people in: an owner without limits.
    return user.role == Role.OWNER and user.is_active and user.all_shops


def _count_owner(user: User, batch: _Batch) -> None:
    if _rules_the_house(user):
        batch.owners.add(user.id)
    else:
        batch.owners.discard(user.id)
    if user.email:
        batch.mails[user.email.lower()] = user.id
