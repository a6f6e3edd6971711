"""Reads of boxes: which requests of a customer travel, or could travel, in one."""

from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_orders


class BoxedRow(msgspec.Struct, frozen=True):
    """An open request of the same customer; `is_along`: in the same box, `is_elsewhere`: in the box of another one."""

    id: UUID
    number: str
    order_number: str
    status: str
    units: int
    created_at: datetime
    is_head: bool
    is_along: bool
    is_elsewhere: bool


# The same customer by whatever the webshop gives; nothing given is nobody's.
_OTHERS = """
with mine as (
  select q.id, q.in_box_of_id, q.way, q.bring_to_id, p.id as order_id, p.shop_id, p.customer_email, p.customer_external_id
  from return_requests_request q join orders_order p on p.id = q.order_id where q.id = %s
), hers as (
  select order_id as id from mine
  union select o.id from mine p join orders_order o on o.shop_id = p.shop_id and o.customer_email = p.customer_email
  union select o.id from mine p join orders_order o on o.shop_id = p.shop_id and o.customer_external_id = p.customer_external_id
)
select r.id, r.number, o.number, r.status, (select sum(k.quantity) from return_requests_line k where k.request_id = r.id)::int,
  r.created_at, r.id = q.in_box_of_id, coalesce(r.in_box_of_id, r.id) = coalesce(q.in_box_of_id, q.id),
  r.in_box_of_id is not null
from mine q cross join hers join orders_order o on o.id = hers.id join return_requests_request r on r.order_id = o.id
where r.id <> q.id and (r.status = 'approved' or r.status = 'requested' and r.outcome <> 'keep')
  -- A gift travels by itself: neither learns of the other.
  and not r.is_gift and not (select is_gift from return_requests_request where id = q.id)
  -- One box goes one way; what lies in it already is shown whatever it says.
  and (return_requests_goes(r.way, r.bring_to_id) = return_requests_goes(q.way, q.bring_to_id)
    or coalesce(r.in_box_of_id, r.id) = coalesce(q.in_box_of_id, q.id)) and
"""


def along_with(actor: Actor, request_id: UUID) -> list[BoxedRow]:
    """Return the other open requests of a request's customer in the same shop, fifty at most; one statement."""
    where = Conditions()
    limit_to_orders(where, actor, order="r.order_id", shop="r.shop_id")
    rows = sql.read(f"{_OTHERS} {where.where()} order by r.id limit 50", [request_id, *where.params])  # fmt: skip
    return [BoxedRow(*row) for row in rows]
