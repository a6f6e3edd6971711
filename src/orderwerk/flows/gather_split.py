"""Gathers orders that a routing rule wants in one parcel where most of each lies."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.allocations.events import ORDER_NOT_GATHERED
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.uow import STILL, Subject, unit_of_work
from orderwerk.flows.consolidate_orders import ConsolidateItem, consolidate_orders

# A released hold asks again for what stayed because of it, and for nothing else. Where pieces travel already, else where most pieces are, so that the fewest travel; of equal ones the first by priority.
_SPLIT = """
select distinct on (c.order_id) c.order_id, l.code, c.shop_id, count(*) over (partition by c.order_id), (
    select g.payload ->> 'rule' from core_event g where g.order_id = c.order_id and g.kind = 'order.to_gather' order by g.id desc limit 1), (
    select case when g.kind = 'order.not_gathered' then g.payload ->> 'code' end from core_event g
    where g.order_id = c.order_id and g.kind in ('order.to_gather', 'order.not_gathered') order by g.id desc limit 1)
from (
  select a.order_id, a.shop_id, a.location_id, sum(a.quantity) as n, max((p.order_id is not null)::int) as goes_there
  from core_event e join allocations_allocation a on a.order_id = e.order_id and a.status in ('allocated', 'picking', 'picked')
  left join allocations_transfer_peg p on p.order_id = a.order_id and p.location_id = a.location_id and p.quantity > p.arrived + p.dropped
  where e.id = any(%s) and (e.kind = 'order.to_gather' or (
    select g.kind = 'order.not_gathered' and g.payload ->> 'code' = 'order_on_hold' from core_event g
    where g.order_id = e.order_id and g.kind in ('order.to_gather', 'order.not_gathered', 'order.consolidated') order by g.id desc limit 1))
  group by a.order_id, a.shop_id, a.location_id) c
join stock_location l on l.id = c.location_id and l.is_active
order by c.order_id, c.goes_there desc, c.n desc, l.priority, l.code
"""


def gather_split_orders(event_ids: Sequence[UUID]) -> int:
    """Send what the orders of these events have elsewhere to one of their locations; returns how many set out.

    The events say that a rule wants an order gathered, or that its hold was released. What nobody may move now (on hold, being
    picked) stays, and the order's history says why: such an order leaves in several parcels unless the release of its hold, or a
    person, gathers it.
    """
    rows = sql.fetch(_SPLIT, (list(event_ids),))
    items = [ConsolidateItem(order_id=row[0], to=row[1]) for row in rows]
    actor = Actor.job("gathering")
    outcomes = consolidate_orders(items, actor=actor) if items else []
    with unit_of_work(actor) as unit:
        for (order_id, to, shop_id, places, rule, told), outcome in zip(rows, outcomes, strict=True):  # fmt: skip
            code = outcome.error.code if outcome.error else None
            # Where all lies at one location by now there is nothing to gather.
            if code is None or code == told or (places == 1 and code == "nothing_elsewhere"):
                continue
            subject = Subject("order", order_id, None, order_id, shop_id)
            unit.record(ORDER_NOT_GATHERED, subject, STILL, {"rule": rule, "code": code, "to": to})
    return sum(outcome.ok for outcome in outcomes)
