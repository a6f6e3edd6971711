"""Lots: how long they may be used, where they lie, who got them, and blocking them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.downloads import download
from orderwerk.console.forms.lots import BlockForm, DayForm, FreeForm
from orderwerk.console.lists import Asked, Column, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.flows.set_lots import LotItem, set_lots
from orderwerk.shipments.lot_queries import LotShipmentFilters, LotShipmentRow, lot_shipment_page
from orderwerk.stock.lot_queries import LotFilters, LotRow, lot_detail, lot_page, places_of_lot

_COLUMNS = (
    Column("lot", _("Lot")),
    Column("article", _("Article")),
    Column("expires_on", _("Use by")),
    Column("blocked", _("Blocked")),
    Column("picked", _("Picked"), "number"),
    Column("on_hand", _("On hand"), "number"),
)
_WHO = (
    Column("order", _("Order")),
    Column("customer", _("Customer")),
    Column("shipment", _("Shipment")),
    Column("left", _("Left")),
    Column("pieces", _("Pieces"), "number"),
)


@needs("stock:read")
def lot_list(request: PersonRequest) -> HttpResponseBase:
    """Show lots, what expires first in front."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=("in_stock", "blocked", "all"))
    read = partial(_read, actor)
    if asked.file:
        return download("lots", LotRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/stock/lot_row.html",
        tabs=[Tab("in_stock", _("In stock")), Tab("blocked", _("Blocked")), Tab("all", _("All"))],
        search=_("Lot or SKU"),
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="stack-2",
        empty_title=_("No lots here"),
        empty_text=_(
            "Say of a product that it is kept by lot; its lots appear here when they are received."
        ),
    )
    context = {"listing": listing, "today": clock.now().date()}
    return render(request, "console/stock/lots.html", context)


def _read(actor: Actor, asked: Asked) -> Page[LotRow]:
    filters = LotFilters(
        in_stock=True if asked.tab == "in_stock" else None,
        blocked=True if asked.tab == "blocked" else None,
        q=asked.q or None,
    )
    return lot_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


def _find(request: PersonRequest, lot_id: UUID) -> LotRow:
    try:
        return lot_detail(request.access.actor, lot_id)
    except NotFound as error:
        raise Http404 from error


@needs("stock:read")
def lot(request: PersonRequest, lot_id: UUID) -> HttpResponseBase:
    """Show one lot: where it lies, and who got it."""
    found = _find(request, lot_id)
    actor = request.access.actor
    # Who ordered what is told to whom may see orders.
    may_see = request.access.may("orders:read")
    asked = Asked.read(request, tabs=())
    read = partial(_who, actor, found, may_see=may_see)
    if asked.file:
        return download(f"lot-{found.lot}", LotShipmentRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_WHO,
        rows=page.items,
        row_template="console/stock/lot_shipment_row.html",
        next_cursor=page.next,
        is_exportable=may_see,
        empty_icon="truck-delivery",
        empty_title=_("Nobody yet") if may_see else _("Not for you"),
        empty_text=_("Nothing of this lot has left.")
        if may_see
        else _("Who got it is shown to those who may see orders."),
    )
    context = {
        "found": found,
        "listing": listing,
        "places": places_of_lot(actor, found),
        "may_change": request.access.may("stock:write"),
        # Letting go and another day hold at every location, also where this person sees nothing.
        "may_let_go": request.access.may("stock:write") and actor.sees_everything,
    }
    return render(request, "console/stock/lot.html", context)


def _who(actor: Actor, found: LotRow, asked: Asked, *, may_see: bool) -> Page[LotShipmentRow]:
    if not may_see:
        return Page([], None)
    filters = LotShipmentFilters(sku=found.sku, lot=found.lot)
    return lot_shipment_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


@dataclass(frozen=True, slots=True)
class Change:
    """One way to change a lot: its words and its form."""

    title: str | Promise
    submit: str | Promise
    form: Callable[..., Any]
    text: str | Promise = ""
    danger: bool = False


CHANGES = {
    "block": Change(
        _("Block lot %(lot)s"),
        _("Block it"),
        BlockForm,
        _("Nothing of it leaves any more. Orders that were promised pieces of it get others, where there are any."),
        danger=True,
    ),
    "free": Change(_("Let lot %(lot)s go"), _("Let it go"), FreeForm, _("It may be promised, picked and shipped again.")),
    "day": Change(_("Use by: lot %(lot)s"), _("Save"), DayForm, _("A lot whose day is over is blocked by itself.")),
}  # fmt: skip


def _told(outcome: Outcome) -> str:
    """Say whose goods it took."""
    released = outcome.data.get("released", 0)
    if not released:
        return gettext("Saved.")
    if not outcome.data["orders"]:
        return ngettext(
            "Saved. %(n)s piece was promised to orders of others and has been routed again.",
            "Saved. %(n)s pieces were promised to orders of others and have been routed again.",
            released,
        ) % {"n": released}
    return ngettext(
        "Saved. %(n)s piece was promised to %(orders)s and has been routed again.",
        "Saved. %(n)s pieces were promised to %(orders)s and have been routed again.",
        released,
    ) % {"n": released, "orders": ", ".join(outcome.data["orders"][:10])}


@needs("stock:write")
def lot_change(request: PersonRequest, lot_id: UUID, verb: str) -> HttpResponse:
    """Block a lot, let it go, or correct its day."""
    change = CHANGES.get(verb)
    if change is None:
        raise Http404
    found = _find(request, lot_id)
    form = change.form(request.POST or None, initial={"expires_on": found.expires_on})

    def act(filled: Any) -> Outcome:  # noqa: ANN401 - one of three forms
        item = convert({"sku": found.sku, "lot": found.lot, **filled.item()}, LotItem)
        return set_lots([item], actor=request.access.actor)[0]

    question = Question(
        str(change.title) % {"lot": found.lot},
        change.submit,
        reverse("lot", args=[lot_id]),
        text=change.text,
        danger=change.danger,
    )
    return ask(request, question, form, act, _told)
