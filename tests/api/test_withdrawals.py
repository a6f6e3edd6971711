"""Statements of withdrawal that came by letter, and test messages, through the API."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.core import clock, ids, sql
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from tests import build
from tests.api.conftest import Api, caller

pytestmark = pytest.mark.django_db
LETTER = {"name": "Test Customer", "email": "customer@example.com", "language": "nl"}


def code(result: dict[str, Any]) -> tuple[str, str]:
    [error] = result["error"]["errors"]
    return error["code"], error["pointer"].removeprefix("/items/0")


def came(world: build.World, days_ago: int, pieces: int = 1) -> UUID:
    """An order whose goods left, and came, so many days ago."""
    with clock.told(clock.now() - timedelta(days=days_ago)):
        return build.shipped(world, (world.skus[0], pieces), placed_at=clock.now().isoformat())


def test_a_letter_counts_from_when_it_arrived(world: build.World, api: Api) -> None:
    order, other = came(world, 20, 2), came(world, 20)
    arrived = (clock.now() - timedelta(days=10)).isoformat()
    line = {"order_line_id": str(build.order_lines(order)[0]), "quantity": 1}

    [early] = api.bulk("/withdrawals/create", {"order_id": str(order), "lines": [line], "received_at": arrived, **LETTER})  # fmt: skip
    [again] = api.bulk("/withdrawals/create", {"order_id": str(order), "lines": [line], **LETTER})
    [late] = api.bulk("/withdrawals/create", {"order_id": str(other), **LETTER})

    kept = api.get(f"/withdrawals/{early['id']}").json()
    assert datetime.fromisoformat(kept["received_at"]) == datetime.fromisoformat(arrived)
    assert (kept["in_time"], kept["number"]) == (True, early["number"])
    # The same words are the same statement.
    assert (again["id"], again["number"]) == (early["id"], early["number"])
    assert api.get(f"/withdrawals/{late['id']}").json()["in_time"] is False
    found = dict(sql.fetch("select number, status from return_requests_request"))
    assert found == {early["return_request"]: "approved", late["return_request"]: "requested"}
    # The history says who wrote it down.
    assert sql.fetch("select distinct actor_kind from core_event where kind = 'withdrawal.received'") == [("token",)]  # fmt: skip


def test_the_same_words_as_of_another_moment_are_refused(world: build.World, api: Api) -> None:
    order = came(world, 20)
    item, day = {"order_id": str(order), **LETTER}, timedelta(days=1)
    arrived, other = (clock.now() - 3 * day).isoformat(), (clock.now() - 2 * day).isoformat()

    kept, differs, same = api.bulk(
        "/withdrawals/create",
        item | {"received_at": arrived},
        item | {"received_at": other},
        item | {"received_at": arrived},
    )
    [later] = api.bulk("/withdrawals/create", item | {"received_at": other})
    [again] = api.bulk("/withdrawals/create", item | {"received_at": arrived})

    assert (code(differs)[0], code(later)) == ("stated_before", ("stated_before", "/received_at"))
    assert same == kept
    assert again["id"] == kept["id"]
    [(told,)] = sql.fetch("select payload ->> 'received_at' from core_event where kind = 'withdrawal.received'")  # fmt: skip
    assert datetime.fromisoformat(told) == datetime.fromisoformat(arrived)


def test_statements_of_one_call_announce_no_piece_twice(world: build.World, api: Api) -> None:
    order = build.shipped(world, (world.skus[0], 3))
    line = {"order_line_id": str(build.order_lines(order)[0]), "quantity": 1}
    part, whole = {"order_id": str(order), "lines": [line], **LETTER}, {"order_id": str(order), **LETTER}  # fmt: skip

    first, same, second = api.bulk("/withdrawals/create", part, part, whole)

    assert same == first
    assert first["number"] != second["number"]
    assert sql.fetch("select count(*) from return_requests_withdrawal") == [(2,)]
    rows = sql.fetch("select r.number, k.quantity from return_requests_line k join return_requests_request r on r.id = k.request_id order by 1")  # fmt: skip
    assert rows == [(first["return_request"], 1), (second["return_request"], 2)]


def test_what_cannot_have_arrived_is_refused_and_changes_nothing(
    world: build.World, api: Api
) -> None:
    order = build.shipped(world)
    item = {"order_id": str(order), **LETTER}
    line = {"order_line_id": str(build.order_lines(order)[0]), "quantity": 1}
    soon = (clock.now() + timedelta(minutes=5)).isoformat()

    refused = [
        code(api.bulk("/withdrawals/create", item | wrong)[0])
        for wrong in (
            {"received_at": soon}, {"received_at": "2020-01-01T12:00:00Z"}, {"received_at": "2026-11-20T12:00:00"},
            {"order_id": str(ids.new_id()), "received_at": "2020-01-01T12:00:00Z"}, {"lines": [line, line]}, {"email": "nobody"}, {"language": "xx"}, {"name": ""},
        )
    ]  # fmt: skip

    assert refused[:2] == [("not_arrived_yet", "/received_at"), ("arrived_before_order", "/received_at")]  # fmt: skip
    assert refused[2][1] == "/received_at"
    assert refused[3:5] == [("unknown_order", "/order_id"), ("duplicate_line", "/lines")]
    assert [pointer for _, pointer in refused[5:]] == ["/email", "/language", "/name"]
    assert sql.fetch("select count(*) from return_requests_withdrawal") == [(0,)]
    assert caller("returns:read").post("/withdrawals/create", {"items": [item]}).status_code == 403


def test_a_test_message_is_sent_through_the_api(world: build.World, api: Api) -> None:
    order, gone = world.place(), build.shipped(world)
    build.invoice(gone)
    erase_orders([EraseItem(order_id=gone)], actor=build.TESTER)[0].require()
    create_users([NewUser(username="me", name="Somebody", role="owner", email="Me@example.com")], actor=build.TESTER)[0].require()  # fmt: skip
    item = {
        "shop": world.shop, "trigger": "order.received", "language": "en", "order_id": str(order), "recipient": "me@example.com",
        "subject": "About {{ order.number }}", "body": "Hello {{ customer.name }}",
    }  # fmt: skip

    [sent] = api.bulk("/email-templates/test", item, key="t1")
    [again] = api.bulk("/email-templates/test", item, key="t1")
    [unknown] = api.bulk("/email-templates/test", item | {"order_id": str(ids.new_id())}, key="t2")
    [wrong] = api.bulk("/email-templates/test", item | {"body": "{{ nothing.here }}"}, key="t3")
    [erased] = api.bulk("/email-templates/test", item | {"order_id": str(gone)}, key="t4")

    [stranger] = api.bulk(
        "/email-templates/test", item | {"recipient": "you@example.com"}, key="t5"
    )

    assert again == sent
    # Not to whoever asks: it tells of somebody's order.
    assert code(stranger) == ("no_colleague", "/recipient")
    assert sql.fetch("select id::text, trigger, recipient, subject from emails_email") == [
        (sent["id"], "test", "me@example.com", f"About {build.order(order)['number']}")
    ]
    assert (unknown["error"]["status"], code(unknown)[1]) == (404, "/order_id")
    assert code(wrong)[1] == "/body"
    assert code(erased)[0] == "erased"
    assert build.order(gone)["number"] in erased["error"]["detail"]
