"""Paper over HTTP: pick lists, packing slips and invoices as PDF, invoices as UBL, pictures of claims and return requests."""

from collections.abc import Callable
from dataclasses import dataclass
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
from orderwerk.shipments.label_documents import shipping_labels


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


def _ids(text: str) -> list[UUID]:
    return [id_of(part.strip()) for part in text.split(",") if part.strip()]


def round_handler(call: Call) -> Answer:
    """Answer with the papers of a round in one PDF."""
    call.need(("shipping:read",))
    query = call.query(Chosen)
    document = floor_papers(_ids(query.pick_list_ids), _ids(query.shipment_ids), actor=call.actor)
    name = f'inline; filename="{document.name}"'
    return Answer(
        200, document.content, {"Content-Type": "application/pdf", "Content-Disposition": name}
    )


@dataclass(frozen=True)
class ChosenInvoices:
    """Which invoices go into the archive: ids, separated by commas."""

    invoice_ids: str = ""


def archive_handler(call: Call) -> Answer:
    """Answer with invoices in one ZIP file; a header says how many of them are not in it."""
    call.need(("billing:read",))
    bundle = invoice_bundle(_ids(call.query(ChosenInvoices).invoice_ids), actor=call.actor)
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": f'inline; filename="{bundle.archive.name}"',
        MISSING_HEADER: str(len(bundle.missing)),
    }
    return Answer(200, bundle.archive.content, headers)


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
