"""What the history of return requests, reasons and policies tells."""

from orderwerk.core.events import declare

RETURN_REQUEST_RECEIVED = declare(
    "return_request.received", "Goods were announced to come back.", "number", "units", "origin"
)
RETURN_REQUEST_APPROVED = declare(
    "return_request.approved", "The customer may send the goods.", "number"
)
RETURN_REQUEST_REJECTED = declare(
    "return_request.rejected", "The customer may not send the goods.", "number", "reason"
)
RETURN_REQUEST_CANCELLED = declare(
    "return_request.cancelled", "The goods will not come.", "number", "reason"
)
RETURN_REQUEST_COMPLETED = declare(
    "return_request.completed", "The goods came back, announced or not.", "number"
)
RETURN_REQUEST_KEPT = declare(
    "return_request.kept",
    "The customer keeps what was announced, and gets its worth all the same.",
    "number",
    "reason",
)
RETURN_REASON_SAVED = declare(
    "return_reason.saved", "A return reason was added or changed.", "code", "changes"
)
RETURN_POLICY_SAVED = declare(
    "return_policy.saved", "A shop's rules for returns changed.", "changes"
)
RETURN_PHOTOS_ADDED = declare(
    "return_request.photos_added", "The customer sent pictures along.", "number", "photos"
)
WITHDRAWAL_RECEIVED = declare(
    "withdrawal.received",
    "The customer withdrew from the contract, or from a part of it.",
    "number",
    "in_time",
    "received_at",
    "return_request",
)
RETURN_CARRIER_SAVED = declare(
    "return_carrier.saved", "A shop's carrier for returns changed.", "carrier", "changes"
)
RETURN_LABEL_ORDERED = declare(
    "return_label.ordered", "A return label is asked for at the carrier.", "number", "attempt"
)
RETURN_LABEL_MADE = declare(
    "return_label.made", "The carrier has made the return label.", "number", "barcode"
)
RETURN_LABEL_FAILED = declare(
    "return_label.failed", "The carrier has made no return label.", "number", "reason"
)
RETURN_REQUEST_BOXED = declare(
    "return_request.boxed",
    "The goods travel in the box of another request, or (no box) in one of their own.",
    "number",
    "box",
)
