"""The words for an allocation's status and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AllocationStatus(models.TextChoices):
    """How far the claimed goods have come."""

    ALLOCATED = "allocated", _("Allocated")
    PICKING = "picking", _("Picking")
    PICKED = "picked", _("Picked")
    SHIPPED = "shipped", _("Shipped")
    RELEASED = "released", _("Released")


OPEN = frozenset({"allocated", "picking", "picked"})
START = frozenset({"allocated", "picked"})
MOVES = {
    "allocated": frozenset({"picking", "picked", "shipped"}),
    "picking": frozenset({"allocated"}),
    "picked": frozenset({"picking", "shipped"}),
    "shipped": frozenset({"allocated", "picked"}),
    "released": frozenset({"allocated", "picking", "picked"}),
}
FINAL = frozenset({"released"})
