"""The words for what becomes of a proposed substitute, and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SubstitutionStatus(models.TextChoices):
    """What became of the question whether another article may be sent."""

    PROPOSED = "proposed", _("Waits for the customer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("No answer in time")
    WITHDRAWN = "withdrawn", _("Withdrawn")


START = frozenset({"proposed"})
MOVES = {
    "accepted": frozenset({"proposed"}),
    "declined": frozenset({"proposed"}),
    "expired": frozenset({"proposed"}),
    "withdrawn": frozenset({"proposed"}),
}
FINAL = frozenset({"accepted", "declined", "expired", "withdrawn"})
