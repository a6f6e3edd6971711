"""Store credits: what a refund gives instead of money, and every line of what became of it."""

from django.db import models
from django.db.models import Case, F, Q, Value, When

from orderwerk.orders.models import Order
from orderwerk.payments.models import Payment
from orderwerk.refunds.credit_statuses import MovementKind, StoreCreditStatus


class StoreCredit(models.Model):
    """What one refund gave instead of money. Written by give_credits; its code is all that is needed to pay with it.

    `remaining_minor` and `is_expired` follow the movements (a trigger): never below zero, never above `amount_minor`.
    `is_contested` follows the payment whose refund it is (a trigger): while too little of that is left, nobody spends it.
    `expires_on`: the last day on which it can be spent, by the shop's clock; empty: for ever.
    """

    id = models.UUIDField(primary_key=True)
    number = models.TextField(unique=True, db_collation="C")
    code = models.TextField(unique=True, db_collation="C")
    shop_id = models.UUIDField()
    order = models.ForeignKey(
        Order, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    currency = models.TextField()
    refund = models.OneToOneField(
        "refunds.Refund", models.PROTECT, db_constraint=False, related_name="+"
    )
    amount_minor = models.BigIntegerField()
    remaining_minor = models.BigIntegerField(default=0)
    is_expired = models.BooleanField(default=False)
    is_contested = models.BooleanField(default=False, db_default=False)
    status = models.GeneratedField(
        expression=Case(
            When(is_expired=True, then=Value("expired")),
            When(remaining_minor=0, then=Value("used")),
            default=Value("active"),
        ),
        output_field=models.TextField(choices=StoreCreditStatus.choices),
        db_persist=True,
    )
    expires_on = models.DateField(null=True)
    issued_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "refunds_store_credit"
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining_minor__gte=0, remaining_minor__lte=F("amount_minor")),
                name="refunds_store_credit_never_overspent",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, version__gte=1), name="refunds_store_credit_amount"
            ),
            models.CheckConstraint(
                condition=Q(is_expired=False) | Q(remaining_minor=0),
                name="refunds_store_credit_expired_is_empty",
            ),
            models.UniqueConstraint(
                fields=["id", "shop_id", "currency"], name="refunds_store_credit_of_shop"
            ),
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="refunds_store_credits_of_order"),
            models.Index(fields=["status", "-id"], name="refunds_store_credit_tab"),
            models.Index(
                fields=["expires_on"],
                name="refunds_store_credit_expiry",
                condition=Q(expires_on__isnull=False, remaining_minor__gt=0),
            ),
        ]


class CreditMovement(models.Model):
    """One line of a store credit. Appended, never changed; the credit's balance follows it.

    `order` is whose refund gave it, who was paid with it, or whose refund went back to it.
    """

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    shop_id = models.UUIDField()
    order = models.ForeignKey(
        Order, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    store_credit = models.ForeignKey(
        StoreCredit, models.PROTECT, db_constraint=False, db_index=False, related_name="movements"
    )
    currency = models.TextField()
    kind = models.TextField(choices=MovementKind.choices)
    delta_minor = models.BigIntegerField()
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    refund = models.ForeignKey(
        "refunds.Refund", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )  # fmt: skip

    class Meta:
        db_table = "refunds_credit_movement"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="issued", delta_minor__gt=0, refund__isnull=False, payment__isnull=True)
                | Q(kind="used", delta_minor__lt=0, refund__isnull=True, payment__isnull=False)
                | Q(kind="given_back", delta_minor__gt=0, refund__isnull=False, payment__isnull=False)
                | Q(kind__in=["expired", "stopped"], delta_minor__lt=0, refund__isnull=True, payment__isnull=True),
                name="refunds_credit_movement_kinds",
            ),
            models.UniqueConstraint(fields=["refund"], name="refunds_credit_movement_refund_once"),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(kind="used"), name="refunds_credit_movement_payment_once"
            ),
            models.UniqueConstraint(
                fields=["store_credit", "order"], condition=Q(kind="used"), name="refunds_credit_movement_order_once",
            ),
            models.UniqueConstraint(
                fields=["store_credit"], condition=Q(kind="issued"), name="refunds_credit_movement_issued_once",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["store_credit", "id"], name="refunds_movements_of_credit"),
            models.Index(fields=["order"], name="refunds_movements_of_order"),
        ]
