"""A guest who announces so many pieces and then so many others learns nothing of what they have cost, and not for long."""

import html
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from orderwerk.core import decode, sql
from orderwerk.orders.links import gift_token, guest_token
from orderwerk.portal.words import WORDS
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from tests import build
from tests.portal.tokens import own_token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("within_an_hour")]
EN = WORDS["en"]
RECEIVER = {"name": "Robin", "email": "robin@example.org"}


def bought(pieces: int = 9, **policy: Any) -> UUID:
    """An order of pieces that were sold for 10.00 each."""
    world = build.world()
    item = {"shop": world.shop, "gift_returns": True, "approve_at_once": True, **policy}
    set_return_policies([decode.convert(item, PolicyItem)], actor=build.TESTER)[0].require()
    return build.shipped(world, (world.skus[0], pieces))


def typed(order: UUID, pieces: int, **fields: Any) -> dict[str, Any]:
    line = build.order_lines(order)[0]
    return {f"quantity-{line}": pieces, f"reason-{line}": "damaged", "outcome": "refund", **RECEIVER, **fields}  # fmt: skip


def says(answer: Any, word: str) -> bool:
    return html.escape(EN[word]) in answer.content.decode()


def count() -> int:
    return int(sql.fetch("select count(*) from return_requests_request")[0][0])


def test_a_guest_and_a_receiver_are_told_nothing_of_the_amount_and_the_buyer_is(
    client: Client,
) -> None:
    order = bought(fee="35.00", outcomes=["refund", "keep"], keep_up_to="25.00")
    guest, gift, own = (f"/{kind}?lang=en" for kind in (f"track/{guest_token(order)}/return", f"gift/{gift_token(order)}", f"track/{own_token(order)}/return"))  # fmt: skip

    refused = {
        "fee": client.post(guest, typed(order, 3)),
        "keep": client.post(guest, typed(order, 3, outcome="keep")),
        "gift": client.post(gift, typed(order, 3)),
    }

    for name, answer in refused.items():
        assert answer.status_code == 422, name
        assert says(answer, "not_this_way"), name
        for word in ("fee_eats_all", "too_dear_to_keep"):
            assert not says(answer, word), name
    # The buyer knows what it has cost.
    assert says(client.post(own, typed(order, 3)), "fee_eats_all")
    assert says(client.post(own, typed(order, 3, outcome="keep")), "too_dear_to_keep")
    assert count() == 0


@pytest.mark.parametrize("kind", ["guest", "gift"])
def test_after_five_such_answers_a_guest_announces_nothing_of_the_order_that_day(
    client: Client, kind: str
) -> None:
    order, other = bought(fee="35.00"), bought(fee="35.00")
    tokens = {key: f"/track/{guest_token(key)}/return?lang=en" if kind == "guest" else f"/gift/{gift_token(key)}?lang=en" for key in (order, other)}  # fmt: skip
    for _ in range(5):
        assert says(client.post(tokens[order], typed(order, 1)), "not_this_way")

    # Enough for the fee, and not even looked at.
    late = client.post(tokens[order], typed(order, 4))

    assert late.status_code == 422
    assert says(late, "not_this_way")
    assert count() == 0
    # Neither the buyer nor another order is held up.
    assert client.post(f"/track/{own_token(order)}/return", typed(order, 4)).status_code == 302
    assert client.post(tokens[other], typed(other, 4)).status_code == 302
    # The door has counted them too: the order opens by the link alone.
    number = build.order(order)["number"]
    door = client.post("/returns?lang=en", {"number": number, "proof": "1234 AB"})
    assert says(door, "mailed_title")


def test_who_only_tries_numbers_at_the_door_stops_nobody_who_was_let_in(client: Client) -> None:
    order = bought(fee="1.00")
    number = build.order(order)["number"]
    for _ in range(8):
        client.post("/returns?lang=en", {"number": number, "proof": "9999 ZZ"})

    guest = client.post(f"/track/{guest_token(order)}/return?lang=en", typed(order, 1))
    gift = client.post(f"/gift/{gift_token(order)}?lang=en", typed(order, 1))

    assert (guest.status_code, gift.status_code) == (302, 302)


def test_a_picture_is_asked_for_whatever_the_goods_have_cost(client: Client) -> None:
    order = bought(fee="35.00", photo_reasons=["damaged"])
    path = f"/track/{guest_token(order)}/return?lang=en"

    answers = [client.post(path, typed(order, pieces)) for pieces in (3, 4)]

    assert [says(a, "photo_wanted") for a in answers] == [True, True]


def test_taking_back_what_is_taken_back_counts_as_nothing(client: Client) -> None:
    order = bought()
    path = f"/track/{guest_token(order)}/return?lang=en"
    page = client.post(path, typed(order, 1)).headers["Location"]
    for _ in range(8):
        client.post(page.replace("?", "/cancel?"))

    assert client.post(path, typed(order, 1)).status_code == 302


def test_other_mistakes_and_what_is_announced_count_as_nothing(client: Client) -> None:
    order = bought(20, fee="1.00")
    path = f"/track/{guest_token(order)}/return?lang=en"
    for n in range(7):
        assert says(client.post(path, typed(order, 99)), "too_many_to_return")
        assert client.post(path, typed(order, 1)).status_code == 302, n
    assert count() == 7


def test_what_a_guest_takes_back_counts_and_what_the_buyer_does_not(client: Client) -> None:
    order, other = bought(20), bought(20)

    def rounds(token: str, key: UUID) -> list[int]:
        answers = []
        for _ in range(7):
            sent = client.post(f"/track/{token}/return?lang=en", typed(key, 1))
            answers.append(sent.status_code)
            if sent.status_code == 302:
                client.post(sent.headers["Location"].replace("?", "/cancel?"))
        return answers

    assert rounds(guest_token(order), order) == [302] * 5 + [422] * 2
    assert rounds(own_token(other), other) == [302] * 7


def test_that_all_of_what_may_be_kept_is_asked_for_a_guest_is_not_told(client: Client) -> None:
    order = bought(outcomes=["refund", "keep"], keep_up_to="10.00")
    build.request(order, build.back(order, 1), outcome="keep").require()

    guest, own = (client.get(f"/track/{token(order)}/return?lang=en").content.decode() for token in (guest_token, own_token))  # fmt: skip

    assert 'value="keep"' in guest
    assert 'value="keep"' not in own
