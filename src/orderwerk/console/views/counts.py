"""Bins that somebody should count: something was not found there, or their turn has come."""

from functools import partial

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.downloads import download
from orderwerk.console.lists import Asked, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Page
from orderwerk.stock.count_queries import (
    CountRequestFilters,
    CountRequestRow,
    count_request_page,
    open_count_requests,
)

_COLUMNS = (
    Column("article", _("Article")),
    Column("place", _("Where")),
    Column("reason", _("Why")),
    Column("books", _("In the books"), "number"),
    Column("asked", _("Asked for")),
    Column("actions", _("Counted")),
)


@needs("stock:read")
def count_request_list(request: PersonRequest) -> HttpResponseBase:
    """Show which bins wait to be counted; counting one takes it off the list."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=("open", "counted"), filters=("location",))
    read = partial(_read, actor)
    if asked.file:
        return download("count-requests", CountRequestRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/stock/count_row.html",
        tabs=[
            Tab("open", _("To be counted"), open_count_requests(actor)),
            Tab("counted", _("Counted")),
        ],
        filters=[Filter("location", _("All locations"), place_choices(active_locations(actor)))],
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="list-check",
        empty_title=_("Nothing to be counted"),
        empty_text=_(
            "When a picker does not find something, or the turn of a bin has come, it stands here until it is counted."
        ),
    )
    context = {
        "listing": listing,
        "title": _("Counts asked for"),
        "may_change": request.access.may("stock:write"),
        "action": {"url": reverse("count_plans"), "icon": "calendar", "label": _("Cycle counts")},
    }
    return render(request, "console/simple_list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[CountRequestRow]:
    filters = CountRequestFilters(open=asked.tab == "open", location=asked.filters.get("location"))
    return count_request_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)
