"""Cancel requests: what customer service wants back while the warehouse has it in its hands."""

from functools import partial
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, safe_next, tell
from orderwerk.console.downloads import download
from orderwerk.console.forms.asking import ReasonForm
from orderwerk.console.lists import Asked, Column, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.flows.decide_cancel_requests import (
    AcceptCancelRequestItem,
    RejectCancelRequestItem,
    accept_cancel_requests,
    reject_cancel_requests,
)
from orderwerk.orders.cancel_queries import (
    CancelRequestDetail,
    CancelRequestFilters,
    CancelRequestRow,
    cancel_request_detail,
    cancel_request_lines,
    cancel_request_page,
    cancel_requests_to_decide,
)
from orderwerk.orders.cancel_statuses import CancelRequestStatus

BACK = "/cancel-requests/"
_COLUMNS = (
    Column("order", _("Order")),
    Column("articles", _("To be cancelled")),
    Column("reason", _("Reason")),
    Column("who", _("Asked by")),
    Column("status", _("Status")),
    Column("decide", _("Decide"), hidden=True),
)


@needs("shipping:read")
def cancel_request_list(request: PersonRequest) -> HttpResponseBase:
    """Show what waits for the warehouse's decision, and what was decided."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=(*CancelRequestStatus.values, "all"))
    read = partial(_read, actor)
    if asked.file:
        return download("cancel-requests", CancelRequestRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    lines = cancel_request_lines([row.id for row in page.items])
    may_decide = request.access.may("shipping:write")
    words = {status.value: status.label for status in CancelRequestStatus}
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=[
            {"request": row, "lines": lines[row.id], "may_decide": may_decide} for row in page.items
        ],
        row_template="console/cancel_requests/row.html",
        tabs=[
            Tab("requested", words["requested"], cancel_requests_to_decide(actor)),
            Tab("accepted", words["accepted"]),
            Tab("rejected", words["rejected"]),
            Tab("all", _("All")),
        ],
        search=_("Order number"),
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="hand-stop",
        empty_title=_("Nothing is to be decided")
        if asked.tab == "requested"
        else _("No cancel requests here"),
        empty_text=_(
            "When customer service cancels what is being picked, the warehouse decides here: the goods go back, "
            "or the order goes on."
        ),
    )
    context = {"listing": listing, "title": _("Cancel requests")}
    return render(request, "console/simple_list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[CancelRequestRow]:
    filters = CancelRequestFilters(
        status=None if asked.tab == "all" else asked.tab, q=asked.q or None
    )
    return cancel_request_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


def _find(request: PersonRequest, request_id: UUID) -> CancelRequestDetail:
    try:
        return cancel_request_detail(request.access.actor, request_id)
    except NotFound as error:
        raise Http404 from error


@require_POST
@needs("shipping:write")
def accept(request: PersonRequest, request_id: UUID) -> HttpResponse:
    """Let the goods go: they are cancelled and back in their bins."""
    found = _find(request, request_id).request
    item = AcceptCancelRequestItem(cancel_request_id=found.id)
    outcomes = accept_cancel_requests([item], actor=request.access.actor)
    done = ngettext(
        "%(n)s piece of %(number)s has been cancelled; what was picked goes back to its bin.",
        "%(n)s pieces of %(number)s have been cancelled; what was picked goes back to its bin.",
        found.units,
    )
    tell(request, outcomes, done % {"n": found.units, "number": found.order_number})
    return redirect(safe_next(request, BACK))


@needs("shipping:write")
def reject(request: PersonRequest, request_id: UUID) -> HttpResponse:
    """Say that it is too late, and why."""
    found = _find(request, request_id).request

    def act(form: ReasonForm) -> Outcome:
        item = RejectCancelRequestItem(
            cancel_request_id=found.id, reason=form.cleaned_data["reason"]
        )
        return reject_cancel_requests([item], actor=request.access.actor)[0]

    question = Question(
        _("Too late to cancel: %(number)s") % {"number": found.order_number},
        _("The order goes on"),
        BACK,
        text=_("Customer service reads why."),
    )
    done = gettext("%(number)s goes on.") % {"number": found.order_number}
    return ask(request, question, ReasonForm(request.POST or None), act, done)


VERBS = {"accept": accept, "reject": reject}
