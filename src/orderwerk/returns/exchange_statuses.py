"""The words for how far an exchange is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExchangeStatus(models.TextChoices):
    """Whether the new order is there."""

    OPEN = "open", _("Being placed")
    PLACED = "placed", _("Placed")
    DECLINED = "declined", _("Paid back instead")


START = frozenset({"open"})
MOVES = {"placed": frozenset({"open"}), "declined": frozenset({"open"})}
FINAL = frozenset({"placed", "declined"})
