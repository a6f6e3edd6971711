"""Pick lists: work orders to collect goods at one location, in walking order."""

from django.db import models
from django.db.models import F, Q

from orderwerk.allocations.models import Allocation
from orderwerk.catalog.models import Product
from orderwerk.orders.models import Order
from orderwerk.picklists.statuses import PickListStatus
from orderwerk.shipments.models import Shipment
from orderwerk.stock.models import Bin, StockLocation


class Wave(models.Model):
    """A named group of pick lists of one location that were made together; how far it has come is what its lists say."""

    id = models.UUIDField(primary_key=True)
    number = models.TextField(unique=True, db_collation="C")
    name = models.TextField()
    location = models.ForeignKey(StockLocation, models.PROTECT, db_index=False)
    created_at = models.DateTimeField()
    created_by = models.TextField()

    class Meta:
        db_table = "picklists_wave"
        constraints = [
            models.UniqueConstraint(fields=["location", "id"], name="picklists_wave_of_location")
        ]
        indexes = [models.Index(fields=["location", "-id"], name="picklists_wave_tab")]


class PickList(models.Model):
    """One walk through one location, for one order or several; finished when no line is open.

    `method` says how a batch keeps its orders apart: one-piece orders only (`singles`), sorted into totes while walking
    (`totes`), or sorted afterwards at a station (`sort`); empty for a list of one shipment.
    """

    id = models.UUIDField(primary_key=True)
    number = models.TextField(unique=True, db_collation="C")
    location = models.ForeignKey(StockLocation, models.PROTECT, db_index=False)
    kind = models.TextField(default="single")
    method = models.TextField(default="", db_default="")
    wave = models.ForeignKey(Wave, models.PROTECT, null=True, db_constraint=False, db_index=False)
    status = models.TextField(choices=PickListStatus.choices, default=PickListStatus.OPEN)
    is_urgent = models.BooleanField(default=False, db_default=False)
    paused_at = models.DateTimeField(null=True)
    # Set aside until then, by whom and why; a moment that has passed means nothing any more.
    snoozed_until = models.DateTimeField(null=True)
    snooze_note = models.TextField(default="", db_default="")
    snoozed_by = models.TextField(default="", db_default="")
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
            models.CheckConstraint(
                condition=Q(kind="single", method="")
                | Q(kind="batch", method__in=["", "singles", "totes", "sort"]),
                name="picklists_pick_list_method",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | Q(status__in=["open", "picking"]),
                name="picklists_pick_list_paused",
            ),
            models.CheckConstraint(
                condition=Q(snoozed_until__isnull=True, snooze_note="", snoozed_by="")
                | Q(snoozed_until__isnull=False, status__in=["open", "picking"]),
                name="picklists_pick_list_snoozed",
            ),
            models.UniqueConstraint(
                fields=["location", "id"], name="picklists_pick_list_of_location"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="picklists_tab"),
            models.Index(fields=["location", "status", "-id"], name="picklists_location_tab"),
            models.Index(
                fields=["finished_at"],
                name="picklists_finished",
                condition=Q(finished_at__isnull=False),
            ),
            models.Index(
                fields=["wave"], name="picklists_of_wave", condition=Q(wave__isnull=False)
            ),
        ]


class PickLine(models.Model):
    """Take this quantity of a product from this bin for this allocation; open until all is picked or short.

    `tote`: the number of the box on the cart that its order is sorted into; 0 where nothing is sorted while walking.
    `put_back`: of what was picked, the pieces that lie in its bin again because they were cancelled afterwards.
    """

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
    tote = models.SmallIntegerField(default=0, db_default=0)
    quantity = models.IntegerField()
    picked = models.IntegerField(default=0)
    short = models.IntegerField(default=0)
    short_reason = models.TextField(default="")
    cancelled = models.IntegerField(default=0)
    put_back = models.IntegerField(default=0, db_default=0)
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
            models.CheckConstraint(condition=Q(tote__gte=0), name="picklists_line_tote"),
            models.CheckConstraint(
                condition=Q(put_back__gte=0, put_back__lte=F("picked")),
                name="picklists_line_put_back",
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="picklists_line_of_order"),
            models.Index(fields=["shipment"], name="picklists_line_of_shipment"),
        ]


class PickScan(models.Model):
    """One scan at the shelf, under the key that the device gave it: what it booked, or why it was refused; append-only.

    `code`: what was scanned and refused, or the serial number of what was booked.
    """

    id = models.UUIDField(primary_key=True)
    key = models.UUIDField(unique=True)
    pick_list = models.ForeignKey(PickList, models.PROTECT, db_index=False)
    pick_line_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    picked = models.IntegerField(default=0)
    short = models.IntegerField(default=0)
    step = models.TextField()
    code = models.TextField(default="")
    expected = models.TextField(default="")
    refusal = models.TextField(default="")
    message = models.TextField(default="")
    answer = models.JSONField()
    actor_name = models.TextField()

    class Meta:
        db_table = "picklists_scan"
        constraints = [
            models.CheckConstraint(
                condition=Q(picked__gte=0, short__gte=0), name="picklists_scan_pieces"
            ),
            models.CheckConstraint(
                condition=Q(step__in=["bin", "article", "lot", "serial", "tote"]),
                name="picklists_scan_step",
            ),
        ]
        indexes = [models.Index(fields=["pick_list", "-id"], name="picklists_scan_of_list")]
