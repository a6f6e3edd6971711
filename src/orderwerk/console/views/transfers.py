"""Files for the bank: which were made, who took them, and what of them is still to be noted as paid."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.lists import Asked, Column, Listing
from orderwerk.console.paging import read_page
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.keyset import Page
from orderwerk.refunds.batches import BatchFilters, BatchRow, batch_file, batch_page

_COLUMNS = (
    Column("number", _("File")),
    Column("made", _("Made")),
    Column("transfers", _("Transfers"), "number"),
    Column("open", _("Still to be noted as paid"), "number"),
    Column("total", _("Total"), "money"),
    Column("actions", _("Actions"), hidden=True),
)


@needs("refunds:read")
def batch_list(request: PersonRequest) -> HttpResponse:
    """Show the files for the bank."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=())

    def read(asked: Asked) -> Page[BatchRow]:
        return batch_page(actor, BatchFilters(), cursor=asked.cursor or None, limit=asked.limit)

    asked, page = read_page(asked, read, sort="")
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/refunds/batch_row.html",
        next_cursor=page.next,
        empty_icon="download",
        empty_title=_("No file for the bank yet"),
        empty_text=_("Note the bank account of refunds that are paid by hand, tick them under Submitted, and make one file of them."),
    )  # fmt: skip
    return render(request, "console/refunds/batches.html", {"listing": listing})


@needs("refunds:write")
def batch_xml(request: PersonRequest, batch_id: UUID) -> HttpResponse:
    """Hand the file out; one whose term is over is not there any more."""
    try:
        document = batch_file([batch_id], actor=request.access.actor)
    except (NotFound, WrongState) as error:
        raise Http404 from error
    answer = HttpResponse(document.content, content_type="application/xml")
    answer["Content-Disposition"] = f'attachment; filename="{document.name}"'
    answer["Cache-Control"] = "no-store"
    return answer
