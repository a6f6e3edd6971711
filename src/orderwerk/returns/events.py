"""What the history of returns tells."""

from orderwerk.core.events import declare

RETURN_PROCESSED = declare(
    "return.processed", "Goods came back and were booked.", "number", "units", "notify", "credit"
)
RETURN_INSPECTED = declare(
    "return.inspected", "Somebody decided what becomes of goods that came back.", "number", "units"
)
RETURN_RESTOCKED = declare(
    "return.restocked", "Goods that came back lie in stock again.", "sku", "location", "quantity", "number"
)  # fmt: skip
RETURN_FOUND = declare(
    "return.found",
    "Something lay in the box that never was of the order.",
    "number",
    "sku",
    "text",
    "quantity",
)
EXCHANGE_ASKED = declare(
    "exchange.asked",
    "The customer gets other articles for goods that came back.",
    "return",
    "units",
)
EXCHANGE_PLACED = declare(
    "exchange.placed",
    "The new order of an exchange was placed, and what the return was credited for paid for it.",
    "return",
    "order",
    "amount_minor",
)
EXCHANGE_DECLINED = declare(
    "exchange.declined",
    "An exchange could not be: the credit is paid back instead.",
    "return",
    "note",
)
CLAIM_MADE = declare(
    "claim.made",
    "Goods arrived damaged, or never, and the customer wants something for them.",
    "number",
    "units",
    "kind",
    "note",
)
CLAIM_REFUNDED = declare(
    "claim.refunded",
    "What was claimed is paid back, without anything coming back.",
    "number",
    "note",
)
CLAIM_REPLACED = declare(
    "claim.replaced", "What was claimed is sent once more, for nothing.", "number", "order", "note"
)
REPAIR_RECEIVED = declare(
    "claim.repair_received", "Goods came in for repair.", "number", "units", "kind", "note"
)
CLAIM_REPAIRED = declare(
    "claim.repaired",
    "What came in for repair went back to the customer, repaired.",
    "number",
    "note",
)
CLAIM_PHOTOS_ADDED = declare(
    "claim.photos_added", "Pictures of what a claim is about came in.", "number", "photos"
)
CLAIM_REJECTED = declare("claim.rejected", "A claim was rejected.", "number", "note")
