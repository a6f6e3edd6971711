"""Store credits: the overview with search, one with every line of it, and ending one early."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from msgspec.structs import replace

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.downloads import download
from orderwerk.console.forms.asking import ReasonForm
from orderwerk.console.lists import Asked, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.refunds.commands.stop_credits import StopCreditItem, stop_store_credits
from orderwerk.refunds.credit_queries import (
    StoreCreditFilters,
    StoreCreditRow,
    credit_movements,
    stop_reasons,
    store_credit_detail,
    store_credit_page,
    store_credit_tab_counts,
)
from orderwerk.refunds.credit_statuses import MovementKind, StoreCreditStatus
from orderwerk.refunds.store_credits import grouped_code, hidden_code
from orderwerk.shops.queries import all_shops

COLUMNS = (
    Column("number", _("Store credit")),
    Column("code", _("Code")),
    Column("order", _("From order")),
    Column("status", _("Status")),
    Column("until", _("Last day")),
    Column("given", _("Given"), "money"),
    Column("left", _("Remaining"), "money"),
)


@needs("refunds:read")
def store_credit_list(request: PersonRequest) -> HttpResponseBase:
    """Show what customers have with the shops, as searched and filtered."""
    actor = request.access.actor
    asked = Asked.read(
        request, tabs=(*StoreCreditStatus.values, "all"), filters=("shop", "contested")
    )
    read = partial(_read, actor, request.access.may("refunds:write"))
    if asked.file:
        return download("store-credits", StoreCreditRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    counts = store_credit_tab_counts(actor, asked.filters.get("shop"))
    shops = all_shops(actor)
    named = [Tab(status.value, status.label, counts[status.value]) for status in StoreCreditStatus]
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=COLUMNS,
        rows=[credit_context(row) for row in page.items],
        row_template="console/refunds/credit_row.html",
        tabs=[*named, Tab("all", _("All"), sum(counts.values()))],
        filters=[
            *([Filter("shop", _("All shops"), [(s.code, s.name) for s in shops])] if len(shops) > 1 else ()),
            Filter("contested", _("Contested or not"), [("yes", _("Contested")), ("no", _("Not contested"))]),
        ],
        search=_("Code, number or order"),
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="credit-card",
        empty_title=_("No store credits here"),
        empty_text=_("A refund becomes store credit where the customer wished that, or where a colleague chooses it."),
    )  # fmt: skip
    return render(request, "console/refunds/credits.html", {"listing": listing})


def credit_context(row: StoreCreditRow) -> dict[str, Any]:
    """Return what a row says of one store credit."""
    return {"credit": row, "code": grouped_code(row.code)}


def shown(row: StoreCreditRow, *, may_spend: bool) -> StoreCreditRow:
    """Return a row as somebody sees it: its code only with the right to move money, which it is as good as."""
    return row if may_spend else replace(row, code=hidden_code(row.code))


def _read(actor: Actor, may_spend: bool, asked: Asked) -> Page[StoreCreditRow]:  # noqa: FBT001 - bound by position
    filters = StoreCreditFilters(
        status=None if asked.tab == "all" else asked.tab,
        q=asked.q or None,
        shop=asked.filters.get("shop"),
        is_contested={"yes": True, "no": False}.get(asked.filters.get("contested", "")),
    )
    page = store_credit_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)
    return Page([shown(row, may_spend=may_spend) for row in page.items], page.next)


@needs("refunds:read")
def store_credit(request: PersonRequest, store_credit_id: UUID) -> HttpResponse:
    """Show one store credit with what was given, spent, went back and expired."""
    actor = request.access.actor
    try:
        found = shown(
            store_credit_detail(actor, store_credit_id),
            may_spend=request.access.may("refunds:write"),
        )
    except NotFound as error:
        raise Http404 from error
    shop = next(shop for shop in all_shops(actor) if shop.code == found.shop)
    context = {
        "credit": found,
        "code": grouped_code(found.code),
        "lines": [
            (line, MovementKind(line.kind).label) for line in credit_movements([found.id])[found.id]
        ],
        "stops": stop_reasons(found),
        "may_stop": bool(found.remaining_minor) and request.access.may("refunds:write"),
        "timezone": shop.timezone,
    }
    return render(request, "console/refunds/credit.html", context)


@needs("refunds:write")
def stop(request: PersonRequest, store_credit_id: UUID) -> HttpResponse:
    """End what is left of a store credit, with a reason."""
    try:
        found = store_credit_detail(request.access.actor, store_credit_id)
    except NotFound as error:
        raise Http404 from error

    def act(form: ReasonForm) -> Outcome:
        item = {"store_credit_id": str(found.id), "reason": form.cleaned_data["reason"]}
        return stop_store_credits([convert(item, StopCreditItem)], actor=request.access.actor)[0]

    question = Question(
        _("End store credit %(number)s") % {"number": found.number},
        _("End it for good"),
        f"/refunds/store-credits/{found.id}/",
        text=_("What is left can never be spent any more. The customer is told that it has ended, not why, unless the shop has switched that message off. This is not undone."),
        danger=True,
    )  # fmt: skip
    form = ReasonForm(request.POST or None)
    return ask(request, question, form, act, _("The store credit has been ended."))
