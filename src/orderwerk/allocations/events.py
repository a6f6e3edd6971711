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
ORDER_CONSOLIDATED = declare(
    "order.consolidated",
    "Pieces of the order left one location for another, to go from there in one shipment.",
    "transfer",
    "from",
    "to",
    "units",
)
ORDER_TO_GATHER = declare(
    "order.to_gather",
    "A routing rule wants the order to leave in one shipment, and its pieces lie at several locations.",
    "rule",
)
ORDER_NOT_GATHERED = declare(
    "order.not_gathered",
    "What a routing rule wants in one shipment could not be gathered now; the release of a hold tries again, nothing else does.",
    "rule",
    "code",
    "to",
)
ORDER_TRANSFER_ENDED = declare(
    "order.transfer_ended",
    "Pieces that travelled for the order come for it no longer.",
    "transfer",
    "units",
    "reason",
)
ROUTING_RULES_SET = declare(
    "routing.rules_set",
    "A shop's groups of routing rules changed; `rules` are those of the groups that are on, in one list.",
    "shop",
    "groups",
    "rules",
    "is_draft",
)
