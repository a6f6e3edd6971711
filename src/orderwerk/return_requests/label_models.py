"""A shop's carrier for what comes back, and the labels that were asked for there."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from orderwerk.orders.models import Order
from orderwerk.return_requests.carriers import CARRIERS
from orderwerk.return_requests.label_statuses import ReturnLabelStatus
from orderwerk.shops.models import Shop


class ReturnCarrier(models.Model):
    """A shop's account at the carrier that brings its returns, with the key encrypted. Written by set_return_carriers.

    `mode`: live, or test (the carrier's sandbox). `is_automatic`: an approved request gets its label by itself.
    """

    id = models.UUIDField(primary_key=True)
    shop = models.OneToOneField(Shop, models.PROTECT)
    carrier = models.TextField()
    secret = models.TextField()
    mode = models.TextField()
    customer_code = models.TextField()
    customer_number = models.TextField()
    company = models.TextField()
    reply_number = models.TextField()
    postal_code = models.TextField()
    city = models.TextField()
    countries = ArrayField(models.TextField())
    is_paperless = models.BooleanField(default=False)
    is_automatic = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "return_requests_carrier"
        constraints = [
            models.UniqueConstraint(fields=["id", "shop"], name="return_requests_carrier_of_shop"),
            models.CheckConstraint(
                condition=Q(secret__startswith="enc1:"),  # noqa: S106 - the prefix of what is encrypted
                name="return_requests_carrier_secret_encrypted",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=["live", "test"]) & Q(carrier__in=list(CARRIERS)),
                name="return_requests_carrier_words",
            ),
        ]


class ReturnLabel(models.Model):
    """The carrier's label for one return request: asked for under one barcode, until the carrier has made it or said no.

    `asked` counts the calls under this barcode that may have taken effect. Written by order_return_labels and
    report_return_labels. `content` is the PDF as the carrier gave it.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    request = models.OneToOneField(
        "return_requests.ReturnRequest", models.PROTECT, db_constraint=False, related_name="label"
    )
    carrier_account = models.ForeignKey(
        ReturnCarrier, models.PROTECT, db_constraint=False, db_index=False
    )
    carrier = models.TextField()
    status = models.TextField(choices=ReturnLabelStatus.choices)
    effect_id = models.UUIDField(unique=True)
    attempts = models.IntegerField(default=1)
    barcode = models.TextField(default="", db_collation="C")
    asked = models.IntegerField(default=0)
    is_paperless = models.BooleanField(default=False)
    content = models.BinaryField(null=True)
    note = models.TextField(default="")
    created_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "return_requests_label"
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "barcode"],
                name="return_requests_label_barcode_once",
                condition=~Q(barcode=""),
            ),
            models.CheckConstraint(
                condition=Q(status__in=ReturnLabelStatus.values),
                name="return_requests_label_status",
            ),
            models.CheckConstraint(
                condition=Q(attempts__gte=1, asked__gte=0, version__gte=1),
                name="return_requests_label_bounds",
            ),
            models.CheckConstraint(
                # What is made is there, under its barcode; what is not made is not.
                condition=Q(status="made", content__isnull=False, made_at__isnull=False)
                & ~Q(barcode="")
                | Q(content__isnull=True, made_at__isnull=True) & ~Q(status="made"),
                name="return_requests_label_made",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="return_requests_labels_open",
                condition=Q(status="ordered"),
            ),
        ]
