"""Makes the files that go with a message from the documents that it names."""

from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.typesetting import Document
from orderwerk.emails.sending import Attached, File, Missing
from orderwerk.invoices.documents import TYPES, invoice_document
from orderwerk.return_requests.documents import return_slip
from orderwerk.return_requests.label_queries import return_label_document
from orderwerk.shipments.documents import packing_slips

_READER = Actor.job("mail")


def attached_files(email_id: UUID) -> Attached:
    """Return what goes with a message, and what cannot; an invoice, and the label of a carrier, is the one that is served for ever.

    A label goes when its order is erased, a slip when its request is closed, an invoice whose sums are wrong is not given out: the
    message goes without it, and says so.
    """
    rows = sql.fetch(
        "select id, kind, object_id, name from emails_attachment where email_id = %s order by name",
        (email_id,),
    )
    files, missing = [], []
    for attachment, kind, key, name in rows:
        try:
            files.append(File(name, _document(kind, key).content, TYPES["pdf"]))
        except Refusal as refusal:
            missing.append(Missing(attachment, f"{name} did not go along: {refusal.message}"))
    return Attached(files, missing)


def _document(kind: str, key: UUID) -> Document:
    if kind == "invoice":
        return invoice_document(key, "pdf", actor=_READER)
    if kind == "packing_slip":
        return packing_slips([key], actor=_READER)
    if kind == "return_slip":
        return return_slip(key, actor=_READER)
    return return_label_document(key, actor=_READER)
