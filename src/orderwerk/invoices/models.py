"""Invoices: frozen documents in gapless series, with counters of what was paid, credited and refunded of each."""

from django.db import models
from django.db.models import Case, F, Q, Value, When

from orderwerk.core.models import Series
from orderwerk.invoices.statuses import CreditCause, CreditStatus, InvoiceKind, InvoiceStatus
from orderwerk.orders.models import Order, OrderLine
from orderwerk.shipments.models import Shipment


class Invoice(models.Model):
    """One issued document. Written once; only the counters move afterwards, through commands.

    `content` is the whole document as it was issued, as JSON; PDF and XML are made from it alone. `hash` is the SHA-256
    of the hash before it in the series and the content. After the term of the law name and address go from it, at `blanked_at`; the hash
    stays. A credit invoice names its debit invoice in `debit`.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    currency = models.TextField()
    kind = models.TextField(choices=InvoiceKind.choices)
    trigger_key = models.TextField(db_collation="C")
    series = models.ForeignKey(Series, models.PROTECT, db_index=False)
    sequence = models.IntegerField()
    number = models.TextField(unique=True, db_collation="C")
    issue_date = models.DateField()
    issued_at = models.DateTimeField()
    issued_by_kind = models.TextField()
    issued_by_id = models.UUIDField(null=True)
    issued_by_name = models.TextField()
    prices_include_tax = models.BooleanField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    shipment = models.ForeignKey(Shipment, models.PROTECT, null=True, db_index=False)
    debit = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, db_constraint=False
    )
    debit_kind = models.TextField(null=True)
    return_id = models.UUIDField(null=True)
    cause = models.TextField(choices=CreditCause.choices, null=True)
    reason = models.TextField(default="")
    content = models.TextField()
    prev_hash = models.BinaryField()
    hash = models.BinaryField()
    paid_minor = models.BigIntegerField(default=0)
    credited_minor = models.BigIntegerField(default=0)
    refundable_minor = models.BigIntegerField(default=0)
    refund_reserved_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    version = models.IntegerField(default=1)
    blanked_at = models.DateTimeField(null=True)
    status = models.GeneratedField(
        expression=Case(
            When(
                # What is credited and not refunded is not owed any more; of a debit invoice `refundable` is that of its credits.
                Q(kind="debit", gross_minor__gt=F("paid_minor") + F("credited_minor") - F("refundable_minor"))
                | Q(kind="credit", refundable_minor__gt=F("refunded_minor")),
                then=Value("open"),
            ),
            default=Value("paid"),
        ),
        output_field=models.TextField(choices=InvoiceStatus.choices),
        db_persist=True,
    )  # fmt: skip
    credit_status = models.GeneratedField(
        expression=Case(
            When(credited_minor=0, then=Value("none")),
            When(credited_minor=F("gross_minor"), then=Value("full")),
            default=Value("partial"),
        ),
        output_field=models.TextField(choices=CreditStatus.choices),
        db_persist=True,
    )

    class Meta:
        db_table = "invoices_invoice"
        constraints = [
            models.UniqueConstraint(fields=["series", "sequence"], name="invoices_invoice_gapless"),
            models.UniqueConstraint(fields=["order", "trigger_key"], name="invoices_invoice_once_per_trigger"),
            models.UniqueConstraint(fields=["return_id", "debit"], condition=Q(return_id__isnull=False), name="invoices_invoice_once_per_return"),
            models.UniqueConstraint(fields=["id", "kind", "shop_id", "order", "currency"], name="invoices_invoice_of_order"),
            models.CheckConstraint(condition=Q(kind__in=InvoiceKind.values), name="invoices_invoice_kind"),
            models.CheckConstraint(
                condition=Q(kind="debit", debit__isnull=True, debit_kind__isnull=True, cause__isnull=True, return_id__isnull=True)
                | Q(kind="credit", debit__isnull=False, debit_kind="debit", cause__isnull=False, shipment__isnull=True),
                name="invoices_invoice_credit_names_debit",
            ),
            models.CheckConstraint(condition=Q(cause__isnull=True) | Q(cause__in=CreditCause.values), name="invoices_invoice_cause"),
            models.CheckConstraint(
                condition=Q(net_minor__gte=0, tax_minor__gte=0, gross_minor=F("net_minor") + F("tax_minor")),
                name="invoices_invoice_adds_up",
            ),
            models.CheckConstraint(condition=Q(kind="debit") | Q(gross_minor__gt=0), name="invoices_invoice_credit_positive"),
            models.CheckConstraint(
                condition=Q(
                    paid_minor__gte=0, credited_minor__gte=0, credited_minor__lte=F("gross_minor"),
                    refundable_minor__gte=0, refunded_minor__gte=0, paid_minor__lte=F("gross_minor"),
                )
                & Q(refunded_minor__lte=F("refund_reserved_minor"))
                & Q(refund_reserved_minor__lte=F("refundable_minor"))
                & (Q(kind="debit", refundable_minor__lte=F("credited_minor")) | Q(kind="credit", refundable_minor__lte=F("gross_minor"))),
                name="invoices_invoice_counters",
            ),
            models.CheckConstraint(condition=Q(sequence__gte=1, version__gte=1), name="invoices_invoice_sequence"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["order", "id"], name="invoices_of_order"),
            models.Index(fields=["kind", "-issue_date", "-id"], name="invoices_kind"),
            models.Index(fields=["kind", "status", "-issue_date", "-id"], name="invoices_tab"),
            models.Index(fields=["-issue_date", "-id"], name="invoices_newest"),
            models.Index(fields=["debit"], name="invoices_credits", condition=Q(debit__isnull=False)),
            models.Index(
                fields=["shipment"], name="invoices_of_shipment", condition=Q(shipment__isnull=False)
            ),
        ]  # fmt: skip


class InvoiceLine(models.Model):
    """What one invoice says of one order line, or of the shipping (no order line).

    `base_minor` is the amount in the order's price mode: gross where prices include tax, net where they do not. Of a debit
    line the counters say how many pieces and how much of the base were credited. A credit line names its debit line; its
    quantity is 0 when money alone is given back.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, db_index=False)
    position = models.IntegerField()
    order_line = models.ForeignKey(OrderLine, models.PROTECT, null=True, db_index=False)
    debit_line = models.ForeignKey("self", models.PROTECT, null=True, db_index=False)
    quantity = models.IntegerField()
    tax_category = models.TextField()
    tax_rate = models.DecimalField(max_digits=6, decimal_places=3)
    base_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    credited = models.IntegerField(default=0)
    credited_base_minor = models.BigIntegerField(default=0)

    class Meta:
        db_table = "invoices_line"
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoices_line_position"),
            models.CheckConstraint(
                condition=Q(net_minor__gte=0, tax_minor__gte=0, gross_minor=F("net_minor") + F("tax_minor"), base_minor__gte=0),
                name="invoices_line_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(base_minor=F("gross_minor")) | Q(base_minor=F("net_minor")), name="invoices_line_base"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, credited__gte=0, credited__lte=F("quantity"))
                & Q(credited_base_minor__gte=0, credited_base_minor__lte=F("base_minor")),
                name="invoices_line_never_over_credited",
            ),
            models.CheckConstraint(condition=Q(tax_rate__gte=0), name="invoices_line_rate"),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["order_line"],
                name="invoices_line_of_order_line",
                condition=Q(order_line__isnull=False),
            ),
            models.Index(
                fields=["debit_line"],
                name="invoices_line_credits",
                condition=Q(debit_line__isnull=False),
            ),
            models.Index(fields=["order"], name="invoices_line_of_order"),
        ]


class InvoiceTax(models.Model):
    """The VAT of one invoice at one rate; of a debit invoice, also how much of it was credited."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, db_index=False)
    tax_category = models.TextField()
    tax_rate = models.DecimalField(max_digits=6, decimal_places=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    credited_net_minor = models.BigIntegerField(default=0)
    credited_tax_minor = models.BigIntegerField(default=0)

    class Meta:
        db_table = "invoices_tax"
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "tax_category", "tax_rate"], name="invoices_tax_once_per_rate"
            ),
            models.CheckConstraint(
                condition=Q(net_minor__gte=0, tax_minor__gte=0, tax_rate__gte=0)
                & Q(credited_net_minor__gte=0, credited_net_minor__lte=F("net_minor"))
                & Q(credited_tax_minor__gte=0, credited_tax_minor__lte=F("tax_minor")),
                name="invoices_tax_never_over_credited",
            ),
        ]
        indexes = [models.Index(fields=["order"], name="invoices_tax_of_order")]


class InvoiceDocument(models.Model):
    """A file that stands for an invoice. Made once, the first time that somebody wants it, and served for ever."""

    id = models.UUIDField(primary_key=True)
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_index=False)
    format = models.TextField()
    sha256 = models.BinaryField()
    content = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "invoices_document"
        constraints = [
            models.UniqueConstraint(fields=["invoice", "format"], name="invoices_document_once"),
            models.CheckConstraint(
                condition=Q(format__in=["pdf", "ubl"]), name="invoices_document_format"
            ),
        ]
