"""The overview of return requests, and what is to be expected back."""

from collections.abc import Sequence
from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Label, chosen_ids, nothing_chosen, show_results
from orderwerk.console.downloads import download
from orderwerk.console.lists import Asked, BulkAction, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.core.actor import Actor
from orderwerk.core.errors import WrongState
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.return_requests.commands.decide import ApproveRequestItem, approve_return_requests
from orderwerk.return_requests.expected_queries import (
    expected_days,
    expected_products,
    expected_totals,
)
from orderwerk.return_requests.label_statuses import ReturnLabelStatus
from orderwerk.return_requests.queries import (
    ReturnRequestFilters,
    ReturnRequestRow,
    return_request_page,
    return_request_tab_counts,
    wishes_to_keep,
)
from orderwerk.return_requests.statuses import Origin, ReturnRequestStatus
from orderwerk.shops.queries import ShopRow, all_shops

BACK = "/return-requests/"
_COLUMNS = (
    Column("number", _("Request")),
    Column("order", _("Order")),
    Column("customer", _("Customer")),
    Column("units", _("Pieces"), "number"),
    Column("outcome", _("Wish")),
    Column("status", _("Status")),
    Column("date", _("Announced")),
)
_TABS = ("requested", "approved", "completed", "rejected", "cancelled", "all")


@needs("returns:read")
def request_list(request: PersonRequest) -> HttpResponseBase:
    """Show what customers announced."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=_TABS, filters=("origin", "label", "shop"))
    read = partial(_read, actor)
    if asked.file:
        return download("return-requests", ReturnRequestRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    counts = return_request_tab_counts(actor)
    shops = all_shops(actor)
    may_decide = request.access.may("returns:write")
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/return_requests/row.html",
        tabs=[
            *[
                Tab(s.value, s.label, counts[s] if s.value in {"requested", "approved"} else None)
                for s in ReturnRequestStatus
                if s.value in {"requested", "approved"}
            ],
            Tab("completed", ReturnRequestStatus.COMPLETED.label),
            Tab("rejected", ReturnRequestStatus.REJECTED.label),
            Tab("cancelled", ReturnRequestStatus.CANCELLED.label),
            Tab("all", _("All")),
        ],
        filters=_filters(asked.tab, shops),
        search=_("Request or order number"),
        next_cursor=page.next,
        bulk=[BulkAction(_("Approve"), "/return-requests/bulk/approve/", "check")] if may_decide and asked.tab == "requested" else (),
        is_exportable=True,
        empty_icon="inbox",
        empty_title=_("No return requests here"),
        empty_text=_("What customers announce through the webshop or to a colleague stands here."),
    )  # fmt: skip
    return render(request, "console/return_requests/list.html", {"listing": listing})


def _filters(tab: str, shops: Sequence[ShopRow]) -> list[Filter]:
    filters = [Filter("origin", _("Announced by anybody"), Origin.choices)]
    # A label is asked for once a request is approved: among those that wait for a decision the filter would find nothing.
    if tab != "requested":
        filters.append(Filter("label", _("With or without a return label"), ReturnLabelStatus.choices))  # fmt: skip
    if len(shops) > 1:
        filters.insert(0, Filter("shop", _("All shops"), [(s.code, s.name) for s in shops]))
    return filters


def _read(actor: Actor, asked: Asked) -> Page[ReturnRequestRow]:
    filters = ReturnRequestFilters(
        status=None if asked.tab == "all" else asked.tab,
        q=asked.q or None,
        origin=asked.filters.get("origin"),
        label=asked.filters.get("label"),
        shop=asked.filters.get("shop"),
    )
    return return_request_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


@needs("returns:read")
def expected(request: PersonRequest) -> HttpResponse:
    """Show how many pieces of what are announced and not here yet, by article and by day of announcing."""
    actor = request.access.actor
    products, days = expected_products(actor), expected_days(actor)
    context = {
        "products": products,
        "days": days,
        "most": max((day.units for day in days), default=1),
        "totals": expected_totals(actor),
    }
    return render(request, "console/return_requests/expected.html", context)


@require_POST
@needs("returns:read")
def request_bulk(request: PersonRequest, verb: str) -> HttpResponse:
    """Approve the ticked requests and show what became of each; a wish to keep the goods is left to be decided by itself."""
    if verb != "approve":
        raise Http404
    if not request.access.may("returns:write"):
        raise PermissionDenied
    ids = chosen_ids(request)
    if not ids:
        return nothing_chosen(request, BACK)
    wished = wishes_to_keep(ids)
    items = [ApproveRequestItem(return_request_id=key) for key in ids if key not in wished]
    done = iter(approve_return_requests(items, actor=request.access.actor))
    alone = WrongState(
        "The customer asks to keep these: open the return request and decide.", code="asks_to_keep"
    )
    outcomes = [Outcome.refused(alone) if key in wished else next(done) for key in ids]
    known = [wished.get(key) or (o.data.get("number", "") if o.ok else "") for key, o in zip(ids, outcomes, strict=True)]  # fmt: skip
    labels = [Label(number or str(_("Request")), f"{BACK}{number}/" if number else "") for number in known]  # fmt: skip
    return show_results(request, _("Approve return requests"), labels, outcomes, BACK)
