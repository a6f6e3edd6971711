"""Cycle counts: how often each bin of a location is counted, by how much its products move."""

from django.db import models
from django.db.models import Q


class CountPlan(models.Model):
    """The plan of one location: every so many days for products of class A, B and C; none: that class is not counted.

    Classes follow what left in the last `look_back_days`, measured by `basis`: A makes the first 80 per cent of it, B the
    next 15. Bins that were not counted for so long are asked for, `most_a_day` at most.
    """

    id = models.UUIDField(primary_key=True)
    location = models.OneToOneField("stock.StockLocation", models.PROTECT)
    a_days = models.SmallIntegerField(null=True)
    b_days = models.SmallIntegerField(null=True)
    c_days = models.SmallIntegerField(null=True)
    basis = models.TextField(default="pieces")
    look_back_days = models.SmallIntegerField(default=90)
    most_a_day = models.IntegerField(default=50)
    updated_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "stock_count_plan"
        constraints = [
            models.CheckConstraint(
                condition=(Q(a_days__isnull=True) | Q(a_days__range=(1, 730)))
                & (Q(b_days__isnull=True) | Q(b_days__range=(1, 730)))
                & (Q(c_days__isnull=True) | Q(c_days__range=(1, 730))),
                name="stock_count_plan_days",
            ),
            models.CheckConstraint(
                condition=Q(basis__in=["pieces", "visits", "value"])
                & Q(look_back_days__range=(1, 730))
                & Q(most_a_day__range=(1, 2000)),
                name="stock_count_plan_bounds",
            ),
        ]
