"""What the nightly self-check of stock keeps: that it ran, and the levels that it found wrong."""

from django.db import models
from django.db.models import F, Q


class StockCheck(models.Model):
    """One run over all levels; without `finished_at` it is under way, or was broken off."""

    id = models.UUIDField(primary_key=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    levels = models.IntegerField(default=0)
    wrong = models.IntegerField(default=0)

    class Meta:
        db_table = "stock_check"
        constraints = [
            models.CheckConstraint(
                condition=Q(wrong__gte=0) & Q(levels__gte=F("wrong")), name="stock_check_counts"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-finished_at"],
                name="stock_check_finished",
                condition=Q(finished_at__isnull=False),
            )
        ]


class StockDifference(models.Model):
    """A level that the self-check found wrong; it goes when the level is right again."""

    id = models.UUIDField(primary_key=True)
    product = models.ForeignKey("catalog.Product", models.PROTECT, db_index=False)
    location = models.ForeignKey("stock.StockLocation", models.PROTECT)
    found_at = models.DateTimeField()

    class Meta:
        db_table = "stock_difference"
        constraints = [
            models.UniqueConstraint(
                fields=["product", "location"], name="stock_difference_of_level"
            ),
        ]
