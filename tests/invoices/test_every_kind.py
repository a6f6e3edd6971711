"""The norm's own rules over every kind of document that the program issues, whatever led to it, and what is stored says what the row says."""

import io
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from facturx import get_facturx_xml_from_pdf

from orderwerk.core import sql
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.place_exchanges import ExchangeItem, place_exchanges
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.invoices.commands.credit import CreditItem, CreditLine, credit_invoices
from orderwerk.invoices.documents import invoice_document
from orderwerk.invoices.norm import broken_rules
from orderwerk.invoices.norm_reading import read_terms
from tests import build
from tests.invoices.test_documents import SELLER, violations

pytestmark = pytest.mark.django_db
SHIPPING = {"method": "post", "name": "Post", "price": "4.95", "tax_rate": "21.00"}


def shop(when: str = "paid", **fields: Any) -> build.World:
    return build.world(invoice_when=when, legal=SELLER, sender_email="shop@example.com", **fields)


def lines(world: build.World) -> list[dict[str, Any]]:
    """Pieces at two rates, with cents that do not divide."""
    return [
        {"sku": sku, "name": "Thee", "quantity": 3, "unit_price": price, "discount": off, "tax_rate": rate}
        for sku, price, off, rate in zip(world.skus, ("9.99", "0.33"), ("1.01", "0.02"), ("21.00", "9.00"), strict=False)
    ]  # fmt: skip


def paid(amount: str) -> list[dict[str, Any]]:
    return [{"provider": "test", "reference": f"p{build.serial()}", "status": "paid", "amount": amount}]  # fmt: skip


def by_return(*, included: bool = True) -> list[UUID]:
    """Pieces of two rates come back, with a correction and a fee."""
    world = shop()
    order = build.shipped(world, lines=lines(world), shipping=SHIPPING, prices_include_tax=included, payments=paid("50.00"))  # fmt: skip
    build.invoice(order)
    back = build.back(order, 2, correction="-1.00"), build.back(order, 1, 1)
    build.give_back(order, *back, fee="2.50", refund_shipping=True).require()
    build.give_back(order, build.back(order, 1)).require()
    return [order]


def without_tax() -> list[UUID]:
    return by_return(included=False)


def exchange() -> list[UUID]:
    """What came back pays for a new order."""
    world = shop()
    order = build.shipped(world, (world.skus[0], 3))
    build.invoice(order)
    wanted = {"sku": world.skus[1], "quantity": 1, "unit_price": "12.00"}
    made = build.give_back(order, build.back(order, 1, wanted=wanted)).require()
    [(key,)] = sql.fetch("select id from returns_exchange where parent_id = %s", (made.id,))
    place_exchanges([ExchangeItem(exchange_id=key)], actor=build.TESTER)[0].require()
    [(new,)] = sql.fetch("select order_id from returns_exchange where id = %s", (key,))
    sql.execute("update shops_shop set invoice_when = 'placed' where id = %s", (world.shop_id,))
    build.invoice(new)
    return [order, new]


def per_shipment() -> list[UUID]:
    """Invoiced as it leaves, in two parts, of which one did not leave after all and leaves again."""
    world = shop("shipped")
    order = world.place(lines=lines(world), shipping=SHIPPING, payments=paid("40.00"))
    for whole in (False, True):
        [shipment] = build.shipments(order, "open")
        rows = sql.fetch("select id, quantity from shipments_line where shipment_id = %s and is_live", (shipment,))  # fmt: skip
        part = [ShipLine(shipment_line_id=key, quantity=1) for key, _ in rows]
        ship_shipments([ShipItem(shipment_id=shipment, lines=None if whole else part)], actor=build.TESTER)[0].require()  # fmt: skip
        build.invoice(order)
    cancel_shipments([CancelShipmentItem(shipment_id=build.shipments(order, "shipped")[0], reason="No")], actor=build.TESTER)[0].require()  # fmt: skip
    build.invoice(order)
    ship_shipments([ShipItem(shipment_id=key) for key in build.shipments(order, "open")], actor=build.TESTER)  # fmt: skip
    build.invoice(order)
    return [order]


def cancelled() -> list[UUID]:
    """Paid for and cancelled, piece by piece, before and after its invoice."""
    world = shop()
    order = world.place(lines=lines(world), shipping=SHIPPING, payments=paid("40.00"))
    for pieces in ((1, 0), (0, 2), (2, 1)):
        found = zip(build.order_lines(order), pieces, strict=True)
        gone = [CancelLine(order_line_id=key, quantity=n) for key, n in found if n]
        cancel_orders([CancelItem(order_id=order, reason="x", lines=gone)], actor=build.TESTER)[0].require()  # fmt: skip
        build.invoice(order)
    return [order]


def by_hand() -> list[UUID]:
    """Credited by pieces, by shipping and by amounts until nothing is left."""
    world = shop("placed")
    order = world.place(lines=lines(world), shipping=SHIPPING, payments=[])
    build.invoice(order)
    debit = build.invoices(order)[0]
    piece = [CreditLine(order_line_id=build.order_lines(order)[1], quantity=1)]
    for item in (
        CreditItem(invoice_id=debit["id"], reason="One", lines=piece),
        CreditItem(invoice_id=debit["id"], reason="Post", shipping=True),
        CreditItem(invoice_id=debit["id"], reason="Kind", amount="0.07"),
    ):
        credit_invoices([item], actor=build.TESTER)[0].require()
    left = debit["gross_minor"] - build.money(order)[1]
    rest = CreditItem(invoice_id=debit["id"], reason="Rest", amount=f"{left / 100:.2f}")
    credit_invoices([rest], actor=build.TESTER)[0].require()
    return [order]


# What happens, and how many documents and causes come of it.
STORIES: dict[str, tuple[Any, int]] = {
    "returned, with a correction and a fee": (by_return, 3),
    "returned, prices without VAT": (without_tax, 3),
    "exchanged": (exchange, 3),
    "per shipment, one undone": (per_shipment, 4),
    "cancelled bit by bit": (cancelled, 4),
    "credited by hand to nothing": (by_hand, 5),
}


@pytest.mark.parametrize("story", sorted(STORIES))
def test_every_kind_of_document_is_valid_and_says_what_its_row_says(story: str) -> None:
    make, count = STORIES[story]
    papers = [paper for order in make() for paper in build.invoices(order)]
    assert len(papers) >= count
    for paper in papers:
        pdf = invoice_document(paper["id"], "pdf", actor=build.TESTER).content
        _, cii = get_facturx_xml_from_pdf(io.BytesIO(pdf), check_xsd=True)
        ubl = invoice_document(paper["id"], "ubl", actor=build.TESTER).content
        for xml, flavor in ((cii, "cii"), (ubl, "ubl")):
            assert violations(xml, flavor) == [], (story, paper["number"])
            assert broken_rules(xml) == {}
            header = read_terms(xml).header
            amounts = [Decimal(header[term]) * 100 for term in ("BT-109", "BT-110", "BT-112")]
            assert amounts == [paper[name] for name in ("net_minor", "tax_minor", "gross_minor")]
            assert header["BT-3"] == {"debit": "380", "credit": "381"}[paper["kind"]]
            assert f">{paper['number']}<".encode() in xml
