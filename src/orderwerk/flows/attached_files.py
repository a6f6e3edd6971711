"""Makes the files that go with a message from the documents that it names."""

import logging
from collections.abc import Iterator, Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.typesetting import Document
from orderwerk.emails.sending import File
from orderwerk.invoices.documents import TYPES, invoice_document
from orderwerk.return_requests.label_queries import return_label_document

_log = logging.getLogger(__name__)
_READER = Actor.job("mail")


def attached_files(email_id: UUID) -> Sequence[File]:
    """Return what goes with a message; the PDF of an invoice, and of a carrier's label, is the one that is served for ever."""
    rows = sql.fetch(
        "select kind, object_id from emails_attachment where email_id = %s order by name",
        (email_id,),
    )
    found = [document for kind, key in rows for document in _documents(kind, key)]
    return [File(document.name, document.content, TYPES["pdf"]) for document in found]


def _documents(kind: str, key: UUID) -> Iterator[Document]:
    try:
        if kind == "invoice":
            yield invoice_document(key, "pdf", actor=_READER)
        else:
            yield return_label_document(key, actor=_READER)
    except Refusal as refusal:
        # A label goes when its order is erased, an invoice whose sums are wrong is not given out; the message goes without it.
        _log.warning("the %s %s is not attached: %s", kind, key, refusal.message)
