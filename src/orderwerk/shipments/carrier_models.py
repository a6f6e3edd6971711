"""Carriers that a merchant has set up: what may be chosen for a shipment, and where its parcels are followed."""

from django.db import models
from django.db.models import Q


class ShippingCarrier(models.Model):
    """A carrier by its code, for all shops; written by upsert_carriers, never taken away, only switched off.

    `tracking_link` is the address under which a parcel is followed, with `{code}`, `{postal_code}` and `{country}`; empty
    where there is none. `services` are those that may be chosen, each with `code` and `name`; none: any text.
    """

    id = models.UUIDField(primary_key=True)
    code = models.TextField(unique=True, db_collation="C")
    name = models.TextField()
    tracking_link = models.TextField(default="")
    services = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "shipments_carrier"
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=1), name="shipments_carrier_version"),
        ]
