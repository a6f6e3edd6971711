"""Sending a gift back: no price and nothing of the buyer on the pages, and nothing of it on the buyer's own."""

import html
import io
import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pypdf import PdfReader

from orderwerk.core import decode, sql
from orderwerk.flows.letter_data import money
from orderwerk.orders.links import gift_return_token, gift_token, guest_token
from orderwerk.portal.words import WORDS
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
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
BUYER = {"name": "Bernadette Koper", "email": "bernadette@example.com", "phone": "+31612345678"}
BILLING = {"name": "Bernadette Koper", "street": "Koperlaan", "house_number": "9", "postal_code": "9999 ZZ", "city": "Koperdam", "country": "NL"}  # fmt: skip
DELIVERY = {"name": "Robin", "street": "Cadeauplein", "house_number": "1", "postal_code": "1015CS", "city": "Amsterdam", "country": "NL"}  # fmt: skip
# What the pages of whoever received it must not show: the buyer, what it cost, the buyer's own page.
SECRETS = ("Bernadette", "bernadette@", "Koperlaan", "9999 ZZ", "Koperdam", "0612345678", "31612345678", "10.00", "10,00", "30.00", "30,00")  # fmt: skip


def bought(**policy: Any) -> UUID:
    world = build.world(refund_mode="automatic", sender_email="shop@example.com")
    item = {"shop": world.shop, "gift_returns": True, "outcomes": ["refund"], "instructions": {"en": "Example Street 1"}, **policy}  # fmt: skip
    set_return_policies([decode.convert(item, PolicyItem)], actor=build.TESTER)[0].require()
    order = build.shipped(
        world, (world.skus[0], 3), customer=BUYER, billing_address=BILLING, delivery_address=DELIVERY, locale="en"
    )  # fmt: skip
    build.invoice(order)
    return order


def typed(order: UUID, pieces: int | str = 2, **fields: Any) -> dict[str, Any]:
    line = build.order_lines(order)[0]
    return {f"quantity-{line}": pieces, f"reason-{line}": "damaged", "name": "Robin", "email": "robin@example.org", **fields}  # fmt: skip


def secrets_in(page: Any) -> list[str]:
    text = page.content.decode()
    return [secret for secret in SECRETS if secret in text]


def requests() -> list[tuple[Any, ...]]:
    return sql.fetch("select status, origin, outcome, is_gift, receiver_name, receiver_email, receiver_language from return_requests_request")  # fmt: skip


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_from_the_number_in_the_box_to_the_page_of_the_return(
    client: Client, language: str
) -> None:
    words = WORDS[language]
    order = bought(approve_at_once=True)
    number = build.order(order)["number"]
    door = client.get(f"/returns?lang={language}")
    assert html.escape(words["gift_link"]) in door.content.decode()
    own = client.get(f"/returns?lang={language}&gift=1")
    assert html.escape(words["gift_find_lead"]) in own.content.decode()

    found = client.post(f"/returns?lang={language}", {"number": number, "proof": "1015 cs", "gift": "1"})  # fmt: skip
    form = client.get(found.headers["Location"])
    sent = client.post(found.headers["Location"], typed(order))
    page = client.get(sent.headers["Location"])

    assert found.headers["Location"].startswith("/gift/")
    assert html.escape(words["gift_lead"]) in form.content.decode()
    assert requests() == [("approved", "portal", "store_credit", True, "Robin", "robin@example.org", language)]  # fmt: skip
    text = page.content.decode()
    assert html.escape(words["rq_approved"]) in text
    assert html.escape(words["gift_credit"].format(email="robin@example.org")) in text
    assert "<svg" in text
    for seen in (door, own, form, page):
        assert secrets_in(seen) == []
        assert "no-store" in seen["Cache-Control"]
    slip = client.get(sent.headers["Location"].replace("?", "/slip.pdf?"))
    assert slip.content.startswith(b"%PDF")


def test_the_buyers_page_and_papers_say_nothing_of_it(client: Client) -> None:
    order = bought()
    path = f"/track/{own_token(order)}"
    before = client.get(path).content.decode()
    client.post(f"/gift/{gift_token(order)}", typed(order))
    [(request, number)] = sql.fetch("select id, number from return_requests_request")
    build.give_back(
        order, build.back(order, 2, restock=True), return_request_id=str(request)
    ).require()
    [credit] = [v for v in build.invoices(order) if v["kind"] == "credit"]
    made = create_refunds([CreateRefundItem(invoice_id=credit["id"])], actor=build.TESTER)
    [refund] = made[0].require().data["refunds"]
    submit_refunds([SubmitRefundItem(refund_id=refund)], actor=build.TESTER)[0].require()

    for visit in (path, f"/track/{guest_token(order)}"):
        page = client.get(visit).content.decode()
        for told in (number, credit["number"], WORDS["en"]["refund_stored"], f"2 {WORDS['en']['returned_n']}", money(2000, "EUR", "en")):  # fmt: skip
            assert told not in page, told
        assert client.get(f"{visit}/returns/{number}").status_code == 404
        assert client.get(f"{visit}/returns/{number}/slip.pdf").status_code == 404
        assert client.post(f"{visit}/returns/{number}/cancel").status_code == 404
    assert client.get(f"{path}/invoices/{credit['number']}.pdf").status_code == 404
    debit = build.invoices(order)[0]["number"]
    assert client.get(f"{path}/invoices/{debit}.pdf").status_code == 200
    # What the buyer sends back themselves stands there as ever.
    build.request(order).require()
    build.give_back(order).require()
    page = client.get(path).content.decode()
    assert f"1 {WORDS['en']['returned_n']}" in page
    assert before.count("<li>") < page.count("<li>")


def test_announcing_changes_nothing_that_the_buyer_sees_or_may_do(client: Client) -> None:
    order = bought()
    pages = [f"/track/{own_token(order)}", f"/track/{own_token(order)}/return", f"/track/{own_token(order)}/withdraw"]  # fmt: skip

    def seen() -> list[str]:
        # The key of a form against forgery is new each time.
        return [re.sub(r'value="\w{64}"', "", client.get(path).content.decode()) for path in pages]

    before = seen()
    assert WORDS["en"]["start_return"] in before[0]
    client.post(f"/gift/{gift_token(order)}", typed(order, 3))

    assert len(requests()) == 1
    assert seen() == before


def test_a_guests_page_tells_no_amounts(client: Client) -> None:
    order = bought(outcomes=["refund", "keep"], keep_up_to="100.00")
    build.request(order, build.back(order, 1), outcome="keep").require()
    build.give_back(order, build.back(order, 1, restock=True)).require()
    [credit] = [v["id"] for v in build.invoices(order) if v["kind"] == "credit"]
    create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)[0].require()
    own, guest = (f"/track/{token(order)}" for token in (own_token, guest_token))

    assert money(1000, "EUR", "en") in client.get(own).content.decode()
    assert WORDS["en"]["refund_pending"] in client.get(guest).content.decode()
    for path in (guest, f"{guest}/return"):
        page = client.get(path).content.decode()
        for amount in (1000, 2000, 3000, 8000, 9000):
            assert money(amount, "EUR", "en") not in page, (path, amount)
    # What of the limit is used up the buyer alone reads.
    assert money(10000, "EUR", "en") in client.get(f"{guest}/return").content.decode()
    assert money(9000, "EUR", "en") in client.get(f"{own}/return").content.decode()


def test_the_slip_names_who_sends_it_and_a_link_ends_with_the_data(client: Client) -> None:
    order = bought(approve_at_once=True)
    sent = client.post(f"/gift/{gift_token(order)}", typed(order, 1)).headers["Location"]

    slip = client.get(sent.replace("?", "/slip.pdf?"))

    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(slip.content)).pages)
    assert "Robin" in text
    assert [secret for secret in SECRETS if secret in text] == []
    sql.execute("update return_requests_request set receiver_name = 'erased', receiver_email = 'erased@example.invalid'")  # fmt: skip
    assert client.get(sent).status_code == 404
    assert client.get(sent.replace("?", "/slip.pdf?")).status_code == 404


def test_the_page_says_how_it_stands(client: Client) -> None:
    order = bought(fee="2.50")
    form = client.get(f"/gift/{gift_token(order)}")
    assert "€2.50" in form.content.decode()
    sent = [client.post(f"/gift/{gift_token(order)}", typed(order, 1)).headers["Location"] for _ in range(2)]  # fmt: skip
    keys = [row[0] for row in sql.fetch("select id from return_requests_request order by id")]
    approve_return_requests([ApproveRequestItem(return_request_id=keys[0])], actor=build.TESTER)[0].require()  # fmt: skip
    reject_return_requests([RejectRequestItem(return_request_id=keys[1], reason="Worn out")], actor=build.TESTER)[0].require()  # fmt: skip

    approved, rejected = (client.get(path).content.decode() for path in sent)

    assert "Example Street 1" in approved
    assert WORDS["en"]["rq_approved"] in approved
    assert "Worn out" in rejected
    assert "robin@example.org" not in rejected
    assert client.get(sent[1].replace("?", "/slip.pdf?")).status_code == 409


def test_what_is_filled_in_wrongly_is_said_and_kept(client: Client) -> None:
    order = bought()
    path = f"/gift/{gift_token(order)}"
    words = WORDS["en"]
    for change, word in (
        ({f"quantity-{build.order_lines(order)[0]}": "0"}, "choose_something"),
        ({f"reason-{build.order_lines(order)[0]}": ""}, "choose_reason"),
        ({"name": " "}, "bad_name"),
        ({"email": "robin@"}, "bad_email"),
        ({f"quantity-{build.order_lines(order)[0]}": "4"}, "too_many_to_return"),
    ):
        answer = client.post(path, {**typed(order), **change, "comment": "Too small"})
        assert answer.status_code == 422, word
        assert html.escape(words[word]) in answer.content.decode()
        assert "Too small" in answer.content.decode()
        assert secrets_in(answer) == []
    assert requests() == []


def test_a_shop_that_takes_no_gifts_opens_nothing(client: Client) -> None:
    order, other = bought(gift_returns=False), bought()
    number = build.order(order)["number"]
    there = {"number": number, "proof": "1015CS", "gift": "1"}

    refused = client.post("/returns?lang=en", there)

    assert refused.status_code == 422
    assert html.escape(WORDS["en"]["gift_not_offered"]) in refused.content.decode()
    assert client.get(f"/gift/{gift_token(order)}").status_code == 404
    assert client.get(f"/gift/{gift_token(other)}").status_code == 200
    sql.execute("update return_requests_policy set gift_returns = false")
    assert WORDS["en"]["gift_link"] not in client.get("/returns?lang=en").content.decode()


def test_a_link_opens_its_own_return_alone(client: Client) -> None:
    order = bought()
    mine = build.request(order, outcome="refund").require().id
    sent = client.post(f"/gift/{gift_token(order)}", typed(order, 1)).headers["Location"]
    [(key,)] = sql.fetch("select id from return_requests_request where is_gift")
    assert mine is not None

    good = sent.split("/gift/returns/")[1].split("?")[0]
    for token in (
        "nothing", "é", good[:-1] + ("a" if good[-1] != "a" else "b"), gift_token(order), guest_token(order), own_token(order),
        gift_return_token(key, "else@example.org"), gift_return_token(mine, ""), gift_return_token(UUID(int=7), "robin@example.org"),
    ):  # fmt: skip
        for path in (f"/gift/returns/{token}", f"/gift/returns/{token}/slip.pdf"):
            assert client.get(path).status_code == 404, path
    for token in ("nothing", "é", good, guest_token(order), own_token(order)):
        assert client.get(f"/gift/{token}").status_code == 404
    assert client.get(f"/track/{gift_token(order)}").status_code == 404
    assert client.get(f"/track/{good}").status_code == 404
    assert client.get(f"/gift/returns/{good}").status_code == 200


@pytest.mark.usefixtures("within_an_hour")
def test_who_guesses_too_often_sends_the_buyer_no_letter(client: Client) -> None:
    order = bought()
    number = build.order(order)["number"]
    for n in range(8):
        answer = client.post("/returns?lang=en", {"number": number, "proof": f"10{n}5ZZ", "gift": "1"})  # fmt: skip
    assert answer.status_code == 429
    assert sql.fetch("select count(*) from emails_email where trigger = 'portal.link'") == [(0,)]
