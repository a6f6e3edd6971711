"""What the history of stock tells."""

from orderwerk.core.events import declare

LOCATION_CREATED = declare("location.created", "A stock location was set up.", "code")
POSTAL_PLACES_SAVED = declare(
    "postal_places.saved", "Where postal codes of a country lie was taken in.", "country", "codes"
)
LOCATION_UPDATED = declare("location.updated", "A stock location's data changed.", "changes")
STOCK_COUNTED = declare(
    "stock.counted", "A quantity was counted.", "sku", "location", "bin", "lot", "before", "counted"
)
STOCK_COUNT_REQUESTED = declare(
    "stock.count_requested", "A bin should be counted.", "sku", "location", "bin", "reason"
)
COUNT_PLAN_SET = declare(
    "count_plan.set",
    "How often the bins of a location are counted.",
    "location",
    "a_days",
    "b_days",
    "c_days",
    "basis",
    "look_back_days",
    "most_a_day",
)
STOCK_ADJUSTED = declare(
    "stock.adjusted",
    "Stock was corrected by a difference.",
    "sku",
    "location",
    "bin",
    "lot",
    "difference",
    "reason",
)
LOT_SET = declare(
    "stock.lot_set",
    "A lot came in for the first time, was blocked, let go, or its day changed.",
    "sku",
    "lot",
    "expires_on",
    "blocked",
    "reason",
)
STOCK_TRANSFERRED = declare(
    "stock.transferred", "Goods went from one location to another.", "sku", "from", "to", "quantity"
)
STOCK_RELOCATED = declare(
    "stock.relocated",
    "Goods went from one bin to another.",
    "sku",
    "location",
    "from",
    "to",
    "lot",
    "quantity",
    "moved_at",
    "reference",
)
STOCK_SCAN_REFUSED = declare(
    "stock.scan_refused",
    "Something else was scanned than asked for.",
    "flow",
    "step",
    "code",
    "expected",
)
SAFETY_STOCK_SET = declare(
    "stock.safety_set", "The safety stock changed.", "sku", "location", "before", "after"
)
BIN_SET = declare(
    "bin.set",
    "A bin was made or moved in the walking route.",
    "location",
    "bin",
    "position",
    "zone",
    "use",
    "aisle",
    "depth",
)
STOCK_RECEIVED = declare(
    "stock.received",
    "Goods came in.",
    "sku",
    "location",
    "bin",
    "lot",
    "quantity",
    "inbound",
    "reference",
)
INBOUND_CREATED = declare(
    "inbound.created", "Goods are on their way.", "number", "kind", "location", "units"
)
INBOUND_CHANGED = declare(
    "inbound.changed", "What is expected, or when, changed.", "number", "changes"
)
INBOUND_RECEIVED = declare("inbound.received", "Goods on their way came in.", "number", "units")
INBOUND_CLOSED = declare(
    "inbound.closed", "The rest will not come.", "number", "units", "reason", "back_to_origin"
)
STOCK_REPAIRED = declare(
    "stock.repaired",
    "Counters were set to what their ledger and claims say.",
    "sku",
    "location",
    "before",
    "after",
)
STOCK_DIFFERENCE_FOUND = declare(
    "stock.difference_found",
    "The nightly self-check found a counter that is not what the ledger, claims and pick lists say.",
    "sku",
    "location",
    "differences",
    "bins_wrong",
)
