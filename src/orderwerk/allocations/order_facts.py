"""Reads what routing rules ask about orders."""

from collections.abc import Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from orderwerk.allocations.rule_filters import OrderFacts
from orderwerk.core import sql

# Who puts an order on hold of which a rule lets nothing go, and one of which nothing lies where it may be sent from. They are two
# questions: to let an order wait for stock says nothing about how far it may be split.
LIMITED, EMPTY = "routing", "routing stock"
_FACTS = f"""
select o.id, o.country, coalesce(o.postal_code, ''), o.tags, o.customer_external_id, o.customer_email, o.placed_at,
  case when o.currency = s.currency then o.grand_total_minor end, l.skus, l.weight, l.shares,
  array(select distinct h.owner_name from orders_hold h
    where h.order_id = o.id and h.owner_name in ('{LIMITED}', '{EMPTY}') and h.released_at is not null),
  case when %s then postal_point(o.country, o.postal_code) end, l.is_weighed
from orders_order o join shops_shop s on s.id = o.shop_id cross join lateral (
  select array_agg(x.sku) as skus, coalesce(sum(x.quantity * coalesce(k.grams, p.weight_grams, 0)), 0) as weight,
    coalesce(bool_and(coalesce(k.is_weighed, p.weight_grams is not null)), true) as is_weighed,
    jsonb_object_agg(x.id, x.gross_minor / (x.quantity * greatest(1, coalesce(k.pieces, 1)))) as shares
  from orders_line x left join catalog_product p on p.id = x.product_id cross join lateral (
    select sum(c.per_kit) as pieces, sum(c.per_kit * coalesce(w.weight_grams, 0)) as grams, bool_and(w.weight_grams is not null) as is_weighed
    from orders_component c join catalog_product w on w.id = c.product_id where c.order_line_id = x.id) k
  where x.order_id = o.id) l
where o.id = any(%s)
"""


def read_facts(
    order_ids: Sequence[UUID], zones: Mapping[UUID, str], *, placed: bool
) -> dict[UUID, tuple[OrderFacts, dict[UUID, int], frozenset[str]]]:
    """Return per order what rules ask about it, minor units per piece of each line, and which holds of rules were released.

    `placed`: a rule asks how far it is to where they go.
    """
    found = {}
    for row in sql.fetch(_FACTS, (placed, list(order_ids))):
        customer = frozenset(x.lower() for x in (row[4], row[5]) if x)
        day = row[6].astimezone(ZoneInfo(zones[row[0]])).date()
        facts = OrderFacts(
            row[1],
            row[2],
            frozenset(row[3]),
            frozenset(row[8]),
            customer,
            int(row[9]),
            row[7],
            day,
            (row[12][0], row[12][1]) if row[12] else None,
            row[13],
        )
        shares = {UUID(key): int(n) for key, n in sql.from_json(row[10]).items()}
        found[row[0]] = (facts, shares, frozenset(row[11]))
    return found
