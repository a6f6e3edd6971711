"""What a shipment's history tells."""

from orderwerk.core.events import declare

SHIPMENT_OPENED = declare(
    "shipment.opened", "Goods of an order wait at a location.", "number", "units"
)
SHIPMENT_LINES_CHANGED = declare(
    "shipment.lines_changed", "What the shipment holds changed.", "number", "added", "removed"
)
SHIPMENT_UPDATED = declare("shipment.updated", "Packages, carrier or tracking changed.", "changes")
SHIPMENT_PACKED = declare(
    "shipment.packed",
    "Every piece was checked at the packing table.",
    "number",
    "packages",
    "weight_grams",
    "wrong_scans",
)
SHIPMENT_ANNOUNCED = declare("shipment.announced", "The carrier was told beforehand.", "carrier")
SHIPMENT_SHIPPED = declare(
    "shipment.shipped", "The goods left the location.", "notify", "tracking_code"
)
SHIPMENT_DELIVERED = declare("shipment.delivered", "The parcel arrived.", "at")
SHIPMENT_TRACKED = declare(
    "shipment.tracked", "The carrier reported a step.", "status", "at", "text", "place"
)
SHIPMENT_CANCELLED = declare(
    "shipment.cancelled", "The shipment does not go, or its going was undone.", "reason"
)
