"""How each status looks: its tone, by kind of thing. The words themselves belong to the rooms."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwerk.accounts.models import Role
from orderwerk.allocations.statuses import AllocationStatus
from orderwerk.emails.statuses import BounceKind, EmailStatus
from orderwerk.invoices.statuses import CreditStatus, InvoiceStatus
from orderwerk.orders.cancel_statuses import CancelRequestStatus
from orderwerk.orders.statuses import OrderStatus
from orderwerk.orders.substitution_statuses import SubstitutionStatus
from orderwerk.payments.capture_statuses import CaptureStatus
from orderwerk.payments.statuses import PaymentStatus
from orderwerk.picklists.statuses import PickListStatus
from orderwerk.refunds.credit_statuses import StoreCreditStatus
from orderwerk.refunds.statuses import RefundStatus
from orderwerk.return_requests.label_statuses import ReturnLabelStatus
from orderwerk.return_requests.statuses import ReturnRequestStatus
from orderwerk.returns.claim_statuses import ClaimStatus
from orderwerk.returns.exchange_statuses import ExchangeStatus
from orderwerk.returns.statuses import ReturnStatus
from orderwerk.shipments.exception_statuses import ExceptionStatus, Problem
from orderwerk.shipments.label_statuses import ShippingLabelStatus
from orderwerk.shipments.statuses import ShipmentStatus
from orderwerk.stock.statuses import InboundStatus

Word = tuple[str, str | Promise]

# kind → status → (tone, word). Hollow tones are waiting, filled ones are under way or done.
PILLS: dict[str, dict[str, Word]] = {
    "order": {
        OrderStatus.AWAITING_PAYMENT: ("amber hollow", OrderStatus.AWAITING_PAYMENT.label),
        OrderStatus.ON_HOLD: ("red", OrderStatus.ON_HOLD.label),
        OrderStatus.AWAITING_STOCK: ("orange hollow", OrderStatus.AWAITING_STOCK.label),
        OrderStatus.AWAITING_SHIPMENT: ("blue hollow", OrderStatus.AWAITING_SHIPMENT.label),
        OrderStatus.PARTIALLY_SHIPPED: ("teal", OrderStatus.PARTIALLY_SHIPPED.label),
        OrderStatus.SHIPPED: ("green", OrderStatus.SHIPPED.label),
        OrderStatus.CANCELLED: ("neutral", OrderStatus.CANCELLED.label),
    },
    "allocation": {
        AllocationStatus.ALLOCATED: ("blue hollow", AllocationStatus.ALLOCATED.label),
        AllocationStatus.PICKING: ("amber", AllocationStatus.PICKING.label),
        AllocationStatus.PICKED: ("teal", AllocationStatus.PICKED.label),
        AllocationStatus.SHIPPED: ("green", AllocationStatus.SHIPPED.label),
        AllocationStatus.RELEASED: ("neutral", AllocationStatus.RELEASED.label),
    },
    "pick_list": {
        PickListStatus.OPEN: ("blue hollow", PickListStatus.OPEN.label),
        PickListStatus.PICKING: ("amber", PickListStatus.PICKING.label),
        PickListStatus.PICKED: ("green", PickListStatus.PICKED.label),
        PickListStatus.CANCELLED: ("neutral", PickListStatus.CANCELLED.label),
    },
    "shipment": {
        ShipmentStatus.OPEN: ("blue hollow", ShipmentStatus.OPEN.label),
        ShipmentStatus.ANNOUNCED: ("purple", ShipmentStatus.ANNOUNCED.label),
        ShipmentStatus.SHIPPED: ("green", ShipmentStatus.SHIPPED.label),
        ShipmentStatus.DELIVERED: ("green", ShipmentStatus.DELIVERED.label),
        ShipmentStatus.CANCELLED: ("neutral", ShipmentStatus.CANCELLED.label),
        # What the customer collects: announced, and delivered.
        "ready": ("purple", _("Ready to collect")),
        "collected": ("green", _("Collected")),
    },
    "return_request": {
        ReturnRequestStatus.REQUESTED: ("amber hollow", ReturnRequestStatus.REQUESTED.label),
        ReturnRequestStatus.APPROVED: ("blue", ReturnRequestStatus.APPROVED.label),
        ReturnRequestStatus.REJECTED: ("red", ReturnRequestStatus.REJECTED.label),
        ReturnRequestStatus.CANCELLED: ("neutral", ReturnRequestStatus.CANCELLED.label),
        ReturnRequestStatus.COMPLETED: ("green", ReturnRequestStatus.COMPLETED.label),
    },
    "shipping_label": {
        ShippingLabelStatus.ORDERED: ("blue hollow", ShippingLabelStatus.ORDERED.label),
        ShippingLabelStatus.MADE: ("green", ShippingLabelStatus.MADE.label),
        ShippingLabelStatus.FAILED: ("red", ShippingLabelStatus.FAILED.label),
        ShippingLabelStatus.VOID: ("neutral", ShippingLabelStatus.VOID.label),
        "in_doubt": ("orange", _("In doubt")),
        "elsewhere": ("red", _("Another address")),
    },
    "return_label": {
        ReturnLabelStatus.ORDERED: ("blue hollow", ReturnLabelStatus.ORDERED.label),
        ReturnLabelStatus.MADE: ("green", ReturnLabelStatus.MADE.label),
        ReturnLabelStatus.FAILED: ("red", ReturnLabelStatus.FAILED.label),
        "in_doubt": ("orange", _("In doubt")),
    },
    "claim": {
        ClaimStatus.OPEN: ("amber hollow", ClaimStatus.OPEN.label),
        ClaimStatus.REFUNDED: ("green", ClaimStatus.REFUNDED.label),
        ClaimStatus.REPLACED: ("green", ClaimStatus.REPLACED.label),
        ClaimStatus.REJECTED: ("red", ClaimStatus.REJECTED.label),
        ClaimStatus.REPAIRED: ("green", ClaimStatus.REPAIRED.label),
    },
    "exchange": {
        ExchangeStatus.OPEN: ("blue hollow", ExchangeStatus.OPEN.label),
        ExchangeStatus.PLACED: ("green", ExchangeStatus.PLACED.label),
        ExchangeStatus.DECLINED: ("amber", ExchangeStatus.DECLINED.label),
    },
    "cancel_request": {
        CancelRequestStatus.REQUESTED: ("red hollow", CancelRequestStatus.REQUESTED.label),
        CancelRequestStatus.ACCEPTED: ("neutral", CancelRequestStatus.ACCEPTED.label),
        CancelRequestStatus.REJECTED: ("amber", CancelRequestStatus.REJECTED.label),
    },
    "substitution": {
        SubstitutionStatus.PROPOSED: ("amber hollow", SubstitutionStatus.PROPOSED.label),
        SubstitutionStatus.ACCEPTED: ("green", SubstitutionStatus.ACCEPTED.label),
        SubstitutionStatus.DECLINED: ("neutral", SubstitutionStatus.DECLINED.label),
        SubstitutionStatus.EXPIRED: ("neutral", SubstitutionStatus.EXPIRED.label),
        SubstitutionStatus.WITHDRAWN: ("neutral", SubstitutionStatus.WITHDRAWN.label),
    },
    "exception": {
        ExceptionStatus.OPEN: ("red", ExceptionStatus.OPEN.label),
        ExceptionStatus.CLOSED: ("neutral", ExceptionStatus.CLOSED.label),
    },
    "problem": {problem.value: ("orange hollow", problem.label) for problem in Problem},
    "return": {
        ReturnStatus.TO_INSPECT: ("amber", ReturnStatus.TO_INSPECT.label),
        ReturnStatus.PROCESSED: ("green", ReturnStatus.PROCESSED.label),
    },
    "inbound": {
        InboundStatus.OPEN: ("blue hollow", InboundStatus.OPEN.label),
        "in_transit": ("amber", _("In transit")),
        InboundStatus.RECEIVED: ("green", InboundStatus.RECEIVED.label),
        InboundStatus.CANCELLED: ("neutral", InboundStatus.CANCELLED.label),
    },
    "payment": {
        PaymentStatus.PENDING: ("amber hollow", PaymentStatus.PENDING.label),
        PaymentStatus.AUTHORIZED: ("teal", PaymentStatus.AUTHORIZED.label),
        PaymentStatus.PAID: ("green", PaymentStatus.PAID.label),
        PaymentStatus.FAILED: ("red", PaymentStatus.FAILED.label),
        PaymentStatus.EXPIRED: ("neutral", PaymentStatus.EXPIRED.label),
    },
    "capture": {
        CaptureStatus.SUBMITTED: ("blue", CaptureStatus.SUBMITTED.label),
        CaptureStatus.SUCCEEDED: ("green", CaptureStatus.SUCCEEDED.label),
        CaptureStatus.FAILED: ("red", CaptureStatus.FAILED.label),
        "in_doubt": ("orange", _("In doubt")),
    },
    "bounce": {
        BounceKind.PERMANENT: ("red", BounceKind.PERMANENT.label),
        BounceKind.TEMPORARY: ("amber", BounceKind.TEMPORARY.label),
    },
    "debit_invoice": {
        InvoiceStatus.OPEN: ("amber hollow", InvoiceStatus.OPEN.label),
        InvoiceStatus.PAID: ("green", InvoiceStatus.PAID.label),
    },
    "credit_invoice": {
        InvoiceStatus.OPEN: ("amber hollow", _("To be refunded")),
        InvoiceStatus.PAID: ("green", _("Settled")),
    },
    "credit_status": {
        CreditStatus.NONE: ("neutral", CreditStatus.NONE.label),
        CreditStatus.PARTIAL: ("purple hollow", CreditStatus.PARTIAL.label),
        CreditStatus.FULL: ("purple", CreditStatus.FULL.label),
    },
    "refund": {
        RefundStatus.AWAITING_APPROVAL: ("amber hollow", RefundStatus.AWAITING_APPROVAL.label),
        RefundStatus.APPROVED: ("blue hollow", RefundStatus.APPROVED.label),
        RefundStatus.SUBMITTED: ("blue", RefundStatus.SUBMITTED.label),
        RefundStatus.SUCCEEDED: ("green", RefundStatus.SUCCEEDED.label),
        RefundStatus.FAILED: ("red", RefundStatus.FAILED.label),
        RefundStatus.REJECTED: ("neutral", RefundStatus.REJECTED.label),
        "in_doubt": ("orange", _("In doubt")),
        "came_back": ("red hollow", _("Came back")),
    },
    "store_credit": {
        StoreCreditStatus.ACTIVE: ("green hollow", StoreCreditStatus.ACTIVE.label),
        StoreCreditStatus.USED: ("neutral", StoreCreditStatus.USED.label),
        StoreCreditStatus.EXPIRED: ("amber", StoreCreditStatus.EXPIRED.label),
        "contested": ("red", _("Contested")),
    },
    "email": {
        EmailStatus.QUEUED: ("blue hollow", EmailStatus.QUEUED.label),
        EmailStatus.SENDING: ("blue", EmailStatus.SENDING.label),
        EmailStatus.SENT: ("green", EmailStatus.SENT.label),
        EmailStatus.KEPT: ("amber hollow", EmailStatus.KEPT.label),
        EmailStatus.UNKNOWN: ("orange", EmailStatus.UNKNOWN.label),
        EmailStatus.FAILED: ("red", EmailStatus.FAILED.label),
    },
    "role": {
        Role.OWNER: ("purple plain", Role.OWNER.label),
        Role.CUSTOMER_SERVICE: ("blue plain", Role.CUSTOMER_SERVICE.label),
        Role.WAREHOUSE: ("teal plain", Role.WAREHOUSE.label),
        Role.FINANCE: ("amber plain", Role.FINANCE.label),
        Role.READ_ONLY: ("neutral plain", Role.READ_ONLY.label),
    },
    "active": {
        "yes": ("green", _("Active")),
        "no": ("neutral", _("Inactive")),
        "expired": ("amber", _("Expired")),
        "revoked": ("neutral", _("Revoked")),
    },
}

# What carriers report, in words.
STEPS: dict[str, str | Promise] = {
    "handed_over": _("Handed over to the carrier"),
    "in_transit": _("On its way"),
    "out_for_delivery": _("Out for delivery"),
    "not_home": _("Nobody at home"),
    "delivered": _("Delivered"),
    "returning": _("Coming back"),
    **{problem.value: problem.label for problem in Problem},
}

# Why no VAT is charged, by category of EN 16931.
TAX_REASONS: dict[str, str | Promise] = {
    "K": _("supply within the EU"),
    "G": _("export"),
    "AE": _("reverse charge"),
    "E": _("exempt"),
    "Z": _("zero rate"),
}
# All of those categories in words.
TAX_CATEGORIES = {"S": _("taxed"), **TAX_REASONS}

# How a batch keeps its orders apart.
METHODS: dict[str, str | Promise] = {
    "singles": _("One-piece orders"),
    "totes": _("Sorted into totes"),
    "sort": _("Sorted afterwards"),
}

# Why what lies in a bin changed.
MOVEMENTS: dict[str, str | Promise] = {
    "counted": _("Counted"),
    "adjusted": _("Corrected"),
    "received": _("Received"),
    "transferred_out": _("Sent to another location"),
    "transferred_in": _("Came from another location"),
    "picked": _("Picked"),
    "unpicked": _("Put back"),
    "shipped": _("Shipped"),
    "unshipped": _("Shipping undone"),
    "short": _("Not found while picking"),
    "moved": _("Moved to another bin"),
    "returned": _("Came back from a customer"),
}


def pill_of(kind: str, status: str) -> Word:
    """Return the tone and the word for a status."""
    return PILLS[kind][status]


# Why a bin is to be counted, where nobody wrote it.
COUNT_CAUSES: dict[str, str | Promise] = {
    "cycle count a": _("Its turn has come (class A)"),
    "cycle count b": _("Its turn has come (class B)"),
    "cycle count c": _("Its turn has come (class C)"),
    "told after it was counted": _("Told after it was counted"),
}
