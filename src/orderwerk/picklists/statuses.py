"""The words for a pick list's status and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PickListStatus(models.TextChoices):
    """How far the collecting has come."""

    OPEN = "open", _("Open")
    PICKING = "picking", _("Picking")
    PICKED = "picked", _("Picked")
    CANCELLED = "cancelled", _("Cancelled")


UNFINISHED = frozenset({"open", "picking"})
START = frozenset({"open"})
MOVES = {
    "picking": frozenset({"open"}),
    "picked": frozenset({"open", "picking"}),
    "cancelled": frozenset({"open", "picking"}),
}
FINAL = frozenset({"picked", "cancelled"})
