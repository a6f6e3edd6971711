"""The overview of orders: tabs, search, filters, and what can be done with many at once."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.downloads import download
from orderwerk.console.lists import Asked, BulkAction, Column, Filter, Listing, Tab, Words
from orderwerk.console.paging import read_page
from orderwerk.console.reads.choices import hold_owners
from orderwerk.console.reads.orders import order_choices
from orderwerk.console.templatetags.console import country_name
from orderwerk.core.actor import Actor
from orderwerk.core.clock import start_of_day
from orderwerk.core.keyset import Page
from orderwerk.orders.hold_queries import NOBODY
from orderwerk.orders.queries import OrderFilters, order_page, order_tab_counts
from orderwerk.orders.rows import OrderRow
from orderwerk.orders.statuses import OrderStatus
from orderwerk.picklists.queries import pick_lists_called
from orderwerk.shipments.exception_queries import exceptions_to_deal_with
from orderwerk.shops.queries import ShopRow, all_shops

_COLUMNS = (
    Column("number", _("Order"), sortable=True),
    Column("placed_at", _("Placed"), sortable=True),
    Column("customer", _("Customer")),
    Column("status", _("Status")),
    Column("payment", _("Payment")),
    Column("shipped", _("Shipped"), "number"),
    Column("total", _("Total"), "money", sortable=True),
)
_WAITING = OrderStatus.AWAITING_STOCK.value
# Where orders wait for stock: by priority, then first come.
_TURN = Column("turn", _("Priority"), "number", sortable=True)
_BULK = (
    BulkAction(_("Put on hold"), "/orders/bulk/hold/", "hand-stop"),
    BulkAction(_("Release"), "/orders/bulk/release/", "player-play"),
    BulkAction(_("Hand holds over"), "/orders/bulk/hand-over/", "users"),
    BulkAction(_("Allocate"), "/orders/bulk/allocate/", "arrows-split-2"),
    BulkAction(_("Make pick lists"), "/orders/bulk/pick/", "clipboard-list"),
    BulkAction(_("Add tag"), "/orders/bulk/tag/", "tag"),
    BulkAction(_("Cancel orders"), "/orders/bulk/cancel/", "ban", danger=True),
)
_PICK = "/orders/bulk/pick/"
FILTERS = ("shop", "country", "tag", "holder", "from", "to")


def payment_of(order: OrderRow) -> tuple[str, str]:
    """Return the tone and the word for how far an order is paid."""
    owed = order.kept_minor
    if order.captured_minor > owed:
        return "purple", str(_("Paid too much"))
    if order.captured_minor and order.captured_minor == owed:
        return "green", str(_("Paid"))
    if order.captured_minor + order.authorized_minor >= owed:
        return ("teal", str(_("Authorised"))) if owed else ("neutral", str(_("Nothing due")))
    if order.on_account:
        return "blue hollow", str(_("On account"))
    if order.captured_minor:
        return "amber", str(_("Paid in part"))
    return "amber hollow", str(_("Not paid"))


@needs("orders:read")
def order_list(request: PersonRequest) -> HttpResponseBase:
    """Show the orders of a tab, as searched, filtered and sorted."""
    actor = request.access.actor
    keys = ("all", *OrderStatus.values)
    sort = "turn" if request.GET.get("status") == _WAITING else "-placed_at"
    asked = Asked.read(request, tabs=keys, filters=FILTERS, sort=sort)
    shops = all_shops(actor)
    read = partial(_read, actor, shops)
    if asked.file:
        return download("orders", OrderRow, asked, read)
    countries, tags = order_choices(actor)
    asked, page = read_page(asked, read, sort=sort)
    counts = order_tab_counts(actor, asked.filters.get("shop"))
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=(*_COLUMNS[:2], _TURN, *_COLUMNS[2:]) if asked.tab == _WAITING else _COLUMNS,
        rows=_rows(page.items, shops, _zone(shops, asked)),
        row_template="console/orders/row.html",
        tabs=_tabs(counts),
        filters=[*_filters(shops, countries, tags), *_holders(request, asked)],
        search=_("Number, name, e-mail, phone, postal code, SKU"),
        above="console/orders/pick_lists_found.html",
        next_cursor=page.next,
        bulk=_bulk(request),
        is_exportable=True,
        empty_icon="shopping-bag",
        empty_title=_("No orders here"),
        empty_text=_(
            "Orders appear here by themselves as soon as a webshop places them through the API."
        ),
    )
    problems = exceptions_to_deal_with(actor) if request.access.may("shipping:read") else 0
    may_pick = request.access.may("shipping:read")
    found = pick_lists_called(actor, asked.q) if may_pick and asked.q else []
    context = {"listing": listing, "problems": problems, "pick_lists": found}
    return render(request, "console/orders/list.html", context)


def _bulk(request: PersonRequest) -> list[BulkAction]:
    if request.access.may("orders:write"):
        may_pick = request.access.may("shipping:write")
        return [action for action in _BULK if action.url != _PICK or may_pick]
    return [a for a in _BULK if a.url == _PICK and request.access.may("shipping:write")]


def _read(actor: Actor, shops: Sequence[ShopRow], asked: Asked) -> Page[OrderRow]:
    shop, zone = asked.filters.get("shop"), _zone(shops, asked)
    first, last = asked.day("from"), asked.day("to")
    filters = OrderFilters(
        status=None if asked.tab == "all" else asked.tab,
        q=asked.q or None,
        shop=shop,
        country=asked.filters.get("country"),
        tag=asked.filters.get("tag"),
        hold_owner=asked.filters.get("holder"),
        placed_after=start_of_day(first, zone) if first else None,
        placed_before=start_of_day(last + timedelta(days=1), zone) if last else None,
    )
    return order_page(
        actor,
        filters,
        sort=asked.sort or "-placed_at",
        cursor=asked.cursor or None,
        limit=asked.limit,
    )


def _zone(shops: Sequence[ShopRow], asked: Asked) -> str:
    # One zone for the whole list: times of two zones below each other look unsorted.
    wanted = asked.filters.get("shop")
    return next((shop.timezone for shop in shops if wanted in {None, shop.code}), "UTC")


def _tabs(counts: dict[str, int]) -> list[Tab]:
    named = [
        Tab(s.value, s.label, counts[s.value], sort="turn" if s.value == _WAITING else "")
        for s in OrderStatus
    ]
    return [Tab("all", _("All"), sum(counts.values())), *named]


def _filters(shops: list[ShopRow], countries: list[str], tags: list[str]) -> list[Filter]:
    found = []
    if len(shops) > 1:
        found.append(Filter("shop", _("All shops"), [(shop.code, shop.name) for shop in shops]))
    named = sorted(((code, country_name(code)) for code in countries), key=lambda pair: pair[1])
    found.append(Filter("country", _("All countries"), named))
    found.append(Filter("tag", _("All tags"), [(tag, tag) for tag in tags]))
    found.append(Filter("from", _("From"), is_day=True))
    found.append(Filter("to", pgettext_lazy("until a day", "to"), is_day=True))
    return found


def _holders(request: PersonRequest, asked: Asked) -> list[Filter]:
    """Offer whose holds are shown, where orders on hold are looked at."""
    if asked.tab != OrderStatus.ON_HOLD and "holder" not in asked.filters:
        return []
    mine = request.user.username
    others = [(name, label) for name, label in hold_owners() if name != mine]
    choices: list[tuple[str, Words]] = [(mine, _("Mine")), (NOBODY, _("Nobody's")), *others]
    return [Filter("holder", _("Holds of everybody"), choices)]


def _rows(orders: list[OrderRow], shops: list[ShopRow], zone: str) -> list[dict[str, Any]]:
    rows = []
    for order in orders:
        tone, word = payment_of(order)
        rows.append(
            {
                "order": order,
                "id": order.id,
                "timezone": zone,
                "many_shops": len(shops) > 1,
                "payment_tone": tone,
                "payment_word": word,
                "wanted": order.units_ordered - order.units_cancelled,
            }
        )
    return rows
