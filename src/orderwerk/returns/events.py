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
