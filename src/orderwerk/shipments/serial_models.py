"""Serial numbers: which single pieces went with which shipment."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from orderwerk.catalog.models import Product


class Serial(models.Model):
    """One piece, by the number that its maker gave it; recorded while its shipment waits, out until it comes back.

    Deleted only while its shipment waits, or as the going of the shipment is undone. Written once by a return, with the
    return's line. `pick_line_id`: the pick line that it was scanned for at the shelf; putting the line's pieces back frees it.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order_id = models.UUIDField()
    location_id = models.UUIDField()
    shipment_id = models.UUIDField()
    product = models.ForeignKey(Product, models.PROTECT, db_index=False)
    serial = models.TextField(db_collation="C")
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    returned_at = models.DateTimeField(null=True)
    return_line_id = models.UUIDField(null=True)
    pick_line_id = models.UUIDField(null=True)

    class Meta:
        db_table = "shipments_serial"
        constraints = [
            # Two numbers that differ in nothing but capitals are one number that somebody typed.
            models.UniqueConstraint(
                "product",
                Upper("serial"),
                condition=Q(returned_at__isnull=True),
                name="shipments_serial_out",
            ),
            models.CheckConstraint(condition=~Q(serial=""), name="shipments_serial_given"),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True, return_line_id__isnull=True)
                | Q(returned_at__isnull=False, return_line_id__isnull=False),
                name="shipments_serial_returned",
            ),
        ]
        indexes = [
            models.Index(fields=["shipment_id", "product"], name="shipments_serial_of_shipment"),
            models.Index(fields=["order_id"], name="shipments_serial_of_order"),
            models.Index(Upper("serial"), "id", name="shipments_serial_search"),
            models.Index(
                fields=["return_line_id"],
                name="shipments_serial_of_return",
                condition=Q(return_line_id__isnull=False),
            ),
        ]
