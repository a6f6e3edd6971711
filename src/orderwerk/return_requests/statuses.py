"""The words for a return request's status, the moves between them, and what a customer may wish for."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReturnRequestStatus(models.TextChoices):
    """From what a customer announces to goods that came back."""

    REQUESTED = "requested", _("Requested")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    CANCELLED = "cancelled", _("Cancelled")
    COMPLETED = "completed", _("Completed")


class Outcome(models.TextChoices):
    """What the customer wants for the goods."""

    REFUND = "refund", _("Money back")
    EXCHANGE = "exchange", _("Exchange")
    STORE_CREDIT = "store_credit", _("Store credit")
    REPAIR = "repair", _("Repair")
    KEEP = "keep", _("Keep it, with money back")


class WhenShort(models.TextChoices):
    """What becomes of an exchange whose article is not in stock."""

    BACKORDER = "backorder", _("The customer waits for it")
    REFUND = "refund", _("The money goes back instead")


class Way(models.TextChoices):
    """How goods come back, where the shop lets customers choose."""

    LABEL = "label", _("With the carrier's label or code")
    OWN = "own", _("By a carrier of the customer's own")
    LOCATION = "location", _("Brought to one of our places")


class Origin(models.TextChoices):
    """Who announced it: the customer online, a colleague, or an outside system."""

    PORTAL = "portal", _("Return portal")
    CONSOLE = "console", _("Colleague")
    API = "api", _("API")
    WITHDRAWAL = "withdrawal", _("Withdrawal statement")


OPEN = frozenset({"requested", "approved"})
START = frozenset({"requested", "approved"})
MOVES = {
    "approved": frozenset({"requested"}),
    "rejected": frozenset({"requested", "approved"}),
    "cancelled": frozenset({"requested", "approved"}),
    "completed": frozenset({"requested", "approved"}),
}
FINAL = frozenset({"rejected", "cancelled", "completed"})
