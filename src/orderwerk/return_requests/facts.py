"""Reads what is to be known before goods may come back: lines under the order's lock, and the shops' rules."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.return_requests.rules import LineFacts, Policy
from orderwerk.return_requests.statuses import Outcome

_LINES = """
select l.id, l.order_id, l.shop_id, l.sku, l.name, l.product_id, l.shipped - l.returned - l.claimed,
  (select max(coalesce(h.delivered_at, (select max(g.delivered_at) from shipments_package g where g.shipment_id = h.id), h.shipped_at))
   from shipments_line s join shipments_shipment h on h.id = s.shipment_id
   where s.order_line_id = l.id and s.is_live and h.status in ('shipped', 'delivered')), o.country,
  l.quantity - l.cancelled, l.quantity - l.cancelled - l.shipped,
  (select coalesce(sum(k.quantity), 0)::int from return_requests_line k join return_requests_request r on r.id = k.request_id
   where k.order_line_id = l.id and r.status in ('requested', 'approved')), l.quantity, l.gross_minor, o.currency,
  (select coalesce(sum(k.quantity), 0)::int from return_requests_line k join return_requests_request r on r.id = k.request_id
   where k.order_line_id = l.id and r.status in ('requested', 'approved') and r.is_gift)
from orders_line l join orders_order o on o.id = l.order_id
where l.order_id = any(%s) order by l.order_id, l.position
"""
_POLICIES = """
select s.id, s.return_window_days, s.timezone, p.outcomes, p.countries, p.excluded_skus, p.fee_minor, p.approve_at_once,
  p.colour, p.instructions, p.keep_up_to_minor, p.gift_returns, s.currency,
  p.free_reasons, p.photo_reasons, p.checked_reasons, p.ways, p.drop_locations
from shops_shop s left join return_requests_policy p on p.shop_id = s.id where s.id = any(%s)
"""


def line_facts(order_ids: Sequence[UUID]) -> dict[UUID, list[LineFacts]]:
    """Return the lines of orders in their order, by order; one statement."""
    found: dict[UUID, list[LineFacts]] = {order_id: [] for order_id in order_ids}
    for row in sql.fetch(_LINES, (list(order_ids),)):
        found[row[1]].append(LineFacts(*row))
    return found


def policies(shop_ids: Sequence[UUID]) -> dict[UUID, Policy]:
    """Return what shops take back, by shop; one statement."""
    return {row[0]: _policy(row) for row in sql.fetch(_POLICIES, (list(set(shop_ids)),))}


def _policy(row: sql.Row) -> Policy:
    _, days, timezone, outcomes, countries, skus, fee, at_once, colour, instructions, keep, gifts, currency, *chosen = row  # fmt: skip
    if outcomes is None:
        return Policy(window_days=days, timezone=timezone)
    free, photos, checked, ways, places = chosen
    return Policy(
        window_days=days,
        timezone=timezone,
        outcomes=tuple(outcomes) or (Outcome.REFUND.value,),
        countries=tuple(countries),
        excluded_skus=frozenset(skus),
        fee_minor=fee,
        approve_at_once=at_once,
        colour=colour,
        instructions=sql.from_json(instructions) or {},
        keep_up_to_minor=keep,
        gift_returns=gifts,
        currency=currency,
        free_reasons=frozenset(free),
        photo_reasons=frozenset(photos),
        checked_reasons=frozenset(checked),
        ways=tuple(ways),
        drop_locations=tuple(places),
    )
