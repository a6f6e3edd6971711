"""The overview of pick lists, and the form that makes new ones."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.downloads import download
from orderwerk.console.forms.picking import CreateForm
from orderwerk.console.lists import Asked, BulkAction, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.queries import (
    PickListFilters,
    PickListRow,
    pick_list_page,
    pick_list_tab_counts,
)
from orderwerk.picklists.statuses import PickListStatus

_COLUMNS = (
    Column("number", _("Pick list")),
    Column("location", _("Stock location")),
    Column("status", _("Status")),
    Column("progress", _("Picked"), "number"),
    Column("lines", _("Lines"), "number"),
    Column("orders", _("Orders"), "number"),
    Column("assigned", _("Given to")),
    Column("made", _("Made")),
)


@needs("shipping:read")
def pick_list_list(request: PersonRequest) -> HttpResponseBase:
    """Show the walks of a status."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=PickListStatus.values, filters=("location",))
    places = active_locations(actor)
    read = partial(_read, actor)
    if asked.file:
        return download("pick-lists", PickListRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    counts = pick_list_tab_counts(actor, asked.filters.get("location"))
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/picklists/row.html",
        tabs=[Tab(s.value, s.label, counts.get(s.value)) for s in PickListStatus],
        filters=[Filter("location", _("All locations"), place_choices(places))],
        search=_("Pick list or order number"),
        next_cursor=page.next,
        bulk=(BulkAction(_("Print"), "/pick-lists/print.pdf", "printer", opens_file=True),),
        is_exportable=True,
        empty_icon="clipboard-list",
        empty_title=_("No pick lists here"),
        empty_text=_("Make pick lists for what is allocated and paid: a button above asks where."),
    )
    may_make = request.access.may("shipping:write")
    context = {"listing": listing, "may_make": may_make}
    return render(request, "console/picklists/list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[PickListRow]:
    filters = PickListFilters(
        status=asked.tab, location=asked.filters.get("location"), q=asked.q or None
    )
    return pick_list_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


@needs("shipping:write")
def pick_list_new(request: PersonRequest) -> HttpResponse:
    """Make pick lists at a location: one per shipment, or one walk for all."""
    actor = request.access.actor
    form = CreateForm(request.POST or None, places=place_choices(active_locations(actor)))

    def act(filled: CreateForm) -> Outcome:
        item = convert(dict(filled.cleaned_data), CreatePickListItem)
        [outcome] = create_pick_lists([item], actor=actor)
        if outcome.ok:
            numbers = ", ".join(made["number"] for made in outcome.data["pick_lists"][:12])
            messages.info(request, _("Made: %(numbers)s") % {"numbers": numbers})
        return outcome

    question = Question(
        _("Make pick lists"),
        _("Make pick lists"),
        reverse("pick_lists"),
        text=_("For shipments whose goods are allocated, paid, not on hold and on no list yet."),
    )
    return ask(request, question, form, act, _("The pick lists have been made."))
