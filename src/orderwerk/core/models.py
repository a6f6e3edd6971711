"""The ground's own tables: events, outbox, effects and idempotency keys. Only core writes them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Event(models.Model):
    """One line of history: what changed, who did it, when. Append-only, written with the change itself."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    kind = models.TextField()
    aggregate_type = models.TextField()
    aggregate_id = models.UUIDField()
    seq = models.IntegerField(null=True)
    order_id = models.UUIDField(null=True)
    shop_id = models.UUIDField(null=True)
    from_status = models.TextField(null=True)
    to_status = models.TextField(null=True)
    actor_kind = models.TextField()
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField()
    payload = models.JSONField()
    # The feed is read in the order of commits: a reader stops at the oldest transaction still open.
    txid = models.BigIntegerField(
        db_default=models.Func(function="current_txid", output_field=models.BigIntegerField())
    )

    class Meta:
        db_table = "core_event"
        constraints = [
            models.UniqueConstraint(
                fields=["aggregate_id", "seq"],
                condition=Q(seq__isnull=False),
                name="core_event_once_per_version",
            ),
            models.CheckConstraint(
                condition=Q(seq__isnull=True) | Q(seq__gte=1), name="core_event_seq_from_one"
            ),
            models.CheckConstraint(
                condition=Q(actor_kind__in=["user", "token", "job", "system"]),
                name="core_event_actor_kind",
            ),
        ]
        indexes = [
            models.Index(
                fields=["order_id", "id"],
                name="core_event_by_order",
                condition=Q(order_id__isnull=False),
            ),
            models.Index(fields=["txid", "id"], name="core_event_feed"),
        ]


class Outbox(models.Model):
    """The events of one unit of work that the relay has still to turn into jobs; a row lives milliseconds."""

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField()
    event_ids = ArrayField(models.UUIDField())

    class Meta:
        db_table = "core_outbox"


class Effect(models.Model):
    """One intended action outside the database, with one key for ever; a time-out leaves it in doubt."""

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    business_key = models.TextField()
    shop_id = models.UUIDField(null=True)
    status = models.TextField(default="intended")
    attempts = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    provider_reference = models.TextField(null=True)
    note = models.TextField(default="")

    class Meta:
        db_table = "core_effect"
        constraints = [
            models.UniqueConstraint(fields=["kind", "business_key"], name="core_effect_one_key"),
            models.UniqueConstraint(
                fields=["kind", "provider_reference"],
                condition=Q(provider_reference__isnull=False),
                name="core_effect_reference_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["intended", "called", "succeeded", "failed", "in_doubt"]),
                name="core_effect_status",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["succeeded", "failed"], finished_at__isnull=False)
                | Q(status__in=["intended", "called", "in_doubt"], finished_at__isnull=True),
                name="core_effect_finished_exactly_when_final",
            ),
            models.CheckConstraint(condition=Q(attempts__gte=0), name="core_effect_attempts"),
        ]


class Series(models.Model):
    """A gapless series of numbers: the counter row that is taken last, with the hash of its newest document.

    `scope_id` is whose series it is; `prefix` stands before the number and belongs to one series for ever.
    """

    id = models.UUIDField(primary_key=True)
    scope_id = models.UUIDField()
    name = models.TextField()
    prefix = models.TextField(unique=True, db_collation="C")
    last_number = models.IntegerField(default=0)
    last_date = models.DateField()
    last_hash = models.BinaryField()

    class Meta:
        db_table = "core_series"
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "name"], name="core_series_once"),
            models.CheckConstraint(condition=Q(last_number__gte=0), name="core_series_number"),
        ]


class IdempotencyKey(models.Model):
    """The stored answer to one request of one credential, written in the transaction of its effect."""

    id = models.UUIDField(primary_key=True)
    credential_id = models.UUIDField()
    key = models.TextField()
    request_sha256 = models.BinaryField()
    response_status = models.IntegerField()
    response_body = models.BinaryField()
    # The order that the answer shows; null where it shows none.
    order_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "core_idempotency_key"
        constraints = [
            models.UniqueConstraint(
                fields=["credential_id", "key"], name="core_idempotency_key_once"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="core_idempotency_age"),
            models.Index(
                fields=["order_id"],
                condition=Q(order_id__isnull=False),
                name="core_idempotency_order",
            ),
        ]
