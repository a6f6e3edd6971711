"""What the history of allocations tells besides what orders tell themselves."""

from orderwerk.core.events import declare

CHANNEL_STOCK_SET = declare(
    "channel_stock.set",
    "What is kept for a shop, or not offered to it, changed.",
    "sku",
    "location",
    "shop",
    "reserved",
    "safety_stock",
)
ROUTING_RULES_SET = declare(
    "routing.rules_set", "A shop's routing rules changed.", "shop", "rules", "is_draft"
)
