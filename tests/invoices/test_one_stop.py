"""VAT of another member state, declared through the one-stop shop: the documents say so, in words and for machines."""

import io
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from facturx import get_facturx_xml_from_pdf
from pypdf import PdfReader

from orderwerk.core import sql
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.documents import invoice_document
from orderwerk.invoices.norm import broken_rules
from orderwerk.invoices.norm_reading import read_terms
from tests import build
from tests.invoices.test_documents import ADDRESS, SELLER, violations

pytestmark = pytest.mark.django_db
IN_THE_SCHEME = {**SELLER, "one_stop_shop": True}
CONSUMER = {"name": "Käufer", "email": "k@example.com"}
SAYS = {
    "nl": "Btw van het land van bestemming (Duitsland)",
    "en": "VAT of the country of destination (Germany)",
    "de": "Umsatzsteuer des Bestimmungslandes (Deutschland)",
    "fr": "TVA du pays de destination (Allemagne)",
}


def sold(legal: dict[str, Any], rate: str = "19.00", **fields: Any) -> UUID:
    """An invoiced order of a Dutch shop, to a consumer in Germany unless said otherwise."""
    world = build.world(invoice_when="placed", legal=legal)
    line = {"sku": world.skus[0], "name": "Thee", "quantity": 2, "unit_price": "11.90", "tax_rate": rate}  # fmt: skip
    given = {"customer": CONSUMER, "billing_address": ADDRESS, "locale": "en", "payments": [], **fields}  # fmt: skip
    order = world.place(lines=[line], **given)
    build.invoice(order)
    return order


def files(invoice: UUID) -> tuple[str, bytes, bytes]:
    """What a document says to people, and to machines twice."""
    pdf = invoice_document(invoice, "pdf", actor=build.TESTER).content
    text = " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    _, cii = get_facturx_xml_from_pdf(io.BytesIO(pdf), check_xsd=True)
    return text, cii, invoice_document(invoice, "ubl", actor=build.TESTER).content


@pytest.mark.parametrize("language", ["nl", "en", "de", "fr"])
def test_invoice_and_credit_say_whose_vat_it_is_and_stay_valid(language: str) -> None:
    order = sold(IN_THE_SCHEME, locale=language)
    [debit] = build.invoices(order)
    # What the seller does later does not change what a credit of this invoice says.
    sql.execute("update shops_shop set legal = legal - 'one_stop_shop'")
    credit = CreditItem(invoice_id=debit["id"], reason="Broken", amount="5.00")
    credit_invoices([credit], actor=build.TESTER)[0].require()

    for invoice in build.invoices(order):
        text, cii, ubl = files(invoice["id"])
        assert SAYS[language] in text
        for xml, flavor in ((cii, "cii"), (ubl, "ubl")):
            assert xml.count(SAYS[language].encode()) == 1
            assert violations(xml, flavor) == []
    assert ubl.count(b"\n  <cbc:Note>") == 1
    assert "Broken – ".encode() in ubl


@pytest.mark.parametrize("invoice_when", ["placed", "paid"])
def test_an_invoice_and_what_is_cancelled_of_it_say_it_in_one_run(invoice_when: str) -> None:
    world = build.world(invoice_when=invoice_when, legal=IN_THE_SCHEME)
    line = {"sku": world.skus[0], "name": "Thee", "quantity": 3, "unit_price": "11.90", "tax_rate": "19.00"}  # fmt: skip
    paid = {"provider": "test", "reference": "p1", "status": "paid", "amount": "40.65"}
    order = world.place(
        lines=[line], shipping={"method": "post", "name": "Post", "price": "4.95", "tax_rate": "19.00"},
        customer=CONSUMER, billing_address=ADDRESS, locale="de", payments=[paid],
    )  # fmt: skip
    build.invoice(order)
    [key] = build.order_lines(order)
    for lines in ([CancelLine(order_line_id=key, quantity=1)], None):
        cancel_orders([CancelItem(order_id=order, reason="No", lines=lines)], actor=build.TESTER)[0].require()  # fmt: skip
        build.invoice(order)

    papers = build.invoices(order)
    assert [(p["kind"], p["cause"], p["gross_minor"]) for p in papers] == [
        ("debit", None, 4065), ("credit", "cancellation", 1190), ("credit", "cancellation", 2875),
    ]  # fmt: skip
    # Of 40.65 with 19 % the VAT is 6.49; all of it goes back.
    assert [p["tax_minor"] for p in papers] == [649, 190, 459]
    for paper, kind in zip(papers, (b"380", b"381", b"381"), strict=True):
        text, cii, ubl = files(paper["id"])
        assert SAYS["de"] in text
        assert "19 %" in text or "19%" in text
        for xml, flavor in ((cii, "cii"), (ubl, "ubl")):
            assert xml.count(SAYS["de"].encode()) == 1
            terms = read_terms(xml)
            assert {(t["BT-118"], Decimal(t["BT-119"])) for t in terms.taxes} == {
                ("S", Decimal(19))
            }
            assert {Decimal(line["BT-152"]) for line in terms.lines} == {Decimal(19)}
            assert (terms.header["BT-3"].encode(), terms.header["BT-80"]) == (kind, "DE")
            assert Decimal(terms.header["BT-110"]) * 100 == paper["tax_minor"]
            assert broken_rules(xml) == {}
            assert violations(xml, flavor) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"legal": SELLER},
        {"billing_address": {**ADDRESS, "country": "NL", "postal_code": "1012 AB"}},
        {"billing_address": {**ADDRESS, "country": "CH"}},
        {"customer": {**CONSUMER, "company": "GmbH", "vat_number": "DE136695976"}},
        {"rate": "0.00"},
    ],
)
def test_nothing_is_said_where_the_vat_is_the_sellers_own(fields: dict[str, Any]) -> None:
    given = {"legal": IN_THE_SCHEME, **fields}
    [invoice] = build.invoices(sold(**given))
    text, cii, ubl = files(invoice["id"])
    assert "one-stop" not in text
    assert b"one-stop" not in cii + ubl
    assert sql.fetch("select content::jsonb ? 'one_stop', (content::jsonb -> 'seller') ? 'one_stop_shop' from invoices_invoice") == [(False, False)]  # fmt: skip


def test_what_is_invoiced_when_it_leaves_says_it_too() -> None:
    world = build.world(invoice_when="shipped", legal=IN_THE_SCHEME)
    order = build.shipped(world, (world.skus[0], 2), customer=CONSUMER, billing_address=ADDRESS)
    build.invoice(order)
    assert sql.fetch("select content::jsonb ->> 'one_stop' from invoices_invoice") == [("DE",)]
