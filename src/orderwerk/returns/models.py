"""Returns: goods that really came back, line by line, with why and with what becomes of them."""

from django.db import models
from django.db.models import Q

from orderwerk.catalog.models import Product
from orderwerk.orders.models import Order, OrderLine
from orderwerk.return_requests.models import ReturnReason, ReturnRequest
from orderwerk.returns.claim_models import Claim as Claim  # noqa: PLC0414 - Django finds models here
from orderwerk.returns.claim_models import ClaimLine as ClaimLine  # noqa: PLC0414 - Django finds models here
from orderwerk.returns.claim_models import ClaimPhoto as ClaimPhoto  # noqa: PLC0414 - Django finds models here
from orderwerk.returns.exchange_models import Exchange as Exchange  # noqa: PLC0414 - Django finds models here
from orderwerk.returns.exchange_models import ExchangeLine as ExchangeLine  # noqa: PLC0414 - Django finds models here
from orderwerk.returns.finding_models import Finding as Finding  # noqa: PLC0414 - Django finds models here
from orderwerk.returns.statuses import Disposition, ReturnStatus
from orderwerk.stock.models import StockLocation


class Return(models.Model):
    """One box that came back of one order, announced or not. Written once by create_returns; inspection ends it.

    `is_credited`: whether a credit invoice was to be made with it. Invoices name the return that they are made for.
    `as_store_credit`: what is credited becomes store credit rather than money. `fee_minor`: what was taken off the credit,
    VAT included, because returning costs the customer so much.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    request = models.ForeignKey(
        ReturnRequest, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    number = models.TextField(unique=True, db_collation="C")
    status = models.TextField(choices=ReturnStatus.choices)
    is_credited = models.BooleanField()
    refund_shipping = models.BooleanField(default=False)
    as_store_credit = models.BooleanField(default=False, db_default=False)
    fee_minor = models.BigIntegerField(default=0, db_default=0)
    notify = models.BooleanField(default=False)
    comment = models.TextField(default="")
    created_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    processed_by = models.TextField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "returns_return"
        constraints = [
            models.UniqueConstraint(
                fields=["order", "shop_id", "id"], name="returns_return_of_order"
            ),
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(request__isnull=False),
                name="returns_return_one_per_request",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ReturnStatus.values), name="returns_return_status"
            ),
            models.CheckConstraint(
                condition=Q(status="processed", processed_at__isnull=False)
                | Q(status="to_inspect", processed_at__isnull=True),
                name="returns_return_processed_at",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="returns_return_version"),
            models.CheckConstraint(
                condition=Q(fee_minor=0) | Q(fee_minor__gt=0, is_credited=True),
                name="returns_return_fee_off_a_credit",
            ),
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="returns_of_order"),
            models.Index(fields=["status", "-id"], name="returns_tab"),
        ]


class ReturnLine(models.Model):
    """Pieces of one order line that came back. What was received never changes; the disposition is decided once.

    `correction_minor`: a signed difference on what the line is credited for, in the order's own price mode.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    parent = models.ForeignKey(
        Return, models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    order_line = models.ForeignKey(OrderLine, models.PROTECT, db_constraint=False, db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, null=True, db_index=False)
    position = models.IntegerField()
    quantity = models.IntegerField()
    reason = models.ForeignKey(ReturnReason, models.PROTECT, db_index=False)
    correction_minor = models.BigIntegerField(default=0)
    disposition = models.TextField(choices=Disposition.choices, null=True)
    location = models.ForeignKey(StockLocation, models.PROTECT, null=True, db_index=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(null=True)

    class Meta:
        db_table = "returns_line"
        constraints = [
            models.UniqueConstraint(fields=["parent", "position"], name="returns_line_position"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="returns_line_quantity"),
            models.CheckConstraint(
                # Nobody corrects by more than money can be written with.
                condition=Q(correction_minor__gte=-(10**15), correction_minor__lte=10**15),
                name="returns_line_correction",
            ),
            models.CheckConstraint(
                condition=Q(disposition__isnull=True, decided_at__isnull=True)
                | Q(disposition__in=Disposition.values, decided_at__isnull=False),
                name="returns_line_disposition",
            ),
            models.CheckConstraint(
                condition=Q(disposition="restock", location__isnull=False, product__isnull=False)
                | Q(disposition__isnull=True)
                | ~Q(disposition="restock"),
                name="returns_line_restocked_somewhere",
            ),
        ]
        indexes = [
            models.Index(fields=["order_line"], name="returns_line_of_line", include=["quantity"]),
        ]
