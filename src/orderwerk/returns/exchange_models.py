"""Exchanges: other articles for goods that came back, in a new order that the return's credit pays for."""

from django.db import models
from django.db.models import F, Q

from orderwerk.catalog.models import Product
from orderwerk.orders.models import Order
from orderwerk.returns.exchange_statuses import ExchangeStatus


class Exchange(models.Model):
    """What the customer gets instead of money for one return. Asked for with the return; a job places the new order.

    `credit_minor` is what the return's credit invoices came to, `netted_minor` what of it has paid for the new order: never
    more. `note` says why an exchange was declined; then the credit is paid back as any other.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(
        Order, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    parent = models.ForeignKey(
        "returns.Return", models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    currency = models.TextField()
    status = models.TextField(choices=ExchangeStatus.choices)
    new_order = models.ForeignKey(
        Order, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    credit_minor = models.BigIntegerField(default=0)
    netted_minor = models.BigIntegerField(default=0)
    note = models.TextField(default="")
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "returns_exchange"
        constraints = [
            models.UniqueConstraint(fields=["parent"], name="returns_exchange_one_per_return"),
            models.UniqueConstraint(fields=["new_order"], name="returns_exchange_new_order_once"),
            models.UniqueConstraint(
                fields=["order", "shop_id", "id"], name="returns_exchange_of_order"
            ),
            models.CheckConstraint(
                condition=Q(status__in=ExchangeStatus.values), name="returns_exchange_status"
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at__isnull=True, new_order__isnull=True)
                | Q(status="placed", decided_at__isnull=False, new_order__isnull=False)
                | Q(status="declined", decided_at__isnull=False, new_order__isnull=True),
                name="returns_exchange_decided",
            ),
            models.CheckConstraint(
                # What the credit did not give pays for nothing.
                condition=Q(netted_minor__gte=0, credit_minor__gte=F("netted_minor"))
                & (Q(status="placed") | Q(netted_minor=0)),
                name="returns_exchange_never_over_netted",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="returns_exchange_version"),
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="returns_exchange_by_order"),
            models.Index(
                fields=["created_at"], name="returns_exchange_open", condition=Q(status="open")
            ),
        ]


class ExchangeLine(models.Model):
    """So many pieces of an article for one line of the return; without a price it costs what that line was worth."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(
        Order, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    exchange = models.ForeignKey(
        Exchange, models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    return_line = models.OneToOneField(
        "returns.ReturnLine", models.PROTECT, db_constraint=False, related_name="+"
    )
    product = models.ForeignKey(Product, models.PROTECT, db_index=False, related_name="+")
    quantity = models.IntegerField()
    unit_price_minor = models.BigIntegerField(null=True)

    class Meta:
        db_table = "returns_exchange_line"
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, quantity__lte=1_000_000),
                name="returns_exchange_line_quantity",
            ),
            models.CheckConstraint(
                condition=Q(unit_price_minor__gte=0), name="returns_exchange_line_price"
            ),
        ]
        indexes = [models.Index(fields=["exchange"], name="returns_exchange_lines")]
