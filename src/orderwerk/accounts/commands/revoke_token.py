"""Shut programs out."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.accounts.errors import unknown_token
from orderwerk.accounts.events import TOKEN_REVOKED
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, unit_of_work


class RevokeToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token that may no longer call."""

    token_id: UUID


_LOCK = """
select id, name, revoked_at is null from accounts_api_token where id = any(%s::uuid[]) order by id for no key update
"""
_REVOKE = "update accounts_api_token set revoked_at = %s where id = any(%s::uuid[]) and revoked_at is null"


def revoke_tokens(items: Sequence[RevokeToken], *, actor: Actor) -> list[Outcome]:
    """Revoke tokens for good, from the next request on; one that is revoked already stays so.

    Refuses NotFound.
    Refuses with NotAllowed who is limited to shops or locations: the people and programs are the whole house's.
    """
    actor.ensure_everything()
    wanted = [item.token_id for item in items]
    with unit_of_work(actor) as unit:
        found = {row[0]: row for row in sql.fetch(_LOCK, (wanted,))}
        for token_id, name, is_live in found.values():
            if is_live:
                unit.record(TOKEN_REVOKED, Subject("token", token_id), STILL, {"name": name})
        sql.execute(_REVOKE, (clock.now(), wanted))
    return [
        Outcome.done(token_id, name=found[token_id][1])
        if token_id in found
        else Outcome.refused(unknown_token(token_id))
        for token_id in wanted
    ]
