"""Products: what is sold. Written by the catalogue's commands; a sku that has been sold keeps its product row."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Product(models.Model):
    """One article; order lines, stock and movements refer to its id, so a renamed sku breaks no balance.

    `tracking`: whether its pieces are kept apart by lot (`lot`), leave by serial number (`serial`), or neither (`none`).
    `substitutes`: the skus that may be offered in its place, best first.
    """

    id = models.UUIDField(primary_key=True)
    sku = models.TextField(unique=True, db_collation="C")
    name = models.TextField()
    gtin = models.TextField(null=True)
    weight_grams = models.IntegerField(null=True)
    image_url = models.TextField(null=True)
    hs_code = models.TextField(null=True)
    origin_country = models.TextField(null=True)
    tracking = models.TextField(default="none", db_default="none")
    # Of a lot, pieces leave only while at least so many days of it are left.
    min_shelf_days = models.IntegerField(default=0, db_default=0)
    substitutes = ArrayField(models.TextField(), default=list, db_default=[])
    # Why it is sold without VAT: in words, and as a code of the list VATEX.
    vat_exemption = models.TextField(null=True)
    vat_exemption_code = models.TextField(null=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_product"
        constraints = [
            models.CheckConstraint(
                condition=Q(weight_grams__isnull=True) | Q(weight_grams__gte=0),
                name="catalog_product_weight",
            ),
            models.CheckConstraint(
                condition=Q(min_shelf_days__gte=0, min_shelf_days__lte=3650),
                name="catalog_product_min_shelf_days",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="catalog_product_version"),
            models.CheckConstraint(
                condition=Q(tracking__in=["none", "lot", "serial"]), name="catalog_product_tracking"
            ),
        ]


class Component(models.Model):
    """So many pieces of a product go into one kit; a kit is no component, and lies nowhere itself."""

    id = models.UUIDField(primary_key=True)
    kit = models.ForeignKey(Product, models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    quantity = models.IntegerField()

    class Meta:
        db_table = "catalog_component"
        constraints = [
            models.UniqueConstraint(fields=["kit", "product"], name="catalog_component_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=10_000),
                name="catalog_component_quantity",
            ),
            models.CheckConstraint(condition=~Q(kit=F("product")), name="catalog_component_other"),
        ]
