"""Statements of withdrawal, and the pictures that customers sent along with a return."""

from functools import partial

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.downloads import download
from orderwerk.console.lists import Asked, Column, Filter, Listing
from orderwerk.console.paging import read_page
from orderwerk.console.views.return_request import find_request
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page
from orderwerk.return_requests.withdrawal_queries import (
    WithdrawalFilters,
    WithdrawalRow,
    photo,
    withdrawal_page,
)
from orderwerk.shops.queries import all_shops

_COLUMNS = (
    Column("number", _("Statement")),
    Column("order", _("Order")),
    Column("customer", _("By")),
    Column("lines", _("Of what")),
    Column("time", _("In time")),
    Column("request", _("Request")),
    Column("date", _("Received")),
)


@needs("returns:read")
def withdrawal_list(request: PersonRequest) -> HttpResponseBase:
    """Show who withdrew from which contract, and when exactly."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=(), filters=("shop",))
    read = partial(_read, actor)
    if asked.file:
        return download("withdrawals", WithdrawalRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    shops = all_shops(actor)
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/return_requests/withdrawal_row.html",
        filters=[Filter("shop", _("All shops"), [(s.code, s.name) for s in shops])] if len(shops) > 1 else [],
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="inbox",
        empty_title=_("Nobody has withdrawn"),
        empty_text=_("What consumers state on their order's page stands here, with the exact time."),
    )  # fmt: skip
    zones = {shop.code: shop.timezone for shop in shops}
    context = {"listing": listing, "title": _("Withdrawals"), "zones": zones}
    return render(request, "console/simple_list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[WithdrawalRow]:
    filters = WithdrawalFilters(shop=asked.filters.get("shop"))
    return withdrawal_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


@require_safe
@needs("returns:read")
def request_photo(request: PersonRequest, number: str, position: int) -> HttpResponse:
    """Serve one picture of a return request: a stranger's file, so nothing in it may run."""
    found = find_request(request, number)
    try:
        media_type, content = photo(found.id, position)
    except NotFound as error:
        raise Http404 from error
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer
