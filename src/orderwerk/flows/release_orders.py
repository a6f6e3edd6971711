"""Releases the holds on orders, and claims stock for what waited."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, retrying, unit_of_work
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.events import ORDER_RELEASED


class ReleaseOrderItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order whose holds are to go."""

    order_id: UUID


_RELEASE = """
with gone as (
  update orders_hold set released_at = %s, released_by = %s
  where order_id = any(%s) and released_at is null
  returning order_id
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


def _release(items: Sequence[ReleaseOrderItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        held = [key for key, state in states.items() if state.holds_open]
        after: dict[UUID, OrderState] = {}
        for row in sql.fetch(_RELEASE, (clock.now(), actor.name, held)):
            state = OrderState(*row[:7])
            after[state.id] = state
            subject = Subject("order", state.id, state.version, state.id, state.shop_id)
            unit.record(
                ORDER_RELEASED,
                subject,
                Move(states[state.id].status, state.status),
                {"holds": row[7]},
            )
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
