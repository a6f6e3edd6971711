"""Where postal codes lie: what a merchant has taken in, so that routing knows how far a parcel travels."""

from django.db import models
from django.db.models import Q

# Where a stock location lies, if its merchant says so.
A_POINT_OR_NONE = Q(latitude__isnull=True, longitude__isnull=True) | Q(
    latitude__isnull=False,
    latitude__gte=-90,
    latitude__lte=90,
    longitude__isnull=False,
    longitude__gte=-180,
    longitude__lte=180,
)


class PostalPlace(models.Model):
    """Where a postal code of a country lies, or all that begin so; written by upsert_postal_places.

    Of several beginnings the longest that fits counts; read by postal_point().
    """

    id = models.UUIDField(primary_key=True)
    country = models.TextField(db_collation="C")
    prefix = models.TextField(db_collation="C")
    latitude = models.FloatField()
    longitude = models.FloatField()

    class Meta:
        db_table = "stock_postal_place"
        constraints = [
            models.UniqueConstraint(fields=["country", "prefix"], name="stock_postal_place_once"),
            models.CheckConstraint(
                condition=Q(latitude__gte=-90, latitude__lte=90)
                & Q(longitude__gte=-180, longitude__lte=180),
                name="stock_postal_place_range",
            ),
        ]
