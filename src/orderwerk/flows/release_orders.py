"""Releases the holds on orders, and claims stock for what waited."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.events import ORDER_RELEASED


class ReleaseOrderItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order whose holds are to go."""

    order_id: UUID


_RELEASE = """
with gone as (
  update orders_hold h set released_at = %s, released_by = %s
  where h.order_id = any(%s) and h.released_at is null and (%s::timestamptz is null or not exists (
    select 1 from orders_hold x
    where x.order_id = h.order_id and x.released_at is null and (x.until is null or x.until > %s)))
  returning h.order_id
), per_order as (
  select order_id, count(*) as n from gone group by order_id
)
update orders_order o set holds_open = o.holds_open - p.n, version = o.version + 1
from per_order p where o.id = p.order_id
returning o.id, o.shop_id, o.number, o.status, o.version, o.holds_open,
  o.on_account or o.captured_minor + o.authorized_minor >= o.grand_total_minor - o.cancelled_minor, p.n
"""


def release_orders(items: Sequence[ReleaseOrderItem], *, actor: Actor) -> list[Outcome]:
    """Release all holds of orders; refuses with NotFound, and with WrongState an order that is not on hold."""
    return retrying(lambda: _release(items, actor))


# Read without a lock, so only to know which orders to look at under theirs.
_ENDED = """
select order_id from orders_hold where released_at is null group by order_id
having bool_and(until is not null and until <= %s)
"""


def end_holds(*, actor: Actor) -> int:
    """Release the orders all of whose holds have reached their end; says how many.

    Decided under the lock: a hold that has no end, or was put on meanwhile, keeps its order on hold.
    """
    return retrying(lambda: _end(actor))


def _end(actor: Actor) -> int:
    moment = clock.now()
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [row[0] for row in sql.fetch(_ENDED, (moment,))])
        after = _let_go(unit, states, ended_by=moment)
        claim_open(unit, after.values())
    return len(after)


def _let_go(
    unit: UnitOfWork, states: dict[UUID, OrderState], *, ended_by: datetime | None = None
) -> dict[UUID, OrderState]:
    """Release holds of locked orders (`ended_by`: where all have ended by then); returns the new states."""
    held = [key for key, state in states.items() if state.holds_open]
    after: dict[UUID, OrderState] = {}
    for row in sql.fetch(_RELEASE, (clock.now(), unit.actor.name, held, ended_by, ended_by)):
        state = OrderState(*row[:7])
        after[state.id] = state
        subject = Subject("order", state.id, state.version, state.id, state.shop_id)
        move = Move(states[state.id].status, state.status)
        unit.record(ORDER_RELEASED, subject, move, {"holds": row[7]})
    return after


def _release(items: Sequence[ReleaseOrderItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        after = _let_go(unit, states)
        claimed = claim_open(unit, after.values())
    outcomes: list[Outcome] = []
    for item in items:
        if item.order_id not in states:
            outcomes.append(
                Outcome.refused(
                    NotFound(
                        f"There is no order {item.order_id}.",
                        code="unknown_order",
                        pointer="/order_id",
                    )
                )
            )
        elif item.order_id not in after:
            number = states[item.order_id].number
            outcomes.append(
                Outcome.refused(WrongState(f"Order {number} is not on hold.", code="not_on_hold"))
            )
        else:
            state, pieces = claimed.get(item.order_id, (after[item.order_id], 0))
            outcomes.append(Outcome.done(item.order_id, status=state.status, allocated=pieces))
    return outcomes
