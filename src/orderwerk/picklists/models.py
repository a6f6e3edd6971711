"""Pick lists: work orders to collect goods at one location, in walking order."""

from django.db import models
from django.db.models import F, Q

from orderwerk.allocations.models import Allocation
from orderwerk.catalog.models import Product
from orderwerk.orders.models import Order
from orderwerk.picklists.statuses import PickListStatus
from orderwerk.shipments.models import Shipment
from orderwerk.stock.models import Bin, StockLocation


class PickList(models.Model):
    """One walk through one location, for one order or several; finished when no line is open."""

    id = models.UUIDField(primary_key=True)
    number = models.TextField(unique=True, db_collation="C")
    location = models.ForeignKey(StockLocation, models.PROTECT, db_index=False)
    kind = models.TextField(default="single")
    status = models.TextField(choices=PickListStatus.choices, default=PickListStatus.OPEN)
    assigned_to = models.UUIDField(null=True)
    assigned_name = models.TextField(default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "picklists_pick_list"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=PickListStatus.values), name="picklists_pick_list_status"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["single", "batch"]), name="picklists_pick_list_kind"
            ),
            models.UniqueConstraint(
                fields=["location", "id"], name="picklists_pick_list_of_location"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="picklists_tab"),
            models.Index(fields=["location", "status", "-id"], name="picklists_location_tab"),
        ]


class PickLine(models.Model):
    """Take this quantity of a product from this bin for this allocation; open until all is picked or short."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    pick_list = models.ForeignKey(
        PickList, models.PROTECT, db_constraint=False, db_index=False, related_name="lines"
    )
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT, db_constraint=False, db_index=False)
    shipment = models.ForeignKey(Shipment, models.PROTECT, db_constraint=False, db_index=False)
    allocation = models.ForeignKey(Allocation, models.PROTECT, db_constraint=False, db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, db_constraint=False, db_index=False)
    bin = models.ForeignKey(Bin, models.PROTECT, db_constraint=False, db_index=False)
    lot = models.TextField(default="")
    position = models.IntegerField()
    part = models.SmallIntegerField(default=1)
    quantity = models.IntegerField()
    picked = models.IntegerField(default=0)
    short = models.IntegerField(default=0)
    short_reason = models.TextField(default="")
    cancelled = models.IntegerField(default=0)
    is_open = models.BooleanField(default=True)

    class Meta:
        db_table = "picklists_line"
        constraints = [
            models.UniqueConstraint(
                fields=["allocation", "part"],
                condition=Q(is_open=True),
                name="picklists_line_one_open_list",
            ),
            models.UniqueConstraint(
                fields=["pick_list", "position"], name="picklists_line_position"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, picked__gte=0, short__gte=0, cancelled__gte=0)
                & Q(quantity__gte=F("picked") + F("short") + F("cancelled")),
                name="picklists_line_quantity",
            ),
            models.CheckConstraint(
                condition=Q(is_open=True, quantity__gt=F("picked") + F("short") + F("cancelled"))
                | Q(is_open=False, quantity=F("picked") + F("short") + F("cancelled")),
                name="picklists_line_closed_whole",
            ),
            models.CheckConstraint(
                condition=Q(short=0) | ~Q(short_reason=""), name="picklists_line_short_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="picklists_line_of_order"),
            models.Index(fields=["shipment"], name="picklists_line_of_shipment"),
        ]
