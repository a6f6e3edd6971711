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
