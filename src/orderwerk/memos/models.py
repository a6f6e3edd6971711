"""Memos: internal notes on an order; nothing that a customer sees ever reads them."""

from django.db import models

from orderwerk.accounts.models import User
from orderwerk.orders.models import Order


class Memo(models.Model):
    """One note of a colleague; never edited, so that the story stays whole."""

    id = models.UUIDField(primary_key=True)
    shop_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, db_constraint=False, db_index=False)
    text = models.TextField()
    author_name = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "memos_memo"
        indexes = [models.Index(fields=["order", "id"], name="memos_memo_of_order")]


class MemoPin(models.Model):
    """A memo that stands on every tab of its order until somebody takes it off. Written by pin_memos."""

    memo = models.OneToOneField(Memo, models.PROTECT, primary_key=True)
    author_name = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "memos_pin"


class MemoMention(models.Model):
    """A colleague whom a memo speaks to (`@name`); `seen_at` is empty until that person has seen it. Written by create_memos."""

    id = models.UUIDField(primary_key=True)
    memo = models.ForeignKey(Memo, models.PROTECT, db_index=False)
    user = models.ForeignKey(User, models.PROTECT, db_index=False)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "memos_mention"
        constraints = [models.UniqueConstraint(fields=["memo", "user"], name="memos_mention_once")]
        indexes = [models.Index(fields=["user", "-memo"], name="memos_mention_of_user")]
