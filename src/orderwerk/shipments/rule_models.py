"""Shipping rules: which carrier and service a shop proposes for which shipment."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class ShippingRules(models.Model):
    """The version of all shipping rules of a shop; written by set_shipping_rules, which replaces them whole."""

    id = models.UUIDField(primary_key=True)
    shop = models.OneToOneField("shops.Shop", models.PROTECT)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "shipments_rules"
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=1), name="shipments_rules_version")
        ]


class ShippingRule(models.Model):
    """One rule of a shop, asked in the order of `position`; written whole per shop by set_shipping_rules.

    Empty lists and empty bounds let everything through. Weights in grams are of the shipment, values of the order.
    """

    id = models.UUIDField(primary_key=True)
    shop = models.ForeignKey("shops.Shop", models.PROTECT, db_index=False)
    position = models.IntegerField()
    name = models.TextField()
    countries = ArrayField(models.TextField(), default=list)
    methods = ArrayField(models.TextField(), default=list)
    min_weight_grams = models.IntegerField(null=True)
    max_weight_grams = models.IntegerField(null=True)
    min_value_minor = models.BigIntegerField(null=True)
    max_value_minor = models.BigIntegerField(null=True)
    carrier = models.TextField()
    service = models.TextField(default="")

    class Meta:
        db_table = "shipments_rule"
        constraints = [
            models.UniqueConstraint(fields=["shop", "position"], name="shipments_rule_position"),
            models.CheckConstraint(
                condition=Q(position__gte=1)
                & (Q(min_weight_grams__isnull=True) | Q(min_weight_grams__gte=0))
                & (Q(max_weight_grams__isnull=True) | Q(max_weight_grams__gte=0))
                & (Q(min_value_minor__isnull=True) | Q(min_value_minor__gte=0))
                & (Q(max_value_minor__isnull=True) | Q(max_value_minor__gte=0)),
                name="shipments_rule_bounds",
            ),
            models.CheckConstraint(
                condition=(
                    Q(min_weight_grams__isnull=True)
                    | Q(max_weight_grams__isnull=True)
                    | Q(min_weight_grams__lte=F("max_weight_grams"))
                )
                & (
                    Q(min_value_minor__isnull=True)
                    | Q(max_value_minor__isnull=True)
                    | Q(min_value_minor__lte=F("max_value_minor"))
                ),
                name="shipments_rule_not_empty",
            ),
        ]
