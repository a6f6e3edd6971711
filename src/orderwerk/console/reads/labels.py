"""What is shown of the labels of a shipment's packages, on its page and at the packing table."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from orderwerk.accounts.queries import Access
from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.shipments.label_queries import connected_carriers, live_labels_of
from orderwerk.shipments.queries import ShipmentDetail, shipment_detail_by_number

# For so long after announcing or packing a page asks whether the label is there.
_SOON = timedelta(minutes=1)


def label_context(access: Access, detail: ShipmentDetail) -> dict[str, Any]:
    """Return what is shown of a shipment's labels; two statements."""
    found = detail.shipment
    labels = live_labels_of(access.actor, found.id)
    made = [label for label in labels if label.status == "made" and not label.elsewhere]
    under_way = any(label.status == "ordered" for label in labels)
    stuck = sum(1 for label in labels if label.status != "failed")
    goes = found.status in {"announced", "shipped"} and not found.carried_by and not found.collects
    is_missing = goes and stuck < len(detail.parts.packages)
    is_connected = is_missing and bool(connected_carriers([found.carrier]))
    # What was just announced or packed gets its label by itself, a moment later.
    moment = found.shipped_at or found.announced_at or found.created_at
    is_soon = (
        is_connected and len(labels) < len(detail.parts.packages) and clock.now() - moment < _SOON
    )
    return {
        "shipment": found,
        "labels": labels,
        "labels_under_way": under_way or is_soon,
        "labels_failed": any(label.status == "failed" for label in labels),
        "labels_printable": bool(labels) and len(made) == len(detail.parts.packages),
        "may_order_labels": is_connected and access.may("shipping:write"),
        "may_ship": access.may("shipping:write"),
    }


@dataclass(frozen=True, slots=True)
class PackedLast:
    """What is said of a parcel where it was packed: the number under which its labels are shown, and which way it goes.

    Either is empty where there is nothing to say: its carrier makes no labels, or nobody sends it.
    """

    label_of: str = ""
    way: str = ""


def packed_last(actor: Actor, number: str) -> PackedLast:
    """Return what is said of the shipment of a number that was packed; nothing of one that is not there."""
    try:
        found = shipment_detail_by_number(actor, number).shipment if number else None
    except NotFound:
        found = None
    if found is None or found.collects:
        return PackedLast()
    carrier = _("By hand, no carrier connected") if found.carrier == "manual" else found.carrier_name  # fmt: skip
    way = " · ".join(filter(None, (carrier, found.service_name)))
    return PackedLast(number if connected_carriers([found.carrier]) else "", way)
