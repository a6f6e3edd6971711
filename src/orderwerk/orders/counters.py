"""The one writer of the counters on lines and orders: all that moves goods comes through here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.errors import WrongState
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


def check_not_held(state: OrderState) -> None:
    """Refuse (WrongState) to collect or move goods of an order on hold."""
    if state.holds_open:
        raise WrongState(
            f"Order {state.number} is on hold: nothing of it is collected or moved until the hold is released.",
            code="order_on_hold",
        )


_LOCK = """
select id, shop_id, number, status, version, holds_open,
       on_account or captured_minor + authorized_minor >= grand_total_minor - cancelled_minor
from orders_order where id = any(%s) order by id for no key update
"""
# As reads limit them (orders/visibility.py): a location's orders are those with a shipment from there.
_OF_LOCATIONS = """
select distinct order_id from shipments_shipment where order_id = any(%s) and location_id = any(%s)
"""


def lock_orders(
    unit: UnitOfWork, order_ids: Sequence[UUID], *, of_all_shops: bool = False
) -> dict[UUID, OrderState]:
    """Lock orders in the order of their ids; those that do not exist, or not for this actor, are left out.

    `of_all_shops`: for what has to follow from a fact about a location that several shops draw from.
    """
    wanted = sorted(set(order_ids))
    unit.claim_locks("order", wanted)
    states = {row[0]: OrderState(*row) for row in sql.fetch(_LOCK, (wanted,))}
    if of_all_shops:
        return states
    seen = {key: state for key, state in states.items() if unit.actor.may_see_shop(state.shop_id)}
    if unit.actor.location_ids is None:
        return seen
    rows = sql.fetch(_OF_LOCATIONS, (list(seen), sorted(unit.actor.location_ids)))
    near = {row[0] for row in rows}
    return {key: state for key, state in seen.items() if key in near}


def lock_orders_of(unit: UnitOfWork, table: str, ids: Iterable[UUID]) -> dict[UUID, OrderState]:
    """Lock the orders that rows of a table belong to; which order that is never changes, so it is read before the lock."""
    rows = sql.fetch(f"select order_id from {table} where id = any(%s)", (list(ids),))
    return lock_orders(unit, [row[0] for row in rows])


# A line of a kit counts whole kits: as many as the claims on all its components, written before, allow. Its components
# are counted again from those claims; the deltas of such a line say only what is cancelled.
_CHANGE = """
with delta as (
  select * from unnest(%s::uuid[], %s::int[], %s::int[], %s::int[], %s::int[])
    as t(line_id, cancelled, allocated, picked, shipped)
), part as (
  select d.line_id, d.cancelled, c.id, c.per_kit, coalesce(a.allocated, 0) as allocated, coalesce(a.picked, 0) as picked,
    coalesce(a.shipped, 0) as shipped
  from delta d join orders_component c on c.order_line_id = d.line_id
  cross join lateral (
    select sum(x.quantity) filter (where x.status in ('allocated', 'picking', 'picked')) as allocated,
      sum(x.picked) filter (where x.status in ('picking', 'picked')) as picked,
      sum(x.quantity) filter (where x.status = 'shipped') as shipped
    from allocations_allocation x where x.order_line_id = c.order_line_id and x.product_id = c.product_id) a
), counted as (
  update orders_component c
  set needed = c.needed - p.cancelled * p.per_kit, allocated = p.allocated, picked = p.picked, shipped = p.shipped
  from part p where c.id = p.id
), kit as (
  select line_id, min(shipped / per_kit) as shipped, min((allocated + shipped) / per_kit) as allocated,
    min((picked + shipped) / per_kit) as picked
  from part group by line_id
), effective as (
  select d.line_id, d.cancelled, d.allocated, d.picked, d.shipped from delta d
  where not exists (select 1 from orders_component c where c.order_line_id = d.line_id)
  union all
  select k.line_id, d.cancelled, k.allocated - k.shipped - l.allocated, k.picked - k.shipped - l.picked, k.shipped - l.shipped
  from kit k join delta d on d.line_id = k.line_id join orders_line l on l.id = k.line_id
), changed as (
  update orders_line l
  set cancelled = l.cancelled + d.cancelled, allocated = l.allocated + d.allocated,
      picked = l.picked + d.picked, shipped = l.shipped + d.shipped
  from effective d where l.id = d.line_id
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
    claim, ship or cancel more than was ordered. Claims are written before: lines of kits count them. Returns the new
    state per order; the caller records one event each.
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


_RETURNED = """
with delta as (
  select * from unnest(%s::uuid[], %s::int[]) as t(line_id, n)
), changed as (
  update orders_line l set returned = l.returned + d.n from delta d where l.id = d.line_id returning l.order_id
)
update orders_order o set version = o.version + 1 where o.id in (select order_id from changed)
returning o.id, o.shop_id, o.number, o.status, o.version, o.holds_open,
  o.on_account or o.captured_minor + o.authorized_minor >= o.grand_total_minor - o.cancelled_minor
"""


def change_returned(pieces: Mapping[UUID, int]) -> dict[UUID, OrderState]:
    """Count pieces of lines (of locked orders) as returned, in one statement; each order gets its next version.

    The CHECK refuses more than was shipped. The caller records one event per order.
    """
    if not pieces:
        return {}
    rows = sql.fetch(_RETURNED, (list(pieces), list(pieces.values())))
    return {row[0]: OrderState(*row) for row in rows}


_CLAIMED = """
update orders_line l set claimed = l.claimed + t.n from unnest(%s::uuid[], %s::int[]) as t(id, n) where l.id = t.id
"""


def change_claimed(pieces: Mapping[UUID, int]) -> None:
    """Count pieces of lines (of locked orders) as claimed, or (below zero) no longer; the CHECK refuses more than are with the customer."""
    if pieces:
        sql.execute(_CLAIMED, (list(pieces), list(pieces.values())))


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one order for cancelled pieces: per line pieces on no credit and value; of the shipping a value."""

    lines: Mapping[UUID, tuple[int, int]]
    shipping: int


_KEEP = """
with kept as (
  update orders_line l set retained = l.retained + t.n, retained_minor = l.retained_minor + t.value
  from unnest(%s::uuid[], %s::int[], %s::bigint[]) as t(id, n, value) where l.id = t.id
)
update orders_order o
set retained_minor = o.retained_minor + t.value, shipping_retained_minor = o.shipping_retained_minor + t.shipping
from unnest(%s::uuid[], %s::bigint[], %s::bigint[]) as t(id, value, shipping) where o.id = t.id
"""


def count_kept(kept: Mapping[UUID, Kept]) -> None:
    """Count what customers pay for cancelled pieces all the same; their orders are locked and have an event. One statement.

    The caller has counted so much less as cancelled.
    """
    lines = {key: found for one in kept.values() for key, found in one.lines.items()}
    values = {key: one.shipping + sum(v for _, v in one.lines.values()) for key, one in kept.items()}  # fmt: skip
    sql.execute(
        _KEEP,
        (
            list(lines), [n for n, _ in lines.values()], [v for _, v in lines.values()],
            list(kept), list(values.values()), [one.shipping for one in kept.values()],
        ),
    )  # fmt: skip
