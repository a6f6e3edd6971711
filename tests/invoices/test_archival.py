"""The PDF of an invoice has what PDF/A-3 and Factur-X ask of its structure, read with a library that did not write it."""

import io
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject, StreamObject

from orderwerk.invoices.documents import invoice_document
from tests import build
from tests.invoices.test_documents import SELLER

pytestmark = pytest.mark.django_db
NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "fx": "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
}


@pytest.fixture
def paper() -> PdfReader:
    world = build.world(invoice_when="placed", legal=SELLER)
    order = world.place(payments=[], locale="nl")
    build.invoice(order)
    pdf = invoice_document(build.invoices(order)[0]["id"], "pdf", actor=build.TESTER).content
    return PdfReader(io.BytesIO(pdf), strict=True)


def _objects(paper: PdfReader) -> list[Any]:
    return [paper.get_object(IndirectObject(n, 0, paper)) for n in range(1, len(paper.xref.get(0, {})) + len(paper.xref_objStm) + 1) if _known(paper, n)]  # fmt: skip


def _known(paper: PdfReader, number: int) -> bool:
    return number in paper.xref.get(0, {}) or number in paper.xref_objStm


def _metadata(paper: PdfReader, name: str) -> str:
    root = ET.fromstring(paper.trailer["/Root"]["/Metadata"].get_data())  # noqa: S314 - our own
    prefix, _, local = name.partition(":")
    found = [e.text or "" for e in root.iter(f"{{{NAMES[prefix]}}}{local}")]
    found += [e.attrib[f"{{{NAMES[prefix]}}}{local}"] for e in root.iter(f"{{{NAMES['rdf']}}}Description") if f"{{{NAMES[prefix]}}}{local}" in e.attrib]  # fmt: skip
    [text] = found
    return text.strip()


def test_it_says_what_it_is_and_what_is_attached(paper: PdfReader) -> None:
    assert (_metadata(paper, "pdfaid:part"), _metadata(paper, "pdfaid:conformance")) == ("3", "B")
    assert _metadata(paper, "fx:DocumentType") == "INVOICE"
    assert _metadata(paper, "fx:DocumentFileName") == "factur-x.xml"
    assert _metadata(paper, "fx:ConformanceLevel") == "EN 16931"


def test_the_xml_is_an_associated_file(paper: PdfReader) -> None:
    [attached] = paper.trailer["/Root"]["/AF"]
    attached = attached.get_object()

    assert attached["/Type"] == "/Filespec"
    assert attached["/UF"] == "factur-x.xml"
    assert attached["/AFRelationship"] in {"/Data", "/Alternative", "/Source"}
    stream = attached["/EF"]["/F"].get_object()
    assert stream["/Subtype"] == "/text/xml"
    assert b"CrossIndustryInvoice" in stream.get_data()
    names = paper.trailer["/Root"]["/Names"]["/EmbeddedFiles"]["/Names"]
    assert names[0] == "factur-x.xml"


def test_colours_have_an_output_intent(paper: PdfReader) -> None:
    intents = [intent.get_object() for intent in paper.trailer["/Root"]["/OutputIntents"]]
    profiles = [i["/DestOutputProfile"].get_object() for i in intents if i["/S"] == "/GTS_PDFA1"]

    assert len(profiles) == 1
    # The signature of an ICC profile.
    assert profiles[0].get_data()[36:40] == b"acsp"


def test_every_font_is_embedded(paper: PdfReader) -> None:
    objects = _objects(paper)
    descriptors = [o for o in objects if isinstance(o, DictionaryObject) and o.get("/Type") == "/FontDescriptor"]  # fmt: skip

    assert descriptors
    assert all(any(f"/FontFile{n}" in d for n in ("", "2", "3")) for d in descriptors)
    simple = [o for o in objects if isinstance(o, DictionaryObject) and o.get("/Type") == "/Font" and o["/Subtype"] != "/Type0"]  # fmt: skip
    assert all("/FontDescriptor" in font for font in simple)


def test_nothing_that_an_archive_forbids_is_in_it(paper: PdfReader) -> None:
    root = paper.trailer["/Root"]
    assert not paper.is_encrypted
    assert "/ID" in paper.trailer
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    words = [str(o.get("/S", "")) for o in _objects(paper) if isinstance(o, DictionaryObject)]
    assert not {"/JavaScript", "/Launch", "/Movie", "/Sound"} & set(words)
    filters = [str(o.get("/Filter", "")) for o in _objects(paper) if isinstance(o, StreamObject)]
    assert not any("LZWDecode" in name for name in filters)
