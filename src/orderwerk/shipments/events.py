"""What a shipment's history tells."""

from orderwerk.core.events import declare

SHIPMENT_OPENED = declare(
    "shipment.opened", "Goods of an order wait at a location.", "number", "units"
)
SHIPMENT_LINES_CHANGED = declare(
    "shipment.lines_changed",
    "What the shipment holds changed, or, without `added` and `removed`, in which lines it holds it.",
    "number",
    "added",
    "removed",
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
SHIPMENT_SCAN_REFUSED = declare(
    "shipment.scan_refused",
    "Something was scanned at the packing table that does not belong into the box.",
    "number",
    "step",
    "code",
    "expected",
)
SHIPMENT_SERIALS_RECORDED = declare(
    "shipment.serials_recorded",
    "Which pieces lie in it was recorded by serial number, or taken off again.",
    "number",
    "added",
    "removed",
)
SHIPMENT_ANNOUNCED = declare("shipment.announced", "The carrier was told beforehand.", "carrier")
SHIPMENT_READY = declare(
    "shipment.ready",
    "The goods lie ready at the counter for the customer who collects them.",
    "number",
    "collect_by",
)
SHIPMENT_SHIPPED = declare(
    "shipment.shipped", "The goods left the location.", "notify", "tracking_code"
)
SHIPMENT_DELIVERED = declare(
    "shipment.delivered", "The parcel arrived, with all of its packages.", "at", "tracking_code"
)
SHIPMENT_TRACKED = declare(
    "shipment.tracked",
    "The carrier reported a step.",
    "status",
    "at",
    "text",
    "place",
    "tracking_code",
)
SHIPMENT_COMBINED = declare(
    "shipment.combined", "The shipment travels in the parcel of another one.", "number", "with"
)
SHIPMENT_SEPARATED = declare(
    "shipment.separated", "The shipment travels by itself again.", "number"
)
BOX_SIZES_SET = declare("box_sizes.set", "In which boxes a shop packs changed.", "shop", "boxes")
SHIPPING_LABEL_ORDERED = declare(
    "shipping_label.ordered",
    "The carrier is asked for the label of a package.",
    "number",
    "package",
    "attempt",
)
SHIPPING_LABEL_MADE = declare(
    "shipping_label.made",
    "The carrier made the label of a package.",
    "number",
    "package",
    "barcode",
)
SHIPPING_LABEL_FAILED = declare(
    "shipping_label.failed",
    "The carrier made no label of a package.",
    "number",
    "package",
    "reason",
)
SHIPPING_LABEL_REFUSED = declare(
    "shipping_label.refused",
    "A shipment whose carrier makes labels by itself cannot have one as it stands.",
    "number",
    "reason",
)
SHIPPING_LABEL_VOIDED = declare(
    "shipping_label.voided",
    "The label of a package was given up: it is not printed any more.",
    "number",
    "package",
    "barcode",
    "why",
)
CARRIER_ACCOUNT_SAVED = declare(
    "carrier_account.saved",
    "The account at a carrier that makes labels changed.",
    "carrier",
    "changes",
)
CARRIER_SAVED = declare("carrier.saved", "A carrier was set up or changed.", "code", "changes")
SHIPPING_RULES_SET = declare(
    "shipping_rules.set",
    "By which rules carrier and service are proposed changed.",
    "shop",
    "rules",
)
SHIPMENT_CANCELLED = declare(
    "shipment.cancelled", "The shipment does not go, or its going was undone.", "reason"
)
DELIVERY_EXCEPTION_RAISED = declare(
    "delivery_exception.raised",
    "Something went wrong with a parcel; somebody has to deal with it.",
    "number",
    "problem",
    "text",
    "place",
)
DELIVERY_EXCEPTION_CLOSED = declare(
    "delivery_exception.closed",
    "Somebody dealt with a delivery problem.",
    "number",
    "problem",
    "note",
)
