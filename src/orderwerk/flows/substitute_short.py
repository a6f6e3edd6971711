"""The rule that asks by itself: where a shop wishes it, the customer of what was not found is offered the product's substitute."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.allocations.transfer_pegs import TRAVELLING
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows.propose_substitutions import ProposeSubstitutionItem, propose_substitutions

# The first substitute of which enough is free for the shop. A line is asked about once: who said no is not asked again.
_SHORT = f"""
select distinct on (l.id) l.id, c.sku, w.missing
from (select distinct order_id from core_event
  where id = any(%s) and (
    (payload ->> 'short')::int > 0 or payload ->> 'reason' in ('short pick', 'stock was corrected'))) e
join orders_order o on o.id = e.order_id
join shops_shop s on s.id = o.shop_id and s.substitute_when_short
join orders_line l on l.order_id = o.id
cross join lateral (select l.quantity - l.allocated - l.shipped - l.cancelled - l.cancel_requested
  - {TRAVELLING.format(line="l.id", product="l.product_id")} as missing) w
join catalog_product p on p.id = l.product_id
cross join unnest(p.substitutes) with ordinality as t(sku, nth)
join catalog_product c on c.sku = t.sku
where w.missing > 0 and o.customer_email is not null
  and not exists (select 1 from orders_component k where k.order_line_id = l.id)
  and not exists (select 1 from orders_substitution x where x.order_line_id = l.id)
  and w.missing <= (
    select sum(greatest(0, v.on_hand - v.allocated - v.blocked - v.safety_stock)) from stock_level v
    join stock_location k on k.id = v.location_id and k.is_active
    join shops_shop_location y on y.location_id = v.location_id and y.shop_id = o.shop_id
    where v.product_id = c.id)
order by l.id, t.nth
"""


def propose_for_short(event_ids: Sequence[UUID]) -> int:
    """Ask about the lines that these events left without stock; returns how many were asked. Repeatable: a line is asked once."""
    items = [
        ProposeSubstitutionItem(order_line_id=line, sku=sku, quantity=missing)
        for line, sku, missing in sql.fetch(_SHORT, (list(event_ids),))
    ]
    outcomes = propose_substitutions(items, actor=Actor.job("substitutes"))
    return sum(outcome.ok for outcome in outcomes)
