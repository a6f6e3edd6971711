"""The words for how far the carrier's label of a package is, and the moves that it may make."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ShippingLabelStatus(models.TextChoices):
    """From asking the carrier to a label that sticks on the parcel, or is given up."""

    ORDERED = "ordered", _("Asked for at the carrier")
    MADE = "made", _("Ready")
    FAILED = "failed", _("Failed")
    VOID = "void", _("Given up")


# A failed one is asked for again; one that is given up stays so, and the package may get another.
START = frozenset({"ordered"})
MOVES = {
    "ordered": frozenset({"failed"}),
    "made": frozenset({"ordered"}),
    "failed": frozenset({"ordered"}),
    "void": frozenset({"ordered", "made", "failed"}),
}
FINAL = frozenset({"void"})
