"""The warehouse's answer to a cancel request: the goods go back to their bins, or the order goes on."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import UnitOfWork, retrying, unit_of_work
from orderwerk.flows.cancelling import carry_out, read_book
from orderwerk.orders.cancel_requests import (
    KnownCancelRequest,
    close_cancel_requests,
    read_cancel_requests,
)
from orderwerk.orders.counters import OrderState, lock_orders_of


class AcceptCancelRequestItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):  # fmt: skip
    """A cancel request whose pieces the warehouse lets go."""

    cancel_request_id: UUID


class RejectCancelRequestItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):  # fmt: skip
    """A cancel request that comes too late, and why."""

    cancel_request_id: UUID
    reason: fields.Reason


_Item = AcceptCancelRequestItem | RejectCancelRequestItem


def accept_cancel_requests(
    items: Sequence[AcceptCancelRequestItem], *, actor: Actor
) -> list[Outcome]:
    """Cancel the pieces of cancel requests; what was picked goes back to the bins it came from.

    Refuses with NotFound, with WrongState a request that is decided already, or whose goods another location holds.
    """
    return retrying(lambda: _accept(items, actor))


def reject_cancel_requests(
    items: Sequence[RejectCancelRequestItem], *, actor: Actor
) -> list[Outcome]:
    """Keep the pieces of cancel requests: their orders go on as if nobody had asked.

    Refuses with NotFound, with WrongState a request that is decided already, or whose goods another location holds.
    """
    return retrying(lambda: _reject(items, actor))


def _accept(items: Sequence[AcceptCancelRequestItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states, known = _lock(unit, items)
        chosen, outcomes = _choose(items, known, "accepted")
        close_cancel_requests(unit, list(chosen.values()), "accepted", {})
        book = read_book({key: states[key] for key in {r.order_id for r in chosen.values()}})
        for request in chosen.values():
            book.reasons.setdefault(request.order_id, request.reason)
            for line_id, pieces in request.lines.items():
                book.lines[line_id].going += pieces
        after = carry_out(unit, {key: states[key] for key in book.by_order}, book)
    return [
        Outcome.done(o.id, **{**o.data, "order_status": after[known[o.id].order_id].status})
        if o.ok and o.id
        else o
        for o in outcomes
    ]


def _reject(items: Sequence[RejectCancelRequestItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        _, known = _lock(unit, items)
        chosen, outcomes = _choose(items, known, "rejected")
        notes = {item.cancel_request_id: item.reason for item in items}
        close_cancel_requests(unit, list(chosen.values()), "rejected", notes)
    return outcomes


# Somebody who works at some locations decides only about goods that lie there.
_ELSEWHERE = """
select distinct r.id from orders_cancel_request r join orders_cancel_request_line l on l.cancel_request_id = r.id
join allocations_allocation a on a.order_line_id = l.order_line_id and a.status in ('allocated', 'picking', 'picked')
where r.id = any(%s) and a.location_id <> all(%s)
"""


def _lock(
    unit: UnitOfWork, items: Sequence[_Item]
) -> tuple[dict[UUID, OrderState], dict[UUID, KnownCancelRequest]]:
    keys = [item.cancel_request_id for item in items]
    states = lock_orders_of(unit, "orders_cancel_request", keys)
    known = {key: r for key, r in read_cancel_requests(keys).items() if r.order_id in states}
    if unit.actor.location_ids is not None:
        places = sorted(unit.actor.location_ids)
        for row in sql.fetch(_ELSEWHERE, (list(known), places)):
            known[row[0]].status = "elsewhere"
    return states, known


def _choose(
    items: Sequence[_Item], known: Mapping[UUID, KnownCancelRequest], status: str
) -> tuple[dict[UUID, KnownCancelRequest], list[Outcome]]:
    chosen: dict[UUID, KnownCancelRequest] = {}
    outcomes: list[Outcome] = []
    for item in items:
        try:
            request = _check(known.get(item.cancel_request_id), chosen)
        except Refusal as refusal:
            outcomes.append(Outcome.refused(refusal))
            continue
        chosen[request.id] = request
        outcomes.append(Outcome.done(request.id, status=status, units=sum(request.lines.values())))
    return chosen, outcomes


def _check(
    request: KnownCancelRequest | None, chosen: Mapping[UUID, KnownCancelRequest]
) -> KnownCancelRequest:
    if request is None:
        raise NotFound(
            "There is no such cancel request.",
            code="unknown_cancel_request",
            pointer="/cancel_request_id",
        )
    if request.status == "elsewhere":
        raise WrongState(
            "Another location holds goods of this; somebody who may see it decides.",
            code="held_elsewhere",
        )
    if request.status != "requested" or request.id in chosen:
        status = request.status if request.status != "requested" else "decided"
        raise WrongState(f"This cancel request is {status} already.", code="cancel_request_decided")
    return request
