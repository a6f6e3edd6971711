"""The overview of allocations, and what can be done with one: give it back, move it."""

from functools import partial
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.allocations.queries import (
    AllocationFilters,
    AllocationRow,
    allocation_detail,
    allocation_page,
    allocation_tab_counts,
    allocations_by_id,
    order_allocations,
)
from orderwerk.allocations.statuses import OPEN, AllocationStatus
from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import (
    Label,
    Question,
    ask,
    chosen_ids,
    nothing_chosen,
    safe_next,
    show_results,
    tell,
)
from orderwerk.console.downloads import download
from orderwerk.console.forms.asking import GatherForm, PlaceForm
from orderwerk.console.history import pieces
from orderwerk.console.lists import Asked, BulkAction, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.console.views.order import find_order, may_allocate
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.flows.consolidate_orders import ConsolidateItem, consolidate_orders
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.release_allocations import ReleaseAllocationItem, release_allocations

BACK = "/allocations/"
_COLUMNS = (
    Column("order", _("Order")),
    Column("article", _("Article")),
    Column("location", _("Stock location")),
    Column("quantity", _("Quantity"), "number"),
    Column("status", _("Status")),
    Column("why", _("Why here")),
    Column("made", _("Made")),
)
_BULK = BulkAction(
    _("Release"),
    "/allocations/bulk/release/",
    "arrow-back-up",
    confirm=_("The chosen pieces are free for other orders then, and wait again for stock."),
)
_GATHER = BulkAction(
    _("Gather the orders here"),
    "/allocations/bulk/consolidate/",
    "stack-2",
    confirm=_(
        "Each order leaves in one shipment from where its chosen pieces are; what it has elsewhere leaves now by transfer "
        "and travels there first."
    ),
)


@needs("stock:read")
def allocation_list(request: PersonRequest) -> HttpResponseBase:
    """Show which order claims what, where, and why there."""
    actor = request.access.actor
    keys = ("all", *AllocationStatus.values)
    asked = Asked.read(request, tabs=keys, filters=("location",))
    places = active_locations(actor)
    read = partial(_read, actor)
    if asked.file:
        return download("allocations", AllocationRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    counts = allocation_tab_counts(actor, asked.filters.get("location"))
    tabs = [Tab(s.value, s.label, counts.get(s.value)) for s in AllocationStatus]
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/allocations/row.html",
        tabs=[Tab("all", _("All")), *tabs],
        filters=[Filter("location", _("All locations"), place_choices(places))],
        search=_("Order number or SKU"),
        next_cursor=page.next,
        bulk=[_BULK, _GATHER] if may_allocate(request) else (),
        is_exportable=True,
        empty_icon="arrows-split-2",
        empty_title=_("No allocations here"),
        empty_text=_(
            "Stock is claimed by itself when an order comes in and has been paid. What finds no stock waits "
            "under Orders, Awaiting stock."
        ),
    )
    return render(
        request,
        "console/simple_list.html",
        {"listing": listing, "title": _("Allocations")},
    )


def _read(actor: Actor, asked: Asked) -> Page[AllocationRow]:
    filters = AllocationFilters(
        status=None if asked.tab == "all" else asked.tab,
        location=asked.filters.get("location"),
        q=asked.q or None,
    )
    return allocation_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


def _find(request: PersonRequest, allocation_id: UUID) -> AllocationRow:
    if not may_allocate(request):
        raise PermissionDenied
    try:
        return allocation_detail(request.access.actor, allocation_id)
    except NotFound as error:
        raise Http404 from error


@require_POST
@needs("stock:read")
def release(request: PersonRequest, allocation_id: UUID) -> HttpResponse:
    """Give a claim back."""
    found = _find(request, allocation_id)
    item = ReleaseAllocationItem(allocation_id=found.id)
    outcomes = release_allocations([item], actor=request.access.actor)
    tell(request, outcomes, _("The allocation has been given back."))
    return redirect(safe_next(request, f"/orders/{found.order_number}/allocations/"))


@needs("stock:read")
def move(request: PersonRequest, allocation_id: UUID) -> HttpResponse:
    """Let another location serve a claim."""
    found = _find(request, allocation_id)
    places = [p for p in active_locations(request.access.actor) if p.code != found.location]
    question = Question(
        _("Move %(n)s × %(name)s") % {"n": found.quantity, "name": found.name},
        _("Move"),
        f"/orders/{found.order_number}/allocations/",
        text=_("Now at %(place)s.") % {"place": found.location_name},
    )
    form = PlaceForm(request.POST or None, places=place_choices(places))

    def act(filled: PlaceForm) -> Outcome:
        item = MoveAllocationItem(allocation_id=found.id, location=filled.cleaned_data["location"])
        return move_allocations([item], actor=request.access.actor)[0]

    return ask(request, question, form, act, _("The allocation has been moved."))


@require_POST
@needs("stock:read")
def bulk_release(request: PersonRequest) -> HttpResponse:
    """Give the ticked claims back."""
    if not may_allocate(request):
        raise PermissionDenied
    ids = chosen_ids(request)
    if not ids:
        return nothing_chosen(request, BACK)
    rows = allocations_by_id(request.access.actor, ids)
    items = [ReleaseAllocationItem(allocation_id=row.id) for row in rows]
    outcomes = release_allocations(items, actor=request.access.actor)
    labels = [
        Label(f"{row.order_number} · {row.sku}", f"/orders/{row.order_number}/allocations/")
        for row in rows
    ]
    return show_results(request, _("Release allocations"), labels, outcomes, BACK)


@needs("stock:read")
def consolidate(request: PersonRequest, number: str) -> HttpResponse:
    """Let all of an order leave from one location; what it has elsewhere travels there first."""
    if not may_allocate(request):
        raise PermissionDenied
    actor = request.access.actor
    order = find_order(request, number).order
    used = {row.location for row in order_allocations(actor, order.id) if row.status in OPEN}
    # Where the order has goods already comes first.
    places = sorted(active_locations(actor), key=lambda place: place.code not in used)
    form = GatherForm(request.POST or None, places=place_choices(places))

    def act(filled: GatherForm) -> Outcome:
        item = ConsolidateItem(
            order_id=order.id,
            to=filled.cleaned_data["to"],
            expected_on=filled.cleaned_data["expected_on"],
        )
        return consolidate_orders([item], actor=actor)[0]

    question = Question(
        _("Gather order %(number)s at one location") % {"number": number},
        _("Send the rest there"),
        f"/orders/{number}/allocations/",
        text=_(
            "What the order has at other locations leaves now by transfer and is kept for this order alone. Its shipment waits "
            "until the transfer has been received."
        ),
        once=True,
    )
    return ask(request, question, form, act, _sent)


def _sent(outcome: Outcome) -> str:
    numbers = ", ".join(str(each["number"]) for each in outcome.data["transfers"])
    told = {"units": pieces(outcome.data["units"]), "numbers": numbers}
    return str(_("On their way: %(units)s with %(numbers)s.") % told)


@require_POST
@needs("stock:read")
def bulk_consolidate(request: PersonRequest) -> HttpResponse:
    """Gather the orders of the ticked claims where those are."""
    if not may_allocate(request):
        raise PermissionDenied
    ids = chosen_ids(request)
    if not ids:
        return nothing_chosen(request, BACK)
    rows = allocations_by_id(request.access.actor, ids)
    wanted = {(row.order_id, row.location): row for row in rows}
    items = [ConsolidateItem(order_id=order_id, to=place) for order_id, place in wanted]
    outcomes = consolidate_orders(items, actor=request.access.actor)
    labels = [
        Label(
            f"{row.order_number} → {row.location_name}", f"/orders/{row.order_number}/allocations/"
        )
        for row in wanted.values()
    ]
    return show_results(request, _("Gather the orders here"), labels, outcomes, BACK)
