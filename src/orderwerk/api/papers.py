"""Paper over HTTP: pick lists and packing slips as PDF."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from orderwerk.api.call import Call
from orderwerk.api.endpoint import Answer, Handler
from orderwerk.api.reads import id_of
from orderwerk.core.actor import Actor
from orderwerk.core.typesetting import Document
from orderwerk.picklists.documents import pick_lists_pdf
from orderwerk.shipments.documents import packing_slips


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of paper: where it is, and who sets it."""

    plural: str
    ending: str
    summary: str
    make: Callable[[list[UUID], Actor], Document]


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
)


def paper_handler(paper: Paper) -> Handler:
    """Return the handler of one kind of paper."""

    def get(call: Call, key: str) -> Answer:
        call.need(("shipping:read",))
        call.no_query()
        document = paper.make([id_of(key)], call.actor)
        name = f'inline; filename="{document.name}"'
        headers = {"Content-Type": "application/pdf", "Content-Disposition": name}
        return Answer(200, document.content, headers)

    return get
