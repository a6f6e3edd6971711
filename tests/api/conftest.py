"""Callers of the API: a token with every scope, or with some; a client that speaks JSON."""

from typing import Any

import msgspec
import pytest
from django.http import HttpResponse
from django.test import Client

from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.accounts.rules import SCOPES
from tests import build


class Api:
    """A caller with one token."""

    def __init__(self, token: str | None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        return self.client.get(f"/api/v1{path}", query or {}, headers=self.headers | headers)

    def raw(
        self, path: str, body: bytes, kind: str = "application/json", **headers: str
    ) -> HttpResponse:
        return self.client.post(
            f"/api/v1{path}", body, content_type=kind, headers=self.headers | headers
        )

    def post(self, path: str, value: Any, key: str | None = None) -> HttpResponse:
        headers = {"Idempotency-Key": key} if key else {}
        return self.raw(path, msgspec.json.encode(value), **headers)

    def bulk(self, path: str, *items: Any, key: str | None = None) -> list[dict[str, Any]]:
        response = self.post(path, {"items": list(items)}, key)
        assert response.status_code == 200, response.content
        results: list[dict[str, Any]] = response.json()["results"]
        return results


def caller(
    *scopes: str, shops: tuple[str, ...] | None = None, locations: tuple[str, ...] | None = None
) -> Api:
    item = NewToken(name="test", scopes=scopes or tuple(SCOPES), shops=shops, locations=locations)
    return Api(create_tokens([item], actor=build.TESTER)[0].require().data["token"])


@pytest.fixture
def world() -> build.World:
    return build.world()


@pytest.fixture
def api(world: build.World) -> Api:
    return caller(shops=(world.shop,))
