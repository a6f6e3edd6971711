"""E-mails: what was or will be sent to a customer, kept as it was sent."""

from django.db import models
from django.db.models import Q

from orderwerk.core.models import Effect
from orderwerk.emails.statuses import BounceKind, EmailStatus
from orderwerk.orders.models import Order
from orderwerk.shops.models import Shop


class Email(models.Model):
    """One message about one order. Its text never changes; at most one per trigger, object and recipient."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    trigger = models.TextField()
    object_id = models.UUIDField()
    recipient = models.TextField()
    sender = models.TextField()
    reply_to = models.TextField(default="")
    subject = models.TextField()
    body_text = models.TextField()
    body_html = models.TextField(default="")
    message_id = models.TextField(unique=True)
    status = models.TextField(choices=EmailStatus.choices, default=EmailStatus.QUEUED)
    status_note = models.TextField(default="")
    effect = models.OneToOneField(Effect, models.PROTECT)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "emails_email"
        constraints = [
            models.UniqueConstraint(
                fields=["shop_id", "trigger", "object_id", "recipient"],
                name="emails_email_once_per_trigger",
            ),
            models.CheckConstraint(
                condition=Q(status__in=EmailStatus.values), name="emails_email_status"
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False)
                | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="emails_email_sent_at",
            ),
        ]
        indexes = [models.Index(fields=["order", "id"], name="emails_email_of_order")]


class EmailAttachment(models.Model):
    """A document that goes with a message; documents never change, so naming one keeps the exact copy.

    Append-only, but that one is `left_out` when the message goes: it could not be made any more, or is not given out.
    """

    id = models.UUIDField(primary_key=True)
    email = models.ForeignKey(Email, models.PROTECT, db_index=False)
    kind = models.TextField()
    object_id = models.UUIDField()
    name = models.TextField()
    left_out = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "emails_attachment"
        constraints = [
            models.UniqueConstraint(
                fields=["email", "kind", "object_id"], name="emails_attachment_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["invoice", "packing_slip", "return_label", "return_slip"]),
                name="emails_attachment_kind",
            ),
        ]


class EmailBounce(models.Model):
    """What a mail server told later of a message that it had taken: it did not arrive, or not yet. Append-only, one per kind.

    `code` is the enhanced status of RFC 3463 (5.1.1: no such mailbox).
    """

    id = models.UUIDField(primary_key=True)
    email = models.ForeignKey(Email, models.PROTECT, db_index=False)
    kind = models.TextField(choices=BounceKind.choices)
    code = models.TextField(default="")
    reason = models.TextField(default="")
    reported_at = models.DateTimeField()

    class Meta:
        db_table = "emails_bounce"
        constraints = [
            models.UniqueConstraint(fields=["email", "kind"], name="emails_bounce_once"),
            models.CheckConstraint(
                condition=Q(kind__in=BounceKind.values), name="emails_bounce_kind"
            ),
        ]


class EmailTemplate(models.Model):
    """A shop's own text for a trigger in a language; while `is_custom` is false the text that we bring is sent."""

    id = models.UUIDField(primary_key=True)
    shop = models.ForeignKey(Shop, models.PROTECT, db_index=False)
    trigger = models.TextField()
    language = models.TextField()
    subject = models.TextField()
    body = models.TextField()
    is_custom = models.BooleanField()
    version = models.IntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "emails_template"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "trigger", "language"], name="emails_template_once"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="emails_template_version"),
        ]


class EmailTemplateVersion(models.Model):
    """A text as it stood from one change to the next; append-only, so that every text can be had back."""

    id = models.UUIDField(primary_key=True)
    template = models.ForeignKey(EmailTemplate, models.PROTECT, db_index=False)
    version = models.IntegerField()
    subject = models.TextField()
    body = models.TextField()
    is_custom = models.BooleanField()
    at = models.DateTimeField()
    actor_name = models.TextField()

    class Meta:
        db_table = "emails_template_version"
        constraints = [
            models.UniqueConstraint(
                fields=["template", "version"], name="emails_template_version_once"
            )
        ]


class EmailAutomation(models.Model):
    """Whether a shop sends a trigger's message by itself, where that differs from the default."""

    id = models.UUIDField(primary_key=True)
    shop = models.ForeignKey(Shop, models.PROTECT, db_index=False)
    trigger = models.TextField()
    is_on = models.BooleanField()
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "emails_automation"
        constraints = [
            models.UniqueConstraint(fields=["shop", "trigger"], name="emails_automation_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="emails_automation_version"),
        ]
