"""Delivery problems: what went wrong with a parcel on its way, open until a person has dealt with it."""

from django.db import models
from django.db.models import Q

from orderwerk.shipments.exception_statuses import ExceptionStatus, Problem


class DeliveryException(models.Model):
    """One problem with a parcel, raised by a tracking step; closed by a person with a note.

    Written by track_shipments and close_delivery_exceptions; what happened never changes.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey("orders.Order", models.PROTECT, db_constraint=False, db_index=False)
    location = models.ForeignKey(
        "stock.StockLocation", models.PROTECT, db_constraint=False, db_index=False
    )
    shipment = models.ForeignKey(
        "shipments.Shipment", models.PROTECT, db_constraint=False, db_index=False
    )
    kind = models.TextField()
    status = models.TextField(choices=ExceptionStatus.choices, default=ExceptionStatus.OPEN)
    text = models.TextField(default="")
    place = models.TextField(default="")
    happened_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(null=True)
    note = models.TextField(default="")
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "shipments_exception"
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "kind"],
                condition=Q(status="open"),
                name="shipments_exception_one_open",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ExceptionStatus.values), name="shipments_exception_status"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Problem.values), name="shipments_exception_kind"
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True, closed_by__isnull=True)
                | (
                    Q(status="closed", closed_at__isnull=False, closed_by__isnull=False)
                    & ~Q(note="")
                ),
                name="shipments_exception_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="shipments_exception_tab"),
            models.Index(fields=["order"], name="shipments_exception_of_order"),
            models.Index(fields=["shipment"], name="shipments_exception_of_parcel"),
        ]
