"""Pegs: pieces of an order line that come with a transfer sent for that order."""

from django.db import models
from django.db.models import F, Q

from orderwerk.catalog.models import Product
from orderwerk.orders.models import Order, OrderLine
from orderwerk.stock.models import InboundLine, StockLocation


class TransferPeg(models.Model):
    """So many pieces of a line travel to a location; `arrived` ones came in there, `dropped` ones come for it no longer.

    What is neither is open: it is nobody else's, and the order waits for it. Written under the lock of the order.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    order_line = models.ForeignKey(OrderLine, models.PROTECT, db_constraint=False, db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, db_constraint=False, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT, db_constraint=False, db_index=False)
    inbound_line = models.ForeignKey(
        InboundLine, models.PROTECT, db_constraint=False, db_index=False
    )
    quantity = models.IntegerField()
    arrived = models.IntegerField(default=0)
    dropped = models.IntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "allocations_transfer_peg"
        constraints = [
            models.UniqueConstraint(
                fields=["inbound_line", "order_line"], name="allocations_transfer_peg_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, arrived__gte=0, dropped__gte=0)
                & Q(quantity__gte=F("arrived") + F("dropped")),
                name="allocations_transfer_peg_quantities",
            ),
        ]
        indexes = [
            models.Index(
                fields=["order", "location"],
                name="allocations_peg_of_order",
                condition=Q(quantity__gt=F("arrived") + F("dropped")),
            ),
            models.Index(
                fields=["order_line", "product"],
                name="allocations_peg_of_line",
                condition=Q(quantity__gt=F("arrived") + F("dropped")),
            ),
            models.Index(
                fields=["product"],
                name="allocations_peg_of_product",
                condition=Q(quantity__gt=F("arrived") + F("dropped")),
            ),
        ]
