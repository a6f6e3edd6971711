"""Substitutions: another article instead of pieces of a line, once the customer has said yes."""

from django.db import models
from django.db.models import F, Q

from orderwerk.catalog.models import Product
from orderwerk.orders.substitution_statuses import SubstitutionStatus


class Substitution(models.Model):
    """One question to the customer: so many pieces of a line may be another article, at a price that is never more.

    Written by propose_substitutions and decided by accept_, decline_, expire_ and withdraw_substitutions; what was offered
    never changes. `via`: whether the customer answered by the link or told a colleague.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey("orders.Order", models.PROTECT, db_constraint=False, db_index=False)
    order_line = models.ForeignKey(
        "orders.OrderLine", models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    product = models.ForeignKey(Product, models.PROTECT, db_index=False, related_name="+")
    quantity = models.IntegerField()
    unit_price_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    tax_rate = models.DecimalField(max_digits=6, decimal_places=3)
    status = models.TextField(
        choices=SubstitutionStatus.choices, default=SubstitutionStatus.PROPOSED
    )
    proposed_by = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.TextField(null=True)
    decided_at = models.DateTimeField(null=True)
    via = models.TextField(default="")
    new_line = models.ForeignKey(
        "orders.OrderLine", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )  # fmt: skip
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "orders_substitution"
        constraints = [
            models.UniqueConstraint(
                fields=["order_line"],
                name="orders_substitution_one_open",
                condition=Q(status="proposed"),
            ),
            models.UniqueConstraint(fields=["new_line"], name="orders_substitution_new_line_once"),
            models.CheckConstraint(
                condition=Q(status__in=SubstitutionStatus.values), name="orders_substitution_status"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, unit_price_minor__gte=0, gross_minor__gte=0)
                & Q(tax_rate__gte=0, tax_rate__lte=100, expires_at__gt=F("created_at")),
                name="orders_substitution_offer",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(status="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="orders_substitution_decided",
            ),
            models.CheckConstraint(
                # Who answered is known where somebody did; the others ended by themselves or by our hand.
                condition=Q(status__in=["accepted", "declined"], via__in=["link", "staff"])
                | (~Q(status__in=["accepted", "declined"]) & Q(via="")),
                name="orders_substitution_via",
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", new_line__isnull=False)
                | (~Q(status="accepted") & Q(new_line__isnull=True)),
                name="orders_substitution_new_line",
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="orders_substitution_of_order"),
            models.Index(fields=["status", "-id"], name="orders_substitution_tab"),
            models.Index(
                fields=["expires_at"],
                name="orders_substitution_ends",
                condition=Q(status="proposed"),
            ),
        ]
