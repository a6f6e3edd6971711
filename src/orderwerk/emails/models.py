"""E-mails: what was or will be sent to a customer, kept as it was sent."""

from django.db import models
from django.db.models import Q

from orderwerk.core.models import Effect
from orderwerk.emails.statuses import EmailStatus
from orderwerk.orders.models import Order


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
