"""Payments: money received or promised, as the payment provider reports it; and the accounts at the providers."""

from django.db import models
from django.db.models import F, Q

from orderwerk.orders.models import Order
from orderwerk.payments.capture_statuses import CaptureStatus
from orderwerk.payments.statuses import PaymentStatus
from orderwerk.shops.models import Shop


class Payment(models.Model):
    """One payment of one order.

    `refunded_reserved_minor` counts every refund that has neither failed nor been rejected, `refunded_minor` those that
    the provider has confirmed. `charged_back_minor` is what the shopper's bank took back: it stays captured, and can not be
    refunded. `is_contested`: it was made by an exchange or with a store credit, and of the payment that its money came from the bank has
    left less than was handed on, or that one is contested itself (a trigger). `at_provider` is the name of the payment at Mollie or Stripe whose money this is, written when its report first
    says that money came or is promised: no two payments, of whatever shop, stand for one. `capture_before`: until then an authorised amount can be taken; `capture_reserved_minor` is what we have asked the
    provider to take of it, all captures that have not failed together.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    currency = models.TextField()
    provider = models.TextField()
    method = models.TextField(default="")
    reference = models.TextField(db_collation="C")
    at_provider = models.TextField(default="", db_default="", db_collation="C")
    status = models.TextField(choices=PaymentStatus.choices)
    amount_minor = models.BigIntegerField()
    authorized_minor = models.BigIntegerField(default=0)
    captured_minor = models.BigIntegerField(default=0)
    capture_reserved_minor = models.BigIntegerField(default=0, db_default=0)
    refunded_reserved_minor = models.BigIntegerField(default=0, db_default=0)
    refunded_minor = models.BigIntegerField(default=0)
    charged_back_minor = models.BigIntegerField(default=0, db_default=0)
    is_contested = models.BooleanField(default=False, db_default=False)
    capture_before = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "payments_payment"
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "provider", "reference"], name="payments_payment_reference_once"
            ),
            models.UniqueConstraint(
                fields=["provider", "at_provider"],
                name="payments_payment_at_provider_once",
                condition=~Q(at_provider=""),
            ),
            models.UniqueConstraint(
                fields=["id", "shop_id", "order", "currency"], name="payments_payment_of_order_once"
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("refunded_reserved_minor"))
                & Q(refunded_reserved_minor__lte=F("captured_minor"))
                & Q(captured_minor__lte=F("authorized_minor"))
                & Q(authorized_minor__lte=F("amount_minor")),
                name="payments_payment_amounts",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0), name="payments_payment_amount"
            ),
            models.CheckConstraint(
                # What was authorised is never asked for twice.
                condition=Q(
                    capture_reserved_minor__gte=0, capture_reserved_minor__lte=F("amount_minor")
                ),
                name="payments_payment_never_over_captured",
            ),
            models.CheckConstraint(
                condition=Q(charged_back_minor__gte=0, charged_back_minor__lte=F("captured_minor")),
                name="payments_payment_charged_back",
            ),
            models.CheckConstraint(
                condition=Q(status__in=PaymentStatus.values), name="payments_payment_status"
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="payments_payment_of_order"),
            models.Index(
                fields=["order"],
                name="payments_payment_authorized",
                condition=Q(status="authorized"),
            ),
        ]


class Capture(models.Model):
    """A part of an authorised payment that is taken because goods have left; or what is left of it, let go (`is_release`).

    `amount_minor` is fixed when it is decided. `effect_id` is the call to the provider, of which each attempt has its own.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    payment = models.ForeignKey(Payment, models.PROTECT, db_index=False)
    currency = models.TextField()
    is_release = models.BooleanField(default=False)
    status = models.TextField(choices=CaptureStatus.choices)
    amount_minor = models.BigIntegerField()
    effect_id = models.UUIDField(unique=True)
    attempts = models.IntegerField(default=1)
    provider_reference = models.TextField(default="")
    note = models.TextField(default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "payments_capture"
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_capture_amount"),
            models.CheckConstraint(condition=Q(status__in=CaptureStatus.values), name="payments_capture_status"),
            models.UniqueConstraint(
                fields=["payment"], name="payments_capture_released_once", condition=Q(is_release=True) & ~Q(status="failed"),
            ),
            models.UniqueConstraint(
                fields=["payment", "provider_reference"], name="payments_capture_reference_once",
                condition=~Q(provider_reference="") & Q(is_release=False),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["order"], name="payments_capture_of_order"),
            models.Index(fields=["payment"], name="payments_capture_of_payment"),
            models.Index(fields=["status"], name="payments_capture_open", condition=~Q(status="succeeded")),
        ]  # fmt: skip


class Entry(models.Model):
    """One line of the ledger of money: it came in, went back, came back, or was taken back. Appended, never changed.

    Each line is a whole journal: `amount_minor` from the account `credit` to the account `debit`, so every line sums to zero.
    Written by triggers of the tables that say so (payments, refunds, reversals), so that none can be forgotten; `source_id`
    and `source_version` are the row and its version that it tells of.
    """

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    payment = models.ForeignKey(Payment, models.PROTECT, db_index=False)
    currency = models.TextField()
    kind = models.TextField()
    source_id = models.UUIDField()
    source_version = models.IntegerField()
    debit = models.TextField()
    credit = models.TextField()
    amount_minor = models.BigIntegerField()

    class Meta:
        db_table = "payments_entry"
        constraints = [
            models.UniqueConstraint(fields=["kind", "source_id", "source_version"], name="payments_entry_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_entry_amount"),
            models.CheckConstraint(
                condition=Q(kind__in=["captured", "charge_back", "refund", "reversal"]), name="payments_entry_kind",
            ),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="payments_entry_two_accounts"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["payment"], name="payments_entry_of_payment"),
            models.Index(fields=["-at", "-id"], name="payments_entry_newest"),
        ]


class ProviderAccount(models.Model):
    """A shop's account at a payment provider. The secrets are encrypted with a key outside the database.

    `mode` is live or test, as the API key says; `capture_on_shipment`: authorised payments are taken when goods leave;
    `check_*` is what came of the last test of the connection.
    """

    id = models.UUIDField(primary_key=True)
    shop = models.ForeignKey(Shop, models.PROTECT, db_index=False)
    provider = models.TextField()
    secret = models.TextField()
    signing_secret = models.TextField(default="")
    mode = models.TextField()
    is_active = models.BooleanField(default=True)
    capture_on_shipment = models.BooleanField(default=True, db_default=True)
    checked_at = models.DateTimeField(null=True)
    check_ok = models.BooleanField(null=True)
    check_note = models.TextField(default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "payments_account"
        constraints = [
            models.UniqueConstraint(fields=["shop", "provider"], name="payments_account_once"),
            models.UniqueConstraint(fields=["id", "shop"], name="payments_account_of_shop"),
            models.CheckConstraint(
                condition=Q(secret__startswith="enc1:"),  # noqa: S106 - a label, not a secret
                name="payments_account_secret_encrypted",
            ),
            models.CheckConstraint(
                condition=Q(signing_secret="") | Q(signing_secret__startswith="enc1:"),  # noqa: S106 - no secret: none is set
                name="payments_account_signing_encrypted",
            ),
            models.CheckConstraint(condition=Q(mode__in=["live", "test"]), name="payments_account_mode"),
        ]  # fmt: skip


class Look(models.Model):
    """A payment at a provider that is to be looked at again: by a message, or because something of it is not settled.

    A message carries no facts: it only raises `asked`. Whoever has looked sets `seen` to what was asked before the look, so
    that a message that comes meanwhile leads to another one. `due_at` empty: nothing to look for.
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(ProviderAccount, models.PROTECT, db_index=False)
    reference = models.TextField(db_collation="C")
    asked = models.IntegerField(default=0)
    seen = models.IntegerField(default=0)
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    note = models.TextField(default="")

    class Meta:
        db_table = "payments_look"
        constraints = [
            models.UniqueConstraint(fields=["account", "reference"], name="payments_look_once"),
            models.CheckConstraint(condition=Q(seen__gte=0, asked__gte=F("seen")), name="payments_look_seen"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["due_at"], name="payments_look_due", condition=Q(due_at__isnull=False)),
        ]  # fmt: skip
