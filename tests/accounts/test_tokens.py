"""API tokens: shown once, stored as a hash, limited, ended."""

from datetime import timedelta

import pytest
import time_machine

from orderwerk.accounts import rules
from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.accounts.commands.revoke_token import RevokeToken, revoke_tokens
from orderwerk.accounts.models import ApiToken
from orderwerk.accounts.queries import access_for_token
from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.models import Event

pytestmark = pytest.mark.django_db
CLI = Actor.system("test")


def token(**values: object) -> tuple[ApiToken, str]:
    item = NewToken(**{"name": "webshop", "scopes": ("orders:write", "orders:read"), **values})  # type: ignore[arg-type]
    outcome = create_tokens([item], actor=CLI)[0].require()
    return ApiToken.objects.get(id=outcome.id), outcome.data["token"]


def test_a_token_lets_in_with_its_scopes_and_only_its_hash_is_stored() -> None:
    stored, raw = token()

    access = access_for_token(raw)

    assert access is not None
    assert (access.actor.kind, access.actor.id, access.actor.shop_ids) == ("token", stored.id, None)
    assert access.scopes == {"orders:read", "orders:write"}
    assert bytes(stored.token_sha256) == rules.token_hash(raw)
    rows = sql.fetch("select t::text from accounts_api_token t")
    assert raw not in str(rows)
    assert raw not in str(list(Event.objects.values_list("payload", flat=True)))


@pytest.mark.parametrize(
    "raw", ["", "x", "owt_", "owt_" + "a" * 43, "owt_" + "a" * 42 + "\x00", "Bearer x", "é" * 47]
)
def test_anything_else_does_not_let_in(raw: str) -> None:
    token()

    assert access_for_token(raw) is None


def test_a_revoked_token_no_longer_lets_in_and_stays_revoked() -> None:
    stored, raw = token()

    outcomes = revoke_tokens(
        [RevokeToken(token_id=stored.id), RevokeToken(token_id=ids.new_id())], actor=CLI
    )
    first = ApiToken.objects.get(id=stored.id).revoked_at
    revoke_tokens([RevokeToken(token_id=stored.id)], actor=CLI)

    assert access_for_token(raw) is None
    assert [outcome.ok for outcome in outcomes] == [True, False]
    assert ApiToken.objects.get(id=stored.id).revoked_at == first
    assert Event.objects.filter(kind="token.revoked").count() == 1


def test_a_token_ends_by_itself() -> None:
    _stored, raw = token(expires_at=clock.now() + timedelta(days=1))

    assert access_for_token(raw) is not None
    with time_machine.travel(clock.now() + timedelta(days=2)):
        assert access_for_token(raw) is None


def test_looking_a_token_up_is_one_statement_and_notes_its_use_coarsely() -> None:
    stored, raw = token()

    with sql.count_statements() as counted:
        access_for_token(raw)
    assert counted.total == 1
    first = ApiToken.objects.get(id=stored.id).last_used_at
    access_for_token(raw)

    assert first is not None
    assert ApiToken.objects.get(id=stored.id).last_used_at == first
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        access_for_token(raw)
        assert ApiToken.objects.get(id=stored.id).last_used_at > first


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": ""}, "required"),
        ({"name": "a\u202eb"}, "forbidden_characters"),
        ({"scopes": ()}, "unknown_scope"),
        ({"scopes": ("orders:delete",)}, "unknown_scope"),
        ({"shops": ("nowhere",)}, "unknown_shop"),
        ({"locations": ("nowhere",)}, "unknown_location"),
        ({"expires_at": clock.now() - timedelta(days=1)}, "expires_in_past"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(values: dict[str, object], code: str) -> None:
    item = NewToken(**{"name": "webshop", "scopes": ("orders:read",), **values})  # type: ignore[arg-type]

    [outcome] = create_tokens([item], actor=CLI)

    assert outcome.error is not None
    assert outcome.error.code == code
    assert not ApiToken.objects.exists()
