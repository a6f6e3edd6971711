"""Allocations: claims of one order line on stock at one location."""

from django.db import models
from django.db.models import F, Q

from orderwerk.allocations.channel_models import (
    ChannelStock as ChannelStock,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.allocations.peg_models import (
    TransferPeg as TransferPeg,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.allocations.statuses import AllocationStatus
from orderwerk.catalog.models import Product
from orderwerk.orders.models import Order, OrderLine
from orderwerk.shops.models import Shop
from orderwerk.stock.models import StockLocation


class Allocation(models.Model):
    """One claim: line, product, location and quantity, with the reason in words. Its line never changes."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    order_line = models.ForeignKey(OrderLine, models.PROTECT, db_constraint=False, db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, db_constraint=False, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT, db_constraint=False, db_index=False)
    quantity = models.IntegerField()
    picked = models.IntegerField(default=0)
    status = models.TextField(choices=AllocationStatus.choices, default=AllocationStatus.ALLOCATED)
    explanation = models.JSONField()
    created_at = models.DateTimeField()
    # Written by the database alone, when a claim leaves with pieces that nobody picked.
    shipped_unpicked = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "allocations_allocation"
        constraints = [
            models.UniqueConstraint(
                fields=["order", "shop_id", "location", "id"], name="allocations_allocation_place"
            ),
            models.CheckConstraint(
                condition=Q(status__in=AllocationStatus.values),
                name="allocations_allocation_status",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, picked__gte=0, picked__lte=F("quantity")),
                name="allocations_allocation_quantity",
            ),
            models.CheckConstraint(
                condition=~Q(status="picked") | Q(picked=F("quantity")),
                name="allocations_allocation_picked_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status="shipped") | Q(picked=F("quantity")) | Q(shipped_unpicked=True),
                name="allocations_allocation_shipped_as_picked",
            ),
        ]
        indexes = [
            models.Index(
                fields=["order_line"], name="allocations_of_line", include=["quantity", "status"]
            ),
            models.Index(
                fields=["product", "location", "created_at"],
                name="allocations_open",
                include=["quantity"],
                condition=Q(status__in=["allocated", "picking", "picked"]),
            ),
            models.Index(fields=["status", "-id"], name="allocations_tab"),
        ]


class Routing(models.Model):
    """A shop's groups of routing rules in force, and a draft of the next ones; written by set_routing_rules, one row per shop.

    `rules` and `draft` are the rules of the groups that are on, in one list: the database keeps them for the version before.
    """

    id = models.UUIDField(primary_key=True)
    shop = models.OneToOneField(Shop, models.PROTECT)
    groups = models.JSONField(default=list, db_default=[])
    draft_groups = models.JSONField(null=True)
    rules = models.JSONField(default=list)
    draft = models.JSONField(null=True)
    updated_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "allocations_routing"
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=1), name="allocations_routing_version")
        ]


class Rejection(models.Model):
    """A location that said it cannot send an order, and why; routing does not ask it for that order again."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT, db_index=False)
    reason = models.TextField()
    actor_name = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "allocations_rejection"
        constraints = [
            models.UniqueConstraint(fields=["order", "location"], name="allocations_rejection_once")
        ]
