"""Makes the files that go with a message from the documents that it names."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.emails.sending import File
from orderwerk.invoices.documents import TYPES, invoice_document

_READER = Actor.job("mail")


def attached_files(email_id: UUID) -> Sequence[File]:
    """Return what goes with a message; the PDF of an invoice is the one that is served for ever."""
    rows = sql.fetch(
        "select object_id from emails_attachment where email_id = %s and kind = 'invoice' order by name",
        (email_id,),
    )
    documents = [invoice_document(row[0], "pdf", actor=_READER) for row in rows]
    return [File(document.name, document.content, TYPES["pdf"]) for document in documents]
