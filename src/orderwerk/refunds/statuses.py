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


class DifferenceKind(models.TextChoices):
    """On what a provider and we do not agree."""

    UNKNOWN_REFUND = "unknown_refund", _("Refund that we do not know")
    REFUND_DIFFERS = "refund_differs", _("Refund differs")
    MISSING_REFUND = "missing_refund", _("Refund that the provider does not know")
    UNKNOWN_PAYMENT = "unknown_payment", _("Payment that we do not know")
    MISSING_PAYMENT = "missing_payment", _("Payment that the provider does not know")
    PAYMENT_DIFFERS = "payment_differs", _("Payment differs")
    CHARGE_BACK = "charge_back", _("Charged back")


class DifferenceStatus(models.TextChoices):
    """What became of a difference."""

    OPEN = "open", _("Open")
    MATCHED = "matched", _("Matched")
    EXPLAINED = "explained", _("Explained")
