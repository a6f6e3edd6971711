"""Stock: locations, bins, levels, what lies in each bin, and every movement. Counters are guarded by CHECKs."""

from django.db import models
from django.db.models import F, Q

from orderwerk.catalog.models import Product
from orderwerk.stock.check_models import (
    StockCheck,  # noqa: F401 - Django finds models here
    StockDifference,  # noqa: F401 - Django finds models here
)
from orderwerk.stock.count_plan_models import (
    CountPlan as CountPlan,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.stock.lot_models import (
    Lot as Lot,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.stock.postal_models import A_POINT_OR_NONE
from orderwerk.stock.postal_models import (
    PostalPlace as PostalPlace,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.stock.scan_models import (
    StockScan as StockScan,  # noqa: PLC0414 - Django finds models here
)
from orderwerk.stock.statuses import InboundStatus


class StockLocation(models.Model):
    """A place that holds stock: warehouse, store or supplier; priority 1 is asked first."""

    id = models.UUIDField(primary_key=True)
    code = models.TextField(unique=True, db_collation="C")
    name = models.TextField()
    priority = models.IntegerField(default=1)
    address = models.JSONField(null=True)
    country = models.TextField(null=True)
    is_active = models.BooleanField(default=True)
    daily_capacity = models.IntegerField(null=True)
    cut_off = models.TimeField(null=True)
    handling_cost_minor = models.BigIntegerField(default=0)
    # None: in the currency of whichever shop asks.
    handling_cost_currency = models.TextField(null=True)
    # Where it lies; without, where its postal code lies, if that is known.
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    # What differs per weekday and on single days, as `calendar.py` describes it; read by location_day().
    week = models.JSONField(default=list, db_default=[])
    special_days = models.JSONField(default=list, db_default=[])
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "stock_location"
        constraints = [
            models.CheckConstraint(
                condition=(Q(daily_capacity__isnull=True) | Q(daily_capacity__gte=0))
                & Q(handling_cost_minor__gte=0),
                name="stock_location_bounds",
            ),
            models.CheckConstraint(condition=Q(priority__gte=1), name="stock_location_priority"),
            models.CheckConstraint(
                condition=Q(handling_cost_currency__isnull=True)
                | Q(handling_cost_currency__regex=r"^[A-Z]{3}$"),
                name="stock_location_cost_currency",
            ),
            models.CheckConstraint(condition=A_POINT_OR_NONE, name="stock_location_point"),
        ]


class Bin(models.Model):
    """A shelf position inside a location with its place in the walking route; one bin is for staging picked goods.

    `zone` names a part of the location; `use`: pickers take from faces first, from bulk only for the rest, and from
    where goods come in last. `aisle` and
    `depth` are where it lies, for the length of walks: without a depth its place in the route stands for it.
    """

    id = models.UUIDField(primary_key=True)
    location = models.ForeignKey(StockLocation, models.PROTECT)
    code = models.TextField(db_collation="C")
    kind = models.TextField(default="pick")
    position = models.IntegerField(default=0)
    zone = models.TextField(default="", db_default="")
    use = models.TextField(default="face", db_default="face")
    aisle = models.SmallIntegerField(default=0, db_default=0)
    depth = models.IntegerField(null=True)

    class Meta:
        db_table = "stock_bin"
        constraints = [
            models.UniqueConstraint(fields=["location", "code"], name="stock_bin_code_once"),
            models.UniqueConstraint(fields=["location", "id"], name="stock_bin_of_location"),
            models.UniqueConstraint(
                fields=["location"], condition=Q(kind="staging"), name="stock_bin_one_staging"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["pick", "staging"]), name="stock_bin_kind"
            ),
            models.CheckConstraint(
                condition=Q(use__in=["face", "bulk", "receiving"]), name="stock_bin_use"
            ),
            models.CheckConstraint(
                condition=Q(aisle__gte=0) & (Q(depth__isnull=True) | Q(depth__gte=0)),
                name="stock_bin_spot",
            ),
        ]


class StockLevel(models.Model):
    """On hand and allocated of one product at one location; available = on hand - allocated - blocked - safety stock.

    `blocked` is what lies in the pick bins of lots that must not leave; written by trigger alone.
    """

    id = models.UUIDField(primary_key=True)
    product = models.ForeignKey(Product, models.PROTECT, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT)
    on_hand = models.IntegerField(default=0)
    allocated = models.IntegerField(default=0)
    safety_stock = models.IntegerField(default=0)
    blocked = models.IntegerField(default=0, db_default=0)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "stock_level"
        constraints = [
            models.UniqueConstraint(fields=["product", "location"], name="stock_level_once"),
            models.CheckConstraint(condition=Q(allocated__gte=0), name="stock_level_allocated"),
            models.CheckConstraint(
                condition=Q(on_hand__gte=F("allocated") + F("blocked")),
                name="stock_level_never_oversold",
            ),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="stock_level_on_hand"),
            models.CheckConstraint(condition=Q(blocked__gte=0), name="stock_level_blocked"),
            models.CheckConstraint(condition=Q(safety_stock__gte=0), name="stock_level_safety"),
        ]


class BinStock(models.Model):
    """What lies in one bin; all bins of a product at a location add up to its on hand. Planned: asked by open pick lines."""

    id = models.UUIDField(primary_key=True)
    product = models.ForeignKey(Product, models.PROTECT, db_constraint=False, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT, db_constraint=False, db_index=False)
    bin = models.ForeignKey(Bin, models.PROTECT, db_constraint=False, db_index=False)
    lot = models.TextField(default="")
    quantity = models.IntegerField(default=0)
    planned = models.IntegerField(default=0)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "stock_bin_stock"
        constraints = [
            models.UniqueConstraint(
                fields=["product", "location", "bin", "lot"], name="stock_bin_stock_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="stock_bin_stock_quantity"),
            models.CheckConstraint(
                condition=Q(planned__gte=0, planned__lte=F("quantity")),
                name="stock_bin_stock_planned",
            ),
        ]


class Inbound(models.Model):
    """Goods on their way to a location: bought (a purchase order) or sent from another location (a transfer).

    Expected on a day, received in parts; `received` and `cancelled` are final. Pieces of a transfer that have left their
    origin and have not come in are in transit: they count nowhere as on hand. `order_id`: a transfer that was sent for
    that order alone.
    """

    id = models.UUIDField(primary_key=True)
    number = models.TextField(unique=True, db_collation="C")
    kind = models.TextField()
    location = models.ForeignKey(StockLocation, models.PROTECT, related_name="+", db_index=False)
    origin = models.ForeignKey(
        StockLocation, models.PROTECT, null=True, related_name="+", db_index=False
    )
    supplier = models.TextField(default="")
    reference = models.TextField(default="")
    expected_on = models.DateField(null=True)
    status = models.TextField(choices=InboundStatus.choices, default=InboundStatus.OPEN)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    order_id = models.UUIDField(null=True)

    class Meta:
        db_table = "stock_inbound"
        constraints = [
            models.UniqueConstraint(fields=["location", "id"], name="stock_inbound_of_location"),
            models.CheckConstraint(
                condition=Q(status__in=InboundStatus.values), name="stock_inbound_status"
            ),
            models.CheckConstraint(
                condition=Q(kind="purchase", origin__isnull=True)
                | (Q(kind="transfer", origin__isnull=False) & ~Q(origin=F("location"))),
                name="stock_inbound_kind",
            ),
            models.CheckConstraint(
                condition=Q(status="open", finished_at__isnull=True)
                | (~Q(status="open") & Q(finished_at__isnull=False)),
                name="stock_inbound_finished_at",
            ),
            models.CheckConstraint(
                condition=Q(order_id__isnull=True) | Q(kind="transfer"),
                name="stock_inbound_for_order",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="stock_inbound_tab"),
            models.Index(fields=["location", "status", "-id"], name="stock_inbound_location_tab"),
        ]


class InboundLine(models.Model):
    """So many pieces of one product on their way; `closed` of them will not come. Only a purchase may bring more."""

    id = models.UUIDField(primary_key=True)
    inbound = models.ForeignKey(Inbound, models.PROTECT, db_constraint=False, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT, db_constraint=False, db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, db_index=False)
    position = models.IntegerField()
    expected = models.IntegerField()
    received = models.IntegerField(default=0)
    closed = models.IntegerField(default=0)
    may_exceed = models.BooleanField()

    class Meta:
        db_table = "stock_inbound_line"
        constraints = [
            models.UniqueConstraint(fields=["inbound", "product"], name="stock_inbound_line_once"),
            models.UniqueConstraint(
                fields=["location", "product", "id"], name="stock_inbound_line_place"
            ),
            models.CheckConstraint(
                condition=Q(expected__gt=0, received__gte=0, closed__gte=0)
                & Q(closed__lte=F("expected")),
                name="stock_inbound_line_quantities",
            ),
            models.CheckConstraint(
                condition=Q(may_exceed=True) | Q(expected__gte=F("received") + F("closed")),
                name="stock_inbound_line_never_more_than_sent",
            ),
        ]
        indexes = [
            models.Index(
                fields=["product", "location"],
                name="stock_inbound_line_open",
                condition=Q(expected__gt=F("received") + F("closed")),
            )
        ]


class Receipt(models.Model):
    """Pieces that came in, against a line of an inbound or blind (nobody expected them); append-only."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    inbound_line = models.ForeignKey(
        InboundLine, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    product = models.ForeignKey(Product, models.PROTECT, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT, db_index=False)
    bin = models.ForeignKey(Bin, models.PROTECT, db_constraint=False, db_index=False)
    lot = models.TextField(default="", db_default="")
    quantity = models.IntegerField()
    reference = models.TextField(default="")
    actor_name = models.TextField()

    class Meta:
        db_table = "stock_receipt"
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="stock_receipt_quantity")
        ]
        indexes = [
            models.Index(
                fields=["inbound_line"], name="stock_receipt_of_line", include=["quantity"]
            )
        ]


class CountRequest(models.Model):
    """Somebody should count this product in this bin, and why; a bin is asked for once at a time. Counting it closes it.

    `cause`: something was wrong there (`asked`), or its turn has come (`cycle`).
    """

    id = models.UUIDField(primary_key=True)
    product = models.ForeignKey(Product, models.PROTECT, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT, db_index=False)
    bin = models.ForeignKey(Bin, models.PROTECT, db_constraint=False, db_index=False)
    reason = models.TextField()
    cause = models.TextField(default="asked", db_default="asked")
    requested_at = models.DateTimeField()
    requested_by = models.TextField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(default="")

    class Meta:
        db_table = "stock_count_request"
        constraints = [
            models.UniqueConstraint(
                fields=["product", "bin"],
                condition=Q(closed_at__isnull=True),
                name="stock_count_request_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("requested_at")),
                name="stock_count_request_closed_after",
            ),
            models.CheckConstraint(
                condition=Q(cause__in=["asked", "cycle"]), name="stock_count_request_cause"
            ),
        ]
        indexes = [
            models.Index(fields=["product", "bin"], name="stock_count_request_of_place"),
            models.Index(
                fields=["location", "requested_at"],
                condition=Q(cause="cycle"),
                name="stock_count_request_cycle",
            ),
        ]


class StockRepair(models.Model):
    """Counters of one level that were set to what its ledger and claims say; inserting it does so. Append-only."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    product = models.ForeignKey(Product, models.PROTECT, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT, db_index=False)
    actor_name = models.TextField()
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        db_table = "stock_repair"
        indexes = [models.Index(fields=["product", "location"], name="stock_repair_of_level")]


class StockMovement(models.Model):
    """One change of what lies in a bin: append-only, with its one cause; all deltas add up to on hand."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    product = models.ForeignKey(Product, models.PROTECT, db_index=False)
    location = models.ForeignKey(StockLocation, models.PROTECT, db_index=False)
    bin = models.ForeignKey(Bin, models.PROTECT, db_constraint=False, db_index=False)
    lot = models.TextField(default="")
    delta = models.IntegerField()
    kind = models.TextField()
    source_id = models.UUIDField()
    order_id = models.UUIDField(null=True)
    reason = models.TextField(default="")
    actor_name = models.TextField()

    class Meta:
        db_table = "stock_movement"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "source_id", "product", "bin", "lot"],
                name="stock_movement_one_cause",
            ),
            models.CheckConstraint(condition=~Q(delta=0), name="stock_movement_moves"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "counted",
                        "adjusted",
                        "received",
                        "transferred_out",
                        "transferred_in",
                        "picked",
                        "unpicked",
                        "shipped",
                        "unshipped",
                        "short",
                        "moved",
                        "returned",
                    ]
                ),
                name="stock_movement_kind",
            ),
        ]
        indexes = [
            models.Index(
                fields=["product", "location", "id"],
                name="stock_movement_history",
                include=["delta"],
            ),
            # Who got a lot, and which lots an order has.
            models.Index(
                fields=["product", "lot"], name="stock_movement_of_lot", condition=~Q(lot="")
            ),
            models.Index(
                fields=["order_id", "product"],
                name="stock_movement_lots_of_order",
                condition=~Q(lot=""),
            ),
        ]
