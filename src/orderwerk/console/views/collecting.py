"""The counter: what customers come to collect, what lies ready, and to whom it is handed over."""

from functools import partial

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, safe_next, tell
from orderwerk.console.lists import Asked, BulkAction, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.console.reads.shipments import shipments_file
from orderwerk.console.views.shipment import find_shipment
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.flows.collect_shipments import CollectShipmentItem, collect_shipments
from orderwerk.flows.ready_shipments import ReadyShipmentItem, ready_shipments
from orderwerk.shipments.queries import (
    ShipmentFilters,
    ShipmentRow,
    collecting_counts,
    shipment_page,
)
from orderwerk.shops.queries import all_shops

BACK = "/collect/"
_COLUMNS = (
    Column("order", _("Order")),
    Column("customer", _("Customer")),
    Column("location", _("Stock location")),
    Column("units", _("Pieces"), "number"),
    Column("status", _("Status")),
    Column("until", _("Until")),
    Column("do", _("Hand over"), hidden=True),
)
_TABS = ("here", "ready", "overdue", "collected")
_BULK = (BulkAction(_("Put ready"), "/shipments/bulk/ready/", "building-store"),)


class CollectForm(forms.Form):
    """Who took it, and what is worth noting."""

    collected_by = forms.CharField(label=_("Collected by"), max_length=200)
    note = forms.CharField(
        label=_("Note"),
        max_length=1000,
        required=False,
        help_text=_(
            "Such as what the customer showed. It goes when the order's personal data is erased."
        ),
    )


@needs("shipping:read")
def collecting(request: PersonRequest) -> HttpResponseBase:
    """Show what customers come for, what lies too long, and what was handed over."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=_TABS, filters=("location",))
    read = partial(_read, actor)
    if asked.file:
        return shipments_file("collect", asked, read)
    asked, page = read_page(asked, read, sort="")
    counts = collecting_counts(actor, asked.filters.get("location"))
    may_ship = request.access.may("shipping:write")
    zones = {shop.code: shop.timezone for shop in all_shops(actor)}
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=[
            {
                "id": row.id,
                "shipment": row,
                "may_ship": may_ship,
                "timezone": zones.get(row.shop, "UTC"),
            }
            for row in page.items
        ],
        row_template="console/shipments/collect_row.html",
        tabs=[
            Tab("here", _("To hand over"), counts["here"]),
            Tab("ready", _("Ready to collect"), counts["ready"]),
            Tab("overdue", _("Not collected in time"), counts["overdue"]),
            Tab("collected", _("Collected")),
        ],
        filters=[Filter("location", _("All locations"), place_choices(active_locations(actor)))],
        search=_("Order or shipment number"),
        next_cursor=page.next,
        bulk=_BULK if may_ship and asked.tab == "here" else (),
        is_exportable=True,
        empty_icon="building-store",
        empty_title=_("Nothing is to be collected"),
        empty_text=_(
            "Orders that customers collect in a store stand here from the moment their goods are allocated there."
        ),
    )
    context = {"listing": listing, "title": _("Collect in store")}
    return render(request, "console/simple_list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[ShipmentRow]:
    filters = ShipmentFilters(
        collect=asked.tab,  # type: ignore[arg-type]
        location=asked.filters.get("location"),
        q=asked.q or None,
    )
    return shipment_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


@require_POST
@needs("shipping:write")
def ready(request: PersonRequest, number: str) -> HttpResponse:
    """Say that a shipment lies at the counter; the customer hears of it."""
    found = find_shipment(request, number).shipment
    item = ReadyShipmentItem(shipment_id=found.id)
    outcomes = ready_shipments([item], actor=request.access.actor)
    tell(request, outcomes, gettext("%(number)s lies ready to be collected.") % {"number": number})
    return redirect(safe_next(request, reverse("shipment", args=[number])))


@needs("shipping:write")
def hand_over(request: PersonRequest, number: str) -> HttpResponse:
    """Ask who took a shipment, and let it go."""
    found = find_shipment(request, number).shipment

    def act(form: CollectForm) -> Outcome:
        item = CollectShipmentItem(
            shipment_id=found.id,
            collected_by=form.cleaned_data["collected_by"],
            note=form.cleaned_data["note"],
        )
        return collect_shipments([item], actor=request.access.actor)[0]

    question = Question(
        _("Hand over %(number)s") % {"number": found.order_number},
        _("Hand over"),
        BACK,
        text=_("It counts as sent and delivered from now on."),
    )
    form = CollectForm(request.POST or None, initial={"collected_by": found.customer_name})
    done = gettext("%(number)s has been handed over.") % {"number": found.order_number}
    return ask(request, question, form, act, done)
