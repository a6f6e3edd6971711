"""Where the money of payments that were charged back went on to: store credits, exchanges, and goods that were sent once more."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.refunds.room import UNCOVERED_SOON

# With `events` (ids of events) as the parameter: the orders that the money of their payments reached. `how` is the last step, and
# `credit_id` the store credit of that step; `root_id` is the payment that was charged back; `is_away`: the money that was handed on
# from there is gone, or is as soon as what was handed over has gone back, and so is all that came of it. What a refund that has gone
# back since took away is what was handed on: the order itself, and what replaces its goods, were looked at with the charge back.
# Every step leads to a newer order.
REACHED = f"""
with recursive reached(order_id, payment_id, root_id, how, credit_id, is_away) as (
  select p.order_id, p.id, p.id, '', null::uuid, e.kind = 'payment.charged_back'
  from core_event e left join refunds_refund r on e.kind = 'refund.succeeded' and r.id = e.aggregate_id
  join payments_payment p on p.id = coalesce(r.payment_id, e.aggregate_id)
  where e.id = any(%s) and (e.kind = 'payment.charged_back' or e.kind = 'refund.succeeded' and p.charged_back_minor > 0)
  union
  select t.order_id, t.payment_id, x.root_id, t.how, t.credit_id, case when x.how <> '' or t.payment_id is null then x.is_away
    else exists (select 1 from payments_payment p where p.id = x.payment_id and {UNCOVERED_SOON}) end
  from reached x cross join lateral (
    select m.order_id, m.payment_id, 'credit' as how, c.id as credit_id
    from refunds_refund r join refunds_store_credit c on c.refund_id = r.id
    join refunds_credit_movement m on m.store_credit_id = c.id and m.kind = 'used' where r.payment_id = x.payment_id
    union all
    select n.order_id, n.id, 'exchange', null from refunds_refund r
    join payments_payment n on n.shop_id = r.shop_id and n.provider = 'orderwerk' and n.reference = r.provider_reference
    where r.payment_id = x.payment_id and r.via = 'exchange'
    union all
    select k.new_order_id, null, 'claim', null from returns_claim k where k.order_id = x.order_id and k.new_order_id is not null) t
)
"""
_ORDERS = f"{REACHED} select distinct order_id from reached"


def orders_reached(event_ids: Sequence[UUID]) -> list[UUID]:
    """Return the orders that the money of payments reached of whose charge back, or refund since, these events tell; one statement."""
    return [row[0] for row in sql.fetch(_ORDERS, (list(event_ids),))]
