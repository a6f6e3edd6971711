"""Approves, rejects and cancels return requests."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from orderwerk.core import fields
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.events import EventKind
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.return_requests.events import (
    RETURN_REQUEST_APPROVED,
    RETURN_REQUEST_CANCELLED,
    RETURN_REQUEST_REJECTED,
)
from orderwerk.return_requests.moving import check_move, lock_requests, move_requests


class ApproveRequestItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request that is in order."""

    return_request_id: UUID
    reason: fields.LongLine = ""


class RejectRequestItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request that is not; the customer reads why."""

    return_request_id: UUID
    reason: fields.Reason


class CancelRequestItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request whose goods will not come."""

    return_request_id: UUID
    reason: fields.LongLine = ""


class _Item(Protocol):
    @property
    def return_request_id(self) -> UUID: ...
    @property
    def reason(self) -> str: ...


def approve_return_requests(items: Sequence[ApproveRequestItem], *, actor: Actor) -> list[Outcome]:
    """Let the customer send the goods. Refuses with NotFound, with WrongState a request that is decided."""
    return retrying(lambda: _move(items, actor, RETURN_REQUEST_APPROVED))


def reject_return_requests(items: Sequence[RejectRequestItem], *, actor: Actor) -> list[Outcome]:
    """Tell the customer no, and why. Refuses with NotFound, with WrongState a finished request."""
    return retrying(lambda: _move(items, actor, RETURN_REQUEST_REJECTED))


def cancel_return_requests(items: Sequence[CancelRequestItem], *, actor: Actor) -> list[Outcome]:
    """Take a request back. Refuses with NotFound, with WrongState a finished request."""
    return retrying(lambda: _move(items, actor, RETURN_REQUEST_CANCELLED))


def _move(items: Sequence[_Item], actor: Actor, kind: EventKind) -> list[Outcome]:
    target = kind.name.split(".")[1]
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        found = lock_requests(unit, [item.return_request_id for item in items])
        chosen: dict[UUID, str] = {}
        for item in items:
            try:
                state = check_move(found.get(item.return_request_id), target, "/return_request_id")
                if state.id in chosen:
                    raise WrongState(
                        f"Return request {state.number} is named twice.",
                        code=f"return_request_{target}",
                    )
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen[state.id] = item.reason
            outcomes.append(Outcome.done(state.id, number=state.number, status=target))
        move_requests(unit, [found[key] for key in chosen], kind, chosen)
    return outcomes
