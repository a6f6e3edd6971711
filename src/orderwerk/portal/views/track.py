"""The shopper's own page of an order: where it is, what is in it, papers, returns."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from orderwerk.allocations.transfer_queries import is_only_travelling
from orderwerk.core import clock
from orderwerk.core.errors import Refusal
from orderwerk.flows.letter_data import money
from orderwerk.invoices.documents import invoice_document
from orderwerk.invoices.queries import order_invoices
from orderwerk.orders.queries import order_lines
from orderwerk.orders.rows import OrderRow
from orderwerk.portal.gifts import hidden_from_buyer
from orderwerk.portal.page import SHOPPER, Visitor, for_visitors, show
from orderwerk.portal.shown import day, plain_day
from orderwerk.portal.standing import standing
from orderwerk.portal.views.substitute import open_questions
from orderwerk.refunds.queries import order_refunds
from orderwerk.return_requests.facts import line_facts
from orderwerk.return_requests.queries import ReturnRequestFilters, return_request_page
from orderwerk.return_requests.withdrawal_queries import (
    WithdrawalFilters,
    WithdrawalRow,
    withdrawal_page,
)
from orderwerk.shipments.followed import as_followed
from orderwerk.shipments.queries import ShipmentDetail, order_shipments

_ON_THE_ROAD = frozenset({"shipped", "delivered"})


@dataclass(frozen=True, slots=True)
class Step:
    """One station of an order's way, and whether it lies behind it."""

    name: str
    is_done: bool


@require_safe
@for_visitors
def track(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show how far an order is; to a guest without papers, which carry addresses."""
    order, words = visitor.order, visitor.words
    shipments = order_shipments(SHOPPER, order.id)
    parcels = [as_followed(s) for s in shipments if s.shipment.status in _ON_THE_ROAD]
    ready = [s for s in shipments if s.shipment.shown_status == "ready"]
    requests = return_request_page(
        SHOPPER, ReturnRequestFilters(order_id=order.id), limit=50
    ).items  # fmt: skip
    every, hidden = order_invoices(SHOPPER, order.id), hidden_from_buyer(order.id)
    papers = [] if visitor.is_guest else hidden.papers(every)
    facts = line_facts([order.id])[order.id]
    return show(
        request,
        "track",
        visitor.language,
        visitor=visitor,
        status_text=words[f"status_{_status(order, parcels, ready)}"],
        steps=_steps(order, parcels, ready),
        ready=[(found, plain_day(found.shipment.collect_by, visitor.language)) for found in ready if found.shipment.collect_by],
        questions=[] if visitor.is_guest else open_questions(order.id),
        lines=hidden.lines(order_lines([order.id])[order.id]),
        total=money(order.grand_total_minor - order.cancelled_minor, order.currency, visitor.language),
        placed_on=day(order.placed_at, visitor),
        parcels=parcels,
        papers=[(paper, money(paper.gross_minor, paper.currency, visitor.language)) for paper in papers],
        requests=[(found, words[standing(found)]) for found in requests if not found.is_gift],
        withdrawals=[
            (found, day(found.received_at, visitor))
            # The receipt shows a name and an address, which a guest has not given.
            for found in ([] if visitor.is_guest else _stated(order))
        ],
        refunds=[
            (refund, money(refund.amount_minor, refund.currency, visitor.language))
            for refund in hidden.refunds(order_refunds(SHOPPER, order.id), every)
            if refund.status in {"approved", "submitted", "succeeded"} and refund.via != "exchange"
        ],
        may_return=visitor.shop.return_portal and any(line.can_be_announced for line in facts),
        may_withdraw=visitor.shop.withdrawal_portal and any(line.can_be_announced or line.unsent for line in facts),
        now=clock.now(),
    )  # fmt: skip


def _stated(order: OrderRow) -> list[WithdrawalRow]:
    return withdrawal_page(SHOPPER, WithdrawalFilters(order_id=order.id)).items


def _status(order: OrderRow, parcels: list[ShipmentDetail], ready: list[ShipmentDetail]) -> str:
    if order.collect_at:
        return (
            "ready"
            if ready
            else {"shipped": "collected", "partially_shipped": "awaiting_shipment"}.get(
                order.status, order.status
            )
        )
    if order.status == "awaiting_stock" and is_only_travelling(SHOPPER, order.id):
        return "gathering"
    if order.status == "shipped" and all(p.shipment.status == "delivered" for p in parcels):
        return "delivered"
    return order.status


def _steps(
    order: OrderRow, parcels: list[ShipmentDetail], ready: list[ShipmentDetail]
) -> list[Step]:
    if order.status == "cancelled":
        return []
    is_paid = order.on_account or order.due_minor <= 0
    is_sent = order.status == "shipped"
    if order.collect_at:
        return [
            Step("received", is_done=True),
            Step("paid", is_done=is_paid),
            Step("ready", is_done=is_sent or bool(ready)),
            Step("collected", is_done=is_sent),
        ]
    return [
        Step("received", is_done=True),
        Step("paid", is_done=is_paid),
        Step("shipped", is_done=is_sent),
        Step("delivered", is_done=is_sent and _status(order, parcels, ready) == "delivered"),
    ]


@require_safe
@for_visitors
def invoice(request: HttpRequest, visitor: Visitor, number: str) -> HttpResponse:
    """Serve one of the order's invoices as it was issued; a guest has none."""
    every = [] if visitor.is_guest else order_invoices(SHOPPER, visitor.order.id)
    papers = hidden_from_buyer(visitor.order.id).papers(every)
    chosen = next((paper for paper in papers if paper.number == number), None)
    if chosen is None:
        return show(request, "gone", visitor.language, 404)
    try:
        document = invoice_document(chosen.id, "pdf", actor=SHOPPER)
    except Refusal:
        return show(request, "gone", visitor.language, 409)
    answer = HttpResponse(document.content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{document.name}"'
    return answer
