"""The files that stand for an invoice: made once from the frozen content, kept with their hash, served for ever."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState, ensure
from orderwerk.core.typesetting import Document, typeset
from orderwerk.core.uow import unit_of_work
from orderwerk.invoices import einvoice
from orderwerk.invoices.hindrances import hindrance
from orderwerk.invoices.norm import SUMS
from orderwerk.invoices.paper import sheet
from orderwerk.invoices.queries import InvoiceRow, invoice_contents, invoices_by_id
from orderwerk.shops.logos import NO_LOGO, logos_of_invoices

_log = logging.getLogger(__name__)
ENDINGS = {"pdf": "pdf", "ubl": "xml"}
TYPES = {"pdf": "application/pdf", "ubl": "application/xml"}

_STORED = """
select invoice_id, content, sha256 from invoices_document where invoice_id = any(%s) and format = %s
"""
_STORE = """
insert into invoices_document (id, invoice_id, format, sha256, content, created_at)
select t.id, t.invoice_id, %s, t.sha256, t.content, %s
from unnest(%s::uuid[], %s::uuid[], %s::bytea[], %s::bytea[]) as t(id, invoice_id, sha256, content)
on conflict (invoice_id, format) do nothing
"""


def invoice_document(invoice_id: UUID, kind: str, *, actor: Actor) -> Document:
    """Return an invoice as `pdf` (with the CII of Factur-X inside, PDF/A-3b) or as `ubl`, always the same bytes.

    Refuses with NotFound an invoice that is not there for this actor, with WrongState an electronic invoice whose seller
    lacks what the norm asks for, with an amount of three decimals, or that breaks a rule of the norm (the PDF then comes without
    the XML inside, but not where the sums are wrong).
    """
    return invoice_documents([invoice_id], kind, actor=actor)[0]


def invoice_documents(invoice_ids: Sequence[UUID], kind: str, *, actor: Actor) -> list[Document]:
    """Return the documents of invoices, oldest first; seven statements at most. Refuses as `invoice_document`."""
    found, refused = documents_at_hand(invoice_ids, kind, actor=actor)
    for refusal in refused.values():
        raise refusal
    return found


def documents_at_hand(
    invoice_ids: Sequence[UUID], kind: str, *, actor: Actor
) -> tuple[list[Document], dict[str, Refusal]]:
    """Return the documents that can be had, oldest first, and why the others cannot, by number; seven statements at most.

    Refuses with NotFound an invoice that is not there for this actor.
    """
    rows = invoices_by_id(actor, invoice_ids)
    missing = set(invoice_ids) - {row.id for row in rows}
    if missing:
        raise NotFound(f"There is no invoice {min(missing)}.", code="unknown_invoice")
    stored = _stored(invoice_ids, kind)
    blanked = {row.id: _blanked(row) for row in rows if row.blanked_at is not None}
    fresh = [row.id for row in rows if row.id not in stored and row.id not in blanked]
    made, refused = _make(fresh, kind)
    refused |= blanked
    if made:
        with unit_of_work(actor):
            sql.execute(
                _STORE,
                (
                    kind, clock.now(), ids.new_ids(len(made)), list(made),
                    [hashlib.sha256(content).digest() for content in made.values()], list(made.values()),
                ),
            )  # fmt: skip
        # Somebody else may have been faster: what is stored is what is served.
        stored |= _stored(list(made), kind)
    found = [Document(f"{row.number}.{ENDINGS[kind]}", stored[row.id]) for row in rows if row.id not in refused]  # fmt: skip
    return found, {row.number: refused[row.id] for row in rows if row.id in refused}


def _blanked(row: InvoiceRow) -> Refusal:
    return WrongState(
        f"The term of the law is over: of document {row.number} the figures are kept, not the paper.",
        code="document_blanked",
    )


def hold_against_the_norm(invoice_ids: Sequence[UUID]) -> None:
    """Write what was just issued as UBL and look at it, long before somebody asks for it; one statement, nothing is kept.

    Refuses with WrongState (`norm_broken`) when documents break a rule of EN 16931, and names them by number; what has no
    electronic form at all (see `hindrances.hindrance`) is not looked at.
    """
    broken: dict[str, WrongState] = {}
    for text in invoice_contents(invoice_ids).values():
        content = sql.from_json(text)
        try:
            einvoice.ubl(content)
        except WrongState as refusal:
            if refusal.code == "norm_broken":
                broken[content["number"]] = refusal
    if broken:
        raise WrongState(
            " ".join(broken[number].message for number in sorted(broken)),
            code="norm_broken",
            details={"rules": sorted({rule for one in broken.values() for rule in one.details["rules"]})},
        )  # fmt: skip


def _make(invoice_ids: Sequence[UUID], kind: str) -> tuple[dict[UUID, bytes], dict[UUID, Refusal]]:
    if not invoice_ids:
        return {}, {}
    logos = logos_of_invoices(invoice_ids) if kind == "pdf" else {}
    made: dict[UUID, bytes] = {}
    refused: dict[UUID, Refusal] = {}
    for key, text in invoice_contents(invoice_ids).items():
        try:
            made[key] = _MAKE[kind](sql.from_json(text), logos.get(key, NO_LOGO))
        except Refusal as refusal:
            refused[key] = refusal
    return made, refused


def _stored(invoice_ids: Sequence[UUID], kind: str) -> dict[UUID, bytes]:
    found = {}
    for key, content, digest in sql.fetch(_STORED, (list(invoice_ids), kind)):
        found[key] = bytes(content)
        ensure(
            hashlib.sha256(found[key]).digest() == bytes(digest),
            "a stored document has the hash it was stored with",
        )
    return found


def _pdf(content: Mapping[str, Any], logo: Mapping[str, Any]) -> bytes:
    content = einvoice.writable(content)
    page = typeset("invoices/invoice.typ", {**sheet(content), "logo": logo}, archival=True)
    if hindrance(content):
        return page
    try:
        inside = einvoice.cii(content)
    except WrongState as refusal:
        if SUMS.intersection(refusal.details["rules"]):
            raise
        # The paper is right: it goes without what only machines read, which is refused by name where it is asked for.
        _log.error("%s", refusal.message)
        return page
    from facturx import generate_from_binary  # noqa: PLC0415 - see core/typesetting.py

    made: bytes = generate_from_binary(
        page,
        inside,
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


def _ubl(content: Mapping[str, Any], _logo: Mapping[str, Any]) -> bytes:
    return einvoice.ubl(content)


_MAKE: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], bytes]] = {"pdf": _pdf, "ubl": _ubl}  # fmt: skip
