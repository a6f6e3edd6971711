"""Settings over the API with the version that was read: who read an older one is refused, and nothing of his is kept."""

from typing import Any

import pytest

from tests import build
from tests.api.conftest import caller

pytestmark = pytest.mark.django_db


def _told(result: dict[str, Any]) -> tuple[int, str, str]:
    """Status, code and place of a refusal, the place within its item."""
    [error] = result["error"]["errors"]
    return result["error"]["status"], error["code"], error["pointer"].removeprefix("/items/0")


def test_routing_rules_replace_what_was_read(api: Any, world: build.World) -> None:
    item = {"shop": world.shop, "groups": [{"name": "First", "rules": [{"name": "All"}]}]}
    api.bulk("/routing-rules/upsert", item | {"version": 0})
    read = api.get("/routing-rules", {"shop": world.shop}).json()["items"][0]
    assert read["version"] == 1
    api.bulk("/routing-rules/upsert", item | {"is_draft": True, "version": 1})

    [late] = api.bulk("/routing-rules/upsert", {"shop": world.shop, "groups": [], "version": 1})
    [right] = api.bulk("/routing-rules/upsert", {"shop": world.shop, "groups": [], "version": 2})

    assert _told(late) == (409, "stale_rules", "/version")
    assert "they are at version 2 now" in late["error"]["detail"]
    assert right["ok"]
    assert api.get("/routing-rules", {"shop": world.shop}).json()["items"][0]["groups"] == []


def test_a_location_and_its_shops_replace_what_was_read(world: build.World) -> None:
    api = caller()
    code = world.locations[0]
    item = {"code": code, "name": "Main", "shops": [world.shop], "special_days": [{"on": "2027-04-27"}]}  # fmt: skip

    def read() -> dict[str, Any]:
        [found] = api.get("/stock-locations", {"code": code}).json()["items"]
        return dict(found)

    seen = read()["version"]
    api.bulk("/stock-locations/upsert", item | {"version": seen})
    [late] = api.bulk("/stock-locations/upsert", {"code": code, "name": "Late", "shops": [], "version": seen})  # fmt: skip
    [taken] = api.bulk("/stock-locations/upsert", {"code": code, "name": "New", "version": 0})

    assert _told(late) == (409, "stale_location", "/version")
    assert _told(taken) == (409, "location_exists", "/code")
    assert (read()["name"], read()["shops"], len(read()["special_days"])) == ("Main", [world.shop], 1)  # fmt: skip


def test_rules_for_returns_replace_what_was_read(api: Any, world: build.World) -> None:
    item = {"shop": world.shop, "gift_returns": True, "version": 0}

    def read() -> dict[str, Any]:
        [found] = api.get("/return-policies", {"shop": world.shop}).json()["items"]
        return dict(found)

    assert read()["version"] == 0
    api.bulk("/return-policies/upsert", item)
    [late] = api.bulk("/return-policies/upsert", {"shop": world.shop, "version": 0})
    kept = read()
    [right] = api.bulk("/return-policies/upsert", {"shop": world.shop, "version": 1})

    assert _told(late) == (409, "stale_rules", "/version")
    assert (kept["gift_returns"], kept["version"]) == (True, 1)
    assert right["ok"]
    assert (read()["gift_returns"], read()["version"]) == (False, 2)
