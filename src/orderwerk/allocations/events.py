"""What the history of allocations tells besides what orders tell themselves."""

from orderwerk.core.events import declare

ROUTING_RULES_SET = declare(
    "routing.rules_set", "A shop's routing rules changed.", "shop", "rules", "is_draft"
)
