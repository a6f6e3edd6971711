"""The words for invoices: their kind, whether they are paid, how much of them was credited, and why."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class InvoiceKind(models.TextChoices):
    """What the customer owes, or what is given back of it."""

    DEBIT = "debit", _("Invoice")
    CREDIT = "credit", _("Credit invoice")


class InvoiceStatus(models.TextChoices):
    """Whether money is still to come (debit) or to go back (credit). Derived by PostgreSQL, never written."""

    OPEN = "open", _("Open")
    PAID = "paid", _("Paid")


class CreditStatus(models.TextChoices):
    """How much of a debit invoice was credited. Derived by PostgreSQL, never written."""

    NONE = "none", _("Not credited")
    PARTIAL = "partial", _("Partly credited")
    FULL = "full", _("Credited")


class CreditCause(models.TextChoices):
    """Why a credit invoice was issued."""

    REQUEST = "request", _("By hand")
    RETURN = "return", _("Return")
    CANCELLATION = "cancellation", _("Cancelled")
    UNSHIPPED = "unshipped", _("Shipment cancelled")
