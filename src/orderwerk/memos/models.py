"""Memos: internal notes on an order; nothing that a customer sees ever reads them."""

from django.db import models

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
