"""What is due to be counted: the one query behind the daily requests, the numbers and the list that people see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from orderwerk.core import clock, sql

# Class A makes the first 80 per cent of what left, B the next 15: the customary bounds of an ABC analysis.
_A_SHARE, _B_SHARE = 0.80, 0.95

# How much a product counts for, per basis. Value is what its order lines were sold for, each in its own currency.
_MEASURES = {
    "pieces": "sum(-m.delta)",
    "visits": "count(*)",
    "value": "sum(-m.delta * coalesce((select max(o.net_minor / o.quantity) from orders_line o where o.order_id = m.order_id "
    "and o.product_id = m.product_id), 0))",
}


@dataclass(frozen=True, slots=True)
class Due:
    """A product in a bin whose time to be counted has come, with its class and since when nobody counted it."""

    product_id: UUID
    location_id: UUID
    bin_id: UUID
    abc: str
    days: int
    last_at: datetime | None
    quantity: int


def _moved(basis: str) -> str:
    return f"""
  select s.product_id, s.location_id, coalesce(x.n, 0)::numeric as n
  from stock_level s join plan p on p.location_id = s.location_id and p.basis = '{basis}'
  cross join lateral (
    select {_MEASURES[basis]} as n from stock_movement m
    where m.product_id = s.product_id and m.location_id = s.location_id and m.kind = 'shipped' and m.delta < 0
      and m.at >= %s - make_interval(days => p.look_back_days)
  ) x where s.on_hand > 0"""


# `last`: when the bin was counted, with its location or alone; where it never was, when the first piece came to lie there.
_DUE = f"""
with plan as (
  select * from stock_count_plan where location_id = any(%s)
), moved as ({" union all ".join(_moved(basis) for basis in _MEASURES)}
), shares as (
  select product_id, location_id, n, sum(n) over w - n as before, sum(n) over (partition by location_id) as total
  from moved window w as (partition by location_id order by n desc, product_id)
), classed as (
  select product_id, location_id,
    case when n > 0 and before < {_A_SHARE} * total then 'a' when n > 0 and before < {_B_SHARE} * total then 'b' else 'c' end as abc
  from shares
), open_bins as (
  select c.product_id, c.location_id, b.bin_id, c.abc, sum(b.quantity)::int as quantity,
    case c.abc when 'a' then p.a_days when 'b' then p.b_days else p.c_days end as days,
    greatest(max(b.counted_at), max(l.counted_at)) as counted_at
  from classed c join plan p on p.location_id = c.location_id
  join stock_bin_stock b on b.product_id = c.product_id and b.location_id = c.location_id and b.quantity > 0
  join stock_bin x on x.id = b.bin_id and x.kind = 'pick'
  join stock_level l on l.product_id = c.product_id and l.location_id = c.location_id
  group by c.product_id, c.location_id, b.bin_id, c.abc, days
), aged as (
  select o.*, coalesce(o.counted_at, (
    select min(m.at) from stock_movement m where m.product_id = o.product_id and m.location_id = o.location_id and m.bin_id = o.bin_id
  )) as since
  from open_bins o where o.days is not null and not exists (
    select 1 from stock_count_request r where r.product_id = o.product_id and r.bin_id = o.bin_id and r.closed_at is null)
)
select product_id, location_id, bin_id, abc, days, counted_at, quantity from (
  select a.*, row_number() over (
    partition by location_id order by extract(epoch from %s - since) / days desc, product_id, bin_id) as place
  from aged a where since <= %s - make_interval(days => days)
) ranked where place <= %s order by location_id, place
"""


def due_counts(
    location_ids: Sequence[UUID], *, most: int, ahead: timedelta = timedelta(0)
) -> list[Due]:
    """Return what is due at locations with a plan, the most overdue first, `most` per location; one statement."""
    now = clock.now() + ahead
    rows = sql.fetch(_DUE, (list(location_ids), now, now, now, now, now, most))
    return [Due(*row) for row in rows]
