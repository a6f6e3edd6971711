"""Gathers orders that a routing rule wants in one parcel where most of each lies."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows.consolidate_orders import ConsolidateItem, consolidate_orders

# Where pieces travel already, else where most pieces are, so that the fewest travel; of equal ones the first by priority.
_SPLIT = """
select distinct on (c.order_id) c.order_id, l.code
from (
  select a.order_id, a.location_id, sum(a.quantity) as n, max((p.order_id is not null)::int) as goes_there
  from core_event e join allocations_allocation a on a.order_id = e.order_id and a.status in ('allocated', 'picking', 'picked')
  left join allocations_transfer_peg p on p.order_id = a.order_id and p.location_id = a.location_id and p.quantity > p.arrived + p.dropped
  where e.id = any(%s) group by a.order_id, a.location_id) c
join stock_location l on l.id = c.location_id and l.is_active
order by c.order_id, c.goes_there desc, c.n desc, l.priority, l.code
"""


def gather_split_orders(event_ids: Sequence[UUID]) -> int:
    """Send what the orders of these events have elsewhere to one of their locations; returns how many set out.

    What nobody may move now (on hold, being picked) stays: such an order leaves in several parcels unless a person gathers it.
    """
    rows = sql.fetch(_SPLIT, (list(event_ids),))
    items = [ConsolidateItem(order_id=key, to=code) for key, code in rows]
    outcomes = consolidate_orders(items, actor=Actor.job("gathering")) if items else []
    return sum(outcome.ok for outcome in outcomes)
