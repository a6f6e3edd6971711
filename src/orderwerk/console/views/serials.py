"""Serial numbers: which pieces lie in a shipment, and who got a piece."""

from functools import partial

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.downloads import download
from orderwerk.console.forms.serials import SerialsForm, piece_refused
from orderwerk.console.lists import Asked, Column, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.views.shipment import find_shipment
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.shipments.commands.record_serials import RecordSerialsItem, record_serials
from orderwerk.shipments.serial_queries import (
    SerialFilters,
    SerialRow,
    articles_by_serial,
    serial_page,
)

_COLUMNS = (
    Column("serial", _("Serial number")),
    Column("article", _("Article")),
    Column("order", _("Order")),
    Column("customer", _("Customer")),
    Column("shipment", _("Shipment")),
    Column("left", _("Left")),
    Column("returned", _("Came back")),
)


@needs("orders:read")
def serial_list(request: PersonRequest) -> HttpResponseBase:
    """Show pieces by serial number, who got each, and whether it came back."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=("all", "out"))
    read = partial(_read, actor)
    if asked.file:
        return download("serials", SerialRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/stock/serial_row.html",
        tabs=[Tab("all", _("All")), Tab("out", _("With customers"))],
        search=_("Serial number"),
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="barcode",
        empty_title=_("No serial numbers here"),
        empty_text=_(
            "Say of a product that its pieces leave by serial number; they appear here as they are packed."
        ),
    )
    return render(request, "console/stock/serials.html", {"listing": listing})


def _read(actor: Actor, asked: Asked) -> Page[SerialRow]:
    filters = SerialFilters(q=asked.q or None, out=True if asked.tab == "out" else None)
    return serial_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


@needs("shipping:write")
def shipment_serials(request: PersonRequest, number: str) -> HttpResponse:
    """Scan or type which pieces lie in a shipment."""
    found = find_shipment(request, number).shipment
    form = SerialsForm(request.POST or None, articles=articles_by_serial(found.id))

    def act(filled: SerialsForm) -> Outcome:
        item = filled.item(str(found.id))
        if item is None:
            return Outcome.done(found.id)
        try:
            wanted = convert(item, RecordSerialsItem)
            return record_serials([wanted], actor=request.access.actor)[0].require()
        except Refusal as refusal:
            named = item["remove" if refusal.pointer.startswith("/remove") else "add"]
            refusal.message = piece_refused(refusal, [piece["serial"] for piece in named])
            return Outcome.refused(refusal)

    question = Question(
        _("Serial numbers in %(number)s") % {"number": number},
        _("Save"),
        f"/shipments/{number}/",
        text=_(
            "Scan the number of every piece that lies in it. It leaves once each piece has one."
        ),
        wide=True,
    )
    return ask(request, question, form, act, _("The serial numbers have been saved."))
