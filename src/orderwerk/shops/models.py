"""Shops: each webshop with its currency, sender, legal identity and policies, and the locations it may draw from."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from orderwerk.shops.logo_models import Logo as Logo  # noqa: PLC0414 - Django finds models here
from orderwerk.stock.models import StockLocation


class Shop(models.Model):
    """One webshop of the merchant; written by upsert_shops, never deleted."""

    id = models.UUIDField(primary_key=True)
    code = models.TextField(unique=True, db_collation="C")
    name = models.TextField()
    currency = models.TextField()
    locale = models.TextField(default="en")
    timezone = models.TextField(default="Europe/Amsterdam")
    sender_email = models.TextField(default="")
    sender_name = models.TextField(default="")
    legal = models.JSONField(default=dict)
    invoice_when = models.TextField(default="paid")
    refund_mode = models.TextField(default="manual")
    refund_schedule = models.TextField(default="")
    four_eyes_above = models.TextField(default="", db_default="")
    return_window_days = models.IntegerField(default=30)
    use_allocation = models.BooleanField(default=True)
    use_pick_lists = models.BooleanField(default=False)
    cancel_while_picking = models.TextField(default="at_once", db_default="at_once")
    unpaid_hours = models.JSONField(default=dict, db_default={})
    late_payment = models.TextField(default="revive", db_default="revive")
    backorder_release = models.TextField(default="automatic", db_default="automatic")
    substitute_price = models.TextField(default="lower", db_default="lower")
    substitute_hours = models.IntegerField(default=72, db_default=72)
    substitute_when_short = models.BooleanField(default=False, db_default=False)
    return_portal = models.BooleanField(default=True)
    withdrawal_portal = models.BooleanField(default=True, db_default=True)
    on_account_methods = ArrayField(models.TextField(), default=list)
    number_prefix = models.TextField(default="")
    collect_days = models.IntegerField(default=14, db_default=14)
    erase_after_days = models.IntegerField(null=True)
    # Whole years that the law wants documents kept; see invoices.commands.blank.
    fiscal_years = models.IntegerField(default=7, db_default=7)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "shops_shop"
        constraints = [
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"), name="shops_shop_currency"
            ),
            models.CheckConstraint(
                condition=Q(invoice_when__in=["placed", "paid", "shipped"]),
                name="shops_shop_invoice_when",
            ),
            models.CheckConstraint(
                condition=Q(refund_mode__in=["automatic", "periodic", "manual"]),
                name="shops_shop_refund_mode",
            ),
            models.CheckConstraint(
                condition=Q(four_eyes_above="") | Q(four_eyes_above__regex=r"^[0-9]+(\.[0-9]+)?$"),
                name="shops_shop_four_eyes_above",
            ),
            models.CheckConstraint(
                condition=Q(cancel_while_picking__in=["at_once", "ask"]),
                name="shops_shop_cancel_while_picking",
            ),
            models.CheckConstraint(
                condition=Q(late_payment__in=["revive", "refund"]), name="shops_shop_late_payment"
            ),
            models.CheckConstraint(
                condition=Q(backorder_release__in=["automatic", "by_hand"]),
                name="shops_shop_backorder_release",
            ),
            models.CheckConstraint(
                condition=Q(substitute_price__in=["lower", "ordered"]),
                name="shops_shop_substitute_price",
            ),
            models.CheckConstraint(
                condition=Q(substitute_hours__gte=1, substitute_hours__lte=2160),
                name="shops_shop_substitute_hours",
            ),
            models.CheckConstraint(
                condition=Q(collect_days__gte=1, collect_days__lte=365),
                name="shops_shop_collect_days",
            ),
            models.CheckConstraint(
                condition=Q(erase_after_days__isnull=True) | Q(erase_after_days__gte=30),
                name="shops_shop_erase_after",
            ),
            models.CheckConstraint(
                condition=Q(fiscal_years__gte=5, fiscal_years__lte=30),
                name="shops_shop_fiscal_years",
            ),
            models.CheckConstraint(
                condition=Q(return_window_days__gte=0), name="shops_shop_return_window"
            ),
        ]


class ShopLocation(models.Model):
    """A location that a shop may draw stock from."""

    id = models.UUIDField(primary_key=True)
    shop = models.ForeignKey(Shop, models.PROTECT)
    location = models.ForeignKey(StockLocation, models.PROTECT)

    class Meta:
        db_table = "shops_shop_location"
        constraints = [
            models.UniqueConstraint(fields=["shop", "location"], name="shops_shop_location_once")
        ]
