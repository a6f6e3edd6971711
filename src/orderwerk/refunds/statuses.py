"""The words for a refund's status, and the moves that it may make."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RefundStatus(models.TextChoices):
    """How far a refund is."""

    AWAITING_APPROVAL = "awaiting_approval", _("Awaiting approval")
    APPROVED = "approved", _("Approved")
    SUBMITTED = "submitted", _("Submitted")
    SUCCEEDED = "succeeded", _("Paid back")
    FAILED = "failed", _("Failed")
    REJECTED = "rejected", _("Rejected")


# A rejected or failed refund has given its amount back; a failed one that is tried again takes it anew.
START = frozenset({"awaiting_approval", "approved"})
MOVES = {
    "approved": frozenset({"awaiting_approval", "failed"}),
    "rejected": frozenset({"awaiting_approval", "approved"}),
    "submitted": frozenset({"approved"}),
    "succeeded": frozenset({"submitted"}),
    "failed": frozenset({"submitted"}),
}
FINAL = frozenset({"succeeded", "rejected"})
# These hold no money back any more.
RELEASED = frozenset({"failed", "rejected"})
