"""The words for how far goods on their way have come, and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class InboundStatus(models.TextChoices):
    """Whether goods are still to come."""

    OPEN = "open", _("Expected")
    RECEIVED = "received", _("Received")
    CANCELLED = "cancelled", _("Cancelled")


START = frozenset({"open"})
MOVES = {
    "received": frozenset({"open"}),
    "cancelled": frozenset({"open"}),
}
FINAL = frozenset({"received", "cancelled"})
