"""Hands the holds on orders over to somebody, or to nobody."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.events import ORDER_HOLD_HANDED_OVER
from orderwerk.orders.hold_owners import find_owners


class HandOverItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order on hold, and the login name of who deals with it from now on; null: nobody yet."""

    order_id: UUID
    owner: fields.Name | None


def hand_over_holds(items: Sequence[HandOverItem], *, actor: Actor) -> list[Outcome]:
    """Hand the open holds of orders over; what is on hold stays on hold.

    Refuses with NotFound an order, or an owner who is no active person of the order's shop; with WrongState an order that is
    not on hold. An order named twice goes to the last one named.
    """
    return retrying(lambda: _hand_over(items, actor))


_HAND_OVER = """
with handed as (
  update orders_hold h set assigned_to_id = t.owner
  from unnest(%s::uuid[], %s::uuid[]) as t(order_id, owner)
  where h.order_id = t.order_id and h.released_at is null
)
update orders_order o set version = o.version + 1 where o.id = any(%s) returning o.id, o.version
"""


def _hand_over(items: Sequence[HandOverItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        owners = find_owners(
            (states[item.order_id].shop_id, item.owner)
            for item in items
            if item.owner and item.order_id in states
        )
        outcomes: list[Outcome] = []
        chosen: dict[UUID, str | None] = {}
        for item in items:
            try:
                _check(item, states, owners)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen[item.order_id] = item.owner
            outcomes.append(Outcome.done(item.order_id, owner=item.owner))
        keys = [None if name is None else owners[(states[key].shop_id, name)] for key, name in chosen.items()]  # fmt: skip
        for key, version in sql.fetch(_HAND_OVER, (list(chosen), keys, list(chosen))):
            subject = Subject("order", key, version, key, states[key].shop_id)
            unit.record(ORDER_HOLD_HANDED_OVER, subject, STILL, {"owner": chosen[key]})
    return outcomes


def _check(
    item: HandOverItem, states: dict[UUID, OrderState], owners: dict[tuple[UUID, str], UUID]
) -> None:
    state = states.get(item.order_id)
    if state is None:
        raise NotFound(
            f"There is no order {item.order_id}.", code="unknown_order", pointer="/order_id"
        )
    if not state.holds_open:
        raise WrongState(f"Order {state.number} is not on hold.", code="not_on_hold")
    if item.owner and (state.shop_id, item.owner) not in owners:
        raise NotFound(
            f"There is no active user {item.owner} who may see the shop.",
            code="unknown_user",
            pointer="/owner",
        )
