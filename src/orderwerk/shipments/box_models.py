"""Box sizes: in which boxes a shop packs, and the version of each shop's list."""

from django.db import models
from django.db.models import Q


class BoxSizes(models.Model):
    """The version of all boxes of a shop; written by set_box_sizes, which replaces them whole."""

    id = models.UUIDField(primary_key=True)
    shop = models.OneToOneField("shops.Shop", models.PROTECT)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "shipments_boxes"
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=1), name="shipments_boxes_version")
        ]


class BoxSize(models.Model):
    """One box of a shop's list, in the order of `position`; written whole per shop by set_box_sizes.

    `weight_grams` is what it weighs empty, `max_weight_grams` the most that goes into it, where that is known.
    """

    id = models.UUIDField(primary_key=True)
    shop = models.ForeignKey("shops.Shop", models.PROTECT, db_index=False)
    position = models.IntegerField()
    name = models.TextField()
    length_mm = models.IntegerField()
    width_mm = models.IntegerField()
    height_mm = models.IntegerField()
    weight_grams = models.IntegerField()
    max_weight_grams = models.IntegerField(null=True)

    class Meta:
        db_table = "shipments_box_size"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "position"], name="shipments_box_size_position"
            ),
            models.UniqueConstraint(fields=["shop", "name"], name="shipments_box_size_name"),
            models.CheckConstraint(
                condition=Q(position__gte=1, length_mm__gte=1, width_mm__gte=1, height_mm__gte=1)
                & Q(weight_grams__gte=0)
                & (Q(max_weight_grams__isnull=True) | Q(max_weight_grams__gte=1)),
                name="shipments_box_size_bounds",
            ),
        ]
