"""What console tests share: people of every role, logged in."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.accounts.models import User
from orderwerk.core.actor import Actor
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations

PASSWORD = "correct horse battery"
CLI = Actor.system("test")


@pytest.fixture
def places(db: None) -> None:
    upsert_shops(
        [ShopItem(code=c, name=c, currency="EUR", locale="nl") for c in ("one", "two")], actor=CLI
    )
    upsert_locations([LocationData(code=c, name=c) for c in ("AMS", "RTM")], actor=CLI)


@pytest.fixture
def enter(db: None) -> Callable[..., Client]:
    """Return a function that lets a person of a role in and gives the browser."""

    def enter(role: str = "owner", **values: object) -> Client:
        count = User.objects.count()
        item = NewUser(
            **{
                "username": f"{role}{count}",
                "name": f"Person {count}",
                "role": role,
                "password": PASSWORD,
                **values,
            }  # type: ignore[arg-type]
        )
        user = User.objects.get(id=create_users([item], actor=CLI)[0].require().id)
        client = Client(raise_request_exception=True)
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.user = user  # type: ignore[attr-defined]
        return client

    return enter


@pytest.fixture
def owner(enter: Callable[..., Client]) -> Client:
    """Somebody who may do everything."""
    return enter()
