"""Cycle counts: how often the bins of each location are counted, what is due, and asking for it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.forms.count_plans import BASES, CountPlanForm
from orderwerk.console.lists import Asked, Column, Listing
from orderwerk.console.paging import read_page
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.stock.commands.request_due_counts import DueCountItem, request_due_counts
from orderwerk.stock.commands.set_count_plans import CountPlanItem, set_count_plans
from orderwerk.stock.count_plan_queries import (
    CountPlanFilters,
    CountPlanRow,
    count_plan_of,
    count_plan_page,
    due_list,
)

_COLUMNS = (
    Column("location", _("Stock location")),
    Column("a", _("Class A"), "number"),
    Column("b", _("Class B"), "number"),
    Column("c", _("Class C"), "number"),
    Column("open", _("Asked for"), "number"),
    Column("done", _("Counted in 30 days"), "number"),
    Column("changed", _("Changed")),
)
_FIELDS = ("a_days", "b_days", "c_days", "basis", "look_back_days", "most_a_day")


@needs("stock:read")
def count_plan_list(request: PersonRequest) -> HttpResponse:
    """Show the plan of each location, and how it stands."""
    actor = request.access.actor
    asked, page = read_page(
        Asked.read(request, tabs=()),
        lambda a: count_plan_page(
            actor, CountPlanFilters(), all_places=True, cursor=a.cursor or None, limit=a.limit
        ),
        sort="",
    )
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/stock/count_plan_row.html",
        next_cursor=page.next,
        empty_icon="list-check",
        empty_title=_("No stock locations"),
        empty_text=_("Add a stock location first."),
    )
    return render(request, "console/stock/count_plans.html", {"listing": listing})


def _find(request: PersonRequest, location: str) -> CountPlanRow:
    try:
        return count_plan_of(request.access.actor, location)
    except NotFound as error:
        raise Http404 from error


@needs("stock:read")
def count_plan(request: PersonRequest, location: str) -> HttpResponse:
    """Show the plan of a location and what is due by it."""
    found = _find(request, location)
    context = {
        "found": found,
        "basis": dict(BASES)[found.basis],
        "classes": [("A", found.a_days), ("B", found.b_days), ("C", found.c_days)],
        "due": due_list(request.access.actor, location) if found.id else [],
        "may_set": request.access.may("settings:write"),
        "may_ask": request.access.may("stock:write"),
    }
    return render(request, "console/stock/count_plan.html", context)


@needs("settings:write")
def count_plan_set(request: PersonRequest, location: str) -> HttpResponse:
    """Set how often the bins of a location are counted."""
    found = _find(request, location)
    initial = {name: getattr(found, name) for name in _FIELDS}
    if found.id is None:
        initial |= {"a_days": 30, "b_days": 90, "c_days": 180}
    form = CountPlanForm(request.POST or None, initial=initial)

    def act(filled: CountPlanForm) -> Outcome:
        item = convert({"location": location, **filled.values()}, CountPlanItem)
        return set_count_plans([item], actor=request.access.actor)[0]

    question = Question(
        _("Cycle counts"),
        _("Save"),
        reverse("count_plan", args=[location]),
        text=found.location_name,
        wide=True,
    )
    return ask(request, question, form, act, _("Saved."))


@require_POST
@needs("stock:write")
def count_plan_request(request: PersonRequest, location: str) -> HttpResponse:
    """Ask for what is due now."""
    _find(request, location)
    item = convert({"location": location}, DueCountItem)
    outcome = request_due_counts([item], actor=request.access.actor)[0]
    if outcome.ok:
        n = int(outcome.data["requested"])
        messages.success(
            request,
            ngettext("%(n)s count asked for.", "%(n)s counts asked for.", n) % {"n": n}
            if n
            else _now("Nothing more is asked for today."),
        )
    else:
        messages.error(request, _now("This location has no plan yet."))
    return redirect("count_plan", location)
