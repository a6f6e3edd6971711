"""THE table of what is told over many objects at once, each a GET of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from orderwerk.allocations.promises import pegged_to_inbound
from orderwerk.allocations.waiting_queries import who_waits
from orderwerk.api.call import Call
from orderwerk.api.endpoint import Answer, Handler
from orderwerk.api.reads import DEFAULT_LIMIT, id_of, up_to
from orderwerk.catalog.queries import product_detail, product_detail_by_sku
from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import check_limit
from orderwerk.flows.self_check import level_checks, wrong_levels
from orderwerk.picklists.packing_queries import parcel_by_code, parcels_of_list, parcels_to_pack
from orderwerk.picklists.queries import pick_list_detail, pick_progress
from orderwerk.schemas import overviews, packing
from orderwerk.stock.bin_contents import bin_page_of_product, stock_of_bin
from orderwerk.stock.bin_queries import bin_detail
from orderwerk.stock.check_queries import last_check, open_differences
from orderwerk.stock.count_plan_queries import count_plan_detail, due_list
from orderwerk.stock.inbound_queries import inbound_detail
from orderwerk.stock.queries import stock_history


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """How many of the first are told."""

    limit: int = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """How many are told at once, and behind which cursor."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """How many days are told."""

    days: int = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """How long ago what was finished still counts."""

    hours: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OfArticle:
    """The article whose levels are all told; without one the wrong levels of all."""

    sku: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLocation:
    """At which location, how many are told at once, and behind which cursor."""

    location: str
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What was scanned."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedArticle:
    """The article in somebody's hand; without one everything that waits is told."""

    code: str | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """One read: its address behind the plural (with {id} where it is of one object), what it asks for and what it answers."""

    plural: str
    ending: str
    name: str
    summary: str
    scopes: tuple[str, ...]
    query: type[Any]
    shape: type[Any]
    read: Callable[[Actor, UUID | None, Any], Any]

    @property
    def address(self) -> str:
        """Where it stands."""
        return f"{self.plural}/{self.ending}"


def _product(actor: Actor, key: UUID | None) -> UUID:
    # An address without an id has no such read.
    return product_detail(actor, key or UUID(int=0)).id


def _waiting(actor: Actor, key: UUID | None, query: First) -> overviews.ProductWaiting:
    limit = check_limit(query.limit)
    return overviews.product_waiting(who_waits(actor, _product(actor, key), limit=limit))


def _history(actor: Actor, key: UUID | None, query: Days) -> overviews.StockHistory:
    days = up_to(query.days, 366, "days")
    return overviews.stock_history_shape(stock_history(actor, _product(actor, key), days))


def _checks(actor: Actor, _key: UUID | None, query: OfArticle) -> overviews.StockChecks:
    if query.sku is None:
        found = wrong_levels(actor)
    else:
        found = level_checks(actor, product_detail_by_sku(actor, query.sku).id)
    return overviews.stock_checks(found, last_check(), open_differences(actor))


def _bins(actor: Actor, key: UUID | None, query: Paged) -> overviews.BinStocks:
    found = _product(actor, key)
    return overviews.bin_stocks(
        bin_page_of_product(actor, found, cursor=query.cursor, limit=query.limit)
    )


def _in_bin(actor: Actor, key: UUID | None, query: Paged) -> overviews.BinStocks:
    found = bin_detail(actor, key or UUID(int=0))
    return overviews.bin_stocks(
        stock_of_bin(actor, found.id, cursor=query.cursor, limit=query.limit)
    )


def _progress(actor: Actor, _key: UUID | None, query: Hours) -> overviews.PickProgress:
    since = clock.now() - timedelta(hours=up_to(query.hours, 168, "hours"))
    return overviews.pick_progress_shape(pick_progress(actor, since))


def _inbound_orders(actor: Actor, key: UUID | None, query: First) -> overviews.InboundOrders:
    limit = check_limit(query.limit)
    found = inbound_detail(actor, key or UUID(int=0))
    return overviews.inbound_orders(pegged_to_inbound(actor, found.id), limit)


def _due(actor: Actor, key: UUID | None, query: First) -> overviews.DueCounts:
    limit = check_limit(query.limit)
    location = count_plan_detail(actor, key or UUID(int=0)).location
    return overviews.due_counts_shape(location, due_list(actor, location, most=limit))


def _to_pack(actor: Actor, _key: UUID | None, query: AtLocation) -> packing.ParcelsToPack:
    return packing.parcels_to_pack_shape(
        parcels_to_pack(actor, query.location, cursor=query.cursor, limit=query.limit)
    )


def _parcels(actor: Actor, key: UUID | None, query: ScannedArticle) -> packing.ParcelsOfList:
    found = parcels_of_list(actor, pick_list_detail(actor, key or UUID(int=0)).pick_list)
    parcels = found.waiting if query.code is None else found.wanting(query.code)
    return packing.parcels_of_list_shape(found, parcels)


def _by_code(actor: Actor, _key: UUID | None, query: Scanned) -> packing.ParcelByCode:
    return packing.parcel_by_code_shape(parcel_by_code(actor, query.code.strip()))


OVERVIEWS = (
    Overview(
        "products", "{id}/waiting", "list_product_waiting",
        "Say whose orders wait for an article, in the turn in which stock goes to them", ("orders:read",),
        First, overviews.ProductWaiting, _waiting,
    ),
    Overview(
        "products", "{id}/history", "list_product_history",
        "Say what lay of an article at the end of each of the last days", ("stock:read",), Days, overviews.StockHistory, _history,
    ),
    Overview(
        "products", "{id}/bins", "list_product_bins",
        "Say in which bins an article lies, of which lot, in walking order", ("stock:read",), Paged, overviews.BinStocks, _bins,
    ),
    Overview(
        "bins", "{id}/stock", "list_bin_stock", "Say what lies in a bin, of which lot", ("stock:read",),
        Paged, overviews.BinStocks, _in_bin,
    ),
    Overview(
        "stock-levels", "checks", "check_stock_levels",
        "Compare stock levels with their ledger, their claims and their pick lists; without a sku those that are wrong",
        ("stock:read",), OfArticle, overviews.StockChecks, _checks,
    ),
    Overview(
        "pick-lists", "progress", "list_pick_progress", "Say how far each person is with pick lists", ("shipping:read",),
        Hours, overviews.PickProgress, _progress,
    ),
    Overview(
        "inbounds", "{id}/orders", "list_inbound_orders", "Say whose pieces come with an inbound, in turn", ("orders:read",),
        First, overviews.InboundOrders, _inbound_orders,
    ),
    Overview(
        "count-plans", "{id}/due", "list_due_counts", "Say what is due to be counted by a plan and not asked for yet, the most overdue first",
        ("stock:read",), First, overviews.DueCounts, _due,
    ),
    Overview(
        "shipments", "to-pack", "list_parcels_to_pack", "Say what can be packed now at a location, in the turn in which to pack it",
        ("shipping:read",), AtLocation, packing.ParcelsToPack, _to_pack,
    ),
    Overview(
        "shipments", "by-code", "find_parcel_by_code",
        "Say which shipment that waits to leave a scanned code means: its number, its order's, its pick list's or a tote", ("shipping:read",),
        Scanned, packing.ParcelByCode, _by_code,
    ),
    Overview(
        "pick-lists", "{id}/parcels", "list_parcels_of_pick_list",
        "Say which parcels of a pick list wait to be packed, and which of them a scanned article goes into", ("shipping:read",),
        ScannedArticle, packing.ParcelsOfList, _parcels,
    ),
)  # fmt: skip


def overview_handler(overview: Overview) -> Handler:
    """Return the handler of one of them."""

    def get(call: Call, key: str = "") -> Answer:
        call.need(overview.scopes)
        query = call.query(overview.query)
        return Answer.of(overview.read(call.actor, id_of(key) if key else None, query))

    return get
