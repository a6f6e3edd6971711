"""Claims: goods that arrived damaged, or never, for which the customer gets something without sending anything back."""

from django.db import models
from django.db.models import Q

from orderwerk.orders.models import Order, OrderLine
from orderwerk.return_requests.models import ReturnRequest
from orderwerk.returns.claim_statuses import ClaimKind, ClaimStatus
from orderwerk.shipments.models import Shipment


class Claim(models.Model):
    """One claim of one order; written by create_claims and decided once by decide_claims.

    While it is not rejected its pieces count as claimed on their lines: what is claimed does not come back as well.
    `new_order` is the replacement that was sent, `request` the return request whose goods the customer keeps, or sent in for
    repair; `carrier` and `tracking_code` say how they went back. What people wrote about it stands in the history alone.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(
        Order, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    shipment = models.ForeignKey(
        Shipment, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    request = models.ForeignKey(
        ReturnRequest, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )  # fmt: skip
    number = models.TextField(unique=True, db_collation="C")
    kind = models.TextField(choices=ClaimKind.choices)
    status = models.TextField(choices=ClaimStatus.choices)
    new_order = models.ForeignKey(
        Order, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()
    created_by = models.TextField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(default="")
    carrier = models.TextField(default="", db_default="")
    tracking_code = models.TextField(default="", db_default="")
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "returns_claim"
        constraints = [
            models.UniqueConstraint(
                fields=["order", "shop_id", "id"], name="returns_claim_of_order"
            ),
            models.UniqueConstraint(fields=["new_order"], name="returns_claim_new_order_once"),
            models.CheckConstraint(
                condition=Q(status__in=ClaimStatus.values, kind__in=ClaimKind.values),
                name="returns_claim_own_words",
            ),
            models.CheckConstraint(
                # What is here for repair was announced; only that is sent back, repaired or not.
                condition=Q(kind="repair", request__isnull=False)
                | ~Q(kind="repair") & ~Q(status="repaired") & Q(carrier="", tracking_code=""),
                name="returns_claim_repair",
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at__isnull=True)
                | (~Q(status="open") & Q(decided_at__isnull=False)),
                name="returns_claim_decided",
            ),
            models.CheckConstraint(
                condition=Q(status="replaced", new_order__isnull=False)
                | (~Q(status="replaced") & Q(new_order__isnull=True)),
                name="returns_claim_replaced",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="returns_claim_version"),
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="returns_claims_of_order"),
            models.Index(fields=["status", "-id"], name="returns_claim_tab"),
        ]


class ClaimLine(models.Model):
    """So many pieces of an order line that are claimed."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(
        Order, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    claim = models.ForeignKey(
        Claim, models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    quantity = models.IntegerField()

    class Meta:
        db_table = "returns_claim_line"
        constraints = [
            models.UniqueConstraint(fields=["claim", "order_line"], name="returns_claim_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="returns_claim_line_quantity"),
        ]
        indexes = [models.Index(fields=["order_line"], name="returns_claim_line_of_line")]


class ClaimPhoto(models.Model):
    """A picture of what a claim is about, as it came; written by add_claim_photos, at most five a claim."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(
        Order, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    claim = models.ForeignKey(
        Claim, models.PROTECT, db_constraint=False, db_index=False, related_name="photos"
    )
    position = models.IntegerField()
    media_type = models.TextField()
    content = models.BinaryField()

    class Meta:
        db_table = "returns_claim_photo"
        constraints = [
            models.UniqueConstraint(fields=["claim", "position"], name="returns_claim_photo_once"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=5), name="returns_claim_photo_position"
            ),
            models.CheckConstraint(
                condition=Q(media_type__in=["image/jpeg", "image/png", "image/webp"]),
                name="returns_claim_photo_type",
            ),
        ]
