"""The overview of returns, one return, inspecting it, and booking a box at the dock."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, tell
from orderwerk.console.downloads import download
from orderwerk.console.forms.returns import FindingForm
from orderwerk.console.lists import Asked, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.console.reads.returns import order_of_scan
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.returns.commands.book_findings import FindingItem, book_findings
from orderwerk.returns.commands.inspect import InspectItem, inspect_returns
from orderwerk.returns.exchange_queries import exchanges_of
from orderwerk.returns.queries import (
    ReturnFilters,
    ReturnRow,
    return_by_number,
    return_credits,
    return_findings,
    return_lines,
    return_page,
    return_tab_counts,
)
from orderwerk.returns.restock import LotsOf
from orderwerk.returns.statuses import Disposition, ReturnStatus
from orderwerk.shops.queries import all_shops

_COLUMNS = (
    Column("number", _("Return")),
    Column("order", _("Order")),
    Column("customer", _("Customer")),
    Column("units", _("Pieces"), "number"),
    Column("status", _("Status")),
    Column("credited", _("Credited"), "money"),
    Column("date", _("Date")),
)
_TABS = ("to_inspect", "processed", "all")


@needs("returns:read")
def return_list(request: PersonRequest) -> HttpResponseBase:
    """Show what came back."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=("all", *_TABS), filters=("location", "shop"))
    read = partial(_read, actor)
    if asked.file:
        return download("returns", ReturnRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    counts = return_tab_counts(actor)
    shops = all_shops(actor)
    filters = [Filter("location", _("All locations"), place_choices(active_locations(actor)))]
    if len(shops) > 1:
        filters.insert(0, Filter("shop", _("All shops"), [(s.code, s.name) for s in shops]))
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/returns/row.html",
        tabs=[
            Tab("all", _("All")),
            Tab("to_inspect", ReturnStatus.TO_INSPECT.label, counts["to_inspect"]),
            Tab("processed", ReturnStatus.PROCESSED.label),
        ],
        filters=filters,
        search=_("Return or order number"),
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="truck-return",
        empty_title=_("No returns here"),
        empty_text=_("Book a box that came back: stock, credit invoice and request follow at once."),
    )  # fmt: skip
    context = {"listing": listing, "may_book": request.access.may("returns:write")}
    return render(request, "console/returns/list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[ReturnRow]:
    filters = ReturnFilters(
        status=None if asked.tab == "all" else asked.tab,
        q=asked.q or None,
        location=asked.filters.get("location"),
        shop=asked.filters.get("shop"),
    )
    return return_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


def _find(request: PersonRequest, number: str) -> ReturnRow:
    try:
        return return_by_number(request.access.actor, number)
    except NotFound as error:
        raise Http404 from error


@needs("returns:read")
def return_one(request: PersonRequest, number: str) -> HttpResponse:
    """Show what came back in one box, what became of it, and what it was credited for."""
    actor = request.access.actor
    found = _find(request, number)
    zones = {shop.code: shop.timezone for shop in all_shops(actor)}
    lines = return_lines([found.id])[found.id]
    lots = LotsOf([line.order_line_id for line in lines])
    context = {
        "found": found,
        "lines": [(line, lots.several(line.order_line_id)) for line in lines],
        "credits": return_credits([found])[found.id],
        "exchange": exchanges_of([found.id]).get(found.id),
        "findings": return_findings([found.id])[found.id],
        "may_book": request.access.may("stock:write"),
        "timezone": zones.get(found.shop, "UTC"),
        "may_inspect": request.access.may("returns:write") and found.status == "to_inspect",
        "fates": Disposition.choices,
        "places": place_choices(active_locations(actor)),
    }
    return render(request, "console/returns/page.html", context)


@needs("stock:write")
def finding(request: PersonRequest, number: str) -> HttpResponse:
    """Book what lay in the box and never was of its order."""
    found = _find(request, number)
    places = place_choices(active_locations(request.access.actor))
    form = FindingForm(request.POST or None, places=places)

    def act(filled: FindingForm) -> Outcome:
        item = {"return_id": str(found.id), **filled.item()}
        return book_findings([convert(item, FindingItem)], actor=request.access.actor)[0]

    question = Question(
        _("Something else in the box of %(number)s") % {"number": number},
        _("Book it"),
        f"/returns/{number}/",
        text=_("The order and what is credited for it stay as they are."),
        once=True,
    )
    return ask(request, question, form, act, _("Booked."))


@require_POST
@needs("returns:write")
def inspect(request: PersonRequest, number: str, line_id: UUID) -> HttpResponse:
    """Decide what becomes of a line."""
    found = _find(request, number)
    if line_id not in {line.id for line in return_lines([found.id])[found.id]}:
        raise Http404
    item: dict[str, Any] = {"return_line_id": str(line_id), "disposition": request.POST.get("fate", "")}  # fmt: skip
    if item["disposition"] == "restock" and request.POST.get("location"):
        item["location"] = request.POST["location"]
    if item["disposition"] == "restock" and request.POST.get("lot"):
        item["lot"] = request.POST["lot"]
    try:
        outcomes = inspect_returns([convert(item, InspectItem)], actor=request.access.actor)
    except Refusal as refusal:
        outcomes = [Outcome.refused(refusal)]
    tell(request, outcomes, _("Decided."))
    return redirect("return_one", number)


@needs("returns:write")
def return_scan(request: PersonRequest) -> HttpResponse:
    """Find the order of a box by whatever stands on it: order, request, shipment or tracking number."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    if text:
        found = order_of_scan(request.access.actor, text)
        if found is not None:
            number, announced = found
            return redirect(f"/orders/{number}/do/return/" + (f"?request={announced}" if announced else ""))  # fmt: skip
        messages.error(request, _("Nothing is known by “%(text)s”.") % {"text": text})
    return render(request, "console/returns/scan.html", {"text": text})
