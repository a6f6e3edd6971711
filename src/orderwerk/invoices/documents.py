"""The files that stand for an invoice: made once from the frozen content, kept with their hash, served for ever."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from facturx import generate_from_binary

from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, ensure
from orderwerk.core.typesetting import Document, typeset
from orderwerk.core.uow import unit_of_work
from orderwerk.invoices import einvoice
from orderwerk.invoices.paper import sheet
from orderwerk.invoices.queries import invoice_content, invoices_by_id

ENDINGS = {"pdf": "pdf", "ubl": "xml"}
TYPES = {"pdf": "application/pdf", "ubl": "application/xml"}

_STORED = "select content, sha256 from invoices_document where invoice_id = %s and format = %s"
_STORE = """
insert into invoices_document (id, invoice_id, format, sha256, content, created_at)
values (%s, %s, %s, %s, %s, %s) on conflict (invoice_id, format) do nothing
"""


def invoice_document(invoice_id: UUID, kind: str, *, actor: Actor) -> Document:
    """Return an invoice as `pdf` (with the CII of Factur-X inside, PDF/A-3b) or as `ubl`, always the same bytes.

    Refuses with NotFound an invoice that is not there for this actor, with WrongState an electronic invoice whose seller
    lacks what the norm asks for (the PDF then comes without the XML inside).
    """
    found = invoices_by_id(actor, [invoice_id])
    if not found:
        raise NotFound(f"There is no invoice {invoice_id}.", code="unknown_invoice")
    name = f"{found[0].number}.{ENDINGS[kind]}"
    stored = _stored(invoice_id, kind)
    if stored is None:
        made = _MAKE[kind](sql.from_json(invoice_content(invoice_id)))
        with unit_of_work(actor):
            digest = hashlib.sha256(made).digest()
            sql.execute(_STORE, (ids.new_id(), invoice_id, kind, digest, made, clock.now()))
        # Somebody else may have been faster: what is stored is what is served.
        stored = _stored(invoice_id, kind)
    ensure(stored is not None, "a document that was stored is there")
    return Document(name, stored or b"")


def _stored(invoice_id: UUID, kind: str) -> bytes | None:
    rows = sql.fetch(_STORED, (invoice_id, kind))
    if not rows:
        return None
    content, digest = bytes(rows[0][0]), bytes(rows[0][1])
    ensure(
        hashlib.sha256(content).digest() == digest,
        "a stored document has the hash it was stored with",
    )
    return content


def _pdf(content: Mapping[str, Any]) -> bytes:
    page = typeset("invoices/invoice.typ", sheet(content), archival=True)
    if einvoice.lacks(content):
        return page
    made: bytes = generate_from_binary(
        page,
        einvoice.cii(content),
        flavor="factur-x",
        level="en16931",
        check_xsd=False,
        lang=content["locale"],
        pdf_metadata={
            "author": content["seller"]["name"],
            "title": f"{content['seller']['name']} {content['number']}",
            "subject": content["number"],
            "keywords": "Factur-X",
        },
    )
    return made


_MAKE: dict[str, Callable[[Mapping[str, Any]], bytes]] = {"pdf": _pdf, "ubl": einvoice.ubl}
