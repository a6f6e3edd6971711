"""The one writer of the counters on lines and orders: all that moves goods comes through here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.uow import UnitOfWork


@dataclass(slots=True)
class LineDelta:
    """By how much the counters of one line move, in pieces."""

    cancelled: int = 0
    allocated: int = 0
    picked: int = 0
    shipped: int = 0


@dataclass(frozen=True, slots=True)
class OrderState:
    """What a command needs to know of an order that it has locked or changed."""

    id: UUID
    shop_id: UUID
    number: str
    status: str
    version: int
    holds_open: int
    payable: bool


_LOCK = """
select id, shop_id, number, status, version, holds_open,
       on_account or captured_minor + authorized_minor >= grand_total_minor - cancelled_minor
from orders_order where id = any(%s) order by id for no key update
"""


def lock_orders(
    unit: UnitOfWork, order_ids: Sequence[UUID], *, of_all_shops: bool = False
) -> dict[UUID, OrderState]:
    """Lock orders in the order of their ids; those that do not exist, or not for this actor, are left out.

    `of_all_shops`: for what has to follow from a fact about a location that several shops draw from.
    """
    wanted = sorted(set(order_ids))
    unit.claim_locks("order", wanted)
    rows = sql.fetch(_LOCK, (wanted,))
    return {
        row[0]: OrderState(*row) for row in rows if of_all_shops or unit.actor.may_see_shop(row[1])
    }


_CHANGE = """
with delta as (
  select * from unnest(%s::uuid[], %s::int[], %s::int[], %s::int[], %s::int[])
    as t(line_id, cancelled, allocated, picked, shipped)
), changed as (
  update orders_line l
  set cancelled = l.cancelled + d.cancelled, allocated = l.allocated + d.allocated,
      picked = l.picked + d.picked, shipped = l.shipped + d.shipped
  from delta d where l.id = d.line_id
  returning l.order_id, d.cancelled, d.allocated, d.picked, d.shipped
), per_order as (
  select order_id, sum(cancelled) as cancelled, sum(allocated) as allocated, sum(picked) as picked, sum(shipped) as shipped
  from changed group by order_id
)
update orders_order o
set units_cancelled = o.units_cancelled + p.cancelled, units_allocated = o.units_allocated + p.allocated,
    units_picked = o.units_picked + p.picked, units_shipped = o.units_shipped + p.shipped,
    cancelled_minor = o.cancelled_minor + coalesce(v.value, 0), version = o.version + 1
from per_order p left join unnest(%s::uuid[], %s::bigint[]) as v(order_id, value) on v.order_id = p.order_id
where o.id = p.order_id
returning o.id, o.shop_id, o.number, o.status, o.version, o.holds_open,
  o.on_account or o.captured_minor + o.authorized_minor >= o.grand_total_minor - o.cancelled_minor
"""


def change_counters(
    deltas: Mapping[UUID, LineDelta], *, cancelled_minor: Mapping[UUID, int] | None = None
) -> dict[UUID, OrderState]:
    """Move the counters of lines and of their (locked) orders in one statement; each order gets its next version.

    `cancelled_minor`: per order, the value in minor units of what is cancelled now. The CHECKs refuse what would
    claim, ship or cancel more than was ordered. Returns the new state per order; the caller records one event each.
    """
    if not deltas:
        return {}
    line_ids = list(deltas)
    values = dict(cancelled_minor or {})
    rows = sql.fetch(
        _CHANGE,
        (
            line_ids,
            [deltas[i].cancelled for i in line_ids],
            [deltas[i].allocated for i in line_ids],
            [deltas[i].picked for i in line_ids],
            [deltas[i].shipped for i in line_ids],
            list(values),
            list(values.values()),
        ),
    )
    return {row[0]: OrderState(*row) for row in rows}
