"""The same key answers the same again, byte for byte, without a second effect; also when many come at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from orderwerk.core import sql
from orderwerk.core.ids import new_id
from tests import build
from tests.api.conftest import Api, caller


def on_hand(world: build.World) -> int:
    return world.levels()[(world.skus[0], world.locations[0])][0]


def adjustment(world: build.World, **changes: Any) -> dict[str, Any]:
    item = {
        "sku": world.skus[0],
        "location": world.locations[0],
        "difference": 5,
        "reason": "found",
    }
    return {"items": [item | changes]}


@pytest.mark.django_db
def test_a_repeat_answers_the_same_bytes_and_moves_nothing(api: Api, world: build.World) -> None:
    first = api.post("/stock-levels/adjust", adjustment(world), "key-1")
    again = api.post("/stock-levels/adjust", adjustment(world), "key-1")

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert (first.has_header("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (
        False,
        "true",
    )
    assert on_hand(world) == 105


@pytest.mark.django_db
def test_scans_of_several_flows_under_a_key_are_booked_once(api: Api, world: build.World) -> None:
    of = {"location": world.locations[0], "bin": "DEFAULT"}
    world.place((world.skus[0], 30))
    items = [
        {"key": str(new_id()), "flow": "receive", "sku": max(world.skus), "quantity": 1} | of,
        {"key": str(new_id()), "flow": "count", "sku": min(world.skus), "quantity": 5} | of,
    ]

    answers = [api.post("/stock-levels/scan", {"items": items}, "key-1") for _ in range(2)]
    other = api.post("/stock-levels/scan", {"items": items[:1]}, "key-1")

    assert [a.status_code for a in (*answers, other)] == [200, 200, 422]
    assert [r["ok"] for r in answers[0].json()["results"]] == [True, True]
    assert answers[1].content == answers[0].content
    assert answers[1]["Idempotent-Replayed"] == "true"


@pytest.mark.django_db
def test_another_body_under_the_same_key_is_refused(api: Api, world: build.World) -> None:
    api.post("/stock-levels/adjust", adjustment(world), "key-1")

    response = api.post("/stock-levels/adjust", adjustment(world, difference=6), "key-1")
    elsewhere = api.post("/stock-levels/transfer", adjustment(world), "key-1")

    assert (response.status_code, elsewhere.status_code) == (422, 422)
    assert response.json()["errors"][0]["code"] == "idempotency_key_reused"
    assert on_hand(world) == 105


@pytest.mark.django_db
def test_a_refusal_is_kept_too_and_a_body_that_cannot_be_read_is_not(
    api: Api, world: build.World
) -> None:
    document = world.json()
    api.post("/orders", document)
    different = document | {"comment": "other"}

    first, again = api.post("/orders", different, "k"), api.post("/orders", different, "k")
    broken = api.raw("/orders", b"{", **{"Idempotency-Key": "b"})
    mended = api.post("/orders", world.json(), "b")

    assert (first.status_code, again.content, again["Idempotent-Replayed"]) == (
        409,
        first.content,
        "true",
    )
    assert (broken.status_code, mended.status_code) == (400, 201)


@pytest.mark.django_db
def test_keys_of_two_tokens_do_not_meet(world: build.World) -> None:
    for _ in range(2):
        response = caller().post("/stock-levels/adjust", adjustment(world), "same")
        assert response.status_code == 200
        assert not response.has_header("Idempotent-Replayed")

    assert on_hand(world) == 110


def at_once(api: Api, calls: list[tuple[str, Any, str | None]]) -> list[tuple[int, bytes]]:
    def run(call: tuple[str, Any, str | None]) -> tuple[int, bytes]:
        try:
            response = Api(None)
            response.headers = api.headers
            answer = response.post(*call)
            return answer.status_code, answer.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_under_one_key_move_stock_once() -> None:
    world = build.world()
    api = caller()

    answers = at_once(api, [("/stock-levels/adjust", adjustment(world), "race")] * 20)
    answers += at_once(api, [("/stock-levels/adjust", adjustment(world), "race")] * 30)

    assert on_hand(world) == 105
    assert {status for status, _ in answers} <= {200, 409}
    assert len({body for status, body in answers if status == 200}) == 1
    assert sql.fetch("select count(*) from core_idempotency_key")[0][0] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keyed", [True, False])
def test_the_same_document_at_once_makes_one_order(keyed: bool) -> None:
    world = build.world()
    api = caller()
    document = world.json()

    answers = at_once(api, [("/orders", document, f"k{n}" if keyed else None) for n in range(16)])

    assert sorted(status for status, _ in answers) == [200] * 15 + [201]
    assert sql.fetch("select count(*) from orders_order")[0][0] == 1
    assert world.levels()[(world.skus[0], world.locations[0])] == (100, 1)
