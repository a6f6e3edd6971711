"""What lists of orders read beside the orders themselves: the words to find them by, and how many there are per status."""

from django.contrib.postgres.search import SearchVectorField
from django.db import models


class OrderSearch(models.Model):
    """The words of an order's customer, for search by name; written with the order."""

    order = models.OneToOneField(
        "orders.Order", models.PROTECT, primary_key=True, db_constraint=False
    )
    shop_id = models.UUIDField()
    placed_at = models.DateTimeField()
    doc = SearchVectorField()

    class Meta:
        db_table = "orders_search"
        indexes = [models.Index(fields=["-placed_at", "-order"], name="orders_search_newest")]


class OrderTabCount(models.Model):
    """Changes of how many orders a shop has per status; triggers append them, a sweep folds them, readers sum them.

    Appending needs no lock, so counts never make two commands wait for each other.
    """

    id = models.BigAutoField(primary_key=True)
    shop_id = models.UUIDField()
    status = models.TextField()
    n = models.BigIntegerField()

    class Meta:
        db_table = "orders_tab_count"
        indexes = [
            models.Index(fields=["shop_id", "status"], name="orders_tab_count_key", include=["n"])
        ]
