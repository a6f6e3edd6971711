"""Goods on their way: purchase orders and transfers, what of them has come in, and what will not."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.allocations.promises import pegged_to_inbound
from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, tell
from orderwerk.console.downloads import download
from orderwerk.console.forms.inbound import CloseForm, PurchaseForm, ReceiveForm, SendForm
from orderwerk.console.lists import Asked, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.flows.close_transfers import close_expected
from orderwerk.flows.receive_goods import receive_goods
from orderwerk.stock.commands.close_inbounds import CloseInboundItem
from orderwerk.stock.commands.receive import ReceiveItem
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.upsert_inbounds import InboundItem, upsert_inbounds
from orderwerk.stock.inbound_queries import (
    InboundFilters,
    InboundLineRow,
    InboundRow,
    inbound_by_number,
    inbound_lines,
    inbound_page,
    open_inbound_count,
)
from orderwerk.stock.statuses import InboundStatus

_COLUMNS = (
    Column("number", _("Number")),
    Column("from", _("From")),
    Column("to", _("To")),
    Column("status", _("Status")),
    Column("came", _("Came in"), "number"),
    Column("expected_on", _("Expected on")),
    Column("made", _("Made")),
)


@needs("stock:read")
def inbound_list(request: PersonRequest) -> HttpResponseBase:
    """Show what is expected, and what has come."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=InboundStatus.values, filters=("location",))
    read = partial(_read, actor)
    if asked.file:
        return download("inbound", InboundRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    counts = {"open": open_inbound_count(actor)}
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/inbound/row.html",
        tabs=[Tab(s.value, s.label, counts.get(s.value)) for s in InboundStatus],
        filters=[Filter("location", _("All locations"), place_choices(active_locations(actor)))],
        search=_("Number, supplier or reference"),
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="package-import",
        empty_title=_("Nothing is on its way"),
        empty_text=_("Note a purchase order, or send goods from one location to another."),
    )
    context = {
        "listing": listing,
        "may_change": request.access.may("stock:write"),
        "today": clock.now().date(),
    }
    return render(request, "console/inbound/list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[InboundRow]:
    filters = InboundFilters(
        status=asked.tab, location=asked.filters.get("location"), q=asked.q or None
    )
    return inbound_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


def _find(request: PersonRequest, number: str) -> InboundRow:
    try:
        return inbound_by_number(request.access.actor, number)
    except NotFound as error:
        raise Http404 from error


@needs("stock:read")
def inbound(request: PersonRequest, number: str) -> HttpResponse:
    """Show one purchase order or transfer with its articles."""
    found = _find(request, number)
    may_change = found.status == "open" and request.access.may("stock:write")
    context = {
        "found": found,
        "lines": inbound_lines([found.id])[found.id],
        "may_change": may_change,
        "pegged": pegged_to_inbound(request.access.actor, found.id)
        if found.status == "open" and request.access.may("orders:read")
        else [],
    }
    return render(request, "console/inbound/page.html", context)


@needs("stock:write")
def inbound_new(request: PersonRequest) -> HttpResponse:
    """Note a purchase order."""
    actor = request.access.actor
    form = PurchaseForm(request.POST or None, places=place_choices(active_locations(actor)))

    def act(filled: PurchaseForm) -> Outcome:
        return upsert_inbounds([convert(filled.values(), InboundItem)], actor=actor)[0]

    question = Question(
        _("New purchase order"), _("Save"), reverse("inbounds"), wide=True, once=True
    )
    return ask(request, question, form, act, _("Saved."))


@needs("stock:write")
def inbound_send(request: PersonRequest) -> HttpResponse:
    """Send goods to another location."""
    actor = request.access.actor
    form = SendForm(request.POST or None, places=place_choices(active_locations(actor)))

    def act(filled: SendForm) -> Outcome:
        return send_transfers([convert(filled.item(), SendItem)], actor=actor)[0]

    question = Question(
        _("Send a transfer"),
        _("Send"),
        reverse("inbounds"),
        text=_("The goods leave now and are in transit until somebody receives them there."),
        wide=True,
        once=True,
    )
    return ask(request, question, form, act, _("Sent: the goods are in transit."))


def _line(request: PersonRequest, number: str, line_id: UUID) -> tuple[InboundRow, InboundLineRow]:
    found = _find(request, number)
    for line in inbound_lines([found.id])[found.id]:
        if line.id == line_id:
            return found, line
    raise Http404


@needs("stock:write")
def inbound_receive(request: PersonRequest, number: str, line_id: UUID) -> HttpResponse:
    """Book pieces of one article that came in."""
    found, line = _line(request, number, line_id)
    form = ReceiveForm(
        request.POST or None,
        by_lot=line.tracking == "lot",
        initial={"quantity": line.open or None},
    )

    def act(filled: ReceiveForm) -> Outcome:
        item = {
            "sku": line.sku,
            "location": found.location,
            "inbound": found.number,
            **filled.values(),
        }
        return receive_goods([convert(item, ReceiveItem)], actor=request.access.actor)[0]

    question = Question(
        _("Receive: %(name)s") % {"name": line.name},
        _("Book as received"),
        reverse("inbound", args=[number]),
        text=_("%(open)s of %(expected)s are still to come.")
        % {"open": line.open, "expected": line.expected},
        once=True,
    )
    return ask(request, question, form, act, _("Received."))


@require_POST
@needs("stock:write")
def inbound_receive_all(request: PersonRequest, number: str) -> HttpResponse:
    """Book everything that is still to come as received."""
    found = _find(request, number)
    items = [
        ReceiveItem(sku=x.sku, location=found.location, quantity=x.open, inbound=found.number)
        for x in inbound_lines([found.id])[found.id]
        if x.open
    ]
    if items:
        tell(
            request, receive_goods(items, actor=request.access.actor), _("Everything is received.")
        )
    else:
        messages.info(request, _("Nothing of it is still to come."))
    return redirect("inbound", number)


@needs("stock:write")
def inbound_close(request: PersonRequest, number: str) -> HttpResponse:
    """Say that the rest does not come."""
    found = _find(request, number)
    form = CloseForm(request.POST or None, is_transfer=found.kind == "transfer")

    def act(filled: CloseForm) -> Outcome:
        item = {"inbound_id": str(found.id), **filled.cleaned_data}
        return close_expected([convert(item, CloseInboundItem)], actor=request.access.actor)[0]

    question = Question(
        _("The rest of %(number)s does not come") % {"number": number},
        _("Close it"),
        reverse("inbound", args=[number]),
        text=_("%(open)s pieces are no longer expected.") % {"open": found.units_open},
        danger=True,
    )
    return ask(request, question, form, act, _("Closed."))
