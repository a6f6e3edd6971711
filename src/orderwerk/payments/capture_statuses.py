"""The words for how far a capture is, and the moves that it may make."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaptureStatus(models.TextChoices):
    """How far the taking of an authorised amount, or its release, is."""

    SUBMITTED = "submitted", _("On its way")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Failed")


# A failed one has given its amount back; tried again, it takes it anew.
START = frozenset({"submitted"})
MOVES = {
    "submitted": frozenset({"failed"}),
    "succeeded": frozenset({"submitted"}),
    "failed": frozenset({"submitted"}),
}
FINAL = frozenset({"succeeded"})
