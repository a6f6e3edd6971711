"""The pictures that shops have on their papers, pages and letters."""

from django.db import models
from django.db.models import Q


class Logo(models.Model):
    """A shop's logo from a moment on, until the next one; empty: none from then on. Appended, never changed.

    So a paper that was issued before keeps what it was issued with, and the address of a picture shows it for ever. The bytes
    are a PNG that set_logos has taken apart and written anew.
    """

    id = models.UUIDField(primary_key=True)
    shop = models.ForeignKey("shops.Shop", models.PROTECT, db_index=False)
    set_at = models.DateTimeField()
    set_by = models.TextField()
    content = models.BinaryField()
    sha256 = models.BinaryField()
    width = models.IntegerField()
    height = models.IntegerField()

    class Meta:
        db_table = "shops_logo"
        constraints = [
            models.CheckConstraint(condition=Q(width__gte=0, height__gte=0), name="shops_logo_size")
        ]
        indexes = [
            models.Index(fields=["shop", "-set_at"], name="shops_logo_newest"),
            models.Index(fields=["sha256"], name="shops_logo_by_hash"),
        ]
