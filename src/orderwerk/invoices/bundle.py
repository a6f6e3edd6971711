"""Several invoices in one ZIP file: all that can be had, and a list of what is not in it and why."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core.actor import Actor
from orderwerk.core.errors import LimitExceeded, NotFound, Refusal
from orderwerk.core.tables import csv_lines
from orderwerk.core.typesetting import Document
from orderwerk.invoices.documents import documents_at_hand

MOST_INVOICES = 200
# What lies beside the invoices where one is missing: whoever opens the archive later reads it there.
MISSING = "missing.csv"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The archive, how many invoices lie in it, and why the others do not, by number."""

    archive: Document
    count: int
    missing: Mapping[str, Refusal]


def _in_english(refusal: Refusal) -> str:
    return refusal.message


def invoice_bundle(
    invoice_ids: Sequence[UUID], *, actor: Actor, say: Callable[[Refusal], str] = _in_english
) -> Bundle:
    """Return invoices as PDF in one ZIP file; what cannot be had is named in `missing.csv`, in the words of `say`.

    Refuses with NotFound an invoice that is not there for this actor, or where none is named; with LimitExceeded more than 200.
    """
    if not invoice_ids:
        raise NotFound("Nothing was named.", code="unknown_invoice")
    if len(set(invoice_ids)) > MOST_INVOICES:
        raise LimitExceeded(
            f"At most {MOST_INVOICES} invoices go into one file; these are {len(set(invoice_ids))}.",
            code="too_many_documents",
        )
    found, missing = documents_at_hand(invoice_ids, "pdf", actor=actor)
    file = io.BytesIO()
    # A PDF is packed already.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for document in found:
            archive.writestr(document.name.replace("/", "-"), document.content)
        if missing:
            rows = [(number, refusal.code, say(refusal)) for number, refusal in missing.items()]
            archive.writestr(MISSING, "".join(csv_lines(("number", "code", "reason"), rows)))
    return Bundle(Document("invoices.zip", file.getvalue()), len(found), missing)
