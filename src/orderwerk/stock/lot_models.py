"""Lots: pieces of a product that were made together, with the day until which they may be used."""

from django.db import models
from django.db.models import Q


class Lot(models.Model):
    """One lot of a product that is kept by lot; made when it first comes in, never deleted.

    A lot may be used on `expires_on` itself, not after it (GS1 General Specifications, AI 17). A blocked lot is neither
    allocated nor picked nor shipped; `blocked_reason` is `expired` or what somebody wrote. What lies of it is counted in
    `StockLevel.blocked` by trigger.
    """

    id = models.UUIDField(primary_key=True)
    product = models.ForeignKey("catalog.Product", models.PROTECT, db_index=False)
    code = models.TextField(db_collation="C")
    expires_on = models.DateField(null=True)
    is_blocked = models.BooleanField(default=False)
    blocked_reason = models.TextField(default="")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "stock_lot"
        constraints = [
            models.UniqueConstraint(fields=["product", "code"], name="stock_lot_once"),
            models.CheckConstraint(condition=~Q(code__exact=""), name="stock_lot_code"),
            models.CheckConstraint(
                condition=Q(is_blocked=False, blocked_reason="")
                | (Q(is_blocked=True) & ~Q(blocked_reason="")),
                name="stock_lot_blocked_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_on"],
                name="stock_lot_expiring",
                condition=Q(is_blocked=False, expires_on__isnull=False),
            )
        ]
