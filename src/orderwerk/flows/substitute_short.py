"""The rule that asks by itself: where a shop wishes it, the customer of what was not found is offered the product's substitute."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.allocations.transfer_pegs import TRAVELLING
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows.inherited_rates import EXEMPT_ALONE, orders_without_vat
from orderwerk.flows.propose_substitutions import ProposeSubstitutionItem, propose_substitutions

# The substitutes of which enough is free for the shop, in turn. A line is asked about once: who said no is not asked again.
_SHORT = f"""
select l.id, c.sku, w.missing, o.id, {EXEMPT_ALONE}
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
    """Ask about the lines that these events left without stock; returns how many were asked. Repeatable: a line is asked once.

    Each with the first substitute whose VAT is known: what is not exempt never takes the 0 % of what is.
    """
    rows = sql.fetch(_SHORT, (list(event_ids),))
    without = orders_without_vat({row[3] for row in rows})
    items: dict[UUID, ProposeSubstitutionItem] = {}
    for line, sku, missing, order_id, bears_vat in rows:
        if not bears_vat or order_id in without:
            item = ProposeSubstitutionItem(order_line_id=line, sku=sku, quantity=missing)
            items.setdefault(line, item)
    outcomes = propose_substitutions(list(items.values()), actor=Actor.job("substitutes"))
    return sum(outcome.ok for outcome in outcomes)
