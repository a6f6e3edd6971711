"""Announcing a return as a customer does it: with reasons and pictures; what is refused is said and changes nothing."""

import html
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import decode, sql
from orderwerk.flows.keep_returns import KeepItem, keep_returns
from orderwerk.flows.letter_data import money
from orderwerk.orders.links import guest_token
from orderwerk.portal.words import WORDS
from orderwerk.return_requests.commands.decide import (
    ApproveRequestItem,
    RejectRequestItem,
    approve_return_requests,
    reject_return_requests,
)
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from tests import build
from tests.portal.tokens import own_token

pytestmark = pytest.mark.django_db
PICTURE = b"\x89PNG\r\n\x1a\n a picture"


def picture(content: bytes = PICTURE, name: str = "photo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


def typed(order_id: Any, quantity: int | str = 1, reason: str = "damaged", **fields: Any) -> dict[str, Any]:  # fmt: skip
    line = build.order_lines(order_id)[0]
    return {f"quantity-{line}": quantity, f"reason-{line}": reason, "outcome": "refund", **fields}


def requests() -> list[tuple[Any, ...]]:
    return sql.fetch("select status, origin, comment, outcome from return_requests_request")


def test_a_guest_announces_with_pictures_and_sees_how_it_stands(client: Client) -> None:
    world = build.world()
    policy = {"shop": world.shop, "approve_at_once": True, "fee": "2.50", "colour": "#0a7b61", "instructions": {"en": "Send it to\nExample Street 1"}}  # fmt: skip
    set_return_policies([decode.convert(policy, PolicyItem)], actor=build.TESTER)[0].require()
    order_id = build.shipped(world, (world.skus[0], 2))
    path = f"/track/{guest_token(order_id)}"
    form = typed(order_id, 2, comment="Broken\x07 corner", photos=[picture(), picture()])

    sent = client.post(f"{path}/return?lang=en", form)
    page = client.get(sent.headers["Location"])

    assert sent.status_code == 302
    assert requests() == [("approved", "portal", "Broken corner", "refund")]
    assert sql.fetch("select position, media_type, content from return_requests_photo order by 1") == [
        (1, "image/png", PICTURE), (2, "image/png", PICTURE)
    ]  # fmt: skip
    text = page.content.decode()
    assert "Example Street 1" in text
    assert "<svg" in text
    assert "2.50" in text
    cancelled = client.post(sent.headers["Location"].split("?")[0] + "/cancel")
    again = client.post(sent.headers["Location"].split("?")[0] + "/cancel")
    assert (cancelled.status_code, again.status_code) == (302, 302)
    assert requests()[0][0] == "cancelled"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quantity": 0}, "Choose at least one article"),
        ({"quantity": ""}, "Choose at least one article"),
        ({"quantity": "-1"}, "Choose at least one article"),
        ({"reason": ""}, "Choose a reason"),
        ({"reason": "no-such-reason"}, "That did not work"),
        ({"quantity": 3}, "not so many pieces"),
        ({"quantity": "9" * 7}, "not so many pieces"),
        ({"outcome": "exchange"}, "This cannot be chosen"),
        ({"outcome": "a boat"}, "This cannot be chosen"),
        ({"photos": [picture(b"<svg onload=alert(1)>", "x.svg")]}, "no JPEG, PNG or WebP"),
        ({"photos": [picture()] * 6}, "At most five"),
        ({"photos": [picture(PICTURE + b"0" * 5 * 1024 * 1024)]}, "5 MB"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_kept(
    client: Client, fields: dict[str, Any], said: str
) -> None:
    world = build.world()
    order_id = build.shipped(world, (world.skus[0], 2))
    for file in fields.get("photos", []):
        file.seek(0)

    answer = client.post(f"/track/{own_token(order_id)}/return?lang=en", typed(order_id, **fields))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert requests() == []
    assert sql.fetch("select count(*) from return_requests_photo") == [(0,)]


def test_pieces_that_are_announced_are_not_offered_again(client: Client) -> None:
    world = build.world()
    order_id = build.shipped(world, (world.skus[0], 2))
    token = own_token(order_id)
    first = client.post(f"/track/{token}/return", typed(order_id, 2))
    second = client.get(f"/track/{token}/return?lang=en")
    number = first.headers["Location"].split("/")[-1].split("?")[0]
    key = sql.fetch("select id from return_requests_request where number = %s", (number,))[0][0]
    item = RejectRequestItem(return_request_id=key, reason="Used")
    reject_return_requests([item], actor=build.TESTER)[0].require()
    rejected = client.get(f"/track/{token}/returns/{number}")
    third = client.get(f"/track/{token}/return?lang=en")

    assert "Not sent yet, or nothing of it is left" in second.content.decode()
    assert "Used" in rejected.content.decode()
    assert "Not sent yet, or nothing of it is left" not in third.content.decode()


def test_a_second_click_is_no_second_parcel(client: Client) -> None:
    world = build.world()
    order_id = build.shipped(world, (world.skus[0], 2))
    path = f"/track/{own_token(order_id)}/return?lang=en"

    answers = [client.post(path, typed(order_id, 2)).status_code for _ in range(2)]

    assert answers == [302, 422]
    assert len(requests()) == 1


def test_a_shop_without_a_portal_shows_the_order_and_takes_nothing(client: Client) -> None:
    world = build.world(return_portal=False, withdrawal_portal=False)
    order_id = build.shipped(world)
    token = own_token(order_id)

    page = client.get(f"/track/{token}")
    answers = [
        client.post(f"/track/{token}/return", typed(order_id)),
        client.get(f"/track/{token}/withdraw"),
    ]

    assert page.status_code == 200
    assert "/return" not in page.content.decode().replace("/returns", "")
    assert [a.status_code for a in answers] == [404, 404]
    assert "deze link" not in answers[1].content.decode().lower()
    assert "Dat kan hier niet" in answers[1].content.decode()
    assert requests() == []


def test_what_is_too_large_to_be_read_is_said_so(order_page: str) -> None:
    client = Client(enforce_csrf_checks=True)

    answers = [
        client.post(path, b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(22 * 1024 * 1024))
        for path in (f"{order_page}/return?lang=en", "/account/login/")
    ]  # fmt: skip
    without_secret = client.post(f"{order_page}/return", {"a": "b"})

    assert [a.status_code for a in answers] == [413, 413]
    assert "too large together" in answers[0].content.decode()
    assert "At most 20 MB" in answers[1].content.decode()
    assert without_secret.status_code == 403


@pytest.fixture
def order_page() -> str:
    return f"/track/{own_token(build.shipped(build.world()))}"


@pytest.mark.parametrize(
    "path",
    ["/returns/%00", "/returns/RQ%00", "/withdrawals/WD%00", "/invoices/%00.pdf", "/x", "/%00"],
)
def test_a_number_that_makes_no_sense_is_not_there(
    client: Client, order_page: str, path: str
) -> None:
    assert client.get(f"{order_page}{path}").status_code == 404


def test_an_exchange_takes_what_is_offered_and_nothing_else(client: Client) -> None:
    world = build.world(products=3)
    change = ProductItem(sku=world.skus[0], name="A", substitutes=[world.skus[1]])
    upsert_products([change], actor=build.TESTER)[0].require()
    set_return_policies(
        [PolicyItem(shop=world.shop, outcomes=["refund", "exchange"])], actor=build.TESTER
    )
    found = []
    for choice in (world.skus[1], world.skus[2], ""):
        order_id = build.shipped(world, (world.skus[0], 2))
        line = build.order_lines(order_id)[0]
        form = typed(order_id, 2, outcome="exchange", **{f"wanted-{line}": choice})
        sent = client.post(f"/track/{guest_token(order_id)}/return?lang=en", form)
        assert sent.status_code == 302
        found += sql.fetch(
            "select p.sku, k.wanted_quantity from return_requests_line k left join catalog_product p on p.id = k.wanted_id where k.order_id = %s",
            (order_id,),
        )

    # What is not offered, or left open, is the same article.
    assert found == [(world.skus[1], 2), (world.skus[0], 2), (world.skus[0], 2)]


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_a_customer_asks_to_keep_it_where_the_shop_offers_that(
    client: Client, language: str
) -> None:
    words = WORDS[language]
    world = build.world()
    policy = {"shop": world.shop, "outcomes": ["keep", "refund"], "keep_up_to": "15.00", "approve_at_once": True, "fee": "2.50"}  # fmt: skip
    set_return_policies([decode.convert(policy, PolicyItem)], actor=build.TESTER)[0].require()
    order_id = build.shipped(world, (world.skus[0], 2))
    path = f"/track/{own_token(order_id)}/return?lang={language}"

    form = client.get(path).content.decode()
    dear = client.post(path, typed(order_id, 2, outcome="keep"))
    sent = client.post(path, typed(order_id, outcome="keep"))
    page = client.get(sent.headers["Location"]).content.decode()

    amount = money(1500, "EUR", language)
    assert html.escape(words["wish_keep"].format(amount=amount)) in form
    assert dear.status_code == 422
    assert html.escape(words["too_dear_to_keep"]) in dear.content.decode()
    assert requests() == [("requested", "portal", "", "keep")]
    assert html.escape(words["rq_keep_requested"]) in page
    assert html.escape(words["fee"]) not in page
    key = sql.fetch("select id from return_requests_request")[0][0]
    item = ApproveRequestItem(return_request_id=key)
    approve_return_requests([item], actor=build.TESTER)[0].require()
    page = client.get(sent.headers["Location"]).content.decode()
    assert html.escape(words["rq_keep_approved"]) in page
    assert html.escape(words["fee"]) in page


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_the_page_of_a_wish_to_keep_says_what_was_asked_and_answered(
    client: Client, language: str
) -> None:
    words = WORDS[language]
    world = build.world()
    policy = {"shop": world.shop, "outcomes": ["keep", "refund"], "keep_up_to": "15.00"}
    set_return_policies([decode.convert(policy, PolicyItem)], actor=build.TESTER)[0].require()
    answers = ("keep_yes", "keep_no_send", "keep_no")

    def asked() -> tuple[str, Any]:
        order_id = build.shipped(world, (world.skus[0], 2))
        build.invoice(order_id)
        sent = client.post(f"/track/{own_token(order_id)}/return?lang={language}", typed(order_id, outcome="keep"))  # fmt: skip
        key = sql.fetch("select id from return_requests_request where order_id = %s", (order_id,))
        return sent.headers["Location"], key[0][0]

    def said(path: str) -> list[str]:
        page = client.get(path).content.decode()
        found = ("keep_asked", "keep_not_yet", *answers)
        return [word for word in found if html.escape(words[word]) in page]

    (kept, one), (back, two), (refused, three), (withdrawn, _) = (asked() for _ in range(4))
    assert said(kept) == ["keep_asked", "keep_not_yet"]
    keep_returns([KeepItem(return_request_id=one)], actor=build.TESTER)[0].require()
    approve_return_requests([ApproveRequestItem(return_request_id=two)], actor=build.TESTER)[0].require()  # fmt: skip
    reject_return_requests([RejectRequestItem(return_request_id=three, reason="No")], actor=build.TESTER)[0].require()  # fmt: skip
    client.post(withdrawn.partition("?")[0] + f"/cancel?lang={language}")

    assert [said(path) for path in (kept, back, refused)] == [["keep_asked", a] for a in answers]
    assert said(withdrawn) == ["keep_asked"]
    assert html.escape(words["rq_keep_rejected"]) in client.get(refused).content.decode()
    order_page = refused.partition("/returns/")[0] + f"?lang={language}"
    assert html.escape(words["rq_keep_rejected"]) in client.get(order_page).content.decode()


def test_what_may_be_kept_is_less_by_what_is_asked_for_already(client: Client) -> None:
    world = build.world()
    policy = {"shop": world.shop, "outcomes": ["keep", "refund"], "keep_up_to": "25.00"}
    set_return_policies([decode.convert(policy, PolicyItem)], actor=build.TESTER)[0].require()
    order_id = build.shipped(world, (world.skus[0], 4))
    path = f"/track/{own_token(order_id)}/return?lang=en"

    client.post(path, typed(order_id, outcome="keep"))
    assert "articles of €15.00 together at most" in client.get(path).content.decode()
    again = client.post(path, typed(order_id, 2, outcome="keep"))
    assert again.status_code == 422
    assert html.escape(WORDS["en"]["too_dear_to_keep"]) in again.content.decode()
    set_return_policies([decode.convert({**policy, "keep_up_to": "10.00"}, PolicyItem)], actor=build.TESTER)[0].require()  # fmt: skip
    assert "Keep it and" not in client.get(path).content.decode()


def test_to_keep_is_not_offered_for_an_order_in_another_currency(client: Client) -> None:
    world = build.world()
    policy = {"shop": world.shop, "outcomes": ["keep", "refund"], "keep_up_to": "15.00"}
    set_return_policies([decode.convert(policy, PolicyItem)], actor=build.TESTER)[0].require()
    order_id = build.shipped(world, (world.skus[0], 2), currency="SEK")
    path = f"/track/{own_token(order_id)}/return?lang=en"

    assert "Keep it and" not in client.get(path).content.decode()
    refused = client.post(path, typed(order_id, outcome="keep"))
    assert refused.status_code == 422
    assert "This cannot be chosen" in refused.content.decode()
