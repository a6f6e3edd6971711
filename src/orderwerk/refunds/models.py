"""Refunds: each pays part of one credit invoice back against one payment of the same order."""

from django.db import models
from django.db.models import F, Q

from orderwerk.core.models import Effect
from orderwerk.invoices.models import Invoice
from orderwerk.orders.models import Order
from orderwerk.payments.models import Payment, ProviderAccount
from orderwerk.refunds.credit_models import CreditMovement as CreditMovement  # noqa: PLC0414 - Django finds models here
from orderwerk.refunds.credit_models import StoreCredit as StoreCredit  # noqa: PLC0414 - Django finds models here
from orderwerk.refunds.statuses import DifferenceKind, DifferenceStatus, RefundStatus


class Batch(models.Model):
    """One file for the bank: the refunds of a shop that were transferred together. Its content never changes, but that names and accounts go.

    `downloaded_at` is when somebody took it first: from then on the bank may have it. `blanked_at`: since when, after the term of the
    law, it tells of nobody any more; `sha256` stays that of the file as the bank got it.
    """

    id = models.UUIDField(primary_key=True)
    number = models.TextField(unique=True, db_collation="C")
    shop_id = models.UUIDField()
    created_at = models.DateTimeField()
    created_by = models.TextField()
    transfers = models.IntegerField()
    total_minor = models.BigIntegerField()
    content = models.BinaryField()
    sha256 = models.BinaryField()
    downloaded_at = models.DateTimeField(null=True)
    downloaded_by = models.TextField(default="")
    blanked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "refunds_batch"
        constraints = [
            models.CheckConstraint(condition=Q(transfers__gte=1, total_minor__gte=1), name="refunds_batch_sums"),
            models.UniqueConstraint(fields=["id", "shop_id"], name="refunds_batch_of_shop"),
        ]  # fmt: skip


class Refund(models.Model):
    """One payment back. Amount, credit invoice and payment never change; the status moves along the table.

    While it is neither failed nor rejected its amount is reserved on the payment, the credit invoice and the order.
    `author` is who caused the credit; with four eyes, somebody else approves. `due_at`: not to be sent before.
    `via` is who moves the money: a provider (then `effect` is the call, one per attempt), a person (manual), or nobody, because
    it pays for the new order of an exchange (exchange; `provider_reference` is then the new order's payment) or stays with
    the shop as store credit (store_credit; the reference names the credit); `as_store_credit`: the customer wants that rather
    than money. `by_hand`: a person, also where the payment's provider is connected. `account_*` is where a person transfers it, `batch` the file it is in. `provider_status` is the provider's own word.
    """

    id = models.UUIDField(primary_key=True)
    number = models.TextField(unique=True, db_collation="C")
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    currency = models.TextField()
    credit = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, db_index=False)
    credit_kind = models.TextField(default="credit")
    payment = models.ForeignKey(Payment, models.PROTECT, db_constraint=False, db_index=False)
    provider = models.TextField()
    amount_minor = models.BigIntegerField()
    status = models.TextField(choices=RefundStatus.choices)
    mode = models.TextField()
    four_eyes = models.BooleanField()
    author_id = models.UUIDField(null=True)
    author_name = models.TextField()
    approver_id = models.UUIDField(null=True)
    approver_name = models.TextField(null=True)
    approved_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    via = models.TextField(default="", db_default="")
    by_hand = models.BooleanField(default=False, db_default=False)
    as_store_credit = models.BooleanField(default=False, db_default=False)
    effect = models.ForeignKey(
        Effect, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    provider_reference = models.TextField(default="", db_collation="C")
    provider_status = models.TextField(default="", db_default="")
    account_holder = models.TextField(default="", db_default="")
    account_iban = models.TextField(default="", db_default="", db_collation="C")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, db_constraint=False, db_index=False)
    note = models.TextField(default="")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "refunds_refund"
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RefundStatus.values), name="refunds_refund_status"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refunds_refund_amount"),
            models.CheckConstraint(condition=Q(credit_kind="credit"), name="refunds_refund_on_a_credit"),
            models.CheckConstraint(
                condition=Q(four_eyes=False) | Q(approver_id__isnull=True) | Q(author_id__isnull=True) | ~Q(approver_id=F("author_id")),
                name="refunds_refund_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["awaiting_approval", "rejected"]) | Q(approver_name__isnull=False, approved_at__isnull=False),
                name="refunds_refund_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["succeeded", "failed", "rejected"], finished_at__isnull=False)
                | Q(status__in=["awaiting_approval", "approved", "submitted"], finished_at__isnull=True),
                name="refunds_refund_finished_exactly_when_final",
            ),
            models.CheckConstraint(condition=Q(attempts__gte=0, version__gte=1), name="refunds_refund_attempts"),
            models.CheckConstraint(
                condition=Q(via__in=["", "manual", "exchange", "store_credit"], effect__isnull=True)
                | (~Q(via__in=["", "manual", "exchange", "store_credit"]) & Q(effect__isnull=False)),
                name="refunds_refund_effect_exactly_outside",
            ),
            models.UniqueConstraint(
                fields=["via", "provider_reference"], condition=~Q(via__in=["", "manual"]) & ~Q(provider_reference=""),
                name="refunds_refund_reference_once",
            ),
            models.CheckConstraint(
                # What is done with keeps no account once its order is erased.
                condition=Q(batch__isnull=True) | Q(Q(via="manual"), ~Q(account_iban="") | ~Q(status="submitted")),
                name="refunds_refund_in_a_batch_by_hand",
            ),
            models.UniqueConstraint(fields=["effect"], name="refunds_refund_effect_once"),
            models.UniqueConstraint(fields=["id", "shop_id", "order", "currency"], name="refunds_refund_of_order"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["order", "id"], name="refunds_of_order"),
            models.Index(fields=["status", "-id"], name="refunds_tab"),
            models.Index(fields=["credit"], name="refunds_of_credit"),
            models.Index(fields=["payment"], name="refunds_of_payment"),
            models.Index(
                fields=["batch"], name="refunds_of_batch", condition=Q(batch__isnull=False)
            ),
        ]


class Transfer(models.Model):
    """One refund in a file for the bank. An attempt of a refund stands in one file only; appended, never changed."""

    id = models.UUIDField(primary_key=True)
    batch = models.ForeignKey(Batch, models.PROTECT)
    refund = models.ForeignKey(Refund, models.PROTECT, db_index=False)
    attempt = models.IntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        db_table = "refunds_transfer"
        constraints = [
            models.UniqueConstraint(fields=["refund", "attempt"], name="refunds_transfer_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0, attempt__gte=1), name="refunds_transfer_amount"),
        ]  # fmt: skip


class Reversal(models.Model):
    """A refund that had succeeded and came back: the provider took its success back. Appended, never changed.

    It gives the amount back to the payment, the credit invoice and the order, once.
    """

    id = models.UUIDField(primary_key=True)
    refund = models.OneToOneField(Refund, models.PROTECT, db_constraint=False)
    shop_id = models.UUIDField()
    order_id = models.UUIDField()
    currency = models.TextField()
    amount_minor = models.BigIntegerField()
    note = models.TextField(default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "refunds_reversal"
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refunds_reversal_amount"),
        ]
        indexes = [models.Index(fields=["order_id"], name="refunds_reversal_order")]


class Difference(models.Model):
    """Something on which a provider and we do not agree; found by looking or by the daily reconciliation, once each.

    `reference` is the provider's name of the thing; amounts in minor units, empty where a side knows nothing. It is
    resolved by matching it with a refund of ours, or by a person who explains it.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    account = models.ForeignKey(ProviderAccount, models.PROTECT, db_index=False)
    kind = models.TextField(choices=DifferenceKind.choices)
    status = models.TextField(choices=DifferenceStatus.choices, default=DifferenceStatus.OPEN)
    reference = models.TextField(db_collation="C")
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    refund = models.ForeignKey(
        Refund, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    currency = models.TextField()
    ours_minor = models.BigIntegerField(null=True)
    theirs_minor = models.BigIntegerField(null=True)
    ours = models.TextField(default="")
    theirs = models.TextField(default="")
    happened_at = models.DateTimeField()
    found_at = models.DateTimeField()
    note = models.TextField(default="")
    resolved_by = models.TextField(default="")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "refunds_difference"
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "reference"], name="refunds_difference_once"),
            models.CheckConstraint(condition=Q(kind__in=DifferenceKind.values), name="refunds_difference_known_kind"),
            models.CheckConstraint(condition=Q(status__in=DifferenceStatus.values), name="refunds_difference_status"),
            models.CheckConstraint(
                condition=Q(status="open", resolved_at__isnull=True) | (~Q(status="open") & Q(resolved_at__isnull=False)),
                name="refunds_difference_resolved_exactly_when_over",
            ),
            models.CheckConstraint(condition=Q(ours_minor__gte=0), name="refunds_difference_ours"),
            models.CheckConstraint(condition=Q(theirs_minor__gte=0), name="refunds_difference_theirs"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["status", "-id"], name="refunds_difference_tab"),
            # Erasing an order looks for what was said about its payments.
            models.Index(fields=["payment"], condition=Q(payment__isnull=False), name="refunds_difference_payment"),
        ]  # fmt: skip


class Reconciliation(models.Model):
    """One day of one account, as we and the provider count what went back and what came in; the last run of a day stands.

    The sums are in `currency`, the shop's; `…_foreign` counts what is in others. `…_paid…`: what came in of the payments of the day;
    null where the day was compared before they were counted. `not_asked`: payments of ours that are not in the provider's list of the day
    and were too many to be asked for one by one.
    """

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    account = models.ForeignKey(ProviderAccount, models.PROTECT, db_index=False)
    day = models.DateField()
    ran_at = models.DateTimeField()
    currency = models.TextField()
    ours_count = models.IntegerField()
    ours_minor = models.BigIntegerField()
    theirs_count = models.IntegerField()
    theirs_minor = models.BigIntegerField()
    ours_foreign = models.IntegerField(default=0, db_default=0)
    theirs_foreign = models.IntegerField(default=0, db_default=0)
    ours_paid_count = models.IntegerField(null=True)
    ours_paid_minor = models.BigIntegerField(null=True)
    ours_paid_foreign = models.IntegerField(null=True)
    theirs_paid_count = models.IntegerField(null=True)
    theirs_paid_minor = models.BigIntegerField(null=True)
    theirs_paid_foreign = models.IntegerField(null=True)
    not_asked = models.IntegerField(default=0, db_default=0)
    found = models.IntegerField()

    class Meta:
        db_table = "refunds_reconciliation"
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="refunds_reconciliation_once"),
            models.CheckConstraint(
                condition=Q(ours_count__gte=0, theirs_count__gte=0, ours_minor__gte=0, theirs_minor__gte=0, found__gte=0),
                name="refunds_reconciliation_counts",
            ),
            models.CheckConstraint(condition=Q(ours_foreign__gte=0, theirs_foreign__gte=0), name="refunds_reconciliation_foreign"),
            models.CheckConstraint(
                condition=Q(not_asked__gte=0)
                & (
                    Q(
                        ours_paid_count__isnull=True, ours_paid_minor__isnull=True, ours_paid_foreign__isnull=True,
                        theirs_paid_count__isnull=True, theirs_paid_minor__isnull=True, theirs_paid_foreign__isnull=True,
                    )
                    | Q(
                        ours_paid_count__gte=0, ours_paid_minor__gte=0, ours_paid_foreign__gte=0,
                        theirs_paid_count__gte=0, theirs_paid_minor__gte=0, theirs_paid_foreign__gte=0,
                    )
                ),
                name="refunds_reconciliation_paid",
            ),
        ]  # fmt: skip
