"""The words for a payment's status, and the moves that a provider's report may make."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PaymentStatus(models.TextChoices):
    """What the provider says of a payment."""

    PENDING = "pending", _("Pending")
    AUTHORIZED = "authorized", _("Authorised")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")


# A late success after a failure is real money and is taken; money once paid is never un-paid here (refunds do that).
START = frozenset(PaymentStatus.values)
MOVES = {
    "authorized": frozenset({"pending", "failed", "expired"}),
    "paid": frozenset({"pending", "authorized", "failed", "expired"}),
    "failed": frozenset({"pending", "authorized"}),
    "expired": frozenset({"pending", "authorized"}),
}
FINAL = frozenset({"paid"})
