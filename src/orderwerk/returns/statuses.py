"""The words for how far a return is, and for what becomes of the goods."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReturnStatus(models.TextChoices):
    """Whether somebody still has to look at goods that came back."""

    TO_INSPECT = "to_inspect", _("To inspect")
    PROCESSED = "processed", _("Processed")


class Disposition(models.TextChoices):
    """What becomes of goods that came back."""

    RESTOCK = "restock", _("Back into stock")
    SECOND_GRADE = "second_grade", _("Second grade")
    REPAIR = "repair", _("Repair")
    DISPOSE = "dispose", _("Dispose of")


START = frozenset({"to_inspect", "processed"})
MOVES = {"processed": frozenset({"to_inspect"})}
FINAL = frozenset({"processed"})
