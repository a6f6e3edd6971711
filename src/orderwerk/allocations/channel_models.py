"""What is kept for a channel: each shop is one."""

from django.db import models
from django.db.models import Q


class ChannelStock(models.Model):
    """Of one product at one location: pieces that are kept for one shop's orders, and pieces that are not offered to it.

    `reserved` is a level, not a heap: other shops leave so many pieces, less those that the shop's own open claims hold
    already. `safety_stock` is left where it is by this shop alone, on top of the location's own.
    """

    id = models.UUIDField(primary_key=True)
    shop = models.ForeignKey("shops.Shop", models.PROTECT, db_index=False)
    product = models.ForeignKey("catalog.Product", models.PROTECT, db_index=False)
    location = models.ForeignKey("stock.StockLocation", models.PROTECT)
    reserved = models.IntegerField(default=0)
    safety_stock = models.IntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "allocations_channel"
        constraints = [
            models.UniqueConstraint(
                fields=["product", "location", "shop"], name="allocations_channel_once"
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, safety_stock__gte=0), name="allocations_channel_bounds"
            ),
        ]
