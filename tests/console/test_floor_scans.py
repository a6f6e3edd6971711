"""What a device of the dock sends: a colleague's scans of another location stay on it, and nothing else waits for them."""

import json
from collections.abc import Callable
from typing import Any

from django.test import Client

from orderwerk.core.ids import new_id
from tests import build

Enter = Callable[..., Client]


def scan(world: build.World, **fields: Any) -> dict[str, Any]:
    return {"key": str(new_id()), "flow": "receive", "location": world.locations[0], "sku": world.skus[0], "bin": "DEFAULT", "quantity": 1, **fields}  # fmt: skip


def send(client: Client, *scans: dict[str, Any]) -> Any:
    return client.post(
        "/scan/scans/", json.dumps({"scans": scans}), content_type="application/json"
    )


def test_scans_of_a_location_that_is_not_theirs_are_not_answered(enter: Enter) -> None:
    here, there = build.world(locations=1, stock=5), build.world(locations=1, stock=5)
    limited, colleague = enter("warehouse", locations=(here.locations[0],)), enter("warehouse")
    mine, theirs = scan(here), scan(there)

    both = send(limited, mine, theirs).json()
    alone = send(limited, theirs)

    assert [(r["key"], r["ok"]) for r in both["results"]] == [(mine["key"], True)]
    # A device keeps what is answered so, says why, and sends it again.
    assert alone.status_code == 404
    assert there.levels()[(there.skus[0], there.locations[0])][0] == 5
    assert [r["ok"] for r in send(colleague, theirs).json()["results"]] == [True]
    assert there.levels()[(there.skus[0], there.locations[0])][0] == 6
    assert here.levels()[(here.skus[0], here.locations[0])][0] == 6
