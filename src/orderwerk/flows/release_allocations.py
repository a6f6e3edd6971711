"""Gives claims on stock back by hand."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.give_back import GivenBack, give_back
from orderwerk.flows.held import Held, held_by_ids, lock_stock_of
from orderwerk.orders.counters import OrderState, change_counters, lock_orders_of
from orderwerk.orders.events import ORDER_DEALLOCATED


class ReleaseAllocationItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An allocation to give back whole."""

    allocation_id: UUID


def release_allocations(items: Sequence[ReleaseAllocationItem], *, actor: Actor) -> list[Outcome]:
    """Give claims back; the pieces wait as backorder until stock is claimed again.

    Refuses with NotFound, and with WrongState what is being picked, picked, shipped or released already.
    """
    return retrying(lambda: _release(items, actor))


def _release(items: Sequence[ReleaseAllocationItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders_of(
            unit, "allocations_allocation", [item.allocation_id for item in items]
        )
        held = {h.id: h for h in held_by_ids([item.allocation_id for item in items])}
        take: dict[UUID, int] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                claim = releasable(held.get(item.allocation_id), states, actor, take)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            take[claim.id] = claim.quantity
            outcomes.append(Outcome.done(claim.id, status="released"))
        chosen = [held[key] for key in take]
        lock_stock_of(unit, chosen)
        book_given_back(
            unit,
            give_back(unit, chosen, take, reason="released by hand"),
            states,
            "released by hand",
        )
    return outcomes


def releasable(
    claim: Held | None, states: dict[UUID, OrderState], actor: Actor, taken: dict[UUID, int]
) -> Held:
    """Return a claim that may go; refuses with NotFound or WrongState."""
    if (
        claim is None
        or claim.order_id not in states
        or not actor.may_see_location(claim.location_id)
    ):
        raise NotFound(
            "There is no such open allocation.", code="unknown_allocation", pointer="/allocation_id"
        )
    if claim.status != "allocated" or claim.id in taken:
        status = "released" if claim.id in taken else claim.status
        raise WrongState(
            f"The allocation is {status}; only one that is still allocated can go. "
            "Take it off its pick list or cancel its shipment first.",
            code=f"allocation_{status}",
            pointer="/allocation_id",
        )
    return claim


def book_given_back(
    unit: UnitOfWork, given: GivenBack, states: dict[UUID, OrderState], reason: str
) -> dict[UUID, OrderState]:
    """Book the counters of what was given back, one event per order; returns the new states."""
    after = change_counters(given.deltas)
    for order_id, state in after.items():
        subject = Subject("order", order_id, state.version, order_id, state.shop_id)
        move = Move(states[order_id].status, state.status)
        unit.record(
            ORDER_DEALLOCATED, subject, move, {"units": given.pieces[order_id], "reason": reason}
        )
    return after
