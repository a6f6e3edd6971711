"""The words for a cancel request's status and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CancelRequestStatus(models.TextChoices):
    """What became of the wish to cancel goods that are being picked."""

    REQUESTED = "requested", _("To decide")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")


START = frozenset({"requested"})
MOVES = {"accepted": frozenset({"requested"}), "rejected": frozenset({"requested"})}
FINAL = frozenset({"accepted", "rejected"})
