"""Whatever people are called and articles are named: paper comes out."""

import io
import zipfile
from typing import Any
from uuid import UUID

import pytest
from facturx import get_facturx_xml_from_pdf
from pypdf import PdfReader

from orderwerk.core import sql, typesetting
from orderwerk.core.typesetting import MISSING, typeset
from orderwerk.invoices.bundle import invoice_bundle
from orderwerk.invoices.documents import invoice_document
from orderwerk.shipments.documents import packing_slips
from tests import build
from tests.invoices.test_documents import SELLER

pytestmark = pytest.mark.django_db
ADDRESS = {"name": "A", "street": "S", "house_number": "1", "city": "C", "postal_code": "1234 AB", "country": "NL"}  # fmt: skip


def _order(world: build.World, name: str, article: str = "Thing", **address: Any) -> UUID:
    line = {
        "sku": world.skus[0],
        "name": article,
        "quantity": 1,
        "unit_price": "1",
        "tax_rate": "21",
    }
    where = {**ADDRESS, "name": name, **address}
    fields = {"billing_address": where, "delivery_address": where, "customer": {"name": name}}
    return world.place(lines=[line], **fields)


def _invoice(order_id: UUID) -> UUID:
    build.invoice(order_id)
    found: UUID = build.invoices(order_id)[0]["id"]
    return found


def _text(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize(
    "text",
    ["张伟", "김철수", "ไทย กำ", "T-shirt 😀", "👨‍👩‍👧‍👦 👍🏽", "नमस्ते क्षि", "e\u0301\u0489\u20dd", "\ue000\U0010ffff", "שלום مرحبا", "\U0001d518\ufdd0\u2028x"],
)  # fmt: skip
def test_a_name_that_the_font_lacks_is_on_paper_by_a_mark_and_true_in_the_electronic_invoice(
    text: str,
) -> None:
    world = build.world(legal=SELLER, invoice_when="placed")
    made = [
        _invoice(_order(world, f"Zoë {text}", f"Vaas {text}")),
        _invoice(_order(world, "Plain")),
    ]

    pdf = invoice_document(made[0], "pdf", actor=build.TESTER).content

    said = _text(pdf)
    assert "Zoë" in said
    assert "Vaas" in said
    _, inside = get_facturx_xml_from_pdf(io.BytesIO(pdf), check_xsd=True)
    assert f"Zoë {text}" in inside.decode()
    root: Any = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    assert b"<pdfaid:part>3</pdfaid:part>" in root["/Metadata"].get_data()
    bundle = invoice_bundle(made, actor=build.TESTER)
    assert len(zipfile.ZipFile(io.BytesIO(bundle.archive.content)).namelist()) == 2


def test_only_what_the_font_lacks_is_replaced() -> None:
    world = build.world(legal=SELLER, invoice_when="placed")

    pdf = invoice_document(_invoice(_order(world, "Łukasz 张 Ωmega")), "pdf", actor=build.TESTER)

    assert f"Łukasz {MISSING} Ωmega" in _text(pdf.content)


@pytest.mark.parametrize("many", [1, 40])
def test_words_without_an_end_fit_on_paper(many: int) -> None:
    world = build.world(legal=SELLER, invoice_when="placed", locations=1)
    long = "W" * 200
    orders = [
        _order(world, long, company=long, street=long, line2=long, city=long) for _ in range(many)
    ]
    shipments = [key for order in orders for key in build.shipments(order)]

    pdf = invoice_document(_invoice(orders[0]), "pdf", actor=build.TESTER).content
    slips = packing_slips(shipments, actor=build.TESTER).content

    assert len(PdfReader(io.BytesIO(pdf)).pages) > 1
    each = len(PdfReader(io.BytesIO(slips)).pages) // many
    assert _text(slips).count(f"1 / {each}") == many
    assert _text(pdf).count("W") >= 5 * 200


def test_what_xml_cannot_write_is_left_out_of_documents_of_older_texts() -> None:
    world = build.world(legal=SELLER, invoice_when="placed")
    order_id = _order(world, "Zoë")
    sql.execute(
        "update orders_order set billing_address = jsonb_set(billing_address, '{name}', to_jsonb(%s::text)),"
        " delivery_address = jsonb_set(delivery_address, '{name}', to_jsonb(%s::text)), customer_name = %s where id = %s",
        ("Zo\ufffeë", "Zo\uffffë", "Zo\ufffeë", order_id),
    )
    invoice_id = _invoice(order_id)

    assert "Zoë" in invoice_document(invoice_id, "ubl", actor=build.TESTER).content.decode()
    pdf = invoice_document(invoice_id, "pdf", actor=build.TESTER).content
    assert "Zoë" in _text(pdf)


def test_a_template_that_is_wrong_is_still_an_error() -> None:
    with pytest.raises(Exception, match="dictionary does not contain key"):
        typeset("invoices/invoice.typ", {"title": "张"}, archival=True)


def test_where_typst_does_not_say_what_it_lacks_the_paper_is_set_with_the_sure_letters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(typesetting, "_MOST_ROUNDS", 0)
    world = build.world(legal=SELLER, invoice_when="placed")
    made = _invoice(_order(world, "Zoë 张伟"))
    assert f"Zoë {MISSING}{MISSING}" in _text(invoice_document(made, "pdf", actor=build.TESTER).content)  # fmt: skip
