"""Stock: the levels of every product and location, one product's bins and history, and what changes them."""

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

from orderwerk.allocations.channel_queries import channels_of_product
from orderwerk.allocations.commands.set_channels import ChannelStockItem, set_channel_stocks
from orderwerk.allocations.waiting_queries import who_waits
from orderwerk.catalog.queries import ProductRow, product_detail_by_sku
from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, safe_next
from orderwerk.console.downloads import download
from orderwerk.console.forms.goods import (
    AdjustForm,
    ChannelForm,
    CountForm,
    ReceiveBlindForm,
    SafetyForm,
    TransferForm,
)
from orderwerk.console.lists import ROWS, Asked, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.plots import stock_plot
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import BadInput, NotFound
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.flows.adjust_stock import AdjustItem, adjust_stock_levels
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.self_check import level_checks
from orderwerk.shops.queries import all_shops
from orderwerk.stock.bin_contents import BinStockRow, bin_page_of_product
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.set_safety import SafetyItem, set_safety_stocks
from orderwerk.stock.commands.transfer import TransferItem, transfer_stock_levels
from orderwerk.stock.count_queries import open_count_requests
from orderwerk.stock.inbound_queries import incoming_of_product
from orderwerk.stock.queries import (
    LevelFilters,
    LevelRow,
    MovementFilters,
    level_page,
    levels_of_product,
    movement_page,
    parts_of_kit,
    stock_history,
)

_COLUMNS = (
    Column("article", _("Article")),
    Column("location", _("Stock location")),
    Column("on_hand", _("On hand"), "number"),
    Column("allocated", _("Allocated"), "number"),
    Column("safety", _("Safety stock"), "number"),
    Column("available", _("Available"), "number"),
    Column("actions", _("Actions"), hidden=True),
)


@needs("stock:read")
def stock_list(request: PersonRequest) -> HttpResponseBase:
    """Show what lies where, and what of it can still be promised."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=("all", "short"), filters=("location",))
    places = active_locations(actor)
    read = partial(_read, actor)
    if asked.file:
        return download("stock", LevelRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/stock/row.html",
        tabs=[Tab("all", _("All")), Tab("short", _("Nothing available"))],
        filters=[Filter("location", _("All locations"), place_choices(places))],
        search=_("SKU, name or GTIN"),
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="stack-2",
        empty_title=_("No stock here"),
        empty_text=_("Add products first; then count what lies at each location."),
    )
    context = {
        "listing": listing,
        "may_change": request.access.may("stock:write"),
        "to_count": open_count_requests(actor),
    }
    return render(request, "console/stock/list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[LevelRow]:
    filters = LevelFilters(
        location=asked.filters.get("location"),
        short=True if asked.tab == "short" else None,
        q=asked.q or None,
    )
    return level_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


def find_product(request: PersonRequest, sku: str) -> ProductRow:
    """Return the product of a sku, or a 404."""
    try:
        return product_detail_by_sku(request.access.actor, sku)
    except NotFound as error:
        raise Http404 from error


def _bins(actor: Actor, product_id: UUID, cursor: str) -> Page[BinStockRow]:
    try:
        return bin_page_of_product(actor, product_id, cursor=cursor or None, limit=ROWS)
    except BadInput:
        return bin_page_of_product(actor, product_id, limit=ROWS)


@needs("stock:read")
def stock_item(request: PersonRequest, sku: str) -> HttpResponse:
    """Show one product: levels, bins, and every movement."""
    product = find_product(request, sku)
    actor = request.access.actor
    asked, page = read_page(
        Asked.read(request, tabs=()),
        lambda a: movement_page(
            actor, MovementFilters(sku=product.sku), cursor=a.cursor or None, limit=a.limit
        ),
        sort="",
    )
    levels = levels_of_product(actor, product.id)
    context = {
        "product": product,
        "checks": level_checks(actor, product.id),
        "levels": levels,
        "available": sum(level.available for level in levels),
        "on_hand": sum(level.on_hand for level in levels),
        "allocated": sum(level.allocated for level in levels),
        # Whose orders they are, is for who may see orders.
        "waiting": request.access.may("orders:read") and who_waits(actor, product.id, limit=ROWS),
        "may_allocate": request.access.may("orders:write"),
        "channels": channels_of_product(actor, product.sku),
        "bins": _bins(actor, product.id, request.GET.get("bins", "")),
        "bins_cursor": request.GET.get("bins", ""),
        "parts": parts_of_kit(actor, product.id),
        "incoming": incoming_of_product(actor, product.id),
        "plot": stock_plot(stock_history(actor, product.id)),
        "movements": page.items,
        "pager": Listing(
            path=request.path,
            asked=asked,
            columns=(),
            rows=page.items,
            row_template="",
            next_cursor=page.next,
        ),
        "may_change": request.access.may("stock:write"),
    }
    return render(request, "console/stock/item.html", context)


def _count(item: dict[str, Any], actor: Actor) -> Outcome:
    return count_stock_levels([convert(item, CountItem)], actor=actor)[0]


def _adjust(item: dict[str, Any], actor: Actor) -> Outcome:
    return adjust_stock_levels([convert(item, AdjustItem)], actor=actor)[0]


def _receive(item: dict[str, Any], actor: Actor) -> Outcome:
    return receive_stock([convert(item, ReceiveItem)], actor=actor)[0]


def _transfer(item: dict[str, Any], actor: Actor) -> Outcome:
    return transfer_stock_levels([convert(item, TransferItem)], actor=actor)[0]


def _safety(item: dict[str, Any], actor: Actor) -> Outcome:
    return set_safety_stocks([convert(item, SafetyItem)], actor=actor)[0]


def _channel(item: dict[str, Any], actor: Actor) -> Outcome:
    return set_channel_stocks([convert(item, ChannelStockItem)], actor=actor)[0]


@dataclass(frozen=True, slots=True)
class Change:
    """One way to change stock: its words, its form, its command."""

    title: str | Promise
    submit: str | Promise
    form: Callable[..., Any]
    run: Callable[[dict[str, Any], Actor], Outcome]


CHANGES = {
    "count": Change(_("Count"), _("Book the count"), CountForm, _count),
    "adjust": Change(_("Correct"), _("Book the correction"), AdjustForm, _adjust),
    "receive": Change(_("Receive"), _("Book as received"), ReceiveBlindForm, _receive),
    "transfer": Change(_("Transfer"), _("Transfer"), TransferForm, _transfer),
    "channel": Change(_("Reserve for a shop"), _("Save"), ChannelForm, _channel),
    "safety": Change(_("Safety stock"), _("Save"), SafetyForm, _safety),
}


def _told(outcome: Outcome) -> str:
    """Say what was booked, and whose goods it took."""
    released = outcome.data.get("released", 0)
    if not released:
        return gettext("Booked.")
    if not outcome.data["orders"]:
        return ngettext(
            "Booked. %(n)s piece was promised to orders of others and has been routed again.",
            "Booked. %(n)s pieces were promised to orders of others and have been routed again.",
            released,
        ) % {"n": released}
    return ngettext(
        "Booked. %(n)s piece was promised to %(orders)s and has been routed again.",
        "Booked. %(n)s pieces were promised to %(orders)s and have been routed again.",
        released,
    ) % {"n": released, "orders": ", ".join(outcome.data["orders"][:10])}


@needs("stock:write")
def stock_change(request: PersonRequest, verb: str, sku: str) -> HttpResponse:
    """Count, correct, transfer, or set the safety stock of one product."""
    change = CHANGES.get(verb)
    if change is None:
        raise Http404
    product = find_product(request, sku)
    actor = request.access.actor
    form = change.form(
        request.POST or None,
        places=place_choices(active_locations(actor)),
        by_lot=product.tracking == "lot",
        initial={
            name: request.GET[name] for name in ("location", "bin", "lot") if name in request.GET
        },
    )
    if "shop" in form.fields:
        form.fields["shop"].choices = [(shop.code, shop.name) for shop in all_shops(actor)]
    back = safe_next(request, reverse("stock_item", args=[product.sku]))
    question = Question(f"{change.title}: {product.name}", change.submit, back, once=True)
    return ask(
        request, question, form, lambda filled: change.run(filled.item(product.sku), actor), _told
    )  # fmt: skip
