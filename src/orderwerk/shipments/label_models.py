"""The account at a carrier that makes labels, and the labels that were asked for there."""

from django.db import models
from django.db.models import Q

from orderwerk.orders.models import Order
from orderwerk.shipments.label_carriers import LABEL_CARRIERS
from orderwerk.shipments.label_statuses import ShippingLabelStatus


class CarrierAccount(models.Model):
    """The merchant's account at a carrier that is set up, with the key encrypted. Written by set_carrier_accounts.

    `carrier`: the code of the carrier as it is set up; `speaks`: whose language it speaks. `mode`: live, or test (the carrier's
    sandbox). `products`: per service the carrier's own product, each with `service` ("" is none) and `product`.
    `is_automatic`: a parcel gets its label by itself once it is announced or packed.
    """

    id = models.UUIDField(primary_key=True)
    carrier = models.TextField(unique=True, db_collation="C")
    speaks = models.TextField()
    secret = models.TextField()
    mode = models.TextField()
    customer_code = models.TextField()
    customer_number = models.TextField()
    collection_location = models.TextField()
    products = models.JSONField(default=list)
    is_automatic = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "shipments_carrier_account"
        constraints = [
            models.CheckConstraint(
                condition=Q(secret__startswith="enc1:"),  # noqa: S106 - the prefix of what is encrypted
                name="shipments_carrier_account_secret_encrypted",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=["live", "test"]) & Q(speaks__in=list(LABEL_CARRIERS)),
                name="shipments_carrier_account_words",
            ),
        ]


class ShippingLabel(models.Model):
    """The carrier's label of one package: asked for under one barcode, until it is made, refused, or given up.

    `package` is the one that it sticks on, none once it is given up. `asked` counts the calls under this barcode that may have taken
    effect. `address` is the fingerprint of where it sends the parcel. `content` is the PDF as the carrier gave it.
    Written by order_shipping_labels, report_shipping_labels and give_up_labels.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    shipment = models.ForeignKey(
        "shipments.Shipment", models.PROTECT, db_constraint=False, related_name="labels"
    )
    location_id = models.UUIDField()
    package = models.OneToOneField(
        "shipments.Package", models.PROTECT, null=True, db_constraint=False, related_name="label"
    )
    position = models.IntegerField()
    carrier_account = models.ForeignKey(
        CarrierAccount, models.PROTECT, db_constraint=False, db_index=False
    )
    carrier = models.TextField()
    product = models.TextField()
    status = models.TextField(choices=ShippingLabelStatus.choices)
    effect_id = models.UUIDField(unique=True)
    attempts = models.IntegerField(default=1)
    barcode = models.TextField(default="", db_collation="C")
    asked = models.IntegerField(default=0)
    address = models.TextField(default="")
    content = models.BinaryField(null=True)
    note = models.TextField(default="")
    created_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "shipments_label"
        constraints = [
            models.UniqueConstraint(
                fields=["carrier_account", "barcode"],
                name="shipments_label_barcode_once",
                condition=~Q(barcode=""),
            ),
            models.CheckConstraint(
                condition=Q(status__in=ShippingLabelStatus.values), name="shipments_label_status"
            ),
            models.CheckConstraint(
                condition=Q(attempts__gte=1, asked__gte=0, version__gte=1, position__gte=1),
                name="shipments_label_bounds",
            ),
            models.CheckConstraint(
                # A label sticks on its package until it is given up.
                condition=Q(status="void", package__isnull=True, voided_at__isnull=False)
                | ~Q(status="void") & Q(package__isnull=False, voided_at__isnull=True),
                name="shipments_label_void",
            ),
            models.CheckConstraint(
                # What is made is there, under its barcode; what was never made is not.
                condition=Q(
                    content__isnull=False, made_at__isnull=False, status__in=["made", "void"]
                )
                & ~Q(barcode="")
                | Q(content__isnull=True, made_at__isnull=True) & ~Q(status="made"),
                name="shipments_label_made",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], name="shipments_labels_open", condition=Q(status="ordered")
            ),
            models.Index(fields=["order"], name="shipments_label_of_order"),
            models.Index(
                fields=["barcode"], name="shipments_label_by_barcode", condition=~Q(barcode="")
            ),
            models.Index(
                fields=["id"], name="shipments_labels_failed", condition=Q(status="failed")
            ),
            models.Index(
                fields=["shipment"], name="shipments_label_failed_of", condition=Q(status="failed")
            ),
        ]
