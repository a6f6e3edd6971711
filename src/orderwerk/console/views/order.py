"""One order: its frame and eleven tabs, each with an address of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from orderwerk.allocations.explain import not_gathered, why_waiting
from orderwerk.allocations.pegging import Promise as StockPromise
from orderwerk.allocations.promises import promises
from orderwerk.allocations.queries import order_allocations
from orderwerk.allocations.statuses import OPEN
from orderwerk.allocations.transfer_queries import (
    OnTheWay,
    on_the_way,
    travelling_for,
    why_not_gathered,
)
from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.forms.asking import MemoForm
from orderwerk.console.history import entries
from orderwerk.console.reads.processed import order_processed
from orderwerk.console.reads.returns import claim_rows
from orderwerk.console.views.delivery_problems import may_close
from orderwerk.console.views.orders import payment_of
from orderwerk.console.views.refunds import refund_context
from orderwerk.console.views.store_credits import COLUMNS as STORE_CREDIT_COLUMNS
from orderwerk.console.views.store_credits import credit_context, shown
from orderwerk.core.errors import BadInput, NotFound
from orderwerk.core.keyset import Page
from orderwerk.emails.queries import EmailFilters, email_page
from orderwerk.flows.explain_waiting import explain_waiting
from orderwerk.flows.write_emails import NEWS
from orderwerk.invoices.due import policy_of
from orderwerk.invoices.queries import credited_by_order_line, order_invoices
from orderwerk.memos.queries import MemoFilters, memo_page, pinned_memos
from orderwerk.orders.cancel_queries import open_cancel_requests
from orderwerk.orders.kits import ComponentRow, order_components
from orderwerk.orders.links import track_token
from orderwerk.orders.pricing import cancelled_value
from orderwerk.orders.queries import order_detail_by_number, order_events
from orderwerk.orders.rows import EventRow, LineRow, OrderDetail
from orderwerk.orders.substitution_queries import order_substitutions
from orderwerk.payments.capture_queries import order_captures
from orderwerk.payments.queries import order_payments
from orderwerk.picklists.queries import PickListFilters, pick_lines, pick_list_page
from orderwerk.refunds.credit_queries import order_store_credits
from orderwerk.refunds.queries import order_refunds, unpaid_credits
from orderwerk.return_requests.queries import ReturnRequestFilters, return_request_page
from orderwerk.returns.claim_queries import ClaimFilters, claim_page
from orderwerk.returns.queries import ReturnFilters, return_page
from orderwerk.shipments.exception_queries import open_exceptions
from orderwerk.shipments.followed import as_followed
from orderwerk.shipments.lot_queries import lots_of_shipments
from orderwerk.shipments.queries import order_shipments
from orderwerk.shipments.serial_queries import serials_of_shipments
from orderwerk.shops.queries import ShopRow, all_shops

_EVENTS = 100
Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrderTab:
    """One tab of the order page: its address, its words, what it needs, which count it carries."""

    slug: str
    label: str | Promise
    scope: str
    count: str = ""


TABS = (
    OrderTab("general", _("General"), "orders:read"),
    OrderTab("articles", _("Articles"), "orders:read", "articles"),
    OrderTab("allocations", _("Allocations"), "stock:read", "allocations"),
    OrderTab("pick-lists", _("Pick lists"), "shipping:read", "pick_lists"),
    OrderTab("shipments", _("Shipments"), "shipping:read", "shipments"),
    OrderTab("invoices", _("Invoices"), "billing:read", "invoices"),
    OrderTab("return-requests", _("Return requests"), "returns:read", "return_requests"),
    OrderTab("returns", _("Returns"), "returns:read", "returns"),
    OrderTab("refunds", _("Refunds"), "refunds:read", "refunds"),
    OrderTab("memo", _("Memo"), "orders:read", "memo"),
    OrderTab("emails", _("E-mails"), "orders:read", "emails"),
)
_BY_SLUG = {tab.slug: tab for tab in TABS}


def find_order(request: PersonRequest, number: str) -> OrderDetail:
    """Return the order of a number, or a 404 when it is not there or not for this person."""
    try:
        return order_detail_by_number(request.access.actor, number)
    except NotFound as error:
        raise Http404 from error


@require_safe
@needs("orders:read")
def order(request: PersonRequest, number: str, slug: str = "general") -> HttpResponse:
    """Show an order with one of its tabs."""
    tab = _BY_SLUG.get(slug)
    if tab is None:
        raise Http404
    if not request.access.may(tab.scope):
        raise PermissionDenied
    detail = find_order(request, number)
    shop = shop_of(request, detail)
    tone, word = payment_of(detail.order)
    context = {
        "detail": detail,
        "order": detail.order,
        "shop": shop,
        "timezone": shop.timezone,
        "payment_tone": tone,
        "payment_word": word,
        "tab": tab,
        "tabs": _tab_links(request, detail, tab),
        "open_holds": [hold for hold in detail.holds if hold.released_at is None],
        "pinned": pinned_memos(request.access.actor, detail.order.id),
        "track_token": track_token(detail.order.id, detail.order.customer_email),
        "cancel_requests": open_cancel_requests(request.access.actor, [detail.order.id]),
        "delivery_problems": open_exceptions(request.access.actor, [detail.order.id]),
        "may_close_problems": may_close(request),
        "expired": sum(line.expired for line in detail.lines),
        "may_edit": request.access.may("orders:write"),
        "may_ship": request.access.may("shipping:write"),
        "may_allocate": may_allocate(request),
        **_BODIES[slug](request, detail, shop),
    }
    return render(request, f"console/orders/tab_{slug.replace('-', '_')}.html", context)


def may_allocate(request: PersonRequest) -> bool:
    """Tell whether a person may change who gets which stock: customer service and the warehouse."""
    return request.access.may("orders:write") or request.access.may("stock:write")


def shop_of(request: PersonRequest, detail: OrderDetail) -> ShopRow:
    """Return the shop of an order; one statement."""
    return next(s for s in all_shops(request.access.actor) if s.id == detail.order.shop_id)


def _tab_links(request: PersonRequest, detail: OrderDetail, open_tab: OrderTab) -> list[Context]:
    return [
        {
            "label": tab.label,
            "url": f"/orders/{detail.order.number}/{tab.slug}/",
            "count": getattr(detail.counts, tab.count) if tab.count else None,
            "open": tab is open_tab,
        }
        for tab in TABS
        if request.access.may(tab.scope)
    ]


def _events(request: PersonRequest, detail: OrderDetail) -> Page[EventRow]:
    actor, order_id = request.access.actor, detail.order.id
    try:
        older = request.GET.get("older") or None
        return order_events(actor, order_id, cursor=older, limit=_EVENTS)
    except BadInput:
        return order_events(actor, order_id, limit=_EVENTS)


def _general(request: PersonRequest, detail: OrderDetail, shop: ShopRow) -> Context:
    events = _events(request, detail)
    order_now = detail.order
    captures = order_captures(request.access.actor, order_now.id)
    return {
        "older": events.next,
        "entries": entries(events.items, order_now.currency, shop.timezone),
        "payments": order_payments(request.access.actor, order_now.id),
        "same_address": order_now.billing_address == order_now.delivery_address,
        "captures": [(c, "in_doubt" if c.is_in_doubt else c.status) for c in captures],
        "may_retry": request.access.may("billing:write"),
        "may_bill": request.access.may("billing:write") and order_now.status != "cancelled",
        "due_minor": order_now.due_minor,
        "gone_minor": order_now.cancelled_minor + order_now.retained_minor,
        "owed_minor": order_now.kept_minor,
        "owed_tax_minor": _owed_tax(detail),
        "processed": order_processed(
            request.access.actor,
            order_now.id,
            money=request.access.may("refunds:read"),
            goods=request.access.may("shipping:read"),
        ),
        "mail_enabled": settings.ORDERWERK_MAIL_ENABLED,
    }


def _owed_tax(detail: OrderDetail) -> int:
    """Return the VAT in what is left to pay; the shipping costs go with the last piece."""
    lines = detail.lines
    if all(line.cancelled == line.quantity for line in lines):
        return 0
    return detail.order.tax_minor - sum(
        cancelled_value(line.gross_minor, line.quantity, line.cancelled)
        - cancelled_value(line.net_minor, line.quantity, line.cancelled)
        for line in lines
    )


def _line(line: LineRow, parts: Sequence[ComponentRow]) -> Context:
    # A kit of which one part has left can no longer be cancelled.
    gone = max([line.shipped, *(part.kits_started for part in parts)])
    return {
        "line": line,
        # What is sold as a kit comes back as one.
        "parts": [(part, line.returned * part.per_kit) for part in parts],
        "cancellable": line.quantity - line.cancelled - line.cancel_requested - gone,
        "wanted": line.quantity - line.cancelled,
    }


def _promises(detail: OrderDetail) -> dict[UUID, StockPromise]:
    waits = any(line.waiting > 0 for line in detail.lines)
    return promises([detail.order.id]) if waits else {}


def _on_the_way(request: PersonRequest, detail: OrderDetail) -> OnTheWay:
    waits = any(line.waiting > 0 for line in detail.lines)
    return on_the_way(request.access.actor, detail.order.id) if waits else OnTheWay({}, {})


def _articles(request: PersonRequest, detail: OrderDetail, _shop_row: ShopRow) -> Context:
    parts, pegged = order_components(detail.order.id), _promises(detail)
    way = _on_the_way(request, detail)
    credited = credited_by_order_line(detail.order.id)
    rows = [
        {
            **_line(line, parts.get(line.id, [])),
            "promise": pegged.get(line.id),
            "travelling": way.lines.get(line.id, []),
            "waits": way.waiting.get(line.id, line.waiting),
            "credited_minor": credited.get(line.id, 0),
        }
        for line in detail.lines
    ]
    substitutions = order_substitutions(request.access.actor, detail.order.id)
    unmapped = list(dict.fromkeys(line.sku for line in detail.lines if line.product_id is None))
    return {
        "rows": rows,
        "can_cancel": any(row["cancellable"] for row in rows),
        "came_back": any(
            row["line"].returned or row["line"].claimed or row["credited_minor"] for row in rows
        ),
        "unmapped": unmapped,
        "substitutions": substitutions,
        "asked_about": {x.order_line_id for x in substitutions if x.status == "proposed"},
    }


def _allocations(request: PersonRequest, detail: OrderDetail, _shop_row: ShopRow) -> Context:
    pegged, way = _promises(detail), _on_the_way(request, detail)
    found = order_allocations(request.access.actor, detail.order.id)
    waits = {line.id: way.waiting.get(line.id, line.waiting) for line in detail.lines}
    given_up = why_not_gathered(detail.order.id)
    why = explain_waiting(detail.order.id, request.access.actor) if sum(waits.values()) else None
    return {
        "allocations": found,
        "places": len({row.location for row in found if row.status in OPEN}),
        "may_travel": any(row.status == "allocated" for row in found),
        "travelling": travelling_for(request.access.actor, detail.order.id),
        "waiting": [
            {"line": line, "waits": waits[line.id], "promise": pegged.get(line.id)}
            for line in detail.lines
            if waits[line.id]
        ],
        "waiting_units": sum(waits.values()),
        "not_gathered": given_up and not_gathered(*given_up),
        "why_waiting": why and why_waiting(why),
    }


def _pick_lists(request: PersonRequest, detail: OrderDetail, _shop_row: ShopRow) -> Context:
    actor = request.access.actor
    page = pick_list_page(actor, PickListFilters(order_id=detail.order.id), limit=200)
    lines = pick_lines(actor, [found.id for found in page.items])
    return {
        "pick_lists": [
            {
                "list": found,
                "lines": [line for line in lines[found.id] if line.order_id == detail.order.id],
            }
            for found in page.items
        ]
    }


def _shipments(request: PersonRequest, detail: OrderDetail, _shop_row: ShopRow) -> Context:
    found = [as_followed(each) for each in order_shipments(request.access.actor, detail.order.id)]
    lots = lots_of_shipments([each.shipment.id for each in found])
    serials = serials_of_shipments([each.shipment.id for each in found])
    return {
        "shipments": [
            {
                "shipment": each.shipment,
                "parts": each.parts,
                "lots": lots[each.shipment.id],
                "serials": serials[each.shipment.id],
            }
            for each in found
        ]
    }


def _nothing(_request: PersonRequest, _detail: OrderDetail, _shop_row: ShopRow) -> Context:
    return {}


def _invoices(request: PersonRequest, detail: OrderDetail, shop: ShopRow) -> Context:
    return {
        "invoices": order_invoices(request.access.actor, detail.order.id),
        "may_credit": request.access.may("billing:write"),
        "invoiced_when": policy_of(shop.invoice_when, on_account=detail.order.on_account),
    }


def _refunds(request: PersonRequest, detail: OrderDetail, shop: ShopRow) -> Context:
    actor, may_decide = request.access.actor, request.access.may("refunds:write")
    rows = order_refunds(actor, detail.order.id)
    unpaid = unpaid_credits(detail.order.id)
    asked = sum(row.amount_minor for row in rows if row.status == "awaiting_approval")
    return {
        "awaiting_approval_minor": asked,
        "agreed_minor": detail.order.refund_reserved_minor - asked,
        "store_credits": [
            credit_context(shown(row, may_spend=may_decide))
            for row in order_store_credits(actor, detail.order.id)
        ],
        "store_credit_columns": STORE_CREDIT_COLUMNS,
        "refunds": [refund_context(row, shop.timezone, may_decide=may_decide) for row in rows],
        "unpaid_credits": unpaid,
        "may_pay_back": any(row.has_room and not row.waits for row in unpaid),
        "may_decide": may_decide,
        "may_see_invoices": request.access.may("billing:read"),
    }


def _may_return(request: PersonRequest, detail: OrderDetail) -> bool:
    left = any(line.shipped > line.returned + line.claimed for line in detail.lines)
    return left and request.access.may("returns:write")


def _return_requests(request: PersonRequest, detail: OrderDetail, _shop_row: ShopRow) -> Context:
    filters = ReturnRequestFilters(order_id=detail.order.id)
    page = return_request_page(request.access.actor, filters, limit=200)
    # Withdrawing is possible before anything has left.
    may_withdraw = request.access.may("returns:write")
    return {"requests": page.items, "may_return": _may_return(request, detail), "may_withdraw": may_withdraw}  # fmt: skip


def _returns(request: PersonRequest, detail: OrderDetail, _shop_row: ShopRow) -> Context:
    page = return_page(request.access.actor, ReturnFilters(order_id=detail.order.id), limit=200)
    claims = claim_page(request.access.actor, ClaimFilters(order_id=detail.order.id), limit=200)
    return {
        "returns": page.items,
        "claims": claim_rows(claims.items, may_decide=request.access.may("returns:write")),
        "may_return": _may_return(request, detail),
    }


def _memo(request: PersonRequest, detail: OrderDetail, _shop_row: ShopRow) -> Context:
    page = memo_page(request.access.actor, MemoFilters(order_id=detail.order.id), limit=200)
    return {"memos": page.items, "form": MemoForm()}


def _emails(request: PersonRequest, detail: OrderDetail, _shop_row: ShopRow) -> Context:
    page = email_page(request.access.actor, EmailFilters(order_id=detail.order.id), limit=200)
    came_late = detail.order.placed_at <= detail.order.received_at - NEWS
    return {"emails": page.items, "came_late": came_late}


_BODIES: dict[str, Callable[[PersonRequest, OrderDetail, ShopRow], Context]] = {
    "general": _general,
    "articles": _articles,
    "allocations": _allocations,
    "pick-lists": _pick_lists,
    "shipments": _shipments,
    "invoices": _invoices,
    "return-requests": _return_requests,
    "returns": _returns,
    "refunds": _refunds,
    "memo": _memo,
    "emails": _emails,
}
