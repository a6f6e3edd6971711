"""Puts holds on orders."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, retrying, unit_of_work
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.events import ORDER_HELD
from orderwerk.orders.hold_owners import find_owners


class HoldItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stop sign: why, and until when (left out: until somebody releases it).

    `owner` is the login name of who deals with it; left out: the person who puts it on, for a program nobody.
    """

    order_id: UUID
    reason: fields.Reason
    until: datetime | None = None
    owner: fields.Name | None = None


def hold_orders(items: Sequence[HoldItem], *, actor: Actor) -> list[Outcome]:
    """Put a hold on orders: nothing of them is claimed, moved, picked or shipped until it is released.

    Claims stay, and so does what was picked; what is short may still be told, and lists be given back or cancelled.
    Refuses with NotFound an order, or an owner who is no active person of its shop; with WrongState an order that is
    finished, with BadInput an end that has passed.
    """
    return retrying(lambda: _hold(items, actor))


_ADD = """
with held as (
  insert into orders_hold (id, shop_id, order_id, reason, owner_name, until, created_at, assigned_to_id)
  select t.id, o.shop_id, o.id, t.reason, %s, t.until, %s, coalesce(t.owner, (select u.id from accounts_user u where u.id = %s))
  from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[], %s::uuid[]) as t(id, order_id, reason, until, owner)
  join orders_order o on o.id = t.order_id
  returning order_id
), per_order as (
  select order_id, count(*) as n from held group by order_id
)
update orders_order o set holds_open = o.holds_open + p.n, version = o.version + 1
from per_order p where o.id = p.order_id
returning o.id, o.version, o.status
"""


def _hold(items: Sequence[HoldItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        owners = find_owners(
            (states[item.order_id].shop_id, item.owner)
            for item in items
            if item.owner and item.order_id in states
        )
        outcomes = [_check(item, states, owners) for item in items]
        good = [item for item, outcome in zip(items, outcomes, strict=True) if outcome.ok]
        rows = sql.fetch(
            _ADD,
            (
                actor.name, clock.now(), actor.id if actor.kind == "user" else None, ids.new_ids(len(good)),
                [i.order_id for i in good], [i.reason for i in good], [i.until for i in good],
                [owners[(states[i.order_id].shop_id, i.owner)] if i.owner else None for i in good],
            ),
        )  # fmt: skip
        statuses = {}
        firsts = {item.order_id: item for item in reversed(good)}
        for order_id, version, status in rows:
            before = states[order_id]
            statuses[order_id] = status
            first = firsts[order_id]
            data = {"reason": first.reason, "until": first.until}
            data |= {"owner": first.owner} if first.owner else {}
            unit.record(
                ORDER_HELD,
                Subject("order", order_id, version, order_id, before.shop_id),
                Move(before.status, status),
                data,
            )
    return [
        Outcome.done(o.id, status=statuses[o.id]) if o.ok and o.id is not None else o
        for o in outcomes
    ]


def _check(
    item: HoldItem, states: dict[UUID, OrderState], owners: dict[tuple[UUID, str], UUID]
) -> Outcome:
    state = states.get(item.order_id)
    if state is None:
        return Outcome.refused(
            NotFound(
                f"There is no order {item.order_id}.", code="unknown_order", pointer="/order_id"
            )
        )
    if state.status in {"cancelled", "shipped"}:
        return Outcome.refused(
            WrongState(
                f"Order {state.number} is {state.status}; a hold would stop nothing.",
                code="nothing_open",
            )
        )
    if item.until is not None and (item.until.tzinfo is None or item.until <= clock.now()):
        return Outcome.refused(
            BadInput(
                "The end of a hold lies in the future, with an offset.",
                code="until_passed",
                pointer="/until",
            )
        )
    if item.owner and (state.shop_id, item.owner) not in owners:
        return Outcome.refused(
            NotFound(
                f"There is no active user {item.owner} who may see the shop.",
                code="unknown_user",
                pointer="/owner",
            )
        )
    return Outcome.done(item.order_id)
