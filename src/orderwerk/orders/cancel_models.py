"""Cancel requests: what customer service wants cancelled while the warehouse has it in its hands."""

from django.db import models
from django.db.models import Q

from orderwerk.orders.cancel_statuses import CancelRequestStatus


class CancelRequest(models.Model):
    """One wish to cancel pieces that are being picked; open until the warehouse lets them go or keeps them.

    Written by cancel_orders, accept_cancel_requests and reject_cancel_requests; what was asked never changes.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey("orders.Order", models.PROTECT, db_constraint=False, db_index=False)
    reason = models.TextField()
    status = models.TextField(
        choices=CancelRequestStatus.choices, default=CancelRequestStatus.REQUESTED
    )
    requested_by = models.TextField()
    created_at = models.DateTimeField()
    decided_by = models.TextField(null=True)
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(default="")
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "orders_cancel_request"
        constraints = [
            models.UniqueConstraint(
                fields=["order", "shop_id", "id"], name="orders_cancel_request_of_order"
            ),
            models.CheckConstraint(
                condition=Q(status__in=CancelRequestStatus.values),
                name="orders_cancel_request_status",
            ),
            models.CheckConstraint(
                condition=Q(status="requested", decided_by__isnull=True, decided_at__isnull=True)
                | (
                    ~Q(status="requested")
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                    & (~Q(status="rejected") | ~Q(note=""))
                ),
                name="orders_cancel_request_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="orders_cancel_request_tab"),
            models.Index(
                fields=["order"],
                name="orders_cancel_request_open",
                condition=Q(status="requested"),
            ),
        ]


class CancelRequestLine(models.Model):
    """So many pieces of one line that a cancel request asks for; never changes."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey("orders.Order", models.PROTECT, db_constraint=False, db_index=False)
    cancel_request = models.ForeignKey(
        CancelRequest, models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    order_line = models.ForeignKey(
        "orders.OrderLine", models.PROTECT, db_constraint=False, db_index=False
    )
    quantity = models.IntegerField()

    class Meta:
        db_table = "orders_cancel_request_line"
        constraints = [
            models.UniqueConstraint(
                fields=["cancel_request", "order_line"], name="orders_cancel_request_line_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="orders_cancel_request_line_quantity"
            ),
        ]
