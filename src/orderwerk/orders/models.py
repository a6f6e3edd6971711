"""Orders: what the shopper bought, with counters that PostgreSQL guards and a status that PostgreSQL derives."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q

from orderwerk.catalog.models import Product
from orderwerk.orders.cancel_models import CancelRequest as CancelRequest  # noqa: PLC0414 - Django finds models here
from orderwerk.orders.cancel_models import CancelRequestLine as CancelRequestLine  # noqa: PLC0414 - Django finds models here
from orderwerk.orders.hold_models import Hold as Hold  # noqa: PLC0414 - Django finds models here
from orderwerk.orders.hold_models import HoldRules as HoldRules  # noqa: PLC0414 - Django finds models here
from orderwerk.orders.list_models import OrderSearch as OrderSearch  # noqa: PLC0414 - Django finds models here
from orderwerk.orders.list_models import OrderTabCount as OrderTabCount  # noqa: PLC0414 - Django finds models here
from orderwerk.orders.statuses import OrderStatus
from orderwerk.orders.substitution_models import Substitution as Substitution  # noqa: PLC0414 - Django finds models here
from orderwerk.shops.models import Shop
from orderwerk.stock.models import StockLocation

ZERO = 0


class Order(models.Model):
    """One order of one shop. What was placed never changes; counters move only through commands.

    Totals and units grow by the line that an accepted substitution adds, and by nothing else; they never shrink.

    `status` is a generated column: the function order_status() over the counters of this row. Nobody writes it.
    """

    id = models.UUIDField(primary_key=True)
    shop = models.ForeignKey(Shop, models.PROTECT, db_index=False)
    external_id = models.TextField(db_collation="C")
    number = models.TextField(unique=True, db_collation="C")
    document_sha256 = models.BinaryField()
    placed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    currency = models.TextField()
    locale = models.TextField()
    prices_include_tax = models.BooleanField()
    customer_external_id = models.TextField(null=True)
    customer_email = models.TextField(null=True, db_collation="C")
    customer_name = models.TextField()
    customer_phone = models.TextField(null=True, db_collation="C")
    customer_company = models.TextField(null=True)
    customer_vat_number = models.TextField(null=True)
    billing_address = models.JSONField()
    delivery_address = models.JSONField()
    country = models.TextField()
    postal_code = models.TextField(db_collation="C")
    comment = models.TextField(default="")
    tags = ArrayField(models.TextField(), default=list)
    metadata = models.JSONField(default=dict)
    shipping_method = models.TextField(default="")
    shipping_name = models.TextField(default="")
    shipping_tax_rate = models.DecimalField(max_digits=6, decimal_places=3, default=0)
    shipping_net_minor = models.BigIntegerField(default=0)
    shipping_tax_minor = models.BigIntegerField(default=0)
    discount_code = models.TextField(default="")
    items_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    shipping_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField()
    grand_total_minor = models.BigIntegerField()
    cancelled_minor = models.BigIntegerField(default=0)
    # Of what was cancelled the customer pays this all the same; it is not part of cancelled_minor.
    retained_minor = models.BigIntegerField(default=0, db_default=0)
    shipping_retained_minor = models.BigIntegerField(default=0, db_default=0)
    captured_minor = models.BigIntegerField(default=0)
    authorized_minor = models.BigIntegerField(default=0)
    invoiced_minor = models.BigIntegerField(default=0)
    credited_minor = models.BigIntegerField(default=0)
    refundable_minor = models.BigIntegerField(default=0, db_default=0)
    refund_reserved_minor = models.BigIntegerField(default=0, db_default=0)
    refunded_minor = models.BigIntegerField(default=0)
    on_account = models.BooleanField(default=False)
    # Where the customer collects it; null: it is sent.
    collect_location = models.ForeignKey(StockLocation, models.PROTECT, null=True, db_index=False)
    priority = models.IntegerField(default=0)
    holds_open = models.IntegerField(default=0)
    units_ordered = models.BigIntegerField()
    units_cancelled = models.BigIntegerField(default=0)
    units_allocated = models.BigIntegerField(default=0)
    units_picked = models.BigIntegerField(default=0)
    units_shipped = models.BigIntegerField(default=0)
    erased_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    status = models.GeneratedField(
        expression=Func(
            F("units_ordered"), F("units_cancelled"), F("units_allocated"), F("units_shipped"), F("holds_open"),
            F("on_account"), F("captured_minor"), F("authorized_minor"), F("grand_total_minor"), F("cancelled_minor"),
            function="order_status",
        ),
        output_field=models.TextField(choices=OrderStatus.choices),
        db_persist=True,
    )  # fmt: skip

    class Meta:
        db_table = "orders_order"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "external_id"], name="orders_order_external_id_once"
            ),
            models.UniqueConstraint(fields=["shop", "id"], name="orders_order_of_shop"),
            models.UniqueConstraint(fields=["id", "currency"], name="orders_order_in_currency"),
            models.CheckConstraint(
                condition=Q(
                    units_ordered__gt=0,
                    units_cancelled__gte=0,
                    units_shipped__gte=0,
                    units_picked__gte=0,
                )
                & Q(units_allocated__gte=F("units_picked"))
                & Q(
                    units_ordered__gte=F("units_cancelled")
                    + F("units_allocated")
                    + F("units_shipped")
                ),
                name="orders_order_units",
            ),
            models.CheckConstraint(
                condition=Q(
                    shipping_net_minor__gte=0,
                    shipping_tax_minor__gte=0,
                    invoiced_minor__gte=0,
                    items_minor__gte=0,
                    discount_minor__gte=0,
                    shipping_minor__gte=0,
                    tax_minor__gte=0,
                )
                & Q(grand_total_minor__gte=F("cancelled_minor"))
                & Q(cancelled_minor__gte=0, authorized_minor__gte=0, captured_minor__gte=0),
                name="orders_order_amounts",
            ),
            models.CheckConstraint(
                condition=Q(
                    prices_include_tax=True,
                    grand_total_minor=F("items_minor") - F("discount_minor") + F("shipping_minor"),
                )
                | Q(
                    prices_include_tax=False,
                    grand_total_minor=F("items_minor")
                    - F("discount_minor")
                    + F("shipping_minor")
                    + F("tax_minor"),
                ),
                name="orders_order_total_adds_up",
            ),
            models.CheckConstraint(
                # A credit gives back at most what was invoiced; of it, at most what came in is paid back.
                condition=Q(credited_minor__gte=0, credited_minor__lte=F("invoiced_minor"))
                & Q(grand_total_minor__gte=F("invoiced_minor") - F("credited_minor"))
                & Q(refundable_minor__gte=0, refundable_minor__lte=F("credited_minor"))
                & Q(refundable_minor__lte=F("captured_minor"))
                & Q(refunded_minor__gte=0, refunded_minor__lte=F("refund_reserved_minor"))
                & Q(refund_reserved_minor__lte=F("refundable_minor")),
                name="orders_order_never_over_credited",
            ),
            models.CheckConstraint(
                # What was erased stays erased.
                condition=Q(erased_at__isnull=True)
                | Q(
                    customer_name="",
                    customer_email__isnull=True,
                    customer_phone__isnull=True,
                    customer_company__isnull=True,
                    customer_vat_number__isnull=True,
                    customer_external_id__isnull=True,
                    postal_code="",
                    comment="",
                    metadata={},
                ),
                name="orders_order_erased",
            ),
            models.CheckConstraint(
                condition=Q(shipping_retained_minor__gte=0)
                & Q(retained_minor__gte=F("shipping_retained_minor"))
                & Q(grand_total_minor__gte=F("cancelled_minor") + F("retained_minor")),
                name="orders_order_retained",
            ),
            models.CheckConstraint(condition=Q(holds_open__gte=0), name="orders_order_holds"),
            models.CheckConstraint(condition=Q(version__gte=1), name="orders_order_version"),
        ]
        indexes = [
            models.Index(fields=["status", "-placed_at", "-id"], name="orders_order_tab"),
            models.Index(
                fields=["shop", "status", "-placed_at", "-id"], name="orders_order_shop_tab"
            ),
            models.Index(fields=["-placed_at", "-id"], name="orders_order_all"),
            models.Index(
                fields=["-placed_at", "-id"], name="orders_order_tagged", condition=~Q(tags=[])
            ),
            models.Index(
                fields=["id"],
                name="orders_to_collect",
                condition=Q(collect_location__isnull=False),
            ),
            models.Index(
                fields=["customer_email", "-placed_at", "-id"], name="orders_order_email_newest"
            ),
            models.Index(
                fields=["shop", "customer_external_id"],
                name="orders_order_customer",
                condition=Q(customer_external_id__isnull=False),
            ),
            models.Index(
                fields=["customer_phone", "-placed_at", "-id"], name="orders_order_phone_newest"
            ),
            models.Index(
                fields=["postal_code", "-placed_at", "-id"], name="orders_order_postal_newest"
            ),
            models.Index(fields=["external_id"], name="orders_order_external_id"),
            models.Index(
                F("priority") * -1,
                "placed_at",
                "id",
                name="orders_order_turn",
                condition=Q(status="awaiting_stock"),
            ),
        ]


class OrderLine(models.Model):
    """One article of an order. What was agreed (sku, price, rate, quantity) never changes; the counters do."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    position = models.IntegerField()
    external_id = models.TextField(null=True)
    sku = models.TextField(db_collation="C")
    name = models.TextField()
    product = models.ForeignKey(Product, models.PROTECT, null=True, db_index=False)
    quantity = models.IntegerField()
    unit_price_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    order_discount_minor = models.BigIntegerField(default=0)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=3)
    # Why it bears no VAT where an exemption says so: in words, and as a code of the list VATEX.
    vat_exemption = models.TextField(default="", db_default="")
    vat_exemption_code = models.TextField(default="", db_default="")
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    cancelled = models.IntegerField(default=0)
    expired = models.IntegerField(default=0, db_default=0)
    # Cancelled pieces on no credit, and what the customer pays for cancelled pieces all the same.
    retained = models.IntegerField(default=0, db_default=0)
    retained_minor = models.BigIntegerField(default=0, db_default=0)
    cancel_requested = models.IntegerField(default=0, db_default=0)
    allocated = models.IntegerField(default=0)
    picked = models.IntegerField(default=0)
    shipped = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)
    claimed = models.IntegerField(default=0, db_default=0)
    credited = models.IntegerField(default=0)

    class Meta:
        db_table = "orders_line"
        constraints = [
            models.CheckConstraint(
                # What expired unpaid is a part of what was cancelled: a late payment may bring it back.
                condition=Q(expired__gte=0, expired__lte=F("cancelled")),
                name="orders_line_expired",
            ),
            models.CheckConstraint(
                # A piece that comes back is paid for like any other; one that is kept paid for stays cancelled.
                condition=Q(retained__gte=0, retained_minor__gte=0)
                & Q(cancelled__gte=F("retained") + F("expired")),
                name="orders_line_retained",
            ),
            models.CheckConstraint(
                # What the warehouse is asked to let go has neither left nor gone already.
                condition=Q(cancel_requested__gte=0)
                & Q(quantity__gte=F("shipped") + F("cancelled") + F("cancel_requested")),
                name="orders_line_cancel_requested",
            ),
            models.CheckConstraint(
                condition=Q(tax_rate=0) | Q(vat_exemption="", vat_exemption_code=""),
                name="orders_line_exempt",
            ),
            models.UniqueConstraint(fields=["order", "position"], name="orders_line_position"),
            models.UniqueConstraint(fields=["order", "shop_id", "id"], name="orders_line_of_order"),
            models.CheckConstraint(
                condition=Q(
                    quantity__gt=0,
                    quantity__lte=1_000_000,
                    cancelled__gte=0,
                    allocated__gte=0,
                    shipped__gte=0,
                )
                & Q(quantity__gte=F("allocated") + F("shipped") + F("cancelled")),
                name="orders_line_quantities",
            ),
            models.CheckConstraint(
                condition=Q(picked__gte=0, picked__lte=F("allocated")), name="orders_line_picked"
            ),
            models.CheckConstraint(
                condition=Q(returned__gte=0, returned__lte=F("shipped")),
                name="orders_line_returned",
            ),
            models.CheckConstraint(
                # For what was claimed as damaged or lost nothing comes back as well.
                condition=Q(claimed__gte=0, shipped__gte=F("returned") + F("claimed")),
                name="orders_line_claimed",
            ),
            models.CheckConstraint(
                condition=Q(credited__gte=0, credited__lte=F("quantity")),
                name="orders_line_credited",
            ),
            models.CheckConstraint(
                condition=Q(
                    net_minor__gte=0, tax_minor__gte=0, gross_minor=F("net_minor") + F("tax_minor")
                ),
                name="orders_line_net_and_tax",
            ),
            models.CheckConstraint(
                condition=Q(
                    unit_price_minor__gte=0,
                    discount_minor__gte=0,
                    order_discount_minor__gte=0,
                    tax_rate__gte=0,
                ),
                name="orders_line_prices",
            ),
        ]
        indexes = [
            models.Index(fields=["sku", "-order"], name="orders_line_sku"),
            models.Index(
                fields=["sku", "order"],
                name="orders_line_unmapped",
                condition=Q(product__isnull=True),
            ),
            models.Index(
                fields=["product", "order"],
                name="orders_line_open",
                condition=Q(quantity__gt=F("allocated") + F("shipped") + F("cancelled")),
            ),
        ]


class OrderComponent(models.Model):
    """What one line of a kit needs of one product: the kit as it was when the order was placed, and how far it has come.

    `needed` follows the line's open and shipped kits. The line itself counts whole kits: as many as all parts allow.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    order_line = models.ForeignKey(OrderLine, models.PROTECT, db_constraint=False, db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, db_index=False)
    per_kit = models.IntegerField()
    needed = models.IntegerField()
    allocated = models.IntegerField(default=0)
    picked = models.IntegerField(default=0)
    shipped = models.IntegerField(default=0)

    class Meta:
        db_table = "orders_component"
        constraints = [
            models.UniqueConstraint(fields=["order_line", "product"], name="orders_component_once"),
            models.CheckConstraint(
                condition=Q(
                    per_kit__gt=0, needed__gte=F("allocated") + F("shipped"), allocated__gte=0
                )
                & Q(shipped__gte=0, picked__gte=0, picked__lte=F("allocated")),
                name="orders_component_quantities",
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="orders_component_of_order"),
            models.Index(
                fields=["product", "order"],
                name="orders_component_open",
                condition=Q(needed__gt=F("allocated") + F("shipped")),
            ),
        ]
