"""The words of store credits: how they stand, and what has moved on them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoreCreditStatus(models.TextChoices):
    """How a store credit stands; a consequence of its movements, written by nobody."""

    ACTIVE = "active", _("Can be spent")
    USED = "used", _("Used up")
    EXPIRED = "expired", _("Expired")


# What a line makes of it: nothing left, something gone back to it, its last day gone by or ended early.
START = frozenset({"active"})
MOVES = {
    "used": frozenset({"active"}),
    "active": frozenset({"used", "expired"}),
    "expired": frozenset({"active"}),
}
FINAL: frozenset[str] = frozenset()


class MovementKind(models.TextChoices):
    """What a line of a store credit tells of."""

    ISSUED = "issued", _("Given for a refund")
    USED = "used", _("Paid with it")
    GIVEN_BACK = "given_back", _("Gone back to it")
    EXPIRED = "expired", _("Expired")
    STOPPED = "stopped", _("Ended early")
