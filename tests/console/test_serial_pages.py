"""Serial numbers in the console: typed on a shipment, told on its pages, named at the dock, and found by number."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.console.forms.serials import piece_refused
from orderwerk.core.errors import WrongState
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.shipments.commands.record_serials import RecordSerialsItem, record_serials
from orderwerk.shipments.queries import shipment_detail
from orderwerk.shipments.serial_queries import serials_of_shipments
from orderwerk.shipments.serials import SerialPiece
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def phones(quantity: int = 2) -> tuple[build.World, UUID, UUID, str]:
    """A world of phones, an order of some, and its shipment."""
    world = build.world(products=1)
    upsert_products([ProductItem(sku=world.skus[0], name="Phone", tracking="serial")], actor=build.TESTER)[0].require()  # fmt: skip
    order = world.place((world.skus[0], quantity))
    [shipment] = build.shipments(order)
    return world, order, shipment, shipment_detail(build.TESTER, shipment).shipment.number


def recorded(shipment: UUID) -> list[str]:
    return [row.serial for row in serials_of_shipments([shipment])[shipment]]


def test_numbers_are_typed_on_the_shipment_and_a_wrong_one_is_named(enter: Enter) -> None:
    world, _, shipment, number = phones()
    taken = RecordSerialsItem(shipment_id=build.shipments(world.place((world.skus[0], 1)))[0], add=[SerialPiece(sku=world.skus[0], serial="TAKEN")])  # fmt: skip
    record_serials([taken], actor=build.TESTER)[0].require()
    client, form = enter(), reverse("shipment_serials", args=[number])
    assert "2 pieces have none yet." in client.get(reverse("shipment", args=[number])).content.decode()  # fmt: skip

    out = client.post(form, {"serials-0": "A1\nTAKEN\n"})
    assert (out.status_code, recorded(shipment)) == (422, [])
    assert "TAKEN is out with" in out.content.decode()
    assert client.post(form, {"serials-0": " A1 \n\nA2"}).status_code == 302
    assert recorded(shipment) == ["A1", "A2"]
    assert client.post(form, {"serials-0": "A1\na1"}).status_code == 422
    assert client.post(form, {"serials-0": "A2\nA1"}).status_code == 302
    assert client.post(form, {"serials-0": "é"}).status_code == 422
    assert recorded(shipment) == ["A1", "A2"]
    assert client.post(form, {"serials-0": "A1\nA3"}).status_code == 302
    assert recorded(shipment) == ["A1", "A3"]


def test_a_part_leaves_with_the_numbers_that_are_typed_beside_it(enter: Enter) -> None:
    _, order, shipment, number = phones()
    client, form = enter(), reverse("shipment_part", args=[number])
    [line] = shipment_detail(build.TESTER, shipment).parts.lines
    one = {f"line-{line.id}": "1"}
    assert "Serial numbers that leave" in client.get(form).content.decode()

    missing = client.post(form, one)
    many = client.post(form, {**one, "serials-0": "A1\nA2"})
    article = client.post(form, {**one, "serials-0": serials_sku(shipment)})
    good = client.post(form, {**one, "serials-0": "A2\n"})

    assert [a.status_code for a in (missing, many, article, good)] == [422, 422, 422, 302]
    assert f"{serials_sku(shipment)} means the article" in article.content.decode()
    assert recorded(shipment) == ["A2"]
    assert build.order(order)["status"] == "partially_shipped"


def test_the_words_of_other_languages_name_the_piece_too() -> None:
    out = WrongState("TAKEN is out.", code="serial_out", pointer="/add/1/serial")
    with translation.override("nl"):
        assert piece_refused(out, ["A1", "TAKEN"]).startswith("TAKEN: Het stuk met dit")
        assert piece_refused(out, ["A1"]).startswith("Het stuk met dit")


def test_what_left_and_what_came_back_is_told_on_every_page(enter: Enter) -> None:
    world, order, shipment, number = phones()
    pieces = [SerialPiece(sku=world.skus[0], serial=serial) for serial in ("A1", "A2")]
    ship_shipments([ShipItem(shipment_id=shipment, serials=pieces)], actor=build.TESTER)[0].require()  # fmt: skip
    client, of_order = enter(), build.order(order)["number"]
    [line] = build.order_lines(order)
    desk = reverse("return_new", args=[of_order])
    box = {f"quantity-{line}": "1", f"reason-{line}": "damaged", f"fate-{line}": "restock"}

    assert "With the customer: A1, A2" in client.get(desk).content.decode()
    missing = client.post(desk, box)
    wrong = client.post(desk, {**box, f"serials-{line}": "B1"})
    made = client.post(desk, {**box, f"serials-{line}": "a2\n"}, follow=True).content.decode()

    assert (missing.status_code, wrong.status_code) == (422, 422)
    assert "say which of them came back" in missing.content.decode()
    assert "Serial number B1 did not leave" in wrong.content.decode()
    assert "Serial numbers: A2" in made
    for page in (reverse("shipment", args=[number]), reverse("order_shipments", args=[of_order])):
        assert "came back" in client.get(page).content.decode()
    assert "Serial numbers in shipment" in client.get(reverse("order_general", args=[of_order])).content.decode()  # fmt: skip
    found = reverse("serials")
    assert [client.get(found, {"q": q, "status": tab}).content.decode().count("<td class=\"lead") for q, tab in (("a", "all"), ("a", "out"), ("a2", "out"))] == [2, 1, 0]  # fmt: skip
    assert b"A1" in b"".join(client.get(found, {"file": "csv"}).streaming_content)  # type: ignore[attr-defined]


def test_the_packing_table_is_told_which_piece_was_refused(enter: Enter) -> None:
    _, _, shipment, number = phones(1)
    client, table = enter(), reverse("shipment_pack", args=[number])
    sku = serials_sku(shipment)

    def send(*serials: str) -> dict[str, Any]:
        pieces = [{"sku": sku, "serial": each} for each in serials]
        scan = {"key": str(uuid4()), "contents": [{"sku": sku, "quantity": 1}], "packages": [{}], "serials": pieces}  # fmt: skip
        answer = client.post(table, {"scans": [scan]}, content_type="application/json")
        told: dict[str, Any] = answer.json()["results"][0]
        return told

    none, code, good = send(), send(sku), send("A1")

    assert (none["serial"], code["serial"], good["ok"]) == ("", sku, True)
    assert recorded(shipment) == ["A1"]


def serials_sku(shipment: UUID) -> str:
    return shipment_detail(build.TESTER, shipment).parts.lines[0].sku
