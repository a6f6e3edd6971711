"""Findings: what lay in a box that came back and never was of its order."""

from django.db import models
from django.db.models import Q

from orderwerk.catalog.models import Product
from orderwerk.orders.models import Order


class Finding(models.Model):
    """So many pieces that lay in a box and are nothing of its order: an article, or words for what is none of ours.

    Appended by book_findings, never changed; it touches neither the order nor its credits. `receipt_id`: how they came into
    stock; empty: they did not.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(
        Order, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    parent = models.ForeignKey(
        "returns.Return", models.PROTECT, db_constraint=False, db_index=False, related_name="findings"
    )  # fmt: skip
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    text = models.TextField(default="")
    quantity = models.IntegerField()
    receipt_id = models.UUIDField(null=True, unique=True)
    found_at = models.DateTimeField()
    found_by = models.TextField()

    class Meta:
        db_table = "returns_finding"
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="returns_finding_quantity"),
            models.CheckConstraint(
                condition=Q(product__isnull=False) | (~Q(text="") & Q(receipt_id__isnull=True)),
                name="returns_finding_named",
            ),
        ]
        indexes = [models.Index(fields=["parent", "id"], name="returns_findings_of_return")]
