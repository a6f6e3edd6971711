"""What breaks a rule of EN 16931 is found in the file itself, by the name that the norm's own Schematron gives it."""

import copy
import io
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from django.utils.translation import override
from facturx import get_facturx_xml_from_pdf

from orderwerk.console.refusals import sentence
from orderwerk.core import ids, routing, sql
from orderwerk.core.errors import WrongState
from orderwerk.flows.attached_files import attached_files
from orderwerk.flows.jobs import hold_invoices_against_norm
from orderwerk.invoices import einvoice
from orderwerk.invoices.documents import hold_against_the_norm, invoice_document
from orderwerk.invoices.norm import broken_rules
from orderwerk.invoices.norm_reading import CII, UBL, elements
from orderwerk.invoices.schema import against_schema
from tests import build
from tests.invoices.test_documents import ADDRESS, SELLER, violations
from tests.invoices.test_one_stop import sold

CONTENT: dict[str, Any] = {
    "kind": "debit", "number": "F2026-00001", "issue_date": "2026-01-02", "supply_date": "2026-01-02", "currency": "EUR", "locale": "nl",
    "prices_include_tax": True, "order": {"number": "1001", "date": "2026-01-01"}, "seller": {**SELLER, "email": "shop@example.com"},
    "buyer": {"name": "Käufer", "company": "Käufer GmbH", "vat_number": "DE136695976", "email": "k@example.com", "address": ADDRESS},
    "delivery_address": ADDRESS,
    "lines": [{"sku": "A", "name": "Thee", "kind": "article", "quantity": 2, "category": "S", "rate": "21.00", "net": "20.00"}],
    "taxes": [{"category": "S", "rate": "21.00", "reason": "", "net": "20.00", "tax": "4.20"}],
    "net": "20.00", "tax": "4.20", "gross": "24.20", "paid": "0.00",
}  # fmt: skip
REASONS = {"K": "VATEX-EU-IC", "G": "VATEX-EU-G", "AE": "VATEX-EU-AE"}


def content(category: str, **more: Any) -> dict[str, Any]:
    """A good document of one VAT category."""
    made = copy.deepcopy(CONTENT)
    if category != "S":
        none = {"category": category, "rate": "0.00"}
        made["lines"][0] |= none
        made["taxes"][0] |= {**none, "tax": "0.00", "reason": REASONS.get(category, "")}
        made |= {"tax": "0.00", "gross": "20.00"}
    return made | more


def broken_on_purpose(xml: bytes, changes: dict[str, str | None]) -> bytes:
    """A document whose terms were changed, or taken out (None)."""
    root = ET.fromstring(xml)  # noqa: S314 - our own
    syntax = CII if b"CrossIndustryInvoice" in xml else UBL
    parents = {child: parent for parent in root.iter() for child in parent}
    for term, value in changes.items():
        if term == "BG-23":
            found = elements(root, syntax.tax)
        elif term in syntax.header:
            found = elements(root, syntax.header[term])
        elif term in syntax.of_line:
            found = elements(elements(root, syntax.line)[0], syntax.of_line[term])
        else:
            found = elements(elements(root, syntax.tax)[0], syntax.of_tax[term])
        assert found, term
        for element in found:
            if value is None:
                parents[element].remove(element)
            else:
                element.text = value
    return ET.tostring(root)


BREAKS: list[tuple[str, str, dict[str, str | None]]] = [
    ("BR-CO-10", "S", {"BT-106": "21.00"}),
    ("BR-CO-13", "S", {"BT-109": "21.00"}),
    ("BR-CO-14", "S", {"BT-110": "9.99"}),
    ("BR-CO-15", "S", {"BT-112": "99.00"}),
    ("BR-CO-16", "S", {"BT-115": "99.00"}),
    ("BR-CO-17", "S", {"BT-117": "9.99"}),
    ("BR-CO-18", "S", {"BG-23": None}),
    ("BR-CO-26", "S", {"BT-30": None, "BT-31": None}),
    ("BR-CO-09", "S", {"BT-31": "123456782"}),
    ("BR-CO-09", "S", {"BT-31": "UK123456782"}),
    ("BR-06", "S", {"BT-27": ""}),
    ("BR-07", "S", {"BT-44": ""}),
    ("BR-09", "S", {"BT-40": None}),
    ("BR-11", "S", {"BT-55": None}),
    ("BR-25", "S", {"BT-153": ""}),
    ("BR-50", "S", {"BT-84": " "}),
    ("BR-CL-04", "S", {"BT-5": "BGN"}),
    ("BR-CL-14", "S", {"BT-40": "UK"}),
    ("BR-CL-14", "S", {"BT-55": "XK"}),
    ("BR-CL-14", "S", {"BT-80": "IC"}),
    ("BR-61", "S", {"BT-84": None}),
    ("BR-27", "S", {"BT-146": "-1.00"}),
    ("BR-CL-01", "S", {"BT-3": "999"}),
    ("BR-CL-04", "S", {"BT-5": "eur"}),
    ("BR-CL-18", "S", {"BT-151": "QQ"}),
    ("BR-DEC-09", "S", {"BT-106": "20.001"}),
    ("BR-DEC-12", "S", {"BT-109": "20.001"}),
    ("BR-DEC-14", "S", {"BT-112": "24.201"}),
    ("BR-DEC-18", "S", {"BT-115": "24.201"}),
    ("BR-DEC-19", "S", {"BT-116": "20.001"}),
    ("BR-DEC-20", "S", {"BT-117": "4.201"}),
    ("BR-DEC-23", "S", {"BT-131": "20.001"}),
    ("BR-S-01", "S", {"BT-118": "Z"}),
    ("BR-S-02", "S", {"BT-31": None}),
    ("BR-S-05", "S", {"BT-152": "0.00"}),
    ("BR-S-08", "S", {"BT-116": "15.00"}),
    ("BR-S-10", "E", {"BT-118": "S", "BT-151": "S"}),
    ("BR-Z-05", "Z", {"BT-152": "9.00"}),
    ("BR-Z-08", "Z", {"BT-116": "15.00"}),
    ("BR-Z-09", "Z", {"BT-117": "1.00"}),
    ("BR-Z-10", "E", {"BT-118": "Z", "BT-151": "Z"}),
    *(
        (f"BR-{name}-{rule}", category, changes)
        for category, name in (("E", "E"), ("AE", "AE"), ("K", "IC"), ("G", "G"))
        for rule, changes in (
            ("01", {"BT-118": "Z"}),
            ("02", {"BT-31": None}),
            ("05", {"BT-152": "9.00"}),
            ("08", {"BT-116": "15.00"}),
            ("09", {"BT-117": "1.00"}),
            ("10", {"BT-120": None}),
        )
    ),
    ("BR-AE-02", "AE", {"BT-48": None}),
    ("BR-IC-02", "K", {"BT-48": None}),
    ("BR-IC-11", "K", {"BT-72": None}),
    ("BR-IC-12", "K", {"BT-80": None}),
]  # fmt: skip


@pytest.mark.parametrize("category", ["S", "Z", "E", "AE", "K", "G"])
def test_a_good_document_breaks_nothing(category: str) -> None:
    made = content(category)
    for xml, flavor in ((einvoice.ubl(made), "ubl"), (einvoice.cii(made), "cii")):
        assert broken_rules(xml) == {}
        assert violations(xml, flavor) == []


@pytest.mark.parametrize(("rule", "category", "changes"), BREAKS, ids=[b[0] for b in BREAKS])
def test_what_is_broken_has_the_name_that_the_norm_gives_it(
    rule: str, category: str, changes: dict[str, str | None]
) -> None:
    made = content(category)
    for xml, flavor in ((einvoice.ubl(made), "ubl"), (einvoice.cii(made), "cii")):
        given = dict(changes)
        if rule.endswith("-10") and "BT-120" in given and category in REASONS:
            given["BT-121"] = None
        wrong = broken_on_purpose(xml, given)
        assert rule in broken_rules(wrong), flavor
        assert broken_rules(wrong)[rule]
        # Factur-X has code lists of its own, with names of its own.
        names = {rule, "FX-SCH-A-"} if rule.startswith("BR-CL") else {rule}
        assert any(name in found for found in violations(wrong, flavor) for name in names), flavor


def planted(path: str, value: str, **order: Any) -> UUID:
    """An invoice whose frozen content was changed behind everybody's back."""
    key: UUID = build.invoices(sold(SELLER, **order))[0]["id"]
    sql.execute("set session_replication_role = replica")
    sql.execute(
        "update invoices_invoice set content = jsonb_set(content::jsonb, %s, %s)::text where id = %s",
        (path, f'"{value}"', key),
    )
    sql.execute("set session_replication_role = origin")
    return key


@pytest.mark.django_db
def test_wrong_sums_go_to_nobody_and_a_message_goes_without_them() -> None:
    key = planted("{net}", "1.00")
    for kind in ("pdf", "ubl"):
        with pytest.raises(WrongState, match="BR-CO-10"):
            invoice_document(key, kind, actor=build.TESTER)
    [email] = sql.fetch("select gen_random_uuid()")
    sql.execute("set session_replication_role = replica")
    sql.insert_rows(
        "emails_attachment",
        "id uuid, email_id uuid, kind text, object_id uuid, name text",
        [{"id": ids.new_id(), "email_id": email[0], "kind": "invoice", "object_id": key, "name": "x.pdf"}],
    )  # fmt: skip
    sql.execute("set session_replication_role = origin")

    attached = attached_files(email[0])
    assert attached.files == []
    [missing] = attached.missing
    assert missing.note.startswith("x.pdf did not go along: ")
    assert "BR-CO-10" in missing.note
    assert sql.fetch("select count(*) from invoices_document") == [(0,)]


@pytest.mark.django_db
def test_what_is_issued_is_looked_at_before_anybody_asks_for_it() -> None:
    broken, sound = planted("{net}", "1.00"), planted("{net}", "20.00")
    rows = sql.fetch(
        "select id, number from invoices_invoice where id = any(%s)", ([broken, sound],)
    )
    numbers = {key: str(number) for key, number in rows}
    issued = [
        str(event)
        for event, in sql.fetch("select id from core_event where kind = 'invoice.issued' and aggregate_id = any(%s)", ([broken, sound],))
    ]  # fmt: skip
    with pytest.raises(WrongState, match="BR-CO-10") as refused:
        hold_invoices_against_norm(issued)
    assert refused.value.message.count(numbers[broken]) == 1
    assert "XSD" not in refused.value.message
    assert numbers[sound] not in refused.value.message
    assert routing.jobs_for("invoice.issued") == ("invoices.hold_against_norm",)
    assert "invoices.hold_against_norm" in routing.jobs_for("invoice.credit_issued")


@pytest.mark.django_db
def test_what_has_no_electronic_form_is_not_looked_at() -> None:
    order = build.world().place()
    build.invoice(order)
    key = build.invoices(order)[0]["id"]
    with pytest.raises(WrongState, match="lacks"):
        invoice_document(key, "ubl", actor=build.TESTER)
    hold_against_the_norm([key])


def test_what_is_not_after_its_schema_is_given_out_in_no_form() -> None:
    for make in (einvoice.ubl, einvoice.cii):
        assert against_schema(make(content("S"))) == ""
        with pytest.raises(WrongState, match="XSD") as refused:
            make(content("S", lines=[CONTENT["lines"][0] | {"quantity": "1e3"}]))
        assert refused.value.code == "norm_broken"
        assert refused.value.details["rules"] == ["XSD"]
        with override("nl"):
            assert "XSD: het document volgt het schema van zijn soort" in sentence(refused.value)


@pytest.mark.django_db
def test_what_only_machines_would_refuse_stands_on_paper_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    customer = {"name": "K", "company": "K GmbH", "vat_number": "DE136695976", "email": "k@example.com"}  # fmt: skip
    key = planted("{delivery_address,country}", "", rate="0.00", customer=customer)
    with pytest.raises(WrongState, match="BR-IC-12"):
        invoice_document(key, "ubl", actor=build.TESTER)
    paper = invoice_document(key, "pdf", actor=build.TESTER).content
    assert get_facturx_xml_from_pdf(io.BytesIO(paper), check_xsd=False) == (False, False)
    assert "BR-IC-12" in caplog.text


def test_a_document_with_wrong_sums_is_given_out_in_no_form() -> None:
    wrong = content("S", net="19.00")
    for make in (einvoice.ubl, einvoice.cii):
        with pytest.raises(WrongState) as refused:
            make(wrong)
        refusal = refused.value
        assert refusal.code == "norm_broken"
        assert "BR-CO-10: the lines add up to their sum" in refusal.message
        assert "BR-CO-15" in refusal.details["rules"]
    with override("nl"):
        assert "F2026-00001" in sentence(refusal)
        assert "BR-CO-10: de regels tellen op" in sentence(refusal)
