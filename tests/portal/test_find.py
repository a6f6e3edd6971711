"""The door of the portal: it opens for number and proof, and tells a stranger nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from orderwerk.core import clock, sql
from orderwerk.orders.links import guest_token, read_token, track_token
from orderwerk.portal.finding import numbered_order
from orderwerk.portal.guesses import count_try
from tests import build
from tests.races.threads import together

pytestmark = pytest.mark.django_db


def asked(client: Client, number: str, proof: str, **headers: str) -> tuple[int, str]:
    answer = client.post("/returns", {"number": number, "proof": proof}, **headers)  # type: ignore[arg-type]
    return answer.status_code, answer.headers.get("Location", "")


def known(world: build.World) -> tuple[str, str, str]:
    order_id = build.shipped(world)
    row = sql.fetch(
        "select number, external_id, id::text from orders_order where id = %s", (order_id,)
    )
    return row[0][0], row[0][1], row[0][2]


@pytest.mark.parametrize("proof", ["1234ab", "1234 AB", "Customer@Example.com"])
def test_number_and_postal_code_or_address_open_the_order_for_a_day(
    client: Client, proof: str
) -> None:
    world = build.world()
    number, external, order_id = known(world)
    sql.fetch(
        """update orders_order set customer_email = 'customer@example.com',
             delivery_address = jsonb_set(delivery_address, '{postal_code}', '"1234 AB"') where id = %s returning id""",
        (order_id,),
    )

    answers = [asked(client, n, proof) for n in (number, f"#{number} ", external, number.lower(), external.upper(), external.lower())]  # fmt: skip

    assert external.lower() != external
    assert [status for status, _ in answers] == [302] * 6
    visit = read_token(answers[0][1].removeprefix("/track/").split("?")[0])
    assert visit is not None
    assert (str(visit.order_id), visit.is_guest) == (order_id, True)


def test_of_numbers_that_differ_in_their_letters_alone_the_typed_one_is_meant() -> None:
    world = build.world()
    typed, other = world.place(external_id="web-ab"), world.place(external_id="WEB-AB")

    assert numbered_order("web-ab") == [typed]
    assert numbered_order("WEB-AB") == [other]


def test_a_wrong_proof_a_wrong_number_and_a_closed_portal_look_the_same(client: Client) -> None:
    world, closed = build.world(), build.world(return_portal=False, withdrawal_portal=False)
    number, _, _ = known(world)
    shut, _, _ = known(closed)
    codes = sql.fetch("select delivery_address ->> 'postal_code' from orders_order limit 1")

    bodies = {
        client.post("/returns", {"number": n, "proof": p}).content.decode().split("<form")[0]
        for n, p in ((number, "9999ZZ"), ("NO-SUCH", codes[0][0]), (shut, codes[0][0]))
    }

    assert len(bodies) == 1
    assert "We found no order" in bodies.pop()


def letters() -> list[tuple[str, str]]:
    return sql.fetch("select trigger, recipient from emails_email order by id")


@pytest.mark.usefixtures("within_an_hour")
def test_an_address_that_tries_often_has_to_wait_and_a_right_one_does_not_count(
    client: Client,
) -> None:
    world = build.world()
    number, _, _ = known(world)
    code = sql.fetch("select delivery_address ->> 'postal_code' from orders_order limit 1")[0][0]
    right = [asked(client, number, code)[0] for _ in range(25)]
    wrong = [asked(client, f"X{i}", "1111AA")[0] for i in range(25)]
    then = asked(client, number, code)[0]
    elsewhere = asked(client, number, code, REMOTE_ADDR="192.0.2.9")[0]

    assert set(right) == {302}
    assert wrong == [422] * 20 + [429] * 5
    assert (then, elsewhere) == (429, 302)
    assert sql.fetch("select count(*) from portal_guess where length(key) <> 32") == [(0,)]


@pytest.mark.usefixtures("within_an_hour")
def test_an_order_that_was_missed_often_opens_by_the_letter_alone(client: Client) -> None:
    world = build.world()
    number, external, order_id = known(world)
    sql.fetch(
        "update orders_order set customer_email = 'c@example.com' where id = %s returning id",
        (order_id,),
    )
    code = sql.fetch("select delivery_address ->> 'postal_code' from orders_order limit 1")[0][0]

    ways = (number, f"#{number}", f"## {number} ", external, f" {external}")
    missed = [asked(client, way, f"10{i}5ZZ")[0] for i, way in enumerate(ways)]
    pages = [
        client.post("/returns?lang=en", {"number": n, "proof": p}).content.decode()
        for n, p in ((number, code), (number, "9999ZZ"), (number, code))
    ]
    other = asked(client, "NO-SUCH", "1234AB")[0]

    assert missed == [422] * 5
    assert len({page.split("<main")[1] for page in pages}) == 1
    assert "Look at your e-mail" in pages[0]
    # Once a day, whoever asks how often.
    assert letters() == [("portal.link", "c@example.com")]
    link = (
        sql.fetch("select body_text from emails_email")[0][0]
        .split("/track/")[1]
        .split(")")[0]
        .split()[0]
    )
    assert client.get(f"/track/{link}").status_code == 200
    assert other == 422


@pytest.mark.usefixtures("within_an_hour")
def test_ten_thousand_tries_at_belgian_codes_look_at_eight(client: Client) -> None:
    world = build.world()
    numbers = [known(world)[0] for _ in range(3)]

    answers = [
        asked(client, numbers[i % 3] + f"-{i}", str(1000 + i), REMOTE_ADDR=f"198.51.100.{i}")[0]
        for i in range(40)
    ]

    # 200: the page that says that a letter was sent, if there is such an order.
    assert answers == [422] * 7 + [200] * 33


def test_a_link_ends_with_its_year_with_its_day_and_with_the_address(client: Client) -> None:
    order_id = build.shipped(build.world())
    mail = sql.fetch("select customer_email from orders_order where id = %s", (order_id,))[0][0]
    now = clock.now()

    def status(token: str) -> int:
        return client.get(f"/track/{token}").status_code

    with time_machine.travel(now - timedelta(days=365), tick=False):
        young = track_token(order_id, mail)
    with time_machine.travel(now - timedelta(days=367), tick=False):
        old = track_token(order_id, mail)
    with time_machine.travel(now - timedelta(hours=25), tick=False):
        guest = guest_token(order_id)

    assert [status(t) for t in (young, old, guest)] == [200, 404, 404]
    sql.fetch(
        "update orders_order set customer_email = 'new@example.com' where id = %s returning id",
        (order_id,),
    )
    assert status(young) == 404
    assert status(track_token(order_id, "new@example.com")) == 200


def test_letters_changed_in_a_token_open_nothing(client: Client) -> None:
    order_id = build.shipped(build.world())
    mail = sql.fetch("select customer_email from orders_order where id = %s", (order_id,))[0][0]
    for token in (track_token(order_id, mail), guest_token(order_id)):
        assert client.get(f"/track/{token}").status_code == 200
        for at in range(0, len(token), 7):
            other = "A" if token[at] != "A" else "B"
            assert client.get(f"/track/{token[:at]}{other}{token[at + 1 :]}").status_code == 404
    assert read_token("") is None
    assert read_token("ä" * 50) is None
    # A guest's token is no tracking link with something behind it.
    assert client.get(f"/track/{guest_token(order_id).replace('~', '')}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_are_all_counted() -> None:
    # Within one quarter of the clock, as above: what a fixture says of the time is not heard in other threads.
    moment = clock.now().replace(minute=1, second=0)

    def tried() -> bool:
        with clock.told(moment):
            return count_try("203.0.113.7", "N1", "1015CS").is_allowed

    results = together([tried] * 32)

    assert sorted(results) == [False] * 12 + [True] * 20
