"""The overview of pick lists, and the form that makes new ones."""

from datetime import timedelta
from functools import partial

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, Words, ask
from orderwerk.console.downloads import download
from orderwerk.console.forms.picking import CreateForm
from orderwerk.console.lists import Asked, BulkAction, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.console.refusals import sentence
from orderwerk.console.statuses import METHODS
from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.orders.cancel_queries import cancel_requests_to_decide
from orderwerk.picklists.commands.create import (
    CreatePickListItem,
    create_pick_lists,
    preview_pick_lists,
)
from orderwerk.picklists.queries import (
    PickListFilters,
    PickListRow,
    ProgressRow,
    pick_list_page,
    pick_list_tab_counts,
    pick_progress,
)
from orderwerk.picklists.selection import last_cut_off
from orderwerk.picklists.statuses import FINAL, PickListStatus
from orderwerk.picklists.wave_queries import WaveFilters, WaveRow, wave_page
from orderwerk.stock.bin_queries import zone_names

# What was finished so long ago still counts for a person's progress: a shift and its overtime.
_SHIFT = timedelta(hours=12)
# What is set aside is not among what is to be done, whatever its status.
_SNOOZED = "snoozed"
_TABS: list[tuple[str, Words]] = [(status.value, status.label) for status in PickListStatus]
_TABS.insert(2, (_SNOOZED, _("Set aside")))
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
    asked = Asked.read(
        request, tabs=[tab for tab, _label in _TABS], filters=("location", "method", "wave")
    )
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
        tabs=[Tab(tab, label, counts.get(tab)) for tab, label in _TABS],
        filters=[
            Filter("location", _("All locations"), place_choices(places)),
            Filter("method", _("All kinds"), list(METHODS.items())),
        ],
        search=_("Pick list or order number"),
        next_cursor=page.next,
        bulk=(
            BulkAction(_("Print"), "/pick-lists/print.pdf", "printer", opens_file=True),
            BulkAction(
                _("Print with packing slips"), "/pick-lists/round.pdf", "printer", opens_file=True
            ),
        ),
        is_exportable=True,
        empty_icon="clipboard-list",
        empty_title=_("No pick lists here"),
        empty_text=_("Make pick lists for what is allocated and paid: a button above asks where."),
    )
    may_make = request.access.may("shipping:write")
    context = {
        "listing": listing,
        "may_make": may_make,
        "people": _people(actor),
        "to_decide": cancel_requests_to_decide(actor),
    }
    return render(request, "console/picklists/list.html", context)


@needs("shipping:read")
def progress(request: PersonRequest) -> HttpResponse:
    """Draw how far everybody has come, for the overview that shows it."""
    context = {"people": _people(request.access.actor)}
    return render(request, "console/picklists/people.html", context)


def _people(actor: Actor) -> list[ProgressRow]:
    return pick_progress(actor, clock.now() - _SHIFT)


def _read(actor: Actor, asked: Asked) -> Page[PickListRow]:
    wave = asked.filters.get("wave")
    filters = PickListFilters(
        # A wave's lists stand together, whatever became of each.
        status=None if wave or asked.tab == _SNOOZED else asked.tab,
        snoozed=None if wave or asked.tab in FINAL else asked.tab == _SNOOZED,
        location=asked.filters.get("location"),
        method=asked.filters.get("method"),
        wave=wave,
        q=asked.q or None,
    )
    # Among what is still to be done, urgent lists stand first.
    sort = "-id" if asked.tab in FINAL else "-urgent"
    return pick_list_page(actor, filters, sort=sort, cursor=asked.cursor or None, limit=asked.limit)


_WAVE_COLUMNS = (
    Column("number", _("Wave")),
    Column("name", _("Name")),
    Column("location", _("Stock location")),
    Column("lists", _("Lists done"), "number"),
    Column("progress", _("Picked"), "number"),
    Column("orders", _("Orders"), "number"),
    Column("made", _("Made")),
)


@needs("shipping:read")
def wave_list(request: PersonRequest) -> HttpResponseBase:
    """Show the waves and how far each has come."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=("open", "done"), filters=("location",))

    def read(a: Asked) -> Page[WaveRow]:
        filters = WaveFilters(location=a.filters.get("location"), finished=a.tab == "done")
        return wave_page(actor, filters, cursor=a.cursor or None, limit=a.limit)

    if asked.file:
        return download("waves", WaveRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_WAVE_COLUMNS,
        rows=page.items,
        row_template="console/picklists/wave_row.html",
        tabs=[Tab("open", _("Open")), Tab("done", _("Done"))],
        filters=[Filter("location", _("All locations"), place_choices(active_locations(actor)))],
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="stack-2",
        empty_title=_("No waves here"),
        empty_text=_(
            "Give pick lists a wave's name when they are made, and they stand here together."
        ),
    )
    return render(request, "console/simple_list.html", {"listing": listing, "title": _("Waves")})


@needs("shipping:write")
def pick_list_new(request: PersonRequest) -> HttpResponse:
    """Make pick lists at a location: one per shipment, or walks for several."""
    actor = request.access.actor
    form = _form(request, request.POST or None)

    def act(filled: CreateForm) -> Outcome:
        [outcome] = create_pick_lists([_item(filled)], actor=actor)
        if outcome.ok:
            made = outcome.data["pick_lists"]
            numbers = ", ".join(each["number"] for each in made[:12]) + (" …" if made[12:] else "")
            messages.info(request, _("Made: %(numbers)s") % {"numbers": numbers})
        return outcome

    question = Question(
        _("Make pick lists"),
        _("Make pick lists"),
        reverse("pick_lists"),
        text=_("For shipments whose goods are allocated, paid, not on hold and on no list yet."),
        wide=True,
        once=True,
        template="console/picklists/new.html",
    )
    return ask(request, question, form, act, _("The pick lists have been made."))


@needs("shipping:write")
def pick_list_preview(request: PersonRequest) -> HttpResponse:
    """Say how much the choices of the form would put on how many lists."""
    form = _form(request, request.GET)
    found, refusal = None, ""
    if form.is_valid():
        try:
            found = preview_pick_lists(_item(form), actor=request.access.actor)
        except Refusal as error:
            refusal = sentence(error)
    context = {"found": found, "refusal": refusal}
    return render(request, "console/picklists/preview.html", context)


def _form(request: PersonRequest, data: QueryDict | None) -> CreateForm:
    actor = request.access.actor
    places = place_choices(active_locations(actor))
    return CreateForm(data, places=places, zones=zone_names(actor))


def _item(filled: CreateForm) -> CreatePickListItem:
    cut_off = last_cut_off(filled.cleaned_data["location"])
    return convert(filled.item(cut_off), CreatePickListItem)
