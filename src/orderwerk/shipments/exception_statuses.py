"""The words for delivery problems and their status, and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Problem(models.TextChoices):
    """What can go wrong with a parcel, as a tracking step says it."""

    LOST = "lost", _("Lost")
    DAMAGED = "damaged", _("Damaged on the way")
    REFUSED = "refused", _("Refused by the customer")
    ADDRESS_PROBLEM = "address_problem", _("Problem with the address")
    RETURNED_TO_SENDER = "returned_to_sender", _("Returned to sender")
    NOT_COLLECTED = "not_collected", _("Not collected in time")


class ExceptionStatus(models.TextChoices):
    """Whether somebody still has to deal with it."""

    OPEN = "open", _("To deal with")
    CLOSED = "closed", _("Dealt with")


START = frozenset({"open"})
MOVES = {"closed": frozenset({"open"})}
FINAL = frozenset({"closed"})
