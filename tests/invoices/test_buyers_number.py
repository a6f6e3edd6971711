"""A credit names the buyer's VAT number that its invoice named, where that is why no VAT was charged."""

import io
from typing import Any
from uuid import UUID

import pytest
from facturx import get_facturx_xml_from_pdf
from pypdf import PdfReader

from orderwerk.core import sql
from orderwerk.core.decode import convert
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.documents import invoice_document
from orderwerk.orders.commands.update import UpdateItem, update_orders
from tests import build
from tests.invoices.test_documents import ADDRESS, SELLER, violations

pytestmark = pytest.mark.django_db
BUYER = {"name": "Käufer", "company": "Käufer GmbH", "email": "k@example.com"}
DUTCH = {**ADDRESS, "name": "Koper", "postal_code": "1012 AB", "city": "Amsterdam", "country": "NL"}
# Category, the number on the invoice, where the goods go.
SALES = [("K", "DE136695976", ADDRESS), ("AE", "NL004495445B01", DUTCH)]


def sold(number: str, address: dict[str, Any], rate: str = "0.00") -> UUID:
    """An invoiced order of a Dutch shop to a business."""
    world = build.world(invoice_when="placed", legal=SELLER)
    line = {"sku": world.skus[0], "name": "Thee", "quantity": 3, "unit_price": "10.00", "tax_rate": rate}  # fmt: skip
    order = world.place(
        lines=[line], customer={**BUYER, "vat_number": number}, billing_address=address, payments=[], locale="en"
    )  # fmt: skip
    build.invoice(order)
    return order


def correct(order: UUID, number: str | None) -> None:
    item = {"order_id": str(order), "customer": {**BUYER, "vat_number": number}}
    update_orders([convert(item, UpdateItem)], actor=build.TESTER)[0].require()


def read(invoice: dict[str, Any]) -> tuple[str, bytes, bytes]:
    """What a document says to people, and to machines twice."""
    pdf = invoice_document(invoice["id"], "pdf", actor=build.TESTER).content
    text = " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    _, cii = get_facturx_xml_from_pdf(io.BytesIO(pdf), check_xsd=True)
    return text, cii, invoice_document(invoice["id"], "ubl", actor=build.TESTER).content


@pytest.mark.parametrize("now", [None, "unknown", "DE129273398"])
@pytest.mark.parametrize(("category", "number", "address"), SALES, ids=[s[0] for s in SALES])
def test_a_credit_names_the_number_of_its_invoice_whatever_the_order_says_now(
    category: str, number: str, address: dict[str, Any], now: str | None
) -> None:
    order = sold(number, address)
    [debit] = build.invoices(order)
    correct(order, now)
    item = CreditItem(invoice_id=debit["id"], reason="Broken", amount="5.00")
    credit_invoices([item], actor=build.TESTER)[0].require()
    cancel_orders([CancelItem(order_id=order, reason="No")], actor=build.TESTER)[0].require()
    build.invoice(order)

    papers = build.invoices(order)
    assert [p["kind"] for p in papers] == ["debit", "credit", "credit"]
    assert {row[0] for row in sql.fetch("select tax_category from invoices_line")} == {category}
    for paper in papers:
        text, cii, ubl = read(paper)
        assert number in text
        for xml, flavor in ((cii, "cii"), (ubl, "ubl")):
            assert number.encode() in xml
            assert violations(xml, flavor) == []


def test_where_vat_was_charged_the_credit_says_what_the_order_says_now() -> None:
    order = sold("DE136695976", ADDRESS, "21.00")
    [debit] = build.invoices(order)
    correct(order, "DE129273398")
    item = CreditItem(invoice_id=debit["id"], reason="Broken", amount="5.00")
    credit_invoices([item], actor=build.TESTER)[0].require()

    text, cii, ubl = read(build.invoices(order)[1])
    assert "DE129273398" in text
    for xml, flavor in ((cii, "cii"), (ubl, "ubl")):
        assert b"DE129273398" in xml
        assert violations(xml, flavor) == []


def test_what_is_invoiced_and_credited_in_one_go_names_the_number_too() -> None:
    world = build.world(invoice_when="shipped", legal=SELLER)
    line = {"sku": world.skus[0], "name": "Thee", "quantity": 1, "unit_price": "10.00", "tax_rate": "0.00"}  # fmt: skip
    paid = {"provider": "bank", "reference": "b-1", "status": "paid", "amount": "10.00"}
    order = world.place(
        lines=[line], customer={**BUYER, "vat_number": "DE136695976"}, billing_address=ADDRESS, payments=[paid]
    )  # fmt: skip
    cancel_orders([CancelItem(order_id=order, reason="No")], actor=build.TESTER)[0].require()
    build.invoice(order)

    papers = build.invoices(order)
    assert [p["kind"] for p in papers] == ["debit", "credit"]
    for paper in papers:
        assert violations(read(paper)[2], "ubl") == []
