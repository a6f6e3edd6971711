"""The words for claims: what happened to the goods, and what became of the claim."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClaimKind(models.TextChoices):
    """What happened to goods that do not come back for good."""

    DAMAGED = "damaged", _("Damaged")
    LOST = "lost", _("Lost")
    MISSING = "missing", _("Missing in the parcel")
    KEPT = "kept", _("Kept by the customer")
    REPAIR = "repair", _("Here for repair")


class ClaimStatus(models.TextChoices):
    """What the customer gets for them."""

    OPEN = "open", _("Open")
    REFUNDED = "refunded", _("Refunded")
    REPLACED = "replaced", _("Replaced")
    REJECTED = "rejected", _("Rejected")
    REPAIRED = "repaired", _("Repaired")


START = frozenset({"open"})
MOVES = {
    "refunded": frozenset({"open"}),
    "replaced": frozenset({"open"}),
    "rejected": frozenset({"open"}),
    "repaired": frozenset({"open"}),
}
FINAL = frozenset({"refunded", "replaced", "rejected", "repaired"})
# The customer has the pieces again, or still: they may be claimed or returned.
FREED = frozenset({"rejected", "repaired"})
