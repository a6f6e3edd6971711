"""What pages of goods that come back read: the order of a box by whatever stands on it, claims with their pictures."""

from collections.abc import Sequence
from typing import Any

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_orders
from orderwerk.return_requests.carriers import CARRIERS
from orderwerk.returns.claim_queries import ClaimRow, claim_photo_positions

_FOUND = """
select o.id, o.shop_id, o.number, null as request, 1 as rank from orders_order o where o.number = %s
union all select o.id, o.shop_id, o.number, q.number, 2 from return_requests_request q join orders_order o on o.id = q.order_id
  where q.number = upper(%s)
union all select o.id, o.shop_id, o.number, null, 3 from shipments_shipment h join orders_order o on o.id = h.order_id
  where h.number = upper(%s)
union all select o.id, o.shop_id, o.number, null, 4 from shipments_shipment h join orders_order o on o.id = h.order_id
  where h.tracking_code = %s and h.tracking_code <> ''
union all select o.id, o.shop_id, o.number, null, 5 from orders_order o where o.external_id = %s
union all select o.id, o.shop_id, o.number, q.number, 6 from return_requests_label b join return_requests_request q on q.id = b.request_id
  join orders_order o on o.id = q.order_id where b.carrier = any(%s) and b.barcode = upper(%s) and b.barcode <> ''
"""


def order_of_scan(actor: Actor, text: str) -> tuple[str, str | None] | None:
    """Return the number of the order that a scanned text belongs to, and of the request; None when it belongs to nothing."""
    where = Conditions()
    limit_to_orders(where, actor, order="f.id", shop="f.shop_id")
    rows = sql.read(
        f"select f.number, f.request from ({_FOUND}) f where {where.where()} order by f.rank limit 1",
        [*[text] * 5, list(CARRIERS), text, *where.params],
    )
    return (rows[0][0], rows[0][1]) if rows else None


def claim_rows(rows: Sequence[ClaimRow], *, may_decide: bool) -> list[dict[str, Any]]:
    """Return what a list says of claims; one statement."""
    photos = claim_photo_positions([row.id for row in rows])
    return [
        {"claim": row, "photos": photos[row.id], "may_decide": may_decide and row.status == "open"}
        for row in rows
    ]
