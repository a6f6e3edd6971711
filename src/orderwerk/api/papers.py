"""Paper over HTTP: pick lists, packing slips and invoices as PDF, invoices as UBL, pictures of claims and return requests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orderwerk.api.call import Call
from orderwerk.api.endpoint import Answer, Handler
from orderwerk.api.reads import id_of
from orderwerk.core.actor import Actor
from orderwerk.core.typesetting import Document
from orderwerk.flows.floor_papers import floor_papers
from orderwerk.invoices.bundle import invoice_bundle
from orderwerk.invoices.documents import invoice_document
from orderwerk.picklists.documents import pick_lists_pdf
from orderwerk.refunds.batches import batch_file
from orderwerk.return_requests.documents import request_pictures, return_slip
from orderwerk.return_requests.label_queries import return_label_document
from orderwerk.returns.documents import claim_pictures
from orderwerk.shipments.documents import packing_slips
from orderwerk.shipments.label_documents import shipping_label_bundle, shipping_labels


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of paper: where it is, and who sets it."""

    plural: str
    ending: str
    summary: str
    make: Callable[[list[UUID], Actor], Document]
    scopes: tuple[str, ...] = ("shipping:read",)
    kind: str = "application/pdf"
    # What the operation is called, where the kind does not say which paper of an object it is.
    verb: str = ""


PAPERS = (
    Paper(
        "pick-lists",
        ".pdf",
        "A pick list in walking order, with barcodes.",
        lambda ids, actor: pick_lists_pdf(ids, actor=actor),
    ),
    Paper(
        "shipments",
        "/packing-slip.pdf",
        "The packing slip of a shipment, in the language of its order.",
        lambda ids, actor: packing_slips(ids, actor=actor),
    ),
    Paper(
        "shipments",
        "/label.pdf",
        "The carrier's labels of a shipment, in the order of its packages; a single one as the carrier made it.",
        lambda ids, actor: shipping_labels(ids, actor=actor),
        verb="print_labels",
    ),
    Paper(
        "return-requests",
        "/slip.pdf",
        "The sheet that a customer lays into the box, with the code that the dock scans; while the request is approved.",
        lambda ids, actor: return_slip(ids[0], actor=actor),
        ("returns:read",),
    ),
    Paper(
        "return-requests",
        "/photos.zip",
        "The pictures that came with a return request.",
        lambda ids, actor: request_pictures(ids[0], actor=actor),
        ("returns:read",),
        "application/zip",
    ),
    Paper(
        "return-labels",
        ".pdf",
        "A return label as the carrier made it; always the same bytes.",
        lambda ids, actor: return_label_document(ids[0], actor=actor),
        ("returns:read",),
    ),
    Paper(
        "invoices",
        ".pdf",
        "An invoice in the language of its order, with the electronic invoice inside (Factur-X); always the same bytes.",
        lambda ids, actor: invoice_document(ids[0], "pdf", actor=actor),
        ("billing:read",),
    ),
    Paper(
        "invoices",
        ".xml",
        "An invoice as UBL 2.1 after EN 16931; always the same bytes.",
        lambda ids, actor: invoice_document(ids[0], "ubl", actor=actor),
        ("billing:read",),
        "application/xml",
    ),
    Paper(
        "claims",
        "/photos.zip",
        "The pictures of a claim.",
        lambda ids, actor: claim_pictures(ids[0], actor=actor),
        ("returns:read",),
        "application/zip",
    ),
    Paper(
        "transfer-batches",
        ".xml",
        "A file of SEPA credit transfers for the bank (pain.001.001.09); always the same bytes.",
        lambda ids, actor: batch_file(ids, actor=actor),
        ("refunds:write",),
        "application/xml",
    ),
)


# How many of the documents that were asked for are not in the file.
MISSING_HEADER = "Missing-Documents"


@dataclass(frozen=True)
class Chosen:
    """What is to be printed: ids, separated by commas."""

    pick_list_ids: str = ""
    shipment_ids: str = ""


@dataclass(frozen=True)
class ChosenShipments:
    """Whose labels go into the file: ids, separated by commas."""

    shipment_ids: str = ""


@dataclass(frozen=True)
class ChosenInvoices:
    """Which invoices go into the archive: ids, separated by commas."""

    invoice_ids: str = ""


def _ids(text: str) -> list[UUID]:
    return [id_of(part.strip()) for part in text.split(",") if part.strip()]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Papers of many objects in one file: where it is, what names them, and who puts it together.

    `make` returns the file and how many of the objects are not in it; None where it is all of them or a refusal.
    """

    address: str
    plural: str
    name: str
    summary: str
    scopes: tuple[str, ...]
    query: type[Any]
    make: Callable[[Any, Actor], tuple[Document, int | None]]
    kind: str = "application/pdf"
    # What the header counts; "": the file has all of them.
    missing: str = ""


def _round(query: Chosen, actor: Actor) -> tuple[Document, int | None]:
    papers = floor_papers(_ids(query.pick_list_ids), _ids(query.shipment_ids), actor=actor)
    return papers, None


def _labels(query: ChosenShipments, actor: Actor) -> tuple[Document, int | None]:
    bundle = shipping_label_bundle(_ids(query.shipment_ids), actor=actor)
    if bundle.document is None:
        raise next(iter(bundle.missing.values()))
    return bundle.document, len(bundle.missing)


def _archive(query: ChosenInvoices, actor: Actor) -> tuple[Document, int | None]:
    bundle = invoice_bundle(_ids(query.invoice_ids), actor=actor)
    return bundle.archive, len(bundle.missing)


GATHERED = (
    Gathered(
        "round.pdf",
        "pick-lists",
        "print_round",
        "The papers of a round in one file: pick lists, each with the packing slips of what it collects in the order of the "
        "walk. Ids are separated by commas, 200 papers at most.",
        ("shipping:read",),
        Chosen,
        _round,
    ),
    Gathered(
        "labels.pdf",
        "shipments",
        "print_all_labels",
        "The carriers' labels of shipments in one file, in the order in which they are named. A shipment is in it with all of its "
        "packages or not at all; where none can be, it says why of the first. Ids are separated by commas, 200 labels at most.",
        ("shipping:read",),
        ChosenShipments,
        _labels,
        missing="How many of the shipments are not in the file.",
    ),
    Gathered(
        "invoices.zip",
        "invoices",
        "archive_invoices",
        "Invoices as PDF in one ZIP file. What cannot be had is not in it, and is named with the reason in `missing.csv` beside the "
        "others. Ids are separated by commas, 200 at most.",
        ("billing:read",),
        ChosenInvoices,
        _archive,
        "application/zip",
        "How many of the invoices are not in the file.",
    ),
)


def gathered_handler(gathered: Gathered) -> Handler:
    """Return the handler of papers of many objects."""

    def get(call: Call) -> Answer:
        call.need(gathered.scopes)
        document, missing = gathered.make(call.query(gathered.query), call.actor)
        name = f'inline; filename="{document.name}"'
        headers = {"Content-Type": gathered.kind, "Content-Disposition": name}
        told = {} if missing is None else {MISSING_HEADER: str(missing)}
        return Answer(200, document.content, headers | told)

    return get


def paper_handler(paper: Paper) -> Handler:
    """Return the handler of one kind of paper."""

    def get(call: Call, key: str) -> Answer:
        call.need(paper.scopes)
        call.no_query()
        document = paper.make([id_of(key)], call.actor)
        name = f'inline; filename="{document.name}"'
        headers = {"Content-Type": paper.kind, "Content-Disposition": name}
        return Answer(200, document.content, headers)

    return get
