"""The customer's page about a substitute: two buttons, answered once, for nobody else."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from orderwerk.core import clock, sql
from orderwerk.orders.links import guest_token, track_token
from tests import build

pytestmark = pytest.mark.django_db


def asked() -> tuple[str, UUID, str]:
    """The address of a question, its order, and the address of the order's page."""
    key = build.offered(build.world())
    [(order, email)] = sql.fetch("select o.id, o.customer_email from orders_substitution x join orders_order o on o.id = x.order_id where x.id = %s", (key,))  # fmt: skip
    home = f"/track/{track_token(order, email)}"
    return f"{home}/substitutes/{key}", order, home


def status() -> tuple[str, str, str | None]:
    """What became of the one question."""
    [row] = sql.fetch("select status, via, decided_by from orders_substitution")
    return row[0], row[1], row[2]


@pytest.mark.parametrize(("answer", "became"), [("yes", "accepted"), ("no", "declined")])
@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_one_click_answers_and_a_second_one_does_no_harm(
    client: Client, answer: str, became: str, language: str
) -> None:
    path, order, home = asked()
    assert path in client.get(f"{home}?lang={language}").content.decode()
    assert 'value="yes"' in client.get(f"{path}?lang={language}").content.decode()

    first = client.post(f"{path}?lang={language}", {"answer": answer})
    second = client.post(f"{path}?lang={language}", {"answer": answer})

    assert (first.status_code, second.status_code) == (302, 302)
    assert status() == (became, "link", "customer")
    page = client.get(first.headers["Location"]).content.decode()
    assert 'value="yes"' not in page
    assert build.order(order)["units_ordered"] == (2 if answer == "yes" else 1)
    assert path not in client.get(home).content.decode()


def test_a_guest_and_another_order_get_nothing(client: Client) -> None:
    path, order, _ = asked()
    key = path.rsplit("/", 1)[1]
    other = build.world().place()
    [(email,)] = sql.fetch("select customer_email from orders_order where id = %s", (other,))

    for home in (f"/track/{guest_token(order)}", f"/track/{track_token(other, email)}"):
        assert client.get(f"{home}/substitutes/{key}").status_code == 404
        assert client.post(f"{home}/substitutes/{key}", {"answer": "yes"}).status_code == 404
    assert client.get(path.replace(key, "x")).status_code == 404
    assert path not in client.get(f"/track/{guest_token(order)}").content.decode()
    assert status()[0] == "proposed"


def test_no_answer_changes_nothing_and_too_late_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _, _ = asked()
    assert client.post(path, {"answer": "maybe"}).status_code == 200
    later = clock.now() + timedelta(hours=73)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert client.post(path, {"answer": "yes"}).status_code == 302
    assert "The time to answer is over" in client.get(f"{path}?lang=en").content.decode()
    assert status()[0] == "proposed"


def test_what_the_warehouse_has_in_its_hands_is_told_in_words(client: Client) -> None:
    path, order, _ = asked()
    sql.execute("update shops_shop set cancel_while_picking = 'ask', version = version")
    sql.execute("update orders_line set cancel_requested = 1 where order_id = %s", (order,))

    answer = client.post(f"{path}?lang=en", {"answer": "yes"})

    assert answer.status_code == 409
    assert "being collected" in answer.content.decode()
    assert status()[0] == "proposed"
