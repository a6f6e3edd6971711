"""Asks providers once more for captures and releases that failed."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core.actor import Actor
from orderwerk.core.errors import LimitExceeded, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.payments.captures import (
    CaptureState,
    Change,
    known_capture,
    lock_captures,
    move_captures,
)
from orderwerk.payments.events import CAPTURE_RETRIED


class RetryCaptureItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A failed capture or release that is to be asked for once more."""

    capture_id: UUID


def retry_captures(items: Sequence[RetryCaptureItem], *, actor: Actor) -> list[Outcome]:
    """Ask for failed captures once more, each under a key of its own; each takes its amount anew.

    Refuses with NotFound, with WrongState what has not failed or whose payment is no longer authorised, with LimitExceeded
    when less than its amount is left to take.
    """
    return retrying(lambda: _retry(items, actor))


def _retry(items: Sequence[RetryCaptureItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    changes: dict[UUID, Change] = {}
    taken: dict[UUID, int] = defaultdict(int)
    with unit_of_work(actor) as unit:
        states = lock_captures(unit, [item.capture_id for item in items])
        for item in items:
            try:
                capture = known_capture(states, item.capture_id)
                _check(capture, changes, taken)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            taken[capture.payment_id] += capture.amount
            changes[capture.id] = Change(capture, "submitted", again=True)
            outcomes.append(Outcome.done(capture.id, status="submitted"))
        move_captures(unit, CAPTURE_RETRIED, list(changes.values()))
    return outcomes


def _check(capture: CaptureState, changes: dict[UUID, Change], taken: dict[UUID, int]) -> None:
    if capture.status != "failed" or capture.id in changes:
        raise WrongState(
            f"The capture of {capture.reference} is {capture.status}, not failed.",
            code="not_failed",
        )
    if capture.payment_status != "authorized":
        raise WrongState(
            f"Payment {capture.reference} is {capture.payment_status}, not authorised any more.",
            code="not_authorized",
        )
    if capture.amount > capture.room - taken[capture.payment_id]:
        raise LimitExceeded(
            f"Less than that is left to take of payment {capture.reference}.",
            code="too_much_to_capture",
        )
