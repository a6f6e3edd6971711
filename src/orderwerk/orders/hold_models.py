"""Holds on orders, and the rules by which shops put them on by themselves."""

from django.db import models
from django.db.models import Q

from orderwerk.accounts.models import User
from orderwerk.shops.models import Shop


class Hold(models.Model):
    """A stop sign on an order, with a reason, an owner and an optional end; open until released.

    `owner_name` put it on, `assigned_to` deals with it; `rule` is the hold rule's name where one put it on.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey("orders.Order", models.PROTECT, db_constraint=False, db_index=False)
    reason = models.TextField()
    owner_name = models.TextField()
    until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.TextField(null=True)
    rule = models.TextField(default="", db_default="")
    assigned_to = models.ForeignKey(User, models.PROTECT, null=True, db_index=False)

    class Meta:
        db_table = "orders_hold"
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="orders_hold_released_by_somebody",
            )
        ]
        indexes = [
            models.Index(fields=["order"], name="orders_hold_of_order"),
            models.Index(
                fields=["until"],
                name="orders_hold_ends",
                condition=Q(released_at__isnull=True, until__isnull=False),
            ),
            models.Index(
                fields=["assigned_to", "order"],
                name="orders_hold_owned",
                condition=Q(released_at__isnull=True),
            ),
        ]


class HoldRules(models.Model):
    """A shop's hold rules in the order in which they are asked; written by set_hold_rules, one row per shop."""

    id = models.UUIDField(primary_key=True)
    shop = models.OneToOneField(Shop, models.PROTECT)
    rules = models.JSONField(default=list)
    updated_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "orders_hold_rules"
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=1), name="orders_hold_rules_version")
        ]
