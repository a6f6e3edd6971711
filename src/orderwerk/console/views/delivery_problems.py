"""Delivery problems: what went wrong with parcels, for customer service to deal with."""

from functools import partial
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.downloads import download
from orderwerk.console.forms.asking import NoteForm
from orderwerk.console.lists import Asked, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.shipments.commands.close_exceptions import (
    CloseExceptionItem,
    close_delivery_exceptions,
)
from orderwerk.shipments.exception_queries import (
    ExceptionFilters,
    ExceptionRow,
    exception_detail,
    exception_page,
    exceptions_to_deal_with,
)
from orderwerk.shipments.exception_statuses import ExceptionStatus, Problem

BACK = "/delivery-problems/"
_COLUMNS = (
    Column("order", _("Order")),
    Column("shipment", _("Shipment")),
    Column("problem", _("What happened")),
    Column("text", _("Report")),
    Column("status", _("Status")),
    Column("date", _("Since")),
    Column("close", _("Deal with"), hidden=True),
)


def may_close(request: PersonRequest) -> bool:
    """Tell whether a person may close delivery problems: customer service and the warehouse."""
    return request.access.may("orders:write") or request.access.may("shipping:write")


@needs("shipping:read")
def problem_list(request: PersonRequest) -> HttpResponseBase:
    """Show what went wrong on the way and waits for a person, or was dealt with."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=(*ExceptionStatus.values, "all"), filters=("kind",))
    read = partial(_read, actor)
    if asked.file:
        return download("delivery-problems", ExceptionRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    may = may_close(request)
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=[{"problem": row, "may_close": may} for row in page.items],
        row_template="console/delivery_problems/row.html",
        tabs=[
            Tab("open", ExceptionStatus.OPEN.label, exceptions_to_deal_with(actor)),
            Tab("closed", ExceptionStatus.CLOSED.label),
            Tab("all", _("All")),
        ],
        filters=[Filter("kind", _("All problems"), Problem.choices)],
        search=_("Order or shipment number"),
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="circle-check",
        empty_title=_("Nothing went wrong"),
        empty_text=_(
            "A carrier's report that a parcel is lost, damaged, refused, came back or cannot find its address stands here "
            "until somebody has dealt with it."
        ),
    )
    context = {"listing": listing, "title": _("Delivery problems")}
    return render(request, "console/simple_list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[ExceptionRow]:
    kind = asked.filters.get("kind")
    filters = ExceptionFilters(
        status=None if asked.tab == "all" else asked.tab,
        kind=kind if kind in Problem.values else None,
        q=asked.q or None,
    )
    return exception_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


@needs("shipping:read")
def close(request: PersonRequest, exception_id: UUID) -> HttpResponse:
    """Say what was done about a problem."""
    if not may_close(request):
        raise PermissionDenied
    try:
        found = exception_detail(request.access.actor, exception_id)
    except NotFound as error:
        raise Http404 from error

    def act(form: NoteForm) -> Outcome:
        item = CloseExceptionItem(delivery_exception_id=found.id, note=form.cleaned_data["note"])
        return close_delivery_exceptions([item], actor=request.access.actor)[0]

    question = Question(
        _("Delivery problem with %(number)s") % {"number": found.shipment_number},
        _("Dealt with"),
        BACK,
        text=Problem(found.kind).label,
    )
    return ask(request, question, NoteForm(request.POST or None), act, _("Noted."))
