"""The overview of shipments: what waits and what has left, and what can be done with many at once."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Label, chosen_ids, nothing_chosen, show_results
from orderwerk.console.lists import Asked, BulkAction, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.console.reads.shipments import (
    ChosenShipment,
    doors,
    shipments_by_id,
    shipments_file,
    with_their_parcels,
)
from orderwerk.core.actor import Actor
from orderwerk.core.errors import WrongState
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.flows.ready_shipments import ReadyShipmentItem, ready_shipments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.orders.cancel_queries import cancel_requests_to_decide
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.carrier_queries import all_carriers
from orderwerk.shipments.carriers import MANUAL
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from orderwerk.shipments.exception_queries import exceptions_to_deal_with
from orderwerk.shipments.queries import (
    ShipmentFilters,
    ShipmentRow,
    collecting_counts,
    shipment_page,
    shipment_tab_counts,
)
from orderwerk.shops.queries import ShopRow, all_shops

BACK = "/shipments/"
_COLUMNS = (
    Column("number", _("Shipment")),
    Column("order", _("Order")),
    Column("customer", _("Customer")),
    Column("location", _("Stock location")),
    Column("units", _("Pieces"), "number"),
    Column("packages", _("Packages"), "number"),
    Column("status", _("Status")),
    Column("date", _("Date")),
)
_BULK = (
    BulkAction(_("Announce"), "/shipments/bulk/announce/", "send"),
    BulkAction(_("Ship"), "/shipments/bulk/ship/", "truck-delivery"),
    BulkAction(_("Ship and send e-mail"), "/shipments/bulk/notify/", "mail"),
    BulkAction(_("Make pick lists"), "/shipments/bulk/pick/", "clipboard-list"),
    BulkAction(_("Into one parcel"), "/shipments/bulk/combine/", "package"),
    BulkAction(_("Print with pick lists"), "/shipments/round.pdf", "printer", opens_file=True),
    BulkAction(_("Print labels"), "/shipments/labels.pdf", "printer", opens_file=True),
    BulkAction(
        _("Print packing slips"), "/shipments/packing-slips.pdf", "printer", opens_file=True
    ),
)
_LABELS = (
    ("none", _("Label is missing")),
    ("ordered", _("Label asked for")),
    ("made", _("Label ready")),
    ("failed", _("Label failed")),
)
TABS = ("not_shipped", "shipped", "cancelled", "all")
FILTERS = ("location", "label", "carrier", "shop")


@needs("shipping:read")
def shipment_list(request: PersonRequest) -> HttpResponseBase:
    """Show what waits to leave, what has left, or what was cancelled."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=TABS, filters=FILTERS)
    read = partial(_read, actor)
    if asked.file:
        return shipments_file("shipments", asked, read)
    asked, page = read_page(asked, read, sort="")
    counts = shipment_tab_counts(actor, asked.filters.get("location"))
    waiting = asked.tab == "not_shipped"
    may_ship = request.access.may("shipping:write")
    shops = all_shops(actor)
    zones = {shop.code: shop.timezone for shop in shops}
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=[_row(row, zones, may_ship=may_ship) for row in page.items],
        row_template="console/shipments/row.html",
        tabs=[
            Tab("not_shipped", _("Not shipped"), counts["not_shipped"]),
            Tab("shipped", _("Shipped")),
            Tab("cancelled", _("Cancelled")),
            Tab("all", _("All")),
        ],
        filters=_filters(actor, shops),
        search=_("Shipment, order or tracking number"),
        next_cursor=page.next,
        bulk=_BULK if may_ship and waiting else (),
        all_url=reverse("shipments_all") if may_ship and waiting else "",
        is_exportable=True,
        empty_icon="truck-delivery",
        empty_title=_("Nothing waits to be shipped") if waiting else _("No shipments here"),
        empty_text=_(
            "A shipment opens by itself when an order's goods are allocated at a location."
        ),
    )
    context: dict[str, Any] = {
        "listing": listing,
        "title": _("Shipments"),
        "to_decide": cancel_requests_to_decide(actor),
        "problems": exceptions_to_deal_with(actor),
        "to_collect": collecting_counts(actor, asked.filters.get("location"))["here"],
    }
    if may_ship:
        context["action"] = {"url": reverse("pack_find"), "icon": "scan", "label": _("Pack")}
    return render(request, "console/simple_list.html", context)


def _filters(actor: Actor, shops: Sequence[ShopRow]) -> list[Filter]:
    """Return what the list is narrowed by; to a carrier and to a shop, where there is something to choose."""
    found = [
        Filter("location", _("All locations"), place_choices(active_locations(actor))),
        Filter("label", _("With or without a label"), _LABELS),
    ]
    if carriers := all_carriers(actor):
        named: list[tuple[str, str | Promise]] = [
            (MANUAL, _("By hand, no carrier connected")),
            *((c.code, c.name) for c in carriers),
        ]
        found.append(Filter("carrier", _("All carriers"), named))
    if len(shops) > 1:
        found.append(Filter("shop", _("All shops"), [(shop.code, shop.name) for shop in shops]))
    return found


def _read(actor: Actor, asked: Asked) -> Page[ShipmentRow]:
    filters = filters_of(asked)
    return shipment_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


def filters_of(asked: Asked) -> ShipmentFilters:
    """Return what the list is narrowed to by an address."""
    return ShipmentFilters(
        shipped={"not_shipped": False, "shipped": True}.get(asked.tab),
        status="cancelled" if asked.tab == "cancelled" else None,
        location=asked.filters.get("location"),
        label=asked.filters.get("label"),  # type: ignore[arg-type]
        carrier=asked.filters.get("carrier"),
        shop=asked.filters.get("shop"),
        q=asked.q or None,
    )


def _row(row: ShipmentRow, zones: dict[str, str], *, may_ship: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "shipment": row,
        "timezone": zones.get(row.shop, "UTC"),
        "is_waiting": row.status in {"open", "announced"},
        "may_ship": may_ship,
        "stopped": row.order_status in {"on_hold", "awaiting_payment"},
    }


def row_context(row: ShipmentRow, actor: Actor, *, may_ship: bool) -> dict[str, Any]:
    """Return what the template of one row needs, for a row that is drawn alone."""
    zones = {shop.code: shop.timezone for shop in all_shops(actor)}
    return _row(row, zones, may_ship=may_ship)


def _announce(rows: list[ChosenShipment], actor: Actor) -> list[Outcome]:
    return announce_shipments([AnnounceItem(shipment_id=row.id) for row in rows], actor=actor)


def _ship(rows: list[ChosenShipment], actor: Actor) -> list[Outcome]:
    return ship_shipments([ShipItem(shipment_id=row.id) for row in rows], actor=actor)


def _notify(rows: list[ChosenShipment], actor: Actor) -> list[Outcome]:
    return ship_shipments([ShipItem(shipment_id=row.id, notify=True) for row in rows], actor=actor)


def _pick(rows: list[ChosenShipment], actor: Actor) -> list[Outcome]:
    items = [CreatePickListItem(location=row.location, shipment_ids=[row.id]) for row in rows]
    return create_pick_lists(items, actor=actor)


def _ready(rows: list[ChosenShipment], actor: Actor) -> list[Outcome]:
    return ready_shipments([ReadyShipmentItem(shipment_id=row.id) for row in rows], actor=actor)


def _combine(rows: list[ChosenShipment], actor: Actor) -> list[Outcome]:
    """Combine those of the ticked shipments that go to one door; one that goes alone is told so."""
    where = doors(actor, [row.id for row in rows])
    groups: dict[tuple[str, ...], list[ChosenShipment]] = {}
    for row in rows:
        groups.setdefault(where[row.id], []).append(row)
    together = {door: group for door, group in groups.items() if len(group) > 1}
    items = [CombineShipmentsItem(shipment_ids=[row.id for row in g]) for g in together.values()]
    made = dict(zip(together, combine_shipments(items, actor=actor), strict=True))
    alone = WrongState(gettext("No other chosen one goes to this door."), code="goes_alone")
    return [made.get(where[row.id], Outcome.refused(alone)) for row in rows]


VERBS: dict[str, tuple[str | Promise, Any]] = {
    "announce": (_("Announce shipments"), _announce),
    "ship": (_("Ship"), _ship),
    "notify": (_("Ship and send e-mail"), _notify),
    "pick": (_("Make pick lists"), _pick),
    "ready": (_("Put ready to collect"), _ready),
    "combine": (_("Into one parcel"), _combine),
}
# What is done with a parcel is done with all that lies in it.
_OF_PARCELS = frozenset({"announce", "ship", "notify"})


@require_POST
@needs("shipping:read")
def shipment_bulk(request: PersonRequest, verb: str) -> HttpResponse:
    """Do one thing with the ticked shipments and show what became of each."""
    if verb not in VERBS:
        raise Http404
    if not request.access.may("shipping:write"):
        raise PermissionDenied
    ids = chosen_ids(request)
    if not ids:
        return nothing_chosen(request, BACK)
    title, run = VERBS[verb]
    together = with_their_parcels(ids) if verb in _OF_PARCELS else ids
    rows = shipments_by_id(request.access.actor, together)
    outcomes = run(rows, request.access.actor)
    labels = [Label(row.number, f"/shipments/{row.number}/") for row in rows]
    return show_results(request, title, labels, outcomes, BACK)
