"""What was scanned at the dock and between the shelves: each scan once, under the key that its device gave it."""

from django.db import models
from django.db.models import Q


class StockScan(models.Model):
    """One scan while receiving, putting away, moving or counting: what it booked, or why it was refused; append-only.
    Of packing, only what means no parcel: what is scanned into one stands in the shipment's history.

    `source_id` is the cause of the movements that it made: a receipt, or the goods' way from bin to bin.
    """

    id = models.UUIDField(primary_key=True)
    key = models.UUIDField(unique=True)
    flow = models.TextField()
    location = models.ForeignKey("stock.StockLocation", models.PROTECT, db_index=False)
    sku = models.TextField(default="")
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    lot = models.TextField(default="", db_default="")
    quantity = models.IntegerField(default=0)
    step = models.TextField()
    code = models.TextField(default="")
    expected = models.TextField(default="")
    source_id = models.UUIDField(null=True)
    refusal = models.TextField(default="")
    message = models.TextField(default="")
    answer = models.JSONField()
    actor_name = models.TextField()

    class Meta:
        db_table = "stock_scan"
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=0), name="stock_scan_pieces"),
            models.CheckConstraint(
                condition=Q(flow__in=["receive", "put_away", "move", "count", "pack"]),
                name="stock_scan_flow",
            ),
            models.CheckConstraint(
                condition=Q(step__in=["from", "article", "lot", "to", "bin", "parcel"]),
                name="stock_scan_step",
            ),
        ]
        indexes = [models.Index(fields=["location", "-id"], name="stock_scan_of_place")]
