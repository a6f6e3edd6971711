"""Shipments: what goes from one location to one customer address, with lines, packages and tracking."""

from django.db import models
from django.db.models import F, Q

from orderwerk.allocations.models import Allocation
from orderwerk.catalog.models import Product
from orderwerk.orders.models import Order, OrderLine
from orderwerk.shipments.box_models import (
    BoxSize as BoxSize,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.shipments.box_models import (
    BoxSizes as BoxSizes,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.shipments.carrier_models import (
    ShippingCarrier as ShippingCarrier,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.shipments.exception_models import (
    DeliveryException as DeliveryException,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.shipments.label_models import (
    CarrierAccount as CarrierAccount,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.shipments.label_models import (
    ShippingLabel as ShippingLabel,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.shipments.rule_models import (
    ShippingRule as ShippingRule,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.shipments.rule_models import (
    ShippingRules as ShippingRules,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.shipments.serial_models import (
    Serial as Serial,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.shipments.slip_models import (
    Slip as Slip,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.shipments.statuses import ShipmentStatus
from orderwerk.stock.models import StockLocation


class Shipment(models.Model):
    """One shipment of one order from one location.

    Of those that have not left, each has its own `part` per order and location; claims go into part 0. `combined_into` is
    the shipment in whose parcel this one lies, of the same location.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT, db_index=False)
    number = models.TextField(unique=True, db_collation="C")
    status = models.TextField(choices=ShipmentStatus.choices, default=ShipmentStatus.OPEN)
    part = models.SmallIntegerField(default=0, db_default=0)
    combined_into = models.ForeignKey(
        "self", models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    carrier = models.TextField(default="manual")
    service = models.TextField(default="")
    tracking_code = models.TextField(default="", db_collation="C")
    tracking_url = models.TextField(default="")
    delivery_address = models.JSONField(null=True)
    created_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    # Who took it at the counter, and what was noted then; empty for what is sent, and once erased.
    collected_by = models.TextField(default="", db_default="")
    collect_note = models.TextField(default="", db_default="")
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "shipments_shipment"
        constraints = [
            models.UniqueConstraint(
                fields=["order", "shop_id", "location", "id"], name="shipments_shipment_place"
            ),
            models.UniqueConstraint(
                fields=["order", "location", "part"],
                condition=Q(status__in=["open", "announced"]),
                name="shipments_shipment_one_open",
            ),
            models.UniqueConstraint(
                fields=["shop_id", "location", "id"], name="shipments_shipment_of_location"
            ),
            models.CheckConstraint(
                condition=Q(part__gte=0)
                & (Q(combined_into__isnull=True) | ~Q(combined_into=F("id"))),
                name="shipments_shipment_part",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ShipmentStatus.values), name="shipments_shipment_status"
            ),
            models.CheckConstraint(
                condition=Q(collected_by="", collect_note="")
                | Q(status__in=["delivered", "cancelled"]),
                name="shipments_shipment_collected",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["shipped", "delivered"], shipped_at__isnull=False)
                | Q(status__in=["open", "announced"], shipped_at__isnull=True)
                | Q(status="cancelled"),
                name="shipments_shipment_shipped_at",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled", cancelled_at__isnull=False)
                | (~Q(status="cancelled") & Q(cancelled_at__isnull=True)),
                name="shipments_shipment_cancelled_at",
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="shipments_of_order"),
            models.Index(fields=["status", "-id"], name="shipments_tab"),
            models.Index(fields=["location", "status", "-id"], name="shipments_location_tab"),
            models.Index(
                fields=["combined_into"],
                name="shipments_combined",
                condition=Q(combined_into__isnull=False),
            ),
            models.Index(fields=["location", "created_at"], name="shipments_of_day"),
            models.Index(fields=["-id"], name="shipments_collected", condition=~Q(collected_by="")),
            models.Index(
                fields=["tracking_code"], name="shipments_tracking", condition=~Q(tracking_code="")
            ),
        ]


class ShipmentLine(models.Model):
    """What one allocation puts into a shipment; live until the shipment (or the allocation) is cancelled.

    `serials`: all pieces where each of them left with its serial number recorded, else 0.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT, db_constraint=False, db_index=False)
    shipment = models.ForeignKey(
        Shipment, models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    allocation = models.ForeignKey(Allocation, models.PROTECT, db_constraint=False, db_index=False)
    order_line = models.ForeignKey(OrderLine, models.PROTECT, db_constraint=False, db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, db_constraint=False, db_index=False)
    quantity = models.IntegerField()
    packed = models.IntegerField(default=0, db_default=0)
    serials = models.IntegerField(default=0, db_default=0)
    is_live = models.BooleanField(default=True)

    class Meta:
        db_table = "shipments_line"
        constraints = [
            models.UniqueConstraint(
                fields=["allocation"], condition=Q(is_live=True), name="shipments_line_one_live"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipments_line_quantity"),
            models.CheckConstraint(
                condition=Q(packed__gte=0, packed__lte=F("quantity")), name="shipments_line_packed"
            ),
            models.CheckConstraint(
                condition=Q(serials=0) | Q(serials=F("quantity")), name="shipments_line_serials"
            ),
            models.UniqueConstraint(
                fields=["shipment", "id"], name="shipments_line_of_shipment_once"
            ),
        ]
        indexes = [
            models.Index(fields=["shipment"], name="shipments_line_of_shipment"),
            models.Index(
                fields=["order_line"],
                name="shipments_line_of_order_line",
                include=["quantity", "is_live"],
            ),
        ]


class Package(models.Model):
    """One parcel of a shipment: what it weighs and measures, and (as far as somebody said so) what lies in it.

    `delivered_at`: a carrier told of its arrival; a shipment is delivered with the last of them.
    """

    id = models.UUIDField(primary_key=True)
    shipment = models.ForeignKey(Shipment, models.PROTECT, db_index=False, related_name="packages")
    position = models.IntegerField()
    weight_grams = models.IntegerField(null=True)
    length_mm = models.IntegerField(null=True)
    width_mm = models.IntegerField(null=True)
    height_mm = models.IntegerField(null=True)
    tracking_code = models.TextField(default="")
    # The name of the box that it was packed in, as the shop called it then.
    box = models.TextField(default="", db_default="")
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shipments_package"
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "position"], name="shipments_package_position"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1)
                & (Q(weight_grams__isnull=True) | Q(weight_grams__gte=0)),
                name="shipments_package_bounds",
            ),
            models.CheckConstraint(
                condition=(Q(length_mm__isnull=True) | Q(length_mm__gt=0))
                & (Q(width_mm__isnull=True) | Q(width_mm__gt=0))
                & (Q(height_mm__isnull=True) | Q(height_mm__gt=0)),
                name="shipments_package_size",
            ),
            models.UniqueConstraint(
                fields=["shipment", "id"], name="shipments_package_of_shipment"
            ),
        ]


class PackageLine(models.Model):
    """So many pieces of a shipment line that lie in a parcel; the line counts what is packed of it."""

    id = models.UUIDField(primary_key=True)
    shipment = models.ForeignKey(Shipment, models.PROTECT, db_constraint=False, db_index=False)
    package = models.ForeignKey(Package, models.PROTECT, db_constraint=False, db_index=False)
    shipment_line = models.ForeignKey(
        ShipmentLine, models.PROTECT, db_constraint=False, db_index=False
    )
    quantity = models.IntegerField()

    class Meta:
        db_table = "shipments_package_line"
        constraints = [
            models.UniqueConstraint(
                fields=["package", "shipment_line"], name="shipments_package_line_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="shipments_package_line_quantity"
            ),
        ]
        indexes = [
            models.Index(fields=["shipment_line"], name="shipments_package_line_of_line"),
            models.Index(fields=["shipment"], name="shipments_package_lines"),
        ]


class CarriedLine(models.Model):
    """So many pieces of another shipment's line that lie in a package, since that shipment travels in this one's parcel.

    Told of while it does: whoever takes it out of the parcel, makes its line smaller or gives the parcel up deletes the row.
    """

    id = models.UUIDField(primary_key=True)
    shipment = models.ForeignKey(Shipment, models.PROTECT, db_constraint=False, db_index=False)
    package = models.ForeignKey(Package, models.PROTECT, db_constraint=False, db_index=False)
    shipment_line = models.ForeignKey(ShipmentLine, models.PROTECT, db_index=False)
    quantity = models.IntegerField()

    class Meta:
        db_table = "shipments_carried_line"
        constraints = [
            models.UniqueConstraint(
                fields=["package", "shipment_line"], name="shipments_carried_line_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="shipments_carried_line_quantity"
            ),
        ]
        indexes = [
            models.Index(fields=["shipment_line"], name="shipments_carried_line_of_line"),
            models.Index(fields=["shipment"], name="shipments_carried_lines"),
        ]


class TrackingEvent(models.Model):
    """One report about a parcel on its way, by hand or from a logistics system; append-only."""

    id = models.UUIDField(primary_key=True)
    shipment = models.ForeignKey(
        Shipment, models.PROTECT, db_index=False, related_name="tracking_events"
    )
    status = models.TextField()
    at = models.DateTimeField()
    text = models.TextField(default="")
    place = models.TextField(default="")

    class Meta:
        db_table = "shipments_tracking_event"
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "at", "status"], name="shipments_tracking_event_once"
            ),
        ]
