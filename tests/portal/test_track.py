"""The shopper's own page: what is theirs, and nothing that is not."""

import pytest
from django.test import Client

from orderwerk.core import sql
from orderwerk.flows.letter_data import shipments_for_letters
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.orders.links import guest_token
from orderwerk.portal.words import WORDS, language_for
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.shipments.packing import PackageItem
from tests import build
from tests.portal.tokens import own_token

pytestmark = pytest.mark.django_db


def test_every_language_says_the_same_things() -> None:
    assert {name: set(words) for name, words in WORDS.items()} == {key: set(WORDS["en"]) for key in WORDS}  # fmt: skip
    assert all(text.strip() for words in WORDS.values() for text in words.values())


@pytest.mark.parametrize(
    ("chosen", "locale", "accepted", "expected"),
    [
        ("fr", "nl", "de", "fr"),
        (None, "nl-BE", "de", "nl"),
        ("xx", None, "da, de-AT;q=0.7, en;q=0.3", "de"),
        (None, "it", "es", "en"),
        (None, None, "", "en"),
    ],
)
def test_the_language_is_chosen(
    chosen: str | None, locale: str | None, accepted: str, expected: str
) -> None:
    assert language_for(chosen, locale, accepted) == expected


def test_the_customer_sees_articles_parcels_and_invoices_and_no_memo(client: Client) -> None:
    world = build.world()
    order_id = build.shipped(world, (world.skus[0], 2))
    build.invoice(order_id)
    create_memos([MemoItem(order_id=order_id, text="difficult person")], actor=build.TESTER)
    number = build.invoices(order_id)[0]["number"]
    token = own_token(order_id)

    page = client.get(f"/track/{token}?lang=de")
    paper = client.get(f"/track/{token}/invoices/{number}.pdf")

    text = page.content.decode()
    assert "verschickt" in text
    assert number in text
    assert "difficult person" not in text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert paper.content.startswith(b"%PDF")
    assert paper.headers["Content-Type"] == "application/pdf"


def test_a_parcel_of_which_only_packages_bear_a_code_is_followed_by_the_first_of_these(client: Client) -> None:  # fmt: skip
    world = build.world()
    order_id = world.place((world.skus[0], 2))
    [shipment] = build.shipments(order_id)
    link = "https://follow.example/{code}"
    upsert_carriers([CarrierItem(code="boxes", name="Boxes", tracking_link=link)], actor=build.TESTER)[0].require()  # fmt: skip
    boxes = [PackageItem(), PackageItem(tracking_code="3SBOX"), PackageItem(tracking_code="3SLAST")]
    item = UpdateShipmentItem(shipment_id=shipment, packages=boxes, carrier="boxes")
    update_shipments([item], actor=build.TESTER)[0].require()
    ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].require()

    page = client.get(f"/track/{own_token(order_id)}").content.decode()
    letter = shipments_for_letters([shipment])[shipment]

    assert '<span class="code">3SBOX</span>' in page
    assert 'href="https://follow.example/3SBOX"' in page
    assert "3SLAST" not in page
    assert (letter["tracking_code"], letter["tracking_url"]) == ("3SBOX", "https://follow.example/3SBOX")  # fmt: skip
    tell = UpdateShipmentItem(shipment_id=shipment, tracking_code="3SOWN")
    update_shipments([tell], actor=build.TESTER)[0].require()
    assert '<span class="code">3SOWN</span>' in client.get(f"/track/{own_token(order_id)}").content.decode()  # fmt: skip


def test_a_guest_sees_no_papers_no_amounts_and_no_name(client: Client) -> None:
    world = build.world()
    order_id = build.shipped(world)
    build.invoice(order_id)
    number = build.invoices(order_id)[0]["number"]
    name = sql.fetch("select customer_name from orders_order where id = %s", (order_id,))[0][0]
    token = guest_token(order_id)

    page = client.get(f"/track/{token}")
    paper = client.get(f"/track/{token}/invoices/{number}.pdf")
    statement = client.get(f"/track/{token}/withdraw")

    assert page.status_code == 200
    assert number not in page.content.decode()
    assert name not in page.content.decode()
    assert name not in statement.content.decode()
    assert paper.status_code == 404


def test_another_orders_papers_and_returns_are_not_behind_this_link(client: Client) -> None:
    world = build.world()
    mine, other = build.shipped(world), build.shipped(world)
    build.invoice(other)
    number = build.invoices(other)[0]["number"]
    announced = build.request(other).require().data["number"]
    token = own_token(mine)

    answers = [
        client.get(f"/track/{token}/invoices/{number}.pdf"),
        client.get(f"/track/{token}/returns/{announced}"),
        client.post(f"/track/{token}/returns/{announced}/cancel"),
        client.get(f"/track/{token}/withdrawals/WD1001"),
    ]

    assert [a.status_code for a in answers] == [404] * 4
    assert sql.fetch("select status from return_requests_request") == [("requested",)]


def test_a_page_runs_the_same_statements_for_one_article_and_for_twenty(
    client: Client, django_assert_max_num_queries: object
) -> None:
    world = build.world(products=20)
    tokens = [
        own_token(build.shipped(world, *((sku, 1) for sku in world.skus[:n]))) for n in (1, 20)
    ]
    counts = []
    for token in tokens:
        for path in ("", "/return", "/withdraw"):
            client.get(f"/track/{token}{path}")
            with sql.count_statements() as count:
                assert client.get(f"/track/{token}{path}").status_code == 200
            counts.append(count.total)

    assert counts[:3] == counts[3:]


def test_the_colour_is_a_colour(client: Client) -> None:
    assert b"--brand: #0a7b61; --on-brand: #ffffff" in client.get("/track/colour.css?c=0a7b61").content  # fmt: skip
    assert b"--on-brand: #000000" in client.get("/track/colour.css?c=ffe08a").content
    for wrong in ("", "red", "0a7b61}body{display:none", "%00"):
        assert b"--brand: #1f3a8a" in client.get("/track/colour.css", {"c": wrong}).content
