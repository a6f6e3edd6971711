"""Packing slips as they lay in parcels: what each said when its parcel left."""

from django.db import models


class Slip(models.Model):
    """What the slip of a shipment said when that left; written once, by keep_slips, and never changed.

    `lines` are its articles as they were called then (product, sku, name, quantity), `more` says that others of the order come in
    another parcel. Nothing of the customer is here: the address stands on the shipment, kept when it leaves.
    """

    shipment = models.OneToOneField("shipments.Shipment", models.PROTECT, primary_key=True)
    sender_name = models.TextField()
    sender_address = models.TextField()
    sender_email = models.TextField()
    lines = models.JSONField()
    more = models.BooleanField()

    class Meta:
        db_table = "shipments_slip"
