"""The words for a shipment's status and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ShipmentStatus(models.TextChoices):
    """From goods waiting at a location to the parcel at the customer's door."""

    OPEN = "open", _("Open")
    ANNOUNCED = "announced", _("Announced")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")


NOT_SHIPPED = frozenset({"open", "announced"})
START = frozenset({"open"})
MOVES = {
    "announced": frozenset({"open"}),
    "shipped": frozenset({"open", "announced"}),
    "delivered": frozenset({"shipped"}),
    "cancelled": frozenset({"open", "announced", "shipped"}),
}
FINAL = frozenset({"delivered", "cancelled"})
