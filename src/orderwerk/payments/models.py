"""Payments: money received or promised, as the payment provider reports it."""

from django.db import models
from django.db.models import F, Q

from orderwerk.orders.models import Order
from orderwerk.payments.statuses import PaymentStatus


class Payment(models.Model):
    """One payment of one order.

    `refunded_reserved_minor` counts every refund that has neither failed nor been rejected, `refunded_minor` those that
    the provider has confirmed.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    currency = models.TextField()
    provider = models.TextField()
    method = models.TextField(default="")
    reference = models.TextField(db_collation="C")
    status = models.TextField(choices=PaymentStatus.choices)
    amount_minor = models.BigIntegerField()
    authorized_minor = models.BigIntegerField(default=0)
    captured_minor = models.BigIntegerField(default=0)
    refunded_reserved_minor = models.BigIntegerField(default=0, db_default=0)
    refunded_minor = models.BigIntegerField(default=0)
    received_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "payments_payment"
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "provider", "reference"], name="payments_payment_reference_once"
            ),
            models.UniqueConstraint(
                fields=["id", "shop_id", "order", "currency"], name="payments_payment_of_order_once"
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("refunded_reserved_minor"))
                & Q(refunded_reserved_minor__lte=F("captured_minor"))
                & Q(captured_minor__lte=F("authorized_minor"))
                & Q(authorized_minor__lte=F("amount_minor")),
                name="payments_payment_amounts",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0), name="payments_payment_amount"
            ),
            models.CheckConstraint(
                condition=Q(status__in=PaymentStatus.values), name="payments_payment_status"
            ),
        ]
        indexes = [models.Index(fields=["order"], name="payments_payment_of_order")]
