"""Documents that call themselves Peppol BIS Billing 3 fulfil its rules, and those that do not fulfil them do not call themselves so."""

import gzip
import os
from functools import cache
from pathlib import Path
from typing import Any

import facturx
import pytest
from lxml import etree

from orderwerk.core.errors import WrongState
from orderwerk.invoices.commands.credit import CreditItem, CreditLine, credit_invoices
from orderwerk.invoices.documents import invoice_document
from orderwerk.invoices.peppol import BILLING, BIS3, endpoint
from tests import build, schematron
from tests.invoices.test_documents import NLCIUS, SELLER, violations

pytestmark = pytest.mark.django_db
SHARED = os.environ.get("ORDERWERK_SHARED_DATA")
EINVOICE = Path(SHARED or "/nowhere") / "einvoice"
with_rules = pytest.mark.skipif(
    SHARED is None, reason="ORDERWERK_SHARED_DATA is not set: no rules of Peppol to run"
)
EXAMPLES = sorted((EINVOICE / "peppol-bis3" / "examples").glob("*.xml"))
OTHERS = sorted((EINVOICE / "en16931" / "examples").glob("*.*"))
_XSD = {"Invoice": "UBL-Invoice-2.1.xsd", "CreditNote": "UBL-CreditNote-2.1.xsd"}


@cache
def rules() -> Any:
    """The rules of Peppol BIS Billing 3, compiled."""
    text = gzip.decompress((EINVOICE / "peppol-bis3" / "PEPPOL-EN16931-UBL.sch.gz").read_bytes())
    return schematron.compile_rules(text)


@cache
def schema(name: str) -> etree.XMLSchema:
    """UBL 2.1 as OASIS published it."""
    return etree.XMLSchema(file=str(EINVOICE / "ubl-2.1" / "xsd" / "maindoc" / _XSD[name]))


def broken(xml: bytes) -> list[str]:
    """The fatal rules of Peppol that a document breaks."""
    return schematron.run(rules(), xml).fatal


SMALL = b"""<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2" xmlns:f="f">
  <ns prefix="f" uri="f"/><ns prefix="xs" uri="http://www.w3.org/2001/XMLSchema"/>
  <let name="limit" value="number(/a/@limit)"/>
  <function xmlns="http://www.w3.org/1999/XSL/Transform" name="f:twice" as="xs:double"><param name="n"/><sequence select="2 * number($n)"/></function>
  <pattern>
    <let name="root" value="name(a)"/>
    <rule context="b[@kind = 'x']"><assert id="first" test="@n &lt; $limit">too much</assert></rule>
    <rule context="b"><let name="own" value="f:twice(@n)"/><assert id="second" test="$own &lt; $limit" flag="warning">twice</assert></rule>
    <rule context="@kind"><assert id="word" test=". != 'bad'">bad</assert></rule>
  </pattern>
  <pattern><rule context="b[$root = 'a']"><report id="seen" test="@n = 3">three</report></rule></pattern>
</schema>"""


def test_the_first_rule_of_a_pattern_that_fits_is_the_one_that_looks() -> None:
    xml = b"<a limit='5'><b kind='x' n='3'/><b n='3'/><b kind='x' n='7'/><b kind='bad' n='1'/></a>"

    report = schematron.run(schematron.compile_rules(SMALL), xml)

    # Four nodes in the first pattern and their three kinds, four in the second.
    assert report.fired == 11
    assert report.fatal == ["first", "seen", "word"]
    found = [(f.id, f.at) for f in report.failures]
    assert found == [
        ("second", "/Q{}a[1]/Q{}b[2]"), ("first", "/Q{}a[1]/Q{}b[3]"), ("word", "/Q{}a[1]/Q{}b[4]/@kind"),
        ("seen", "/Q{}a[1]/Q{}b[1]"), ("seen", "/Q{}a[1]/Q{}b[2]"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<pattern><rule", b"<pattern abstract='true'><rule"),
        (b"<let name=\"root\" value=\"name(a)\"/>", b"<let name=\"limit\" value=\"1\"/>"),
        (b"<rule context=\"@kind\">", b"<rule context=\"@kind\"><extends rule=\"x\"/>"),
        (b" value=\"name(a)\"", b""),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_and_not_left_out(old: bytes, new: bytes) -> None:
    assert old in SMALL
    with pytest.raises(AssertionError):
        schematron.stylesheet(SMALL.replace(old, new))


@with_rules
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_of_peppol_pass(path: Path) -> None:
    report = schematron.run(rules(), path.read_bytes())
    assert report.fatal == []
    assert report.fired > 20


@with_rules
@pytest.mark.parametrize(
    ("old", "new", "ids"),
    [
        ("<cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>", "", ["R001", "R007"]),
        ("poacc:billing:01:1.0", "poacc:billing:1:1.0", ["R007"]),
        ("#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0", "", ["R004"]),
        ("<cbc:BuyerReference>0150abc</cbc:BuyerReference>", "", ["R003"]),
        ('schemeID="0088"', 'schemeID="EM"', ["CL008"]),
        ('schemeID="0088">9482348239847239874<', 'schemeID="0088">9482348239847239875<', ["COMMON-R040"]),
        ("<cbc:StreetName>Main street 1</cbc:StreetName>", "<cbc:StreetName></cbc:StreetName>", ["R008"]),
        ('<cbc:PayableAmount currencyID="EUR">', '<cbc:PayableAmount currencyID="USD">', ["R051"]),
        ("<cbc:PriceAmount currencyID=\"EUR\">400<", "<cbc:PriceAmount currencyID=\"EUR\">401<", ["R120"]),
        ("<cbc:IssueDate>2017-11-13<", "<cbc:IssueDate>13-11-2017<", ["F001"]),
        ("<cbc:InvoiceTypeCode>380<", "<cbc:InvoiceTypeCode>381<", ["P0100"]),
    ],
)  # fmt: skip
def test_a_broken_example_breaks_the_rule_that_says_so(old: str, new: str, ids: list[str]) -> None:
    text = (EINVOICE / "peppol-bis3" / "examples" / "base-example.xml").read_text()
    assert old in text
    found = broken(text.replace(old, new).encode())
    assert found == [f"PEPPOL-{x}" if x.startswith("COMMON") else f"PEPPOL-EN16931-{x}" for x in ids]  # fmt: skip


@with_rules
def test_the_norms_own_rules_compiled_here_say_what_its_own_program_says() -> None:
    folder = EINVOICE / "en16931"
    ours = schematron.compile_rules(gzip.decompress((folder / "EN16931-UBL-validation-preprocessed.sch.gz").read_bytes()))  # fmt: skip
    theirs = schematron.processor().new_xslt30_processor().compile_stylesheet(
        stylesheet_text=gzip.decompress((folder / "EN16931-UBL-validation.xslt.gz").read_bytes()).decode()
    )  # fmt: skip
    old = sorted((EINVOICE / "ubl-2.1" / "examples").glob("UBL-[CI]*.xml"))
    said = {}
    for path in [*EXAMPLES, *OTHERS, *old]:
        node = schematron.processor().parse_xml(xml_text=path.read_text())
        svrl = etree.fromstring(theirs.transform_to_string(xdm_node=node).encode())
        failed = svrl.iter("{http://purl.oclc.org/dsdl/svrl}failed-assert")
        said[path.name] = sorted((x.get("id"), x.get("flag")) for x in failed)
        mine = schematron.run(ours, path.read_bytes()).failures
        assert sorted((f.id, f.flag) for f in mine) == said[path.name], path.name
    # Those two predate the norm: what was compared is not only silence.
    assert all(len(said[path.name]) > 10 for path in old)


BELGIAN = {**SELLER, "country": "BE", "vat_number": "BE0776091951", "company_number": "0776.091.951"}  # fmt: skip
WITHOUT_IBAN = {**BELGIAN, "iban": ""}
GERMAN_FIRM = {"name": "Käufer", "company": "Käufer GmbH", "vat_number": "DE136695976", "email": "k@example.com"}  # fmt: skip
DUTCH_FIRM = {"name": "Koper", "company": "Koper B.V.", "vat_number": "NL004495445B01", "email": "k@example.com"}  # fmt: skip
BERLIN = {"name": "K", "street": "Weg", "house_number": "2", "postal_code": "10115", "city": "Berlin", "country": "DE"}  # fmt: skip
BREDA = {"name": "K", "street": "Weg", "house_number": "2", "postal_code": "4811 AA", "city": "Breda", "country": "NL"}  # fmt: skip
IN_KVK = {**BREDA, "company": "Koper B.V.", "company_number": "87654321"}
BRUSSELS = {"name": "K", "street": "Laan", "house_number": "3", "postal_code": "1000", "city": "Brussel", "country": "BE"}  # fmt: skip
TO_BERLIN = {"billing_address": BERLIN, "delivery_address": BERLIN, "customer": GERMAN_FIRM}
ONE = [(2, "10.00", "0.00", "21.00")]
SEVERAL = [(3, "9.99", "1.50", "21.00"), (7, "0.33", "0.00", "9.00"), (1, "4.00", "0.00", "0.00")]
# What is ordered, by whom the invoice is, and what the document calls itself.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], bytes]] = {
    "several rates, discounts, shipping": (
        {
            "lines": SEVERAL, "customer": DUTCH_FIRM, "billing_address": BREDA, "delivery_address": BREDA,
            "discount": {"code": "X", "amount": "2.22"}, "shipping": {"name": "Post", "price": "4.95", "tax_rate": "21.00"},
        },
        BELGIAN, BIS3.encode(),
    ),
    "prices without tax": ({"lines": [(3, "3.33", "0.00", "19.00"), (1, "0.01", "0.00", "7.00")], "prices_include_tax": False, **TO_BERLIN}, BELGIAN, BIS3.encode()),
    "within the EU": ({"lines": [(2, "10.00", "0.00", "0.00")], **TO_BERLIN}, BELGIAN, BIS3.encode()),
    "reverse charge at home": (
        {
            "lines": [(2, "10.00", "0.00", "0.00")], "billing_address": BRUSSELS, "delivery_address": BRUSSELS,
            "customer": {**GERMAN_FIRM, "vat_number": "BE0776091951"},
        },
        BELGIAN, BIS3.encode(),
    ),
    "export": ({"lines": [(2, "10.00", "0.00", "0.00")], "customer": GERMAN_FIRM, "billing_address": BERLIN, "delivery_address": {**BERLIN, "country": "CH"}}, BELGIAN, BIS3.encode()),
    "yen": ({"lines": [(3, "999", "0", "10.00")], "currency": "JPY", **TO_BERLIN}, BELGIAN, BIS3.encode()),
    "dinar without a third decimal": ({"lines": [(3, "1.210", "0", "21.00")], "currency": "KWD", **TO_BERLIN}, BELGIAN, BIS3.encode()),
    "no bank account": ({"lines": ONE, **TO_BERLIN}, WITHOUT_IBAN, BIS3.encode()),
    "a Dutch seller abroad": ({"lines": ONE, **TO_BERLIN}, SELLER, BIS3.encode()),
    "a Dutch seller at home": ({"lines": ONE, "customer": DUTCH_FIRM, "billing_address": BREDA, "delivery_address": BREDA}, SELLER, BIS3.encode()),
    "a Dutch seller at home, to a firm of the KVK": ({"lines": ONE, "customer": DUTCH_FIRM, "billing_address": IN_KVK, "delivery_address": BREDA}, SELLER, NLCIUS),
    "a Dutch seller at home, to a public body": ({"lines": ONE, "customer": {"name": "Gemeente"}, "billing_address": {**BREDA, "company_number": "00000003123456780000"}, "delivery_address": BREDA}, SELLER, NLCIUS),
    "a Dutch seller at home, to a firm whose number is none of the KVK": ({"lines": ONE, "customer": DUTCH_FIRM, "billing_address": {**IN_KVK, "company_number": "KVK 12345678"}, "delivery_address": BREDA}, SELLER, BIS3.encode()),
    "a seller exempt from VAT": ({"lines": [(2, "10.00", "0.00", "0.00")], "customer": DUTCH_FIRM, "billing_address": IN_KVK, "delivery_address": BREDA}, {**SELLER, "vat_number": ""}, NLCIUS),
}  # fmt: skip


def documents(fields: dict[str, Any], legal: dict[str, Any]) -> list[bytes]:
    """The UBL of an order's invoice and of two credits of it, by piece and by amount."""
    fields = dict(fields)
    currency = fields.get("currency", "EUR")
    world = build.world(invoice_when="placed", legal=legal, sender_email="shop@example.com", currency=currency)  # fmt: skip
    lines = [
        {"sku": world.skus[0], "name": "Thee & <koffie>", "quantity": n, "unit_price": price, "discount": off, "tax_rate": rate}
        for n, price, off, rate in fields.pop("lines")
    ]  # fmt: skip
    order = world.place(lines=lines, payments=[], **fields)
    build.invoice(order)
    debit = build.invoices(order)[0]["id"]
    # Of what is 21 % in it, so that no third decimal comes of it.
    part = "1.21" if currency == "KWD" else "1"
    items = [
        CreditItem(invoice_id=debit, reason="Broken", lines=[CreditLine(order_line_id=build.order_lines(order)[0], quantity=1)]),
        CreditItem(invoice_id=debit, reason="Goodwill", amount=part),
    ]  # fmt: skip
    for outcome in credit_invoices(items, actor=build.TESTER):
        outcome.require()
    return [invoice_document(x["id"], "ubl", actor=build.TESTER).content for x in build.invoices(order)]  # fmt: skip


@with_rules
@pytest.mark.parametrize("case", sorted(CASES))
def test_invoices_and_credits_are_valid_after_schema_norm_and_peppol(case: str) -> None:
    fields, legal, name = CASES[case]

    for xml in documents(fields, legal):
        root = etree.fromstring(xml)
        schema(etree.QName(root).localname).assertValid(root)
        assert violations(xml, "ubl") == []
        # The document of the Dutch network has the Dutch name and keeps every other rule.
        assert broken(xml) == (["PEPPOL-EN16931-R004"] if name == NLCIUS else [])
        assert b">" + name + b"<" in xml
        assert f"<cbc:ProfileID>{BILLING}</cbc:ProfileID>".encode() in xml


@pytest.mark.parametrize(
    ("fields", "legal"),
    [
        # A consumer has no address on the network.
        ({"billing_address": BERLIN, "delivery_address": BERLIN, "customer": {"name": "K", "email": "k@example.com"}}, BELGIAN),
        # So has a firm whose VAT number is none.
        ({**TO_BERLIN, "customer": {**GERMAN_FIRM, "vat_number": "DE000000000"}}, BELGIAN),
        # Two German parties need a telephone number; sellers of some countries more than a shop tells.
        (TO_BERLIN, {**SELLER, "country": "DE", "vat_number": "DE136695976", "company_number": ""}),
        (TO_BERLIN, {**SELLER, "country": "DK", "vat_number": "DK13585628", "company_number": ""}),
        # A seller of the Netherlands that NLCIUS does not know by its number.
        (TO_BERLIN, {**SELLER, "vat_number": "NL004495445B01", "company_number": ""}),
    ],
)  # fmt: skip
def test_a_document_that_is_none_of_peppol_does_not_say_so(
    fields: dict[str, Any], legal: dict[str, Any]
) -> None:
    for xml in documents({"lines": ONE, **fields}, legal):
        assert b"peppol" not in xml
        assert violations(xml, "ubl") == []


def test_a_dutch_invoice_to_a_consumer_names_the_seller_by_its_number() -> None:
    [xml, *_] = documents({"lines": ONE, "customer": {"name": "K", "email": "k@example.com"}}, SELLER)  # fmt: skip
    # NLCIUS wants the number of a Dutch customer too, and a consumer has none (BR-NL-10).
    assert NLCIUS not in xml
    assert b"ProfileID" not in xml
    assert b'<cbc:EndpointID schemeID="0106">12345678</cbc:EndpointID>' in xml
    assert b'<cbc:EndpointID schemeID="EM">k@example.com</cbc:EndpointID>' in xml


@pytest.mark.parametrize(
    ("party", "found"),
    [
        ({"country": "NL", "company_number": "1234 5678"}, ("0106", "12345678")),
        ({"country": "NL", "company_number": "00000003123456780000"}, ("0190", "00000003123456780000")),
        ({"country": "NL", "company_number": "1", "vat_number": "nl 0044.95.445.B01"}, ("9944", "NL004495445B01")),
        ({"country": "BE", "company_number": "BE 0776.091.951"}, ("0208", "0776091951")),
        ({"country": "BE", "company_number": "0776.091.952", "vat_number": "BE0776091951"}, ("0208", "0776091951")),
        ({"vat_number": "DE136695976"}, ("9930", "DE136695976")),
        ({"vat_number": "DK13585628"}, ("0184", "13585628")),
        ({"vat_number": "SE556188840401"}, ("0007", "5561888404")),
        ({"vat_number": "EL094259216"}, ("9933", "094259216")),
        ({"vat_number": "DE136695977"}, ("", "")),
        ({"vat_number": "12345678"}, ("", "")),
        ({"vat_number": None}, ("", "")),
        ({}, ("", "")),
    ],
)  # fmt: skip
def test_a_party_is_found_under_the_number_that_its_country_uses(
    party: dict[str, Any], found: tuple[str, str]
) -> None:
    assert endpoint(party) == found


def test_a_seller_without_any_number_has_no_electronic_invoice() -> None:
    nobody = {**SELLER, "vat_number": "", "company_number": ""}
    with pytest.raises(WrongState, match="company_number"):
        documents({"lines": [(2, "10.00", "0.00", "0.00")]}, nobody)


def test_a_third_decimal_that_says_something_is_on_paper_alone() -> None:
    world = build.world(invoice_when="placed", legal=BELGIAN, currency="KWD")
    line = {"sku": world.skus[0], "name": "x", "quantity": 1, "unit_price": "1.234", "tax_rate": "0"}  # fmt: skip
    order = world.place(lines=[line], payments=[], currency="KWD")
    build.invoice(order)
    [invoice] = build.invoices(order)

    with pytest.raises(WrongState) as refused:
        invoice_document(invoice["id"], "ubl", actor=build.TESTER)

    assert refused.value.code == "three_decimals"
    pdf = invoice_document(invoice["id"], "pdf", actor=build.TESTER).content
    assert pdf.startswith(b"%PDF")
    assert facturx.get_xml_from_pdf(pdf, check_xsd=False) in (None, (None, None), (False, False))
