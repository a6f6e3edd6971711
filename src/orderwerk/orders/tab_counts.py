"""Keeps the counts of the status tabs short: folds the appended changes into one row per shop and status."""

from django.db import transaction

from orderwerk.core import sql

_FOLD = """
with gone as (
  delete from orders_tab_count where id in (
    select id from orders_tab_count order by id limit 200000 for update skip locked)
  returning shop_id, status, n
)
insert into orders_tab_count (shop_id, status, n)
select shop_id, status, sum(n) from gone group by shop_id, status having sum(n) <> 0
"""


def fold_tab_counts() -> int:
    """Fold the changes; readers see the same sums before, during and after. Returns the rows left of what was folded."""
    with transaction.atomic():
        return sql.execute(_FOLD)
