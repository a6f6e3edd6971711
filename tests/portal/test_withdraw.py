"""The withdrawal function: two steps, a receipt with the exact time, and goods that stop or may come back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from orderwerk.core import clock, sql
from orderwerk.flows.withdraw import StatedLine, WithdrawalItem, state_withdrawals
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.orders.links import guest_token
from orderwerk.return_requests.queries import all_reasons
from tests import build
from tests.portal.tokens import own_token

pytestmark = pytest.mark.django_db


def withdrawals() -> list[tuple[Any, ...]]:
    return sql.fetch("select number, name, email, in_time, lines::text from return_requests_withdrawal")  # fmt: skip


def form(**fields: str) -> dict[str, str]:
    return {"name": "Test Customer", "email": "other@example.com", "scope": "all", **fields}


def test_a_statement_is_confirmed_in_a_second_step_and_gets_a_receipt(client: Client) -> None:
    world = build.world()
    order_id = build.shipped(world, (world.skus[0], 2))
    path = f"/track/{guest_token(order_id)}/withdraw?lang=fr"

    first = client.post(path, form(step="check"))
    kept_after_first = withdrawals()
    second = client.post(path, form(step="confirm"))
    receipt = client.get(second.headers["Location"])

    assert first.status_code == 200
    assert "Confirmer la rétractation" in first.content.decode()
    assert kept_after_first == []
    [(number, name, email, in_time, lines)] = withdrawals()
    assert (name, email, in_time, lines) == ("Test Customer", "other@example.com", True, "[]")
    assert number in receipt.content.decode()
    own = client.get(f"/track/{own_token(order_id)}?lang=en").content.decode()
    assert f"Withdrawal {number}" in own
    assert f"/withdrawals/{number}?lang=en" in own
    assert f"Withdrawal {number}" not in client.get(f"/track/{guest_token(order_id)}?lang=en").content.decode()  # fmt: skip
    at = sql.fetch("select received_at from return_requests_withdrawal")[0][0]
    assert at.astimezone().strftime(":%M:%S") in receipt.content.decode()
    # What was sent may come back, without the shop's leave and without a fee.
    assert sql.fetch("select status, origin, is_favour, fee_minor from return_requests_request") == [
        ("approved", "withdrawal", True, 0)
    ]  # fmt: skip

    events = sql.fetch("select id from core_event where kind = 'withdrawal.received'")
    write_event_emails([row[0] for row in events])
    write_event_emails([row[0] for row in events])
    [(recipient, subject, body)] = sql.fetch(
        "select recipient, subject, body_text from emails_email where trigger = 'withdrawal.received'"
    )
    assert recipient == "other@example.com"
    assert "rétractation" in subject
    assert number in body
    assert at.astimezone().strftime(":%M:%S") in body


def test_what_was_not_sent_is_stopped_and_only_chosen_pieces_come_back(client: Client) -> None:
    world = build.world(locations=1, stock=3)
    order_id = build.shipped(world, (world.skus[0], 4))
    line = build.order_lines(order_id)[0]
    token = guest_token(order_id)

    client.post(
        f"/track/{token}/withdraw", form(step="confirm", scope="some", **{f"quantity-{line}": "1"})
    )

    assert sql.fetch("select quantity from return_requests_line") == [(1,)]
    assert sql.fetch("select reason like 'Withdrawal WD%%' from orders_hold") == [(True,)]
    assert build.order(order_id)["status"] == "on_hold"


def test_a_late_statement_is_kept_too_and_somebody_decides(client: Client) -> None:
    world = build.world()
    with clock.told(clock.now() - timedelta(days=20)):
        order_id = build.shipped(world)

    client.post(f"/track/{guest_token(order_id)}/withdraw", form(step="confirm"))

    assert withdrawals()[0][3] is False
    assert sql.fetch("select status, origin from return_requests_request") == [("requested", "withdrawal")]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "Fill in your name"),
        ({"name": "x" * 201}, "Fill in your name"),
        ({"email": "a@example.com\r\nBcc: b@example.com"}, "no e-mail address"),
        ({"email": "x" * 64 + "@" + "y" * 190 + ".nl"}, "no e-mail address"),
        ({"email": '"a\x01b"@example.com'}, "no e-mail address"),
        ({"email": "nobody"}, "no e-mail address"),
        ({"scope": "some"}, "Choose at least one article"),
    ],
)
def test_an_unfinished_statement_says_what_is_missing(
    client: Client, fields: dict[str, str], said: str
) -> None:
    order_id = build.shipped(build.world())
    path = f"/track/{guest_token(order_id)}/withdraw?lang=en"

    answer = client.post(path, form(step="confirm", **fields))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert withdrawals() == []


def test_the_same_statement_again_is_the_same_and_another_finds_nothing_left() -> None:
    world = build.world()
    order_id = build.shipped(world)
    item = WithdrawalItem(order_id=order_id, name="A", email="a@example.com", language="nl")
    other = WithdrawalItem(order_id=order_id, name="B", email="a@example.com", language="nl")

    first, again, second = (
        state_withdrawals([one], actor=build.TESTER)[0].require() for one in (item, item, other)
    )

    assert first.data["return_request"]
    assert (again.id, again.data) == (first.id, first.data)
    assert second.data["return_request"] is None
    assert len(withdrawals()) == 2


def test_who_takes_no_returns_online_still_takes_a_withdrawal(client: Client) -> None:
    world = build.world(return_portal=False)
    order_id = build.shipped(world)
    [(number, code)] = sql.fetch("select number, delivery_address ->> 'postal_code' from orders_order")  # fmt: skip

    page = client.post("/returns?lang=en", {"number": number, "proof": code}).headers["Location"]
    shown = client.get(page).content.decode()
    stated = client.post(f"/track/{guest_token(order_id)}/withdraw", form(step="confirm"))

    assert "/withdraw?" in shown
    assert "/return?" not in shown
    assert client.get(f"/track/{guest_token(order_id)}/return").status_code == 404
    assert stated.status_code == 302
    assert len(withdrawals()) == 1


def test_a_merchant_without_any_reason_in_use_still_takes_a_withdrawal(client: Client) -> None:
    world = build.world()
    order_id = build.shipped(world)
    all_reasons(build.TESTER)
    sql.execute("update return_requests_reason set is_active = false")

    answer = client.post(f"/track/{guest_token(order_id)}/withdraw", form(step="confirm"))

    assert answer.status_code == 302
    assert sql.fetch("select status from return_requests_request") == [("approved",)]


def test_a_line_twice_unknown_or_too_many_is_refused() -> None:
    order_id = build.shipped(build.world())
    line = build.order_lines(order_id)[0]

    def codes(*lines: tuple[Any, int]) -> str | None:
        stated = [StatedLine(order_line_id=key, quantity=n) for key, n in lines]
        item = WithdrawalItem(order_id=order_id, name="A", email="a@b.nl", language="nl", lines=stated)  # fmt: skip
        error = state_withdrawals([item], actor=build.TESTER)[0].error
        return error.code if error else None

    assert codes((line, 1), (line, 1)) == "duplicate_line"
    assert codes((line, 99)) == "unknown_order_line"
    assert codes((order_id, 1)) == "unknown_order_line"
    unknown = WithdrawalItem(order_id=line, name="A", email="a@b.nl", language="nl")
    refused = state_withdrawals([unknown], actor=build.TESTER)[0].error
    assert refused is not None
    assert refused.code == "unknown_order"


@pytest.mark.parametrize(
    "statement",
    [
        "update return_requests_withdrawal set received_at = now() - interval '1 day'",
        "delete from return_requests_withdrawal",
        "update return_requests_photo set content = 'x'",
    ],
)
def test_a_statement_never_changes(statement: str) -> None:
    world = build.world()
    item = WithdrawalItem(order_id=build.shipped(world), name="A", email="a@b.nl", language="nl")
    state_withdrawals([item], actor=build.TESTER)[0].require()

    with pytest.raises(DatabaseError), transaction.atomic():
        sql.execute(statement)
