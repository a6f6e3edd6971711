"""THE table of what can be read: lists with their filters, single objects, and the scope that each needs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orderwerk.allocations.queries import AllocationFilters, allocation_detail, allocation_page
from orderwerk.allocations.rule_queries import routing_detail, routing_page
from orderwerk.allocations.statuses import AllocationStatus
from orderwerk.api.money_resources import MONEY_RESOURCES
from orderwerk.api.order_resources import ORDER_RESOURCES
from orderwerk.api.resource import Asked, Resource, each, one
from orderwerk.api.return_resources import RETURN_RESOURCES
from orderwerk.api.stock_resources import READ_STOCK, STOCK_RESOURCES
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Page
from orderwerk.emails.queries import EmailFilters, email_detail, email_page
from orderwerk.emails.statuses import EmailStatus
from orderwerk.emails.text_queries import TemplateFilters, template_detail, template_page
from orderwerk.invoices.queries import INVOICE_SORTS, InvoiceFilters, invoice_detail, invoice_page
from orderwerk.invoices.statuses import CreditStatus, InvoiceKind, InvoiceStatus
from orderwerk.memos.queries import MemoFilters, memo_detail, memo_page
from orderwerk.orders.cancel_queries import (
    CancelRequestFilters,
    cancel_request_detail,
    cancel_request_lines,
    cancel_request_page,
)
from orderwerk.orders.cancel_statuses import CancelRequestStatus
from orderwerk.orders.queries import (
    ORDER_SORTS,
    EventFilters,
    OrderFilters,
    cut_page,
    event_detail,
    event_feed,
    order_detail,
    order_events,
    order_links,
    order_page,
)
from orderwerk.orders.statuses import OrderStatus
from orderwerk.payments.queries import (
    PaymentFilters,
    payment_detail,
    payment_page,
    payments_of_orders,
)
from orderwerk.payments.statuses import PaymentStatus
from orderwerk.picklists.queries import PickListFilters, pick_list_detail, pick_list_page
from orderwerk.picklists.statuses import PickListStatus
from orderwerk.picklists.wave_queries import WaveFilters, wave_detail, wave_page
from orderwerk.schemas import (
    floor,
    goods,
    goods_rules,
    money,
    orders,
    records,
    shipping_labels,
)
from orderwerk.shipments.box_queries import BoxSizesFilters, box_sizes_detail, box_sizes_page
from orderwerk.shipments.carrier_queries import CarrierFilters, carrier_detail, carrier_page
from orderwerk.shipments.exception_queries import ExceptionFilters, exception_detail, exception_page
from orderwerk.shipments.exception_statuses import ExceptionStatus, Problem
from orderwerk.shipments.label_queries import (
    CarrierAccountFilters,
    ShippingLabelFilters,
    carrier_account_detail,
    carrier_account_page,
    shipping_label_detail,
    shipping_label_page,
)
from orderwerk.shipments.label_statuses import ShippingLabelStatus
from orderwerk.shipments.lot_queries import (
    LotShipmentFilters,
    lot_shipment_detail,
    lot_shipment_page,
    lots_of_shipments,
)
from orderwerk.shipments.queries import ShipmentFilters, shipment_detail, shipment_page
from orderwerk.shipments.rule_queries import (
    ShippingRulesFilters,
    shipping_rules_detail,
    shipping_rules_page,
)
from orderwerk.shipments.serial_queries import (
    SerialFilters,
    serial_detail,
    serial_page,
    serials_of_shipments,
)
from orderwerk.shipments.statuses import ShipmentStatus
from orderwerk.shops.queries import shop_detail, shop_page

# A page of orders has their lines too; it ends earlier when they are very many.
_MOST_LINES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFilters:
    """What the list of shops is narrowed to."""

    code: str | None = None


def _orders(asked: Asked) -> Page[Any]:
    page = order_page(asked.actor, asked.filters, sort=asked.sort, **asked.place)
    page = cut_page(page, asked.sort, _MOST_LINES)
    return Page(orders.orders(page.items), page.next)


def _order(actor: Actor, order_id: UUID) -> orders.Order:
    detail = order_detail(actor, order_id)
    payments, links = payments_of_orders([order_id]), order_links([order_id])
    pegged = orders.promised({order_id: detail.lines})
    return orders.order(detail.order, detail.lines, payments[order_id], links[order_id], pegged)


def _cancel_requests(asked: Asked) -> Page[Any]:
    page = cancel_request_page(asked.actor, asked.filters, **asked.place)
    lines = cancel_request_lines([row.id for row in page.items])
    return Page([records.cancel_request(row, lines[row.id]) for row in page.items], page.next)


def _cancel_request(actor: Actor, key: UUID) -> records.CancelRequest:
    detail = cancel_request_detail(actor, key)
    return records.cancel_request(detail.request, detail.lines)


def _pick_lists(asked: Asked) -> Page[Any]:
    page = pick_list_page(asked.actor, asked.filters, **asked.place)
    return Page(goods.pick_lists(asked.actor, page.items), page.next)


def _pick_list(actor: Actor, key: UUID) -> goods.PickList:
    detail = pick_list_detail(actor, key)
    return goods.pick_list(detail.pick_list, detail.lines)


def _shipments(asked: Asked) -> Page[Any]:
    page = shipment_page(asked.actor, asked.filters, **asked.place)
    return Page(goods.shipments(page.items), page.next)


def _shipment(actor: Actor, key: UUID) -> goods.Shipment:
    detail = shipment_detail(actor, key)
    lots = lots_of_shipments([detail.shipment.id])[detail.shipment.id]
    serials = serials_of_shipments([detail.shipment.id])[detail.shipment.id]
    return goods.shipment(detail.shipment, detail.parts, lots, serials)


def _invoices(asked: Asked) -> Page[Any]:
    page = invoice_page(asked.actor, asked.filters, sort=asked.sort, **asked.place)
    return Page(money.invoices(page.items), page.next)


def _shops(asked: Asked) -> Page[Any]:
    page = shop_page(asked.actor, code=asked.filters.code, **asked.place)
    return Page([records.shop(row) for row in page.items], page.next)


def _feed(asked: Asked) -> Page[Any]:
    with_people = asked.access.may("settings:read")
    page = event_feed(asked.actor, asked.filters, with_people=with_people, **asked.place)
    return Page([records.event(row) for row in page.items], page.next)


def history(actor: Actor, order_id: UUID, *, cursor: str | None, limit: int) -> Page[Any]:
    """Return a page of an order's history, newest first; refuses with NotFound an order that the actor may not see."""
    page = order_events(actor, order_id, cursor=cursor, limit=limit)
    if not page.items:
        order_detail(actor, order_id)
    return Page([records.event(row) for row in page.items], page.next)


def _event(actor: Actor, event_id: UUID) -> records.Event:
    return records.event(event_detail(actor, event_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingFilters:
    """What the list of routing rules is narrowed to."""

    shop: str | None = None


def _routing(asked: Asked) -> Page[Any]:
    page = routing_page(asked.actor, shop=asked.filters.shop, **asked.place)
    return Page([goods_rules.routing_rules(row) for row in page.items], page.next)


_READ_SHIPPING = ("shipping:read",)
_READ_ORDERS, _READ_BILLING = ("orders:read",), ("billing:read",)


RESOURCES = (
    *MONEY_RESOURCES,
    *STOCK_RESOURCES,
    Resource(
        "orders", _READ_ORDERS, orders.Order, OrderFilters, _orders, _order,
        {"status": OrderStatus.values}, tuple(ORDER_SORTS),
    ),
    Resource(
        "cancel-requests", ("orders:read", "shipping:read"), records.CancelRequest, CancelRequestFilters, _cancel_requests,
        _cancel_request, {"status": CancelRequestStatus.values},
    ),
    *ORDER_RESOURCES,
    Resource(
        "payments", _READ_BILLING, records.Payment, PaymentFilters, each(payment_page, records.payment),
        one(payment_detail, records.payment), {"status": PaymentStatus.values},
    ),
    Resource(
        "lot-shipments", ("orders:read",), floor.LotShipment, LotShipmentFilters,
        each(lot_shipment_page, floor.lot_shipment), one(lot_shipment_detail, floor.lot_shipment),
    ),
    Resource(
        "serials", ("orders:read",), floor.Serial, SerialFilters,
        each(serial_page, floor.serial), one(serial_detail, floor.serial),
    ),
    Resource(
        "routing-rules", ("settings:read",), goods_rules.RoutingRules, RoutingFilters, _routing,
        one(routing_detail, goods_rules.routing_rules),
    ),
    Resource(
        "allocations", READ_STOCK, goods.Allocation, AllocationFilters, each(allocation_page, goods.allocation),
        one(allocation_detail, goods.allocation), {"status": AllocationStatus.values},
    ),
    Resource(
        "pick-lists", _READ_SHIPPING, goods.PickList, PickListFilters, _pick_lists, _pick_list,
        {"status": PickListStatus.values},
    ),
    Resource(
        "waves", _READ_SHIPPING, goods.Wave, WaveFilters, each(wave_page, goods.wave), one(wave_detail, goods.wave),
    ),
    Resource(
        "shipments", _READ_SHIPPING, goods.Shipment, ShipmentFilters, _shipments, _shipment,
        {"status": ShipmentStatus.values, "label": ["ordered", "made", "failed", "none"]},
    ),
    Resource(
        "delivery-exceptions", ("orders:read", "shipping:read"), goods.DeliveryException, ExceptionFilters,
        each(exception_page, goods.delivery_exception), one(exception_detail, goods.delivery_exception),
        {"status": ExceptionStatus.values, "kind": Problem.values},
    ),
    Resource(
        "carriers", ("settings:read", "shipping:read"), goods_rules.Carrier, CarrierFilters,
        each(carrier_page, goods_rules.carrier), one(carrier_detail, goods_rules.carrier),
    ),
    Resource(
        "carrier-accounts", ("settings:read",), shipping_labels.CarrierAccount, CarrierAccountFilters,
        each(carrier_account_page, shipping_labels.carrier_account), one(carrier_account_detail, shipping_labels.carrier_account),
    ),
    Resource(
        "shipping-labels", _READ_SHIPPING, shipping_labels.ShippingLabel, ShippingLabelFilters,
        each(shipping_label_page, shipping_labels.shipping_label), one(shipping_label_detail, shipping_labels.shipping_label),
        {"status": ShippingLabelStatus.values},
    ),
    Resource(
        "box-sizes", ("settings:read",), goods_rules.BoxSizes, BoxSizesFilters,
        each(box_sizes_page, goods_rules.box_sizes), one(box_sizes_detail, goods_rules.box_sizes),
    ),
    Resource(
        "shipping-rules", ("settings:read",), goods_rules.ShippingRules, ShippingRulesFilters,
        each(shipping_rules_page, goods_rules.shipping_rules), one(shipping_rules_detail, goods_rules.shipping_rules),
    ),
    Resource(
        "invoices", _READ_BILLING, money.Invoice, InvoiceFilters, _invoices, one(invoice_detail, money.invoice),
        {"kind": InvoiceKind.values, "status": InvoiceStatus.values, "credit_status": CreditStatus.values}, tuple(INVOICE_SORTS),
    ),
    *RETURN_RESOURCES,
    Resource("memos", _READ_ORDERS, records.Memo, MemoFilters, each(memo_page, records.memo), one(memo_detail, records.memo)),
    Resource(
        "emails", _READ_ORDERS, records.Email, EmailFilters, each(email_page, records.email),
        one(email_detail, records.email), {"status": EmailStatus.values},
    ),
    Resource(
        "email-templates", ("settings:read",), records.EmailTemplate, TemplateFilters,
        each(template_page, records.email_template), one(template_detail, records.email_template),
    ),
    Resource("shops", ("settings:read", "orders:read"), records.Shop, ShopFilters, _shops, one(shop_detail, records.shop)),
    Resource("events", _READ_ORDERS, records.Event, EventFilters, _feed, _event),
)  # fmt: skip
