"""THE table of late reactions: event kind → jobs. Every reaction of the system that is not in the same transaction.

The relay reads it. Jobs run at least once, so each is repeatable and checks the status under lock.
"""

from orderwerk.allocations.events import CHANNEL_STOCK_SET, ORDER_TO_GATHER
from orderwerk.catalog.events import PRODUCT_CREATED
from orderwerk.core.events import EventKind
from orderwerk.emails.events import EMAIL_QUEUED
from orderwerk.invoices.events import (
    INVOICE_CREDIT_ISSUED,
    INVOICE_ISSUED,
    INVOICE_REFUNDABLE_RAISED,
)
from orderwerk.orders.events import (
    ORDER_CANCELLED,
    ORDER_DEALLOCATED,
    ORDER_NOT_ROUTED,
    ORDER_PAYMENT_CHANGED,
    ORDER_PICKED,
    ORDER_PLACED,
    ORDER_RELEASED,
    ORDER_REVIVED,
    SUBSTITUTION_PROPOSED,
)
from orderwerk.payments.events import (
    ACCOUNT_CHECK_ASKED,
    CAPTURE_RETRIED,
    CAPTURE_SUBMITTED,
    PAYMENT_CHARGED_BACK,
    PAYMENT_NOTICED,
)
from orderwerk.refunds.events import (
    REFUND_ACCEPTED,
    REFUND_APPROVED,
    REFUND_CREATED,
    REFUND_RETRIED,
    REFUND_SUBMITTED,
    REFUND_SUCCEEDED,
    STORE_CREDIT_GIVEN_BACK,
    STORE_CREDIT_ISSUED,
    STORE_CREDIT_STOPPED,
)
from orderwerk.return_requests.events import (
    RETURN_LABEL_MADE,
    RETURN_LABEL_ORDERED,
    RETURN_REQUEST_APPROVED,
    RETURN_REQUEST_BOXED,
    RETURN_REQUEST_KEPT,
    RETURN_REQUEST_RECEIVED,
    RETURN_REQUEST_REJECTED,
    WITHDRAWAL_RECEIVED,
)
from orderwerk.returns.events import (
    CLAIM_REJECTED,
    CLAIM_REPAIRED,
    EXCHANGE_ASKED,
    REPAIR_RECEIVED,
    RETURN_PROCESSED,
    RETURN_RESTOCKED,
)
from orderwerk.shipments.events import (
    SHIPMENT_ANNOUNCED,
    SHIPMENT_CANCELLED,
    SHIPMENT_DELIVERED,
    SHIPMENT_PACKED,
    SHIPMENT_READY,
    SHIPMENT_SHIPPED,
    SHIPPING_LABEL_ORDERED,
)
from orderwerk.shops.events import SHOP_LOCATIONS_SET, SHOP_UPDATED
from orderwerk.stock.events import (
    INBOUND_CLOSED,
    LOCATION_UPDATED,
    LOT_SET,
    SAFETY_STOCK_SET,
    STOCK_ADJUSTED,
    STOCK_COUNTED,
    STOCK_RECEIVED,
    STOCK_REPAIRED,
    STOCK_TRANSFERRED,
)

_TABLE: dict[EventKind, tuple[str, ...]] = {
    # Stock has become free: waiting orders may have it.
    STOCK_COUNTED: ("backorders.release",),
    STOCK_ADJUSTED: ("backorders.release",),
    STOCK_RECEIVED: ("backorders.release",),
    STOCK_REPAIRED: ("backorders.release",),
    STOCK_TRANSFERRED: ("backorders.release",),
    SAFETY_STOCK_SET: ("backorders.release",),
    LOT_SET: ("backorders.release",),
    # What does not travel on lies where it came from.
    INBOUND_CLOSED: ("backorders.release",),
    CHANNEL_STOCK_SET: ("backorders.release",),
    ORDER_CANCELLED: ("backorders.release", "invoices.issue", "payments.capture", "emails.write"),
    ORDER_DEALLOCATED: ("backorders.release", "substitutions.propose"),
    # Something was not found, or another article may be sent: the customer is asked.
    ORDER_PICKED: ("substitutions.propose",),
    SUBSTITUTION_PROPOSED: ("emails.write",),
    SHIPMENT_CANCELLED: ("backorders.release", "invoices.issue"),
    # The carrier is asked for the labels of its packages, and makes them.
    SHIPMENT_ANNOUNCED: ("shipping_labels.order",),
    SHIPMENT_PACKED: ("shipping_labels.order",),
    SHIPPING_LABEL_ORDERED: ("shipping_labels.make",),
    # A closed location sends nothing more; what lies at one that is open again is free.
    LOCATION_UPDATED: ("allocations.leave_closed", "backorders.release"),
    SHOP_LOCATIONS_SET: ("backorders.release",),
    # Who waits is served by itself from now on.
    SHOP_UPDATED: ("backorders.release",),
    # A rule sends the order nowhere: somebody has to look.
    ORDER_NOT_ROUTED: ("orders.hold_unrouted",),
    # A rule wants it in one shipment: what lies elsewhere sets out.
    ORDER_TO_GATHER: ("orders.gather",),
    # A hold may have kept it from that.
    ORDER_RELEASED: ("orders.gather",),
    RETURN_RESTOCKED: ("backorders.release",),
    # What is announced to come back, and what came: the customer hears of it.
    RETURN_REQUEST_RECEIVED: ("emails.write", "return_labels.order"),
    RETURN_REQUEST_APPROVED: ("emails.write", "return_labels.order"),
    # What travels by itself again gets a label of its own.
    RETURN_REQUEST_BOXED: ("return_labels.order",),
    # The carrier is asked for the label; the customer hears of it when it is there.
    RETURN_LABEL_ORDERED: ("return_labels.make",),
    RETURN_LABEL_MADE: ("emails.write",),
    RETURN_REQUEST_REJECTED: ("emails.write",),
    RETURN_REQUEST_KEPT: ("emails.write",),
    RETURN_PROCESSED: ("emails.write",),
    # What came for repair, and how it went back; other claims that are rejected are written about by hand.
    REPAIR_RECEIVED: ("emails.write",),
    CLAIM_REPAIRED: ("emails.write",),
    CLAIM_REJECTED: ("emails.write",),
    WITHDRAWAL_RECEIVED: ("emails.write",),
    # The return's credit pays for a new order; what is over of it goes back.
    EXCHANGE_ASKED: ("exchanges.place",),
    # A sku that orders waited for is known now.
    PRODUCT_CREATED: ("orders.map_lines",),
    # What was issued is held against the norm; what was credited is paid back, as the shop does it.
    INVOICE_ISSUED: ("invoices.hold_against_norm",),
    INVOICE_CREDIT_ISSUED: ("invoices.hold_against_norm", "refunds.create"),
    INVOICE_REFUNDABLE_RAISED: ("refunds.create",),
    REFUND_CREATED: ("refunds.submit",),
    REFUND_APPROVED: ("refunds.submit",),
    REFUND_RETRIED: ("refunds.submit",),
    # What goes through a payment provider is sent to it.
    REFUND_SUBMITTED: ("refunds.send",),
    REFUND_ACCEPTED: ("emails.write",),
    # Of a payment that was charged back too little may be left now for what was handed on before.
    REFUND_SUCCEEDED: ("emails.write", "orders.hold_charged_back"),
    STORE_CREDIT_ISSUED: ("emails.write",),
    STORE_CREDIT_GIVEN_BACK: ("emails.write",),
    STORE_CREDIT_STOPPED: ("emails.write",),
    PAYMENT_NOTICED: ("payments.look",),
    # What was authorised is taken when goods leave, and let go when nothing is open any more.
    CAPTURE_SUBMITTED: ("captures.send",),
    CAPTURE_RETRIED: ("captures.send",),
    PAYMENT_CHARGED_BACK: ("orders.hold_charged_back", "invoices.issue"),
    ACCOUNT_CHECK_ASKED: ("payments.check_account",),
    # What is due is invoiced, what was cancelled afterwards is credited; the customer hears of it.
    ORDER_REVIVED: ("invoices.issue",),
    ORDER_PLACED: ("invoices.issue", "emails.write"),
    ORDER_PAYMENT_CHANGED: ("invoices.issue", "payments.capture", "emails.write"),
    SHIPMENT_SHIPPED: ("invoices.issue", "payments.capture", "emails.write"),
    SHIPMENT_READY: ("emails.write",),
    SHIPMENT_DELIVERED: ("emails.write",),
    EMAIL_QUEUED: ("emails.send",),
}

ROUTES: dict[str, tuple[str, ...]] = {kind.name: jobs for kind, jobs in _TABLE.items()}
