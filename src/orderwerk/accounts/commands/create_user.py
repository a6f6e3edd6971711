"""Let people in."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.db import IntegrityError
from django.db.models.functions import Lower

from orderwerk.accounts import fields
from orderwerk.accounts.errors import email_taken, username_taken
from orderwerk.accounts.events import USER_CREATED
from orderwerk.accounts.limits import Places, find_places, note_limits, write_limits
from orderwerk.accounts.models import Language, Role, User
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work


class NewUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person to be let in; shops and locations by code, None for all; without a password nobody can log in yet."""

    username: str
    name: str
    role: str
    email: str = ""
    password: str | None = None
    language: str = Language.ENGLISH
    shops: tuple[str, ...] | None = None
    locations: tuple[str, ...] | None = None


def create_users(items: Sequence[NewUser], *, actor: Actor) -> list[Outcome]:
    """Create people; a refused one leaves the others alone.

    Refuses BadInput (a field is not valid, unknown shop or location) and Conflict (username or address taken).
    Refuses with NotAllowed who is limited to shops or locations: the people and programs are the whole house's.
    """
    actor.ensure_everything()
    return retrying(lambda: _create(items, actor), also=(IntegrityError,))


def _create(items: Sequence[NewUser], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        places = find_places((i.shops for i in items), (i.locations for i in items))
        taken = _Taken(items)
        outcomes: list[Outcome] = []
        made: list[User] = []
        limits = {}
        for item in items:
            try:
                user = _build(item)
                shops, locations = _limits(item, places)
                taken.claim(user)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            note_limits(user, shops, locations)
            limits[user.id] = (shops, locations)
            made.append(user)
            outcomes.append(Outcome.done(user.id, username=user.username))
            unit.record(
                USER_CREATED,
                Subject("user", user.id),
                STILL,
                {"username": user.username, "role": user.role},
            )
        User.objects.bulk_create(made)
        write_limits(limits)
    return outcomes


class _Taken:
    """The usernames and addresses that are in use, by the database or by an earlier item of the same batch."""

    def __init__(self, items: Sequence[NewUser]) -> None:
        names = [item.username.strip().lower() for item in items]
        mails = [item.email.strip().lower() for item in items if item.email.strip()]
        self.names = set(User.objects.filter(username__in=names).values_list("username", flat=True))
        found = User.objects.annotate(mail=Lower("email")).filter(mail__in=mails)
        self.mails = set(found.values_list("mail", flat=True))

    def claim(self, user: User) -> None:
        if user.username in self.names:
            raise username_taken(user.username)
        if user.email.lower() in self.mails:
            raise email_taken(user.email)
        self.names.add(user.username)
        if user.email:
            self.mails.add(user.email.lower())


def _build(item: NewUser) -> User:
    user = User(
        username=fields.checked_username(item.username),
        name=fields.checked_name(item.name),
        email=fields.checked_email(item.email),
        role=fields.checked_role(item.role),
        language=fields.checked_language(item.language),
    )
    if item.password is None:
        user.set_unusable_password()
    else:
        user.set_password(fields.checked_password(item.password))
    return user


def _limits(item: NewUser, places: Places) -> tuple[list[UUID] | None, list[UUID] | None]:
    if item.locations is not None and item.role != Role.WAREHOUSE:
        raise BadInput(
            "Only warehouse people are limited to locations.",
            code="locations_of_warehouse",
            pointer="/locations",
        )
    return places.shop_ids(item.shops), places.location_ids(item.locations)
