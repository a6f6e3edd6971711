"""A packing slip that is printed after its parcel has left says what it said then, whatever came back or changed since."""

from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError
from django.db.transaction import atomic

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import decode, sql
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.shipments.documents import packing_slips, slip_pages
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from tests import build
from tests.documents.test_documents import text_of
from tests.flows.test_kits import kit
from tests.returns.test_claims import decide
from tests.returns.test_exchange import place, wish

pytestmark = pytest.mark.django_db


def slip(shipment: UUID) -> dict[str, Any]:
    return slip_pages([shipment], actor=build.TESTER)[0]


def lines(shipment: UUID) -> list[tuple[str, str]]:
    return [(line["quantity"], line["sku"].replace("\u200b", "")) for line in slip(shipment)["lines"]]  # fmt: skip


def leave(shipment: UUID) -> None:
    ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].require()


def rename(world: build.World) -> None:
    """Everything gets another name: articles and their sku (which no command does), sender and shop."""
    upsert_products([ProductItem(sku=s, name="Renamed") for s in world.skus], actor=build.TESTER)
    legal = {"name": "Other BV", "address": "Elsewhere 9"}
    values = {"name": "Other", "currency": "EUR", "locale": "nl", "sender_name": "Somebody else", "sender_email": "other@example.com", "legal": legal}  # fmt: skip
    item = decode.convert({"code": world.shop, **values}, ShopItem)
    upsert_shops([item], actor=build.TESTER)[0].require()
    sql.execute("update catalog_product set sku = 'new-' || sku where id = any(%s)", (list(world.product_ids.values()),))  # fmt: skip


def test_a_slip_says_what_left_after_a_return_new_names_and_a_cancelled_rest() -> None:
    world = build.world(locations=1, sender_name="De Winkel", sender_email="w@example.com")
    sold_out = f"out{build.serial()}"
    upsert_products([ProductItem(sku=sold_out, name="Sold out")], actor=build.TESTER)
    [a, b, _] = world.skus
    order = world.place((a, 2), (kit(world, b=1), 1), (sold_out, 1))
    [shipment] = build.shipments(order)
    waiting = slip(shipment)
    leave(shipment)
    left = slip(shipment)

    build.give_back(order, build.back(order, restock=True)).require()
    rest = CancelLine(order_line_id=build.order_lines(order)[2], quantity=1)
    cancel_orders([CancelItem(order_id=order, reason="x", lines=[rest])], actor=build.TESTER)[0].require()  # fmt: skip
    rename(world)

    assert waiting == left
    assert left["more"]
    assert lines(shipment) == [("2", a), ("1", b)]
    assert slip(shipment) == left
    paper = text_of(packing_slips([shipment], actor=build.TESTER).content)
    assert "De Winkel" in paper
    assert f"Article {b}" in paper
    assert "Renamed" not in paper
    # What waits still is set from what stands now.
    assert slip(build.shipments(world.place(("new-" + a, 1)))[0])["sender"] == "Somebody else"


def test_what_is_sent_in_exchange_or_again_stands_on_its_own_slip_alone() -> None:
    world = build.world(locations=1)
    [a, b, _] = world.skus
    order = build.shipped(world, (a, 2))
    [shipment] = build.shipments(order)
    before = slip(shipment)

    exchanged = place(build.give_back(order, wish(order, 1, b))).require().data["order_id"]
    again = decide(build.claim(order), "replaced").require().data["order_id"]

    for other, sku in ((exchanged, b), (again, a)):
        [sent] = build.shipments(other)
        assert lines(sent) == [("1", sku)]
        leave(sent)
        assert lines(sent) == [("1", sku)]
    assert slip(shipment) == before
    assert lines(shipment) == [("2", a)]


def test_what_left_in_part_was_undone_and_leaves_again_has_a_slip_of_each_parcel() -> None:
    world = build.world(locations=1)
    order = world.place((world.skus[0], 1))
    [first] = build.shipments(order)
    leave(first)
    cancel_shipments([CancelShipmentItem(shipment_id=first)], actor=build.TESTER)[0].require()
    [second] = build.shipments(order, "open")
    rename(world)
    leave(second)

    assert slip(second)["lines"][0]["sku"].replace("\u200b", "") == f"new-{world.skus[0]}"
    [kept] = sql.fetch("select lines -> 0 ->> 'sku' from shipments_slip where shipment_id = %s", (first,))  # fmt: skip
    assert kept == (world.skus[0],)


def test_a_slip_that_was_kept_never_changes() -> None:
    world = build.world(locations=1)
    build.shipped(world)

    for statement in ("update shipments_slip set more = true", "delete from shipments_slip"):
        with pytest.raises(DatabaseError), atomic():
            sql.execute(statement)
