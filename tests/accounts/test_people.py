"""People: who may be let in, what may be changed, and that nobody locks everybody out."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.accounts.commands.revoke_token import RevokeToken, revoke_tokens
from orderwerk.accounts.commands.set_password import NewPassword, set_passwords
from orderwerk.accounts.commands.update_user import UserChange, update_users
from orderwerk.accounts.models import User, UserShop
from orderwerk.accounts.queries import access_for_user, actor_for_user, may
from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotAllowed
from orderwerk.core.models import Event
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from orderwerk.shops.models import Shop
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations
from orderwerk.stock.models import StockLocation

pytestmark = pytest.mark.django_db
CLI = Actor.system("test")
PASSWORD = "correct horse battery"


@pytest.fixture
def places() -> None:
    upsert_shops(
        [ShopItem(code=code, name=code, currency="EUR", locale="nl") for code in ("one", "two")],
        actor=CLI,
    )
    upsert_locations([LocationData(code=code, name=code) for code in ("AMS", "RTM")], actor=CLI)


def person(username: str = "olga", **values: object) -> User:
    item = NewUser(**{"username": username, "name": "Olga", "role": "owner", **values})  # type: ignore[arg-type]
    return User.objects.get(id=create_users([item], actor=CLI)[0].require().id)


def test_a_person_is_created_with_a_history_and_no_readable_password() -> None:
    user = person(password="correct horse battery")

    assert user.password.startswith("argon2$")
    assert user.check_password("correct horse battery")
    event = Event.objects.get(kind="user.created")
    assert (event.aggregate_id, event.actor_name) == (user.id, "test")
    assert event.payload == {"username": "olga", "role": "owner"}


def test_each_item_stands_for_itself() -> None:
    person()

    outcomes = create_users(
        [
            NewUser(username="OLGA", name="Other", role="owner"),
            NewUser(username="wim", name="Wim", role="warehouse", email="W@example.com"),
            NewUser(username="wim2", name="Wim", role="warehouse", email="w@EXAMPLE.com"),
            NewUser(username="no spaces", name="X", role="owner"),
            NewUser(username="x", name=" ", role="owner"),
            NewUser(username="y", name="Y", role="boss"),
            NewUser(username="z", name="Z", role="owner", email="not an address"),
            NewUser(username="p", name="P", role="owner", password="1234"),
            NewUser(username="q", name="Q", role="owner", shops=("nowhere",)),
            NewUser(username="r", name="R", role="owner", locations=()),
        ],
        actor=CLI,
    )

    assert [outcome.error and outcome.error.code for outcome in outcomes] == [
        "username_taken", None, "email_taken", "invalid_username", "required", "unknown_role",
        "invalid_email", "weak_password", "unknown_shop", "locations_of_warehouse",
    ]  # fmt: skip
    assert set(User.objects.values_list("username", flat=True)) == {"olga", "wim"}


@pytest.mark.parametrize(("name", "code"), [("shops", "no_shop"), ("locations", "no_location")])
def test_nobody_is_limited_to_nothing(places: None, name: str, code: str) -> None:
    user = person("wim", role="warehouse", shops=("one",), locations=("AMS",))
    nothing: dict[str, Any] = {name: ()}

    [made] = create_users([NewUser(username="x", name="X", role="warehouse", **nothing)], actor=CLI)
    [changed] = update_users([UserChange(user_id=user.id, **nothing)], actor=CLI)

    for outcome in (made, changed):
        assert outcome.error is not None
        assert (outcome.error.code, outcome.error.pointer) == (code, f"/{name}")
    assert actor_for_user(user).shop_ids == {Shop.objects.get(code="one").id}


def test_whose_last_shop_is_gone_sees_none_not_all(places: None) -> None:
    user = person("wim", role="warehouse", shops=("one",), locations=("AMS",))
    UserShop.objects.filter(user=user).delete()

    actor = actor_for_user(User.objects.get(id=user.id))

    assert actor.shop_ids == frozenset()
    assert actor.location_ids == {StockLocation.objects.get(code="AMS").id}


def test_limits_can_be_changed_and_go_with_the_role(places: None) -> None:
    user = person("wim", role="warehouse", shops=("one",), locations=("AMS",))

    update_users([UserChange(user_id=user.id, shops=("two",), locations=("AMS", "RTM"))], actor=CLI)
    user.refresh_from_db()
    assert actor_for_user(user).shop_ids == {Shop.objects.get(code="two").id}
    assert len(actor_for_user(user).location_ids or ()) == 2

    update_users([UserChange(user_id=user.id, role="finance")], actor=CLI)
    user.refresh_from_db()
    assert actor_for_user(user).location_ids is None
    assert actor_for_user(user).shop_ids == {Shop.objects.get(code="two").id}


def test_the_last_active_owner_stays() -> None:
    first, second = person("first"), person("second")

    outcomes = update_users(
        [
            UserChange(user_id=first.id, is_active=False),
            UserChange(user_id=second.id, role="finance"),
        ],
        actor=CLI,
    )

    assert [outcome.error and outcome.error.code for outcome in outcomes] == [None, "last_owner"]
    second.refresh_from_db()
    assert (second.role, second.is_active) == ("owner", True)


def test_an_owner_of_some_shops_is_not_the_last_owner_that_is_needed(places: None) -> None:
    first = person("first")
    person("second", shops=("one",))

    [limited] = update_users([UserChange(user_id=first.id, shops=("one",))], actor=CLI)
    [gone] = update_users([UserChange(user_id=first.id, is_active=False)], actor=CLI)

    assert [o.error and o.error.code for o in (limited, gone)] == ["last_owner", "last_owner"]


def test_who_is_limited_lets_nobody_in_and_changes_nobody_else(places: None) -> None:
    boss, limited = person("boss"), person("limited", shops=("one",))
    actor = actor_for_user(limited)

    with pytest.raises(NotAllowed):
        create_users([NewUser(username="x", name="X", role="owner")], actor=actor)
    with pytest.raises(NotAllowed):
        create_tokens([NewToken(name="x", scopes=("orders:read",))], actor=actor)
    with pytest.raises(NotAllowed):
        revoke_tokens([RevokeToken(token_id=ids.new_id())], actor=actor)
    changes = [
        UserChange(user_id=boss.id, name="Other"),
        UserChange(user_id=limited.id, shops=None),
        UserChange(user_id=limited.id, role="finance"),
        UserChange(user_id=limited.id, theme="dark"),
    ]
    passwords = [NewPassword(user_id=user.id, password=PASSWORD) for user in (boss, limited)]

    changed = update_users(changes, actor=actor)
    set_ = set_passwords(passwords, actor=actor)

    assert [o.error and o.error.code for o in changed] == ["limited", "limited", "limited", None]
    assert [o.error and o.error.code for o in set_] == ["limited", None]


def test_somebody_unknown_cannot_be_changed() -> None:
    [outcome] = update_users([UserChange(user_id=ids.new_id(), name="X")], actor=CLI)

    assert outcome.error is not None
    assert outcome.error.code == "user_not_found"
    [outcome] = set_passwords(
        [NewPassword(user_id=ids.new_id(), password="long enough here")], actor=CLI
    )
    assert outcome.error is not None
    assert outcome.error.code == "user_not_found"


def test_deactivation_and_a_new_password_change_what_sessions_are_bound_to() -> None:
    owner, user = person(), person("wim", role="warehouse", password="correct horse battery")
    before = user.get_session_auth_hash()

    update_users([UserChange(user_id=user.id, is_active=False)], actor=CLI)
    user.refresh_from_db()
    deactivated = user.get_session_auth_hash()
    update_users([UserChange(user_id=user.id, is_active=True)], actor=CLI)
    user.refresh_from_db()

    assert before != deactivated == user.get_session_auth_hash()
    set_passwords([NewPassword(user_id=user.id, password="another horse battery")], actor=CLI)
    user.refresh_from_db()
    assert user.get_session_auth_hash() != deactivated
    kinds = Event.objects.filter(aggregate_id=user.id).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [
        "user.created",
        "user.deactivated",
        "user.activated",
        "user.password_set",
    ]
    assert owner.is_active


@pytest.mark.parametrize(
    ("role", "scope", "answer"),
    [
        ("owner", "settings:write", True),
        ("customer_service", "orders:write", True),
        ("customer_service", "refunds:write", False),
        ("warehouse", "shipping:write", True),
        ("warehouse", "billing:read", False),
        ("finance", "refunds:write", True),
        ("finance", "orders:write", False),
        ("read_only", "orders:read", True),
        ("read_only", "orders:write", False),
        ("read_only", "settings:read", False),
    ],
)
def test_a_role_says_what_a_person_may(role: str, scope: str, answer: bool) -> None:
    person()
    user = person("other", role=role)

    assert may(user, scope) is answer
    assert access_for_user(user).may(scope) is answer
    user.is_active = False
    assert may(user, scope) is False


@pytest.mark.parametrize(
    "broken",
    [
        "role = 'boss'",
        "username = 'Upper'",
        "name = ''",
        "all_locations = false",
        "session_epoch = 0",
        "theme = 'pink'",
    ],
)
def test_postgresql_refuses_what_the_commands_would(broken: str) -> None:
    person()

    with pytest.raises(IntegrityError), transaction.atomic():
        sql.execute(f"update accounts_user set {broken}")


def test_the_number_of_statements_does_not_depend_on_the_number_of_people() -> None:
    def statements(count: int, start: int) -> int:
        items = [NewUser(username=f"u{start + n}", name="N", role="finance") for n in range(count)]
        with sql.count_statements() as counted:
            made = create_users(items, actor=CLI)
        with sql.count_statements() as changed:
            update_users([UserChange(user_id=o.require().id, name="M") for o in made], actor=CLI)  # type: ignore[arg-type]
        return counted.total + changed.total

    person()

    assert statements(1, 0) == statements(7, 10) == statements(50, 100)
