"""The words for how far a return label is, and the moves that it may make."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReturnLabelStatus(models.TextChoices):
    """From asking the carrier to a label that the customer can use."""

    ORDERED = "ordered", _("Asked for at the carrier")
    MADE = "made", _("Ready")
    FAILED = "failed", _("Failed")


# A failed one is asked for again; what the carrier has made stays made.
START = frozenset({"ordered"})
MOVES = {
    "ordered": frozenset({"failed"}),
    "made": frozenset({"ordered"}),
    "failed": frozenset({"ordered"}),
}
FINAL = frozenset({"made"})
