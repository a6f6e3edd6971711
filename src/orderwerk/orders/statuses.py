"""The words for an order's status, in the order in which the console shows them. Derived, never set."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderStatus(models.TextChoices):
    """What an order waits for, as a consequence of payments, quantities and holds."""

    AWAITING_PAYMENT = "awaiting_payment", _("Awaiting payment")
    ON_HOLD = "on_hold", _("On hold")
    AWAITING_STOCK = "awaiting_stock", _("Awaiting stock")
    AWAITING_SHIPMENT = "awaiting_shipment", _("Awaiting shipment")
    PARTIALLY_SHIPPED = "partially_shipped", _("Partially shipped")
    SHIPPED = "shipped", _("Shipped")
    CANCELLED = "cancelled", _("Cancelled")
