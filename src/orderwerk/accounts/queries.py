"""Who is calling, what they may do and see; and the lists of people and tokens."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from orderwerk.accounts import rules
from orderwerk.accounts.models import ApiToken, User
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor

_LAST_USED_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Access:
    """A caller who has been let in: the actor, with its limits, and the scopes."""

    actor: Actor
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Tell whether this caller has a scope."""
        return scope in self.scopes


_LIMITS = """
select array(select shop_id from accounts_user_shop where user_id = %s),
       array(select location_id from accounts_user_location where user_id = %s)
"""

# One statement: find the token and, at most once in ten minutes, note that it was used.
_FIND = """
with found as (
  select id, name, scopes, shop_ids, location_ids, last_used_at from accounts_api_token
  where token_sha256 = %s and revoked_at is null and (expires_at is null or expires_at > %s)
), noted as (
  update accounts_api_token set last_used_at = %s
  where id in (select id from found where last_used_at is null or last_used_at < %s)
)
select id, name, scopes, shop_ids, location_ids from found
"""


def actor_for_user(user: User) -> Actor:
    """Return the actor that a person is, with the limits to shops and locations."""
    shops: list[object] = []
    locations: list[object] = []
    if not (user.all_shops and user.all_locations):
        [(shops, locations)] = sql.fetch(_LIMITS, (user.id, user.id))
    return Actor(
        kind="user",
        name=user.name,
        id=user.id,
        shop_ids=None if user.all_shops else frozenset(shops),  # type: ignore[arg-type]
        location_ids=None if user.all_locations else frozenset(locations),  # type: ignore[arg-type]
    )


def access_for_user(user: User) -> Access:
    """Return what a logged-in person may do and see."""
    return Access(actor_for_user(user), rules.ROLE_SCOPES[user.role])


def access_for_token(raw: str) -> Access | None:
    """Return what the bearer of a token may do and see; None when it is unknown, revoked or past its end."""
    if not rules.is_token(raw):
        return None
    now = clock.now()
    found = sql.fetch(_FIND, (rules.token_hash(raw), now, now, now - _LAST_USED_EVERY))
    if not found:
        return None
    token_id, name, scopes, shop_ids, location_ids = found[0]
    actor = Actor(
        kind="token",
        name=name,
        id=token_id,
        shop_ids=None if shop_ids is None else frozenset(shop_ids),
        location_ids=None if location_ids is None else frozenset(location_ids),
    )
    return Access(actor, frozenset(scopes))


def may(user: User, scope: str) -> bool:
    """Tell whether a person's role carries a scope; nobody who is inactive may anything."""
    return user.is_active and rules.role_may(user.role, scope)


def people() -> QuerySet[User]:
    """Return everybody with their limits, active first, by name: three statements when read."""
    return User.objects.prefetch_related("shop_limits__shop", "location_limits__location").order_by(
        "-is_active", "name", "id"
    )


def tokens() -> QuerySet[ApiToken]:
    """Return all tokens, those that may still call first, newest first."""
    return ApiToken.objects.order_by("revoked_at", "-created_at")
