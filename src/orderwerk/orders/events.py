"""What an order's history tells."""

from orderwerk.core.events import declare

ORDER_PLACED = declare(
    "order.placed", "An order came in from a webshop.", "number", "lines", "units"
)
ORDER_UPDATED = declare("order.updated", "Address, contact, comment or tags changed.", "changes")
ORDER_ALLOCATED = declare(
    "order.allocated", "Pieces were claimed at stock locations.", "units", "locations"
)
ORDER_DEALLOCATED = declare(
    "order.deallocated", "Claims on stock were given back.", "units", "reason"
)
ORDER_PICKED = declare("order.picked", "Pieces were collected.", "units")
ORDER_UNPICKED = declare("order.unpicked", "Collected pieces were put back.", "units")
ORDER_SHIPPED = declare("order.shipped", "Pieces left a location.", "shipment", "units")
ORDER_UNSHIPPED = declare(
    "order.unshipped", "A shipment that had left was cancelled.", "shipment", "units"
)
ORDER_CANCELLED = declare(
    "order.cancelled",
    "Lines or quantities were cancelled; `kept_minor` is what the customer pays for them all the same.",
    "units",
    "value_minor",
    "reason",
    "kept_minor",
)
ORDER_REVIVED = declare("order.revived", "A late payment brought an expired order back.", "units")
ORDER_HELD = declare(
    "order.held",
    "A hold was put on the order, by somebody or by a rule of the shop.",
    "reason",
    "until",
    "owner",
    "rule",
    "because",
)
ORDER_HOLD_HANDED_OVER = declare(
    "order.hold_handed_over", "Somebody else deals with the holds on the order now.", "owner"
)
HOLD_RULES_SET = declare(
    "hold_rules.set", "The rules by which a shop puts new orders on hold changed.", "shop", "rules"
)
ORDER_RELEASED = declare("order.released", "The holds on the order were released.", "holds")
ORDER_ERASED = declare(
    "order.erased",
    "The personal data of an order was erased; what the law wants kept stays.",
    "why",
)
ORDER_PAYMENT_CHANGED = declare(
    "order.payment_changed",
    "What has been paid or authorised changed.",
    "paid_minor",
    "authorized_minor",
)
ORDER_LINES_MAPPED = declare(
    "order.lines_mapped", "Lines with an unknown sku got their product.", "skus"
)
ORDER_NOT_ROUTED = declare(
    "order.not_routed",
    "A routing rule lets nothing of the order go.",
    "rule",
    "group",
    "otherwise",
    "code",
)
ORDER_RETURNED = declare("order.returned", "Pieces of the order came back.", "units")
CANCEL_REQUEST_MADE = declare(
    "cancel_request.made",
    "Customer service wants pieces cancelled that are being picked.",
    "units",
    "reason",
)
CANCEL_REQUEST_ACCEPTED = declare(
    "cancel_request.accepted", "The warehouse let the pieces go.", "units", "reason"
)
CANCEL_REQUEST_REJECTED = declare(
    "cancel_request.rejected",
    "The warehouse keeps the pieces; the order goes on.",
    "units",
    "reason",
)
SUBSTITUTION_PROPOSED = declare(
    "substitution.proposed",
    "The customer is asked whether another article may come in the place of pieces of a line.",
    "units",
    "sku",
    "instead_of",
)
SUBSTITUTION_ACCEPTED = declare(
    "substitution.accepted",
    "The customer agreed: the pieces are cancelled, and the order has a line with the substitute.",
    "units",
    "sku",
    "instead_of",
    "via",
    "amount_minor",
)
SUBSTITUTION_DECLINED = declare(
    "substitution.declined",
    "The customer wants no other article; the order goes on waiting.",
    "units",
    "sku",
    "instead_of",
    "via",
)
SUBSTITUTION_EXPIRED = declare(
    "substitution.expired",
    "Nobody answered in time; the order goes on waiting.",
    "units",
    "sku",
    "instead_of",
)
SUBSTITUTION_WITHDRAWN = declare(
    "substitution.withdrawn",
    "The question no longer stands: withdrawn by hand, or fewer pieces are open than it was about.",
    "units",
    "sku",
    "instead_of",
    "reason",
)
