"""Let programs in."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from orderwerk.accounts import fields, rules
from orderwerk.accounts.events import TOKEN_CREATED
from orderwerk.accounts.limits import Places, find_places
from orderwerk.accounts.models import ApiToken
from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, unit_of_work


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program to be let in; shops and locations by code, None for all."""

    name: str
    scopes: tuple[str, ...]
    shops: tuple[str, ...] | None = None
    locations: tuple[str, ...] | None = None
    expires_at: datetime | None = None


def create_tokens(items: Sequence[NewToken], *, actor: Actor) -> list[Outcome]:
    """Create API tokens; `data["token"]` of the outcome is the only time that the token itself can be read.

    Refuses BadInput: no name, unknown scope, shop or location, an end in the past.
    Refuses with NotAllowed who is limited to shops or locations: the people and programs are the whole house's.
    """
    actor.ensure_everything()
    with unit_of_work(actor) as unit:
        places = find_places((i.shops for i in items), (i.locations for i in items))
        outcomes = []
        made = []
        for item in items:
            raw = rules.new_token()
            try:
                token = _build(item, raw, places, actor)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            made.append(token)
            unit.record(
                TOKEN_CREATED,
                Subject("token", token.id),
                STILL,
                {"name": token.name, "scopes": token.scopes},
            )
            outcomes.append(Outcome.done(token.id, token=raw, name=token.name))
        ApiToken.objects.bulk_create(made)
    return outcomes


def _build(item: NewToken, raw: str, places: Places, actor: Actor) -> ApiToken:
    if item.expires_at is not None and item.expires_at <= clock.now():
        raise BadInput(
            "The token would end in the past.", code="expires_in_past", pointer="/expires_at"
        )
    return ApiToken(
        name=fields.checked_name(item.name),
        token_sha256=rules.token_hash(raw),
        shown_prefix=rules.token_shown(raw),
        scopes=fields.checked_scopes(item.scopes),
        shop_ids=places.shop_ids(item.shops),
        location_ids=places.location_ids(item.locations),
        created_by=actor.name,
        expires_at=item.expires_at,
    )
